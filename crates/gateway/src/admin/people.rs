//! People: joining, leaving, being active. One at a time as JSON, or many as newline-delimited JSON.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use decide::Event;
use register::Change;
use schemars::JsonSchema;
use serde::Deserialize;

use super::act::{self, Done, Outcome, Problem};
use super::door::Asking;
use crate::gateway::Gateway;

/// How many people one entry of the register takes in.
const AT_ONCE: usize = 1000;

/// A person.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    /// The platform's own id.
    id: String,
}

/// `{"id": "…"}`, or one such line for each.
pub(super) async fn join(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let ids = ids(&asking.headers, &body)?;
    in_parts(&gateway, &asking, &ids, |part| {
        Ok(Change::Join { ids: part.to_vec() })
    })
    .await
}

/// `{"id": "…"}`: everything of theirs ends, and the number is never used again.
pub(super) async fn leave(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let Person { id } = act::json(&body)?;
    let person = act::person(&gateway, &id)?;
    act::fact(&gateway, &asking, Event::PersonLeft { person }).await
}

/// `{"id": "…"}`, or one such line for each: they did something themselves at the platform today.
pub(super) async fn active(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let ids = ids(&asking.headers, &body)?;
    in_parts(&gateway, &asking, &ids, |part| {
        let people = act::people(&gateway, part)?;
        Ok(Change::Fact(Event::PeopleActive { people }))
    })
    .await
}

fn ids(headers: &HeaderMap, body: &Bytes) -> Result<Vec<String>, Problem> {
    let many = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/x-ndjson"));
    if !many {
        return Ok(vec![act::json::<Person>(body)?.id]);
    }
    let lines = body.split(|byte| *byte == b'\n').enumerate();
    lines
        .filter(|(_, line)| !line.is_empty())
        .map(|(n, line)| {
            let person: Person = serde_json::from_slice(line)
                .map_err(|error| Problem::Body(format!("line {}: {error}", n + 1)))?;
            Ok(person.id)
        })
        .collect()
}

/// Several changes where there are many people. If one is refused those before it stand; the message says which part.
async fn in_parts(
    gateway: &Arc<Gateway>,
    asking: &Asking,
    ids: &[String],
    change: impl Fn(&[String]) -> Result<Change, Problem>,
) -> Outcome {
    let mut done = Done {
        position: gateway.register.position().0,
    };
    let parts = ids.len().div_ceil(AT_ONCE);
    if parts > 1 && asking.headers.contains_key("idempotency-key") {
        return Err(Problem::Body(format!(
            "an Idempotency-Key is for one change, and so many people are {parts}: send at most {AT_ONCE} lines with one"
        )));
    }
    for (n, part) in ids.chunks(AT_ONCE).enumerate() {
        let Json(position) =
            act::change(gateway, asking, change(part)?)
                .await
                .map_err(|problem| match problem {
                    Problem::Refused(why) if parts > 1 => Problem::Body(format!(
                        "lines {} to {} were refused, those before are in: {why}",
                        n * AT_ONCE + 1,
                        n * AT_ONCE + part.len()
                    )),
                    other => other,
                })?;
        done = position;
    }
    Ok(Json(done))
}
