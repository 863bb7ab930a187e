//! Any bytes as an answer of any platform's: what leaves is part of it, and names nobody who refuses.
#![no_main]

#[path = "../../crates/release/tests/support/facts.rs"]
mod facts;
mod oracle;
mod platforms;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use bytes::Bytes;
use decide::PersonNo;
use facts::Town;
use libfuzzer_sys::fuzz_target;
use platforms::{PEOPLE, PLATFORMS, Platform, acts_for_ada, walk, who};
use release::fuzzing::written;
use release::{Nonce, Operation};
use serde_json::Value;

// Four bytes say which operation, who refuses, and which categories nobody but Ada agrees to; then comes the answer, and
// behind a zero the answer to every call for people.
fuzz_target!(|data: &[u8]| {
    let Some((&[platform, operation, refusing, partly], rest)) = data.split_first_chunk::<4>()
    else {
        return;
    };
    let platform = &PLATFORMS[usize::from(platform) % PLATFORMS.len()];
    let operations = platform.api.operations();
    let operation = &operations[usize::from(operation) % operations.len()];
    let zero = rest
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(rest.len());
    let people = rest.get(zero + 1..);
    let case = Case {
        platform,
        operation,
        refusing: [0, 0b0010_0100, 0b1111_1110, 0b1101_0010][usize::from(refusing % 4)],
        partly: partly % 2,
    };
    if let Some(left) = case.left(&rest[..zero], people) {
        case.check(&rest[..zero], &left);
    }
});

struct Case<'a> {
    platform: &'a Platform,
    operation: &'a Operation,
    /// Their numbers as bits. Few sets, so that few registers are made.
    refusing: u8,
    /// 1: everybody else agrees to some categories only.
    partly: u8,
}

thread_local! {
    /// Making a register takes longer than a walk, and keeping one takes megabytes.
    static TOWNS: RefCell<HashMap<(*const Operation, u8, u8), Rc<Town>>> = RefCell::default();
}

impl Case<'_> {
    fn refuses(&self, person: PersonNo) -> bool {
        self.refusing >> person.0 & 1 == 1
    }

    fn town(&self) -> Rc<Town> {
        let key = (
            std::ptr::from_ref(self.operation),
            self.refusing,
            self.partly,
        );
        TOWNS.with_borrow_mut(|towns| {
            if towns.len() > 100 && !towns.contains_key(&key) {
                towns.clear();
            }
            Rc::clone(towns.entry(key).or_insert_with(|| Rc::new(self.new_town())))
        })
    }

    fn new_town(&self) -> Town {
        let me = acts_for_ada(self.operation).then_some(PersonNo(0));
        let town = Town::new(PEOPLE, me, self.operation.pairs());
        let agree = (0..PEOPLE)
            .map(PersonNo)
            .filter(|person| !self.refuses(*person));
        let agree: Vec<PersonNo> = agree.collect();
        if !agree.is_empty() {
            let to = |name: &str| self.partly == 0 || name.len() % 3 != 0;
            town.consent(&agree, |category, _| to(category.as_str()));
        }
        town
    }

    /// What leaves of this answer.
    fn left(&self, body: &[u8], people: Option<&[u8]>) -> Option<Bytes> {
        let mut walk = walk(&self.platform.api, self.operation)?;
        let town = self.town();
        walk.take_page(Bytes::copy_from_slice(body), &who).ok()?;
        for path in walk.lookups() {
            let answer = people.unwrap_or(self.platform.people.as_bytes());
            walk.take_people(&path, Some(answer), &who).ok()?;
        }
        let decision = town.decide(&walk.question(&town.asker));
        let _ = walk.missing(&decision);
        let settled = walk.settle(&decision);
        let decision = town.decide(&settled.question(&town.asker));
        let judged = settled.judge(decision.permit(), Nonce([4; 12]));
        let judged = judged.expect("the permit is for this question");
        let _ = judged.drift();
        let _ = judged.concerns(&town.asker);
        written(&judged)
    }

    fn check(&self, body: &[u8], left: &[u8]) {
        let shown = String::from_utf8_lossy(left);
        let part: Value = serde_json::from_slice(left).unwrap_or_else(|e| panic!("{e}: {shown}"));
        // Half a surrogate pair in a string is in JSON's grammar, and no value: its record goes, others stay.
        if let Ok(whole) = serde_json::from_slice::<Value>(body) {
            let part = oracle::without_cursors(part.clone()).unwrap_or(Value::Null);
            let fits = part.is_null() || oracle::is_part(&part, &whole);
            assert!(fits, "{shown} is no part of the answer");
        }
        oracle::texts(&part, &mut |text| {
            for id in oracle::identifiers(text) {
                // Where members can be declared to be somebody's name, a name as a whole is its record's.
                if self.platform.names && text == id {
                    continue;
                }
                match who(&id) {
                    Some(person) => assert!(!self.refuses(person), "{id} refuses: {shown}"),
                    None => assert!(self.platform.names, "{id} is a stranger: {shown}"),
                }
            }
        });
    }
}
