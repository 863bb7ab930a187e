//! A partner asking, page by page, until the platform's gateway has no more for it; and counting what came.

use std::collections::BTreeSet;

use partner::{Client, Token};
use sample::{PersonNo, World};
use serde_json::Value;

use super::cast::{Ask, Path};
use crate::exit::{Exit, Failure};

/// What a partner was handed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Got {
    /// The members of the platform whose ids stand anywhere in it, without the one who connected.
    pub(super) people: BTreeSet<PersonNo>,
    /// How many records.
    pub(super) items: u64,
    /// The ids of the records.
    pub(super) ids: Vec<String>,
    /// All bodies, one after the other.
    pub(super) raw: String,
    /// Status and title of the refusal, where the whole request was refused.
    pub(super) refused: Option<String>,
}

impl Got {
    /// Adds what came by another connection.
    pub(super) fn add(&mut self, other: Got) {
        self.people.extend(other.people);
        self.items += other.items;
        self.ids.extend(other.ids);
        self.raw.push_str(&other.raw);
        self.refused = self.refused.take().or(other.refused);
    }
}

/// Asks for all of it on behalf of `me`. `threads` are those that an earlier answer named.
pub(super) async fn all(
    client: &Client,
    token: &Token,
    world: &World,
    ask: &Ask,
    me: PersonNo,
    threads: &[String],
) -> Result<Got, Failure> {
    let mut got = Got::default();
    match ask.path {
        Path::Mine(path) => list(client, token, world, ask, path, &mut got).await?,
        Path::OfEachThread => {
            for thread in threads {
                let path = format!("/v1/threads/{thread}/messages");
                list(client, token, world, ask, &path, &mut got).await?;
            }
        }
    }
    got.people.remove(&me);
    Ok(got)
}

async fn list(
    client: &Client,
    token: &Token,
    world: &World,
    ask: &Ask,
    path: &str,
    got: &mut Got,
) -> Result<(), Failure> {
    let mut next = Some(format!("{path}?limit=100"));
    while let Some(address) = next {
        let answer = client.get(token, &address).await.map_err(unavailable)?;
        let body = answer.json().map_err(unavailable)?;
        got.raw.push_str(&answer.text());
        if !answer.status.is_success() {
            let title = body.get("title").and_then(Value::as_str);
            got.refused = Some(format!(
                "{} {}",
                answer.status.as_u16(),
                title.unwrap_or("")
            ));
            return Ok(());
        }
        let records = body.get("data").and_then(Value::as_array);
        let asked_for = |record: &&Value| {
            let mut members = ask.members.iter().filter_map(|member| record.get(*member));
            members.any(|member| !member.is_null())
        };
        for record in records.into_iter().flatten().filter(asked_for) {
            got.items += 1;
            got.ids
                .extend(record.get("id").and_then(Value::as_str).map(str::to_owned));
            people_in(record, world, &mut got.people);
        }
        let after = body
            .pointer("/paging/cursors/after")
            .and_then(Value::as_str);
        next = after.map(|cursor| format!("{path}?limit=100&cursor={cursor}"));
    }
    Ok(())
}

/// Every member of the platform whose id is a string or a key anywhere in it.
fn people_in(value: &Value, world: &World, people: &mut BTreeSet<PersonNo>) {
    match value {
        Value::String(text) => people.extend(world.person_with_id(text)),
        Value::Array(items) => items.iter().for_each(|item| people_in(item, world, people)),
        Value::Object(members) => {
            for (name, member) in members {
                people.extend(world.person_with_id(name));
                people_in(member, world, people);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The gateway of the demo not answering as it should.
pub(super) fn unavailable(error: impl std::fmt::Display) -> Failure {
    Exit::Unavailable.because(error)
}
