//! What the tests share: facts, a ledger, and the whole way of one request.
#![allow(
    dead_code,
    reason = "every test file compiles its own copy and uses a part of it"
)]

pub(crate) mod facts;

use bytes::Bytes;
use decide::PersonNo;
use ledger::note::Signer;
use ledger::{IdempotencyKey, Log, Options, Record};
use release::{Api, Call, CursorKey, Me, Nonce, Reduced, Routed, reduce};

use facts::{Town, connection, findr};

/// A ledger that keeps nothing of interest.
pub(crate) struct Ledger {
    log: Log,
    _dir: tempfile::TempDir,
}

impl Ledger {
    pub(crate) fn new() -> Ledger {
        let dir = tempfile::tempdir().unwrap();
        let signer = Signer::from_seed("countersign.sample.example/ledger", [5; 32]).unwrap();
        let mut options = Options::new(signer);
        options.segment_bytes = 1 << 20;
        let log = Log::create(&dir.path().join("ledger"), options).unwrap();
        Ledger { log, _dir: dir }
    }
}

/// Somebody's way to the gateway.
pub(crate) struct Caller<'a> {
    pub(crate) api: &'a Api,
    pub(crate) town: &'a Town,
    pub(crate) ledger: &'a Ledger,
    pub(crate) me: Option<Me>,
    pub(crate) resolve: &'a dyn Fn(&str) -> Option<PersonNo>,
    /// The platform: from path and query to a body, if the answer is 200.
    pub(crate) platform: &'a dyn Fn(&str) -> Option<Bytes>,
}

/// What a partner gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Got {
    Body(String),
    NotFound,
    BadRequest(String),
}

impl Caller<'_> {
    /// One request, from path and query to what the partner gets.
    pub(crate) fn get(&self, target: &str) -> Got {
        self.get_linked(target, &|_| None).0
    }

    /// The same with `Link` headers: the platform's for an address, and the one that the partner gets.
    pub(crate) fn get_linked(
        &self,
        target: &str,
        links: &dyn Fn(&str) -> Option<String>,
    ) -> (Got, Option<String>) {
        let (path, query) = target
            .split_once('?')
            .map_or((target, None), |(path, query)| (path, Some(query)));
        let Routed::Mapped(route) = self.api.route("GET", path) else {
            return (Got::BadRequest("unmapped".to_owned()), None);
        };
        let (partner, connected, key) = (findr(), connection(), CursorKey::new([9; 32]));
        let call = Call {
            query,
            body: None,
            partner: &partner,
            connection: self.me.as_ref().map(|_| &connected),
            me: self.me.as_ref(),
            cursors: &key,
        };
        let prepared = match route.prepare(&call) {
            Ok(prepared) => prepared,
            Err(refused) => return (Got::BadRequest(refused.to_string()), None),
        };
        let Some(body) = (self.platform)(prepared.upstream()) else {
            return (Got::NotFound, None);
        };
        let link = links(prepared.upstream());
        let mut walk = prepared.into_walk();
        link.iter().for_each(|link| walk.take_link(link));
        walk.take_page(body, self.resolve).unwrap();
        let decision = loop {
            let decision = self.town.decide(&walk.question(&self.town.asker));
            match walk.missing(&decision) {
                None => break decision,
                Some(next) => {
                    links(&next).iter().for_each(|link| walk.take_link(link));
                    let body = (self.platform)(&next).unwrap();
                    walk.take_page(body, self.resolve).unwrap();
                }
            }
        };
        let settled = walk.settle(&decision);
        let decision = self.town.decide(&settled.question(&self.town.asker));
        let judged = settled.judge(decision.permit(), Nonce([4; 12])).unwrap();
        let reduced = self.release(judged);
        let got = match reduced.body() {
            Some(body) => Got::Body(String::from_utf8(body.to_vec()).unwrap()),
            None => Got::NotFound,
        };
        (got, reduced.link())
    }

    pub(crate) fn release(&self, judged: release::Judged) -> Reduced {
        let mut key = [0; 16];
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        key[..8].copy_from_slice(&count.to_be_bytes());
        let record = Record {
            entry: b"an entry".to_vec(),
            tags: Vec::new(),
            details: Vec::new(),
            key: IdempotencyKey(key),
        };
        reduce(self.ledger.log.record_blocking(record, judged).unwrap())
    }
}

static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
