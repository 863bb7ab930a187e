//! Tests that look at an answer without a ledger, which only code in here can.

#[path = "../../tests/support/facts.rs"]
pub(crate) mod facts;

mod adversary;
mod asked;
mod bodies;
mod cases;
mod forgotten;
mod pages;
mod planted;
mod property;
mod real;
mod requests;
mod schemas;

use bytes::Bytes;
use decide::PersonNo;

use crate::api::{Api, Me, Routed};
use crate::cursor::{CursorKey, Nonce};
use crate::error::{AnswerRefused, RequestRefused};
use crate::judged::Judged;
use crate::reduce::write;
use crate::request::{Call, Prepared};
use crate::walk::Walk;
use facts::{Town, connection, findr};

const CAST: [&str; 4] = ["ada", "bert", "cleo", "dora"];

/// An overlay that changes nothing: these documents bring their own notes.
const NO_OVERLAY: &[u8] = br#"{"overlay": "1.1.0", "info": {"title": "None", "version": "1"},
    "actions": [{"target": "$.info", "update": {"description": "nothing"}}]}"#;

pub(crate) fn load(document: &str) -> Api {
    Api::load(
        document.as_bytes(),
        "document.yaml",
        NO_OVERLAY,
        "overlay.json",
    )
    .unwrap_or_else(|e| panic!("{e}"))
}

/// The number of somebody of the cast, or of a number with or without `p`; nobody else is known.
pub(crate) fn number(id: &str) -> Option<PersonNo> {
    let cast = CAST
        .iter()
        .position(|name| *name == id)
        .and_then(|at| u32::try_from(at).ok());
    cast.or_else(|| id.strip_prefix('p').unwrap_or(id).parse().ok())
        .map(PersonNo)
}

pub(crate) fn ada() -> Me {
    Me {
        id: "ada".to_owned(),
        no: PersonNo(0),
    }
}

/// Ada has connected Findr, which has signed for all that the API could disclose.
fn town(api: &Api, people: u32) -> Town {
    let mut pairs: Vec<_> = api
        .operations()
        .iter()
        .flat_map(|o| o.pairs().iter().cloned())
        .collect();
    pairs.sort();
    pairs.dedup();
    Town::new(people, Some(PersonNo(0)), &pairs)
}

fn prepare(api: &Api, target: &str) -> Result<Prepared, RequestRefused> {
    ask(api, "GET", target, None)
}

fn ask(
    api: &Api,
    method: &str,
    target: &str,
    body: Option<&str>,
) -> Result<Prepared, RequestRefused> {
    let (path, query) = target
        .split_once('?')
        .map_or((target, None), |(p, q)| (p, Some(q)));
    let Routed::Mapped(route) = api.route(method, path) else {
        panic!("{path} leads nowhere")
    };
    let (partner, connected, me, key) = (findr(), connection(), ada(), CursorKey::new([9; 32]));
    route.prepare(&Call {
        query,
        body: body.map(str::as_bytes),
        partner: &partner,
        connection: Some(&connected),
        me: Some(&me),
        cursors: &key,
    })
}

/// The answer of one page, decided and written.
fn reduced(mut walk: Walk, body: &[u8], town: &Town) -> Result<Option<String>, AnswerRefused> {
    walk.take_page(Bytes::copy_from_slice(body), &number)?;
    let decision = town.decide(&walk.question(&town.asker));
    Ok(finish(walk.settle(&decision), town))
}

fn finish(settled: crate::walk::Settled, town: &Town) -> Option<String> {
    let decision = town.decide(&settled.question(&town.asker));
    let judged: Judged = settled.judge(decision.permit(), Nonce([4; 12])).unwrap();
    write(&judged).map(|written| String::from_utf8(written.body.to_vec()).unwrap())
}
