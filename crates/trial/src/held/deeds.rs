//! What was written, seen from three sides: what partners were told, what the platform was really asked and did, and what
//! the ledger says.

use std::collections::{BTreeMap, HashMap};

use ledger::entry::Became;

use super::{Held, Intended};
use crate::platform::Deed;
use crate::work::{Sent, Told};

/// What the comparison came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    /// Intents by what became of them.
    pub(crate) done: u64,
    pub(crate) refused: u64,
    pub(crate) unknown: u64,
    /// Of the unknown ones, those that the platform did.
    pub(crate) unknown_but_done: u64,
}

/// Compares the three. Nothing may have been asked of the platform without an intent, nothing twice; each intent has an
/// outcome; `done` was done, `refused` was not; and what a partner was told is done is `done`.
pub(crate) fn settle(
    sent: &[Sent],
    deeds: &[Deed],
    held: &Held,
    complain: &mut dyn FnMut(String),
) -> Settled {
    let by_name: HashMap<&str, &Intended> = held
        .intended
        .values()
        .map(|intended| (intended.named.as_str(), intended))
        .collect();
    let mut asked: BTreeMap<&str, Vec<&Deed>> = BTreeMap::new();
    let mut done_by_mark: HashMap<&str, Vec<&Deed>> = HashMap::new();
    for deed in deeds {
        asked.entry(&deed.named).or_default().push(deed);
        if deed.is_done() {
            done_by_mark.entry(&deed.mark).or_default().push(deed);
        }
        if !by_name.contains_key(deed.named.as_str()) {
            complain(format!(
                "the platform was asked without an intent: {deed:?}"
            ));
        }
    }
    for deeds in asked.values().filter(|deeds| deeds.len() > 1) {
        complain(format!("the platform was asked twice: {deeds:?}"));
    }
    for (mark, deeds) in done_by_mark.iter().filter(|(_, deeds)| deeds.len() > 1) {
        complain(format!(
            "{mark:?} was done {} times: {deeds:?}",
            deeds.len()
        ));
    }
    let mut settled = Settled::default();
    for intended in held.intended.values() {
        let done = asked
            .get(intended.named.as_str())
            .is_some_and(|deeds| deeds.iter().any(|deed| deed.is_done()));
        settled.one(intended, done, complain);
    }
    for sent in sent {
        told_the_truth(sent, &done_by_mark, &by_name, complain);
    }
    settled
}

impl Settled {
    fn one(&mut self, intended: &Intended, done: bool, complain: &mut dyn FnMut(String)) {
        match (intended.became, done) {
            (None, _) => complain(format!("an intent has no outcome: {intended:?}")),
            (Some(Became::Done), false) => {
                complain(format!(
                    "done by the ledger, and not by the platform: {intended:?}"
                ));
            }
            (Some(Became::Refused), true) => {
                complain(format!(
                    "refused by the ledger, and done by the platform: {intended:?}"
                ));
            }
            (Some(Became::Done), true) => self.done += 1,
            (Some(Became::Refused), false) => self.refused += 1,
            (Some(Became::Unknown), done) => {
                self.unknown += 1;
                self.unknown_but_done += u64::from(done);
            }
        }
    }
}

/// A partner that was told "done" was told so about something that was done, once, by its own intent.
fn told_the_truth(
    sent: &Sent,
    done: &HashMap<&str, Vec<&Deed>>,
    by_name: &HashMap<&str, &Intended>,
    complain: &mut dyn FnMut(String),
) {
    if sent.told != Told::Done {
        return;
    }
    let deeds = done.get(sent.mark.as_str()).map_or(&[][..], Vec::as_slice);
    let intended = deeds
        .first()
        .and_then(|deed| by_name.get(deed.named.as_str()));
    let fits = intended.is_some_and(|intended| {
        let about = &intended.about;
        intended.became == Some(Became::Done)
            && about.operation == sent.operation
            && about.connection == sent.connection
    });
    if !fits {
        complain(format!(
            "told that it is done: {sent:?}; on the ledger: {intended:?}; by the platform: {deeds:?}"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Disclosed;
    use super::*;
    use decide::Time;

    fn intended(named: &str, became: Option<Became>) -> Intended {
        let about = Disclosed {
            partner: "reelbox".into(),
            operation: "sendMessage".into(),
            connection: "c-reelbox-0".into(),
            at: Time(1),
            register: 0,
            people: vec![1, 2],
        };
        Intended {
            named: named.into(),
            about,
            became,
        }
    }

    fn deed(named: &str, mark: &str, status: Option<u16>) -> Deed {
        Deed {
            named: named.into(),
            mark: mark.into(),
            status,
        }
    }

    fn sent(mark: &str, told: Told) -> Sent {
        Sent {
            operation: "sendMessage",
            connection: "c-reelbox-0".into(),
            mark: mark.into(),
            told,
        }
    }

    fn complaints(sent: &[Sent], deeds: &[Deed], intents: Vec<Intended>) -> usize {
        let intended = (0..).zip(intents).collect();
        let held = Held {
            intended,
            ..Held::default()
        };
        let mut complaints = 0;
        settle(sent, deeds, &held, &mut |_| complaints += 1);
        complaints
    }

    #[test]
    fn what_was_done_was_intended_once_and_whoever_was_told_so_was_told_the_truth() {
        let done = [deed("a", "one", Some(201))];
        let told = [sent("one", Told::Done)];
        assert_eq!(
            complaints(&told, &done, vec![intended("a", Some(Became::Done))]),
            0
        );
        assert_eq!(
            complaints(&[], &done, vec![intended("a", Some(Became::Unknown))]),
            0
        );
        assert_eq!(
            complaints(&[], &[], vec![intended("a", Some(Became::Unknown))]),
            0
        );
        assert_eq!(complaints(&[sent("one", Told::Nothing)], &[], vec![]), 0);
    }

    #[test]
    fn each_way_of_going_wrong_is_found() {
        let done = [deed("a", "one", Some(201))];
        assert!(complaints(&[], &done, vec![]) > 0, "without an intent");
        assert!(
            complaints(&[], &done, vec![intended("a", None)]) > 0,
            "without an outcome"
        );
        assert!(
            complaints(&[], &done, vec![intended("a", Some(Became::Refused))]) > 0,
            "refused and done"
        );
        assert!(
            complaints(&[], &[], vec![intended("a", Some(Became::Done))]) > 0,
            "done by nobody"
        );
        assert!(
            complaints(
                &[sent("one", Told::Done)],
                &done,
                vec![intended("a", Some(Became::Unknown))]
            ) > 0,
            "told more than the ledger knows"
        );
        let twice = [deed("a", "one", Some(201)), deed("b", "one", Some(201))];
        let both = || {
            vec![
                intended("a", Some(Became::Done)),
                intended("b", Some(Became::Done)),
            ]
        };
        assert!(complaints(&[], &twice, both()) > 0, "done twice");
        let again = [deed("a", "one", None), deed("a", "one", Some(201))];
        assert!(
            complaints(&[], &again, vec![intended("a", Some(Became::Done))]) > 0,
            "asked twice"
        );
    }
}
