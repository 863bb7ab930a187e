//! Findr before Mastodon's answers, in Ada's name: everybody has consented to everything, but for whom a test says otherwise.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use decide::{Category, PersonNo};
use release::{Api, Me};
use serde_json::Value;

use crate::model::each_object;
use crate::support::facts::Town;
use crate::support::{Caller, Got, Ledger};

const DOCUMENT: &[u8] = include_bytes!("../../../../examples/mastodon/openapi.yaml");
const OVERLAY: &[u8] = include_bytes!("../../../../examples/mastodon/overlay.yaml");
/// Who has connected Findr.
pub(crate) const ADA: &str = "109302436954721982";
const BERT: &str = "109316880214370655";
const CLEO: &str = "110047725309918264";
const DORA: &str = "110912264070183359";
/// An id that nobody has.
pub(crate) const NOBODY: &str = "1";

macro_rules! answer {
    ($operation:literal) => {
        (
            $operation,
            include_str!(concat!(
                "../../../../examples/mastodon/answers/",
                $operation,
                ".json"
            )),
        )
    };
}

/// What the platform answers, by operation.
const ANSWERS: &[(&str, &str)] = &[
    answer!("verifyCredentials"),
    answer!("getAccount"),
    answer!("getAccountStatuses"),
    answer!("getFollowers"),
    answer!("getFollowing"),
    answer!("getHomeTimeline"),
    answer!("getConversations"),
    answer!("getNotifications"),
    answer!("getRelationships"),
    answer!("getStatus"),
    answer!("getContext"),
];

/// What Findr asks.
pub(crate) fn target(operation: &str) -> String {
    let at = match operation {
        "verifyCredentials" => "accounts/verify_credentials".to_owned(),
        "getAccount" => format!("accounts/{DORA}"),
        "getAccountStatuses" => format!("accounts/{BERT}/statuses"),
        "getFollowers" => "accounts/me/followers".to_owned(),
        "getFollowing" => "accounts/me/following".to_owned(),
        "getHomeTimeline" => "timelines/home".to_owned(),
        "getConversations" => "conversations".to_owned(),
        "getNotifications" => "notifications".to_owned(),
        "getRelationships" => format!("accounts/relationships?id[]={CLEO}"),
        "getStatus" => "statuses/113500105000343455".to_owned(),
        "getContext" => "statuses/113500105000343455/context".to_owned(),
        other => panic!("{other}"),
    };
    format!("/api/v1/{at}")
}

/// How somebody is called, wherever it stands.
#[derive(Default)]
pub(crate) struct Named(pub(crate) BTreeSet<String>);

/// Everybody in the answers, with all their identifiers.
pub(crate) fn everybody<'v>(
    answers: impl IntoIterator<Item = &'v Value>,
) -> BTreeMap<String, Named> {
    let mut people: BTreeMap<String, Named> = BTreeMap::new();
    for answer in answers {
        each_object(answer, &mut |object| {
            let text = |name: &str| object.get(name).and_then(Value::as_str);
            if let (Some(id), Some(acct)) = (text("id"), text("acct")) {
                let Named(names) = people.entry(id.to_owned()).or_default();
                let user = acct.split('@').next().unwrap();
                names.extend([
                    format!("@{user}"),
                    format!("@<span>{user}<"),
                    format!("\"{user}\""),
                ]);
                names.extend([id, acct].map(|text| format!("\"{text}\"")));
                names.extend(
                    [text("url"), text("uri")]
                        .into_iter()
                        .flatten()
                        .map(str::to_owned),
                );
                // An id in the address of a picture is cut in threes.
                let thirds: Vec<&str> = (0..id.len())
                    .step_by(3)
                    .filter_map(|at| id.get(at..at + 3))
                    .collect();
                names.extend([id.to_owned(), thirds.join("/")]);
            }
        });
    }
    people
}

fn api() -> Api {
    Api::load(DOCUMENT, "openapi.yaml", OVERLAY, "overlay.yaml").unwrap_or_else(|e| panic!("{e}"))
}

/// The platform, the register's numbers, and everybody's names.
pub(crate) struct Stage {
    pub(crate) api: Api,
    pub(crate) ledger: Ledger,
    pub(crate) answers: Vec<(&'static str, Value)>,
    pub(crate) people: BTreeMap<String, Named>,
    /// Who has connected Findr.
    pub(crate) me: String,
}

impl Stage {
    pub(crate) fn new() -> Stage {
        let parse = |(operation, text): &(&'static str, &str)| {
            (*operation, serde_json::from_str(text).unwrap())
        };
        let answers: Vec<(&str, Value)> = ANSWERS.iter().map(parse).collect();
        let people = everybody(answers.iter().map(|(_, answer)| answer));
        Stage {
            api: api(),
            ledger: Ledger::new(),
            answers,
            people,
            me: ADA.to_owned(),
        }
    }

    pub(crate) fn number(&self, id: &str) -> Option<PersonNo> {
        let at = self.people.keys().position(|known| known == id)?;
        Some(PersonNo(u32::try_from(at).unwrap()))
    }

    /// A register in which everybody but one has consented to everything.
    pub(crate) fn town(&self, refusing: &str) -> Town {
        self.consented(refusing, |_| true)
    }

    /// A register in which everybody has consented to everything but this.
    pub(crate) fn town_without(&self, category: &Category) -> Town {
        self.consented(NOBODY, |it| it != category)
    }

    fn consented(&self, refusing: &str, to: impl Fn(&Category) -> bool) -> Town {
        let operations = self.api.operations().iter();
        let pairs: BTreeSet<_> = operations
            .flat_map(|operation| operation.pairs().iter().cloned())
            .collect();
        let pairs: Vec<_> = pairs.into_iter().collect();
        let people = u32::try_from(self.people.len()).unwrap();
        let town = Town::new(people, self.number(&self.me), &pairs);
        let agreeing = self.people.keys().filter(|id| *id != refusing);
        let agreeing: Vec<PersonNo> = agreeing.filter_map(|id| self.number(id)).collect();
        town.consent(&agreeing, |category, _| to(category));
        town
    }

    /// What Findr gets in one request, and the `Link` header with it.
    pub(crate) fn ask(
        &self,
        target: &str,
        town: &Town,
        platform: &dyn Fn(&str) -> (Value, Option<String>),
    ) -> (Option<Value>, Option<String>) {
        let caller = Caller {
            api: &self.api,
            town,
            ledger: &self.ledger,
            me: Some(Me {
                id: self.me.clone(),
                no: self.number(&self.me).unwrap(),
            }),
            resolve: &|id| self.number(id),
            platform: &|asked| Some(Bytes::from(platform(asked).0.to_string())),
        };
        match caller.get_linked(target, &|asked| platform(asked).1) {
            (Got::Body(body), link) => (Some(serde_json::from_str(&body).unwrap()), link),
            (Got::NotFound, link) => (None, link),
            (Got::BadRequest(told), _) => panic!("{target}: {told}"),
        }
    }

    /// What Findr gets of this answer if everybody but one has consented to everything.
    pub(crate) fn without(&self, refusing: &str, operation: &str, answer: &Value) -> Option<Value> {
        let platform = |_: &str| (answer.clone(), None);
        self.ask(&target(operation), &self.town(refusing), &platform)
            .0
    }
}
