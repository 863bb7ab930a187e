//! MB/s of the walk, beside serde_json validating and parsing the same bytes: `cargo run --release -p release --example
//! walk_speed`. One thread, wall time, the median of many rounds.

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use decide::{Asker, Behalf, ConnectionId, Facts, Now, PartnerId, PersonNo, Time, Verb, decide};
use ledger::note::Signer;
use ledger::{IdempotencyKey, Log, Options, Record};
use release::{Api, Call, CursorKey, Judged, Me, Nonce, Routed, Walk, reduce};
use serde::de::IgnoredAny;

const FRIENDS: u32 = 190;
const ROUNDS: usize = 2_000;
const RECORDED: u16 = 300;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let overlay = std::fs::read(format!("{root}/examples/sample-social/overlay.json"))?;
    let api = Api::load(
        sample::OPENAPI.as_bytes(),
        "openapi.json",
        &overlay,
        "overlay.json",
    )?;
    let body = Bytes::from(friends());
    let people: HashMap<String, PersonNo> = (0..FRIENDS).map(|n| (id(n), PersonNo(n))).collect();
    let resolve = |id: &str| people.get(id).copied();
    let text = std::str::from_utf8(&body)?;
    say(&format!(
        "a list of {FRIENDS} friends, {} bytes",
        body.len()
    ));

    let bytes = body.len();
    line("serde_json::from_slice::<IgnoredAny>", bytes, &|| {
        black_box(serde_json::from_slice::<IgnoredAny>(black_box(&body)).is_ok());
    });
    line("serde_json::from_slice::<Value>", bytes, &|| {
        black_box(serde_json::from_slice::<serde_json::Value>(black_box(&body)).is_ok());
    });
    line("UTF-8 alone (already in the walk)", bytes, &|| {
        black_box(std::str::from_utf8(black_box(text.as_bytes())).is_ok());
    });
    line("walk, resolving ids in a HashMap", bytes, &|| {
        let mut walk = walk(&api);
        assert!(walk.take_page(body.clone(), &resolve).is_ok());
        black_box(walk);
    });
    line("walk, nobody resolved", bytes, &|| {
        let mut walk = walk(&api);
        assert!(walk.take_page(body.clone(), &|_| None).is_ok());
        black_box(walk);
    });
    reducing(&api, &body, &resolve)
}

/// The time of writing the answer, over answers that were recorded before.
fn reducing(
    api: &Api,
    body: &Bytes,
    resolve: &dyn Fn(&str) -> Option<PersonNo>,
) -> Result<(), Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir()?;
    let options = Options::new(Signer::from_seed(
        "countersign.sample.example/ledger",
        [5; 32],
    )?);
    let log = Log::create(&dir.path().join("ledger"), options)?;
    let facts = Facts::default();
    let asker = Asker {
        partner: "findr".parse()?,
        behalf: Behalf::Connection("c1".parse()?),
        purpose: "dpv:ServiceProvision".parse()?,
        verb: Verb::Read,
        draws: Vec::new(),
    };
    let mut times = Vec::new();
    for n in 0..RECORDED {
        let mut walk = walk(api);
        walk.take_page(body.clone(), resolve)?;
        let now = Now::At(Time(1_800_000_000_000));
        let decision = decide(&facts, &walk.question(&asker), now);
        let start = Instant::now();
        let settled = walk.settle(&decision);
        let judged: Judged = settled.judge(decision.permit(), Nonce([0; 12]))?;
        let before = start.elapsed();
        let mut key = [0; 16];
        key[..2].copy_from_slice(&n.to_be_bytes());
        let record = Record {
            entry: vec![1],
            tags: Vec::new(),
            details: Vec::new(),
            key: IdempotencyKey(key),
        };
        let recorded = log.record_blocking(record, judged)?;
        let start = Instant::now();
        black_box(reduce(recorded).body());
        times.push(before + start.elapsed());
    }
    say(&format!(
        "settle, judge and reduce, everybody refusing: {:?} (median)",
        median(times)
    ));
    Ok(())
}

fn walk(api: &Api) -> Walk {
    let Routed::Mapped(route) = api.route("GET", "/v1/people/me/friends") else {
        unreachable!("the sample has this operation")
    };
    let (partner, connection): (PartnerId, ConnectionId) = match ("findr".parse(), "c1".parse()) {
        (Ok(partner), Ok(connection)) => (partner, connection),
        _ => unreachable!("these are names"),
    };
    let me = Me {
        id: "u_me".to_owned(),
        no: PersonNo(FRIENDS),
    };
    let key = CursorKey::new([1; 32]);
    let call = Call {
        query: Some("limit=100"),
        body: None,
        partner: &partner,
        connection: Some(&connection),
        me: Some(&me),
        cursors: &key,
    };
    match route.prepare(&call) {
        Ok(prepared) => prepared.into_walk(),
        Err(refused) => unreachable!("{refused}"),
    }
}

fn id(n: u32) -> String {
    format!("u_{:012}", u64::from(n) * 7_919)
}

/// Friends as the sample platform writes them, with the members that its document forgets.
fn friends() -> String {
    let friend = |n: u32| {
        let id = id(n);
        format!(
            r#"{{"id":"{id}","name":"Cleo Marabelli","city":"Altbrueck am See","since":"2019-04-07","profile":{{"id":"{id}","name":"Cleo Marabelli","url":"https://api.sample.example/v1/people/{id}","picture":"https://pictures.example/{id}.jpg"}},"legacy_name":"MARABELLI, Cleo"}}"#
        )
    };
    let list: Vec<String> = (0..FRIENDS).map(friend).collect();
    format!(
        r#"{{"data":[{}],"summary":{{"total_count":{FRIENDS}}},"paging":{{"cursors":{{"before":"MDp1XzE"}}}}}}"#,
        list.join(",")
    )
}

fn line(what: &str, bytes: usize, round: &dyn Fn()) {
    let times = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        round();
        start.elapsed()
    });
    let median = median(times.collect());
    let rate = bytes as f64 / median.as_secs_f64() / 1e6;
    say(&format!("{what:40} {median:>12.1?} {rate:>8.0} MB/s"));
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[expect(clippy::print_stdout, reason = "printing is what this program is for")]
fn say(line: &str) {
    println!("{line}");
}
