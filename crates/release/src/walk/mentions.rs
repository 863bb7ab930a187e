//! The sweep: identifiers that identify themselves, met in what would leave, and whether they may stay.
//!
//! Beside the plan, which says what each member is, every string and key that is about to leave is looked through for
//! ids of people (`@name:server`, e-mail addresses, profile addresses, …). One may stay where its person agreed to that
//! very datum, or is one of the people of some datum that leaves in this answer. Else the smallest record goes that holds
//! it. In members that the plan leaves open, bare ids of refused people are looked for as well.

use std::collections::{HashMap, HashSet};

use decide::{Decision, PersonNo, Who};

use super::seen::{NO_RECORD, Seen, get, set};

/// An identifier in a string or key.
#[derive(Debug)]
pub(crate) struct Mention {
    /// The smallest record that holds it.
    pub(crate) record: u32,
    /// The datum that it is part of.
    pub(crate) datum: u32,
    /// Everybody whom one of its readings is an id of.
    pub(crate) people: Vec<PersonNo>,
    /// Its readings in normal form.
    pub(crate) keys: Vec<String>,
}

/// A value that the plan declares to be an identifier of its record's person.
#[derive(Debug)]
pub(crate) struct Alias {
    pub(crate) datum: u32,
    pub(crate) keys: Vec<String>,
}

/// A string, key or number in a member that the plan leaves open.
#[derive(Debug)]
pub(crate) struct Atom {
    pub(crate) record: u32,
    pub(crate) datum: u32,
    pub(crate) text: Box<str>,
}

/// How often what is left is looked through again, after what fell, for whom nothing permits any more.
const ROUNDS: usize = 32;

impl Seen {
    /// For each record, whether anything of it is written: the rule says so, and nothing in it names somebody who may
    /// not be named.
    pub(crate) fn living(&self, decision: &Decision) -> Vec<bool> {
        let mut swept = vec![false; self.records.len()];
        let mut rounds = 0;
        loop {
            let living = self.passing(decision, &swept);
            // In a long row of which each record names the next one's person, one falls a round. That somebody would
            // have to have written on purpose; then nobody is permitted any more, and whatever names anybody goes.
            let hits = self.hits(decision, &living, rounds >= ROUNDS);
            rounds += 1;
            if hits.is_empty() {
                return living;
            }
            // Each round takes away at least one record that lived, so there is an end. A hit outside every record, which
            // no plan allows, could not be taken away: nothing lives then.
            let standing = |swept: &[bool]| swept.iter().filter(|gone| !**gone).count();
            let before = standing(&swept);
            hits.into_iter()
                .for_each(|(record, _)| set(&mut swept, record as usize));
            if standing(&swept) == before {
                return vec![false; self.records.len()];
            }
        }
    }

    /// What the sweep finds at first, while the rule alone has judged: the record that goes, and the datum in which the
    /// identifier stands.
    pub(crate) fn swept_at(&self, decision: &Decision) -> Vec<(u32, u32)> {
        let living = self.passing(decision, &vec![false; self.records.len()]);
        self.hits(decision, &living, false)
    }

    /// How many records go because of what the sweep found, and not by the rule.
    pub(crate) fn swept(&self, decision: &Decision) -> usize {
        let before = self.passing(decision, &vec![false; self.records.len()]);
        let after = self.living(decision);
        let gone = before
            .iter()
            .zip(&after)
            .filter(|(before, after)| **before && !**after);
        gone.count()
    }

    /// Records with the datum because of which they go. `alone`: nothing else that leaves permits anybody.
    fn hits(&self, decision: &Decision, living: &[bool], alone: bool) -> Vec<(u32, u32)> {
        if self.mentions.is_empty() && self.atoms.is_empty() {
            return Vec::new();
        }
        let leaves =
            |record: u32, datum: u32| lives(living, record) && decision.passes(datum as usize);
        let permitted = match alone {
            true => HashSet::new(),
            false => self.permitted(decision, living),
        };
        let names: HashSet<&str> = self
            .aliases
            .iter()
            .filter(|_| !alone)
            .filter(|alias| leaves(self.record_of(alias.datum), alias.datum))
            .flat_map(|alias| alias.keys.iter().map(String::as_str))
            .collect();
        let mut hits = Vec::new();
        for mention in &self.mentions {
            if leaves(mention.record, mention.datum) && !self.may_stay(mention, &permitted, &names)
            {
                hits.push((mention.record, mention.datum));
            }
        }
        let refused: HashSet<&str> = self
            .ids
            .iter()
            .filter(|(_, who)| match who {
                Who::Known(person) => !permitted.contains(person),
                Who::Unresolved => true,
            })
            .map(|(id, _)| id.as_ref())
            .collect();
        for atom in &self.atoms {
            if leaves(atom.record, atom.datum) && refused.contains(atom.text.as_ref()) {
                hits.push((atom.record, atom.datum));
            }
        }
        hits
    }

    fn may_stay(
        &self,
        mention: &Mention,
        permitted: &HashSet<PersonNo>,
        names: &HashSet<&str>,
    ) -> bool {
        let concerned = |person: &PersonNo| {
            let range = self
                .data
                .get(mention.datum as usize)
                .map(|d| d.subjects.clone());
            let range = range.unwrap_or(0..0);
            let subjects = self
                .subjects
                .get(range.start as usize..range.end as usize)
                .unwrap_or_default();
            subjects.iter().any(|s| s.who == Who::Known(*person))
        };
        let known = |person: &PersonNo| permitted.contains(person) || concerned(person);
        // Two readings can be two people; both have to agree.
        mention.people.iter().all(known)
            && (!mention.people.is_empty()
                || mention.keys.iter().any(|key| names.contains(key.as_str())))
    }

    /// Of those who are mentioned, or named anywhere in an answer with open members, who has agreed to some datum that
    /// leaves.
    fn permitted(&self, decision: &Decision, living: &[bool]) -> HashSet<PersonNo> {
        let mut wanted: HashMap<PersonNo, bool> = HashMap::new();
        for person in self.mentions.iter().flat_map(|mention| &mention.people) {
            wanted.insert(*person, false);
        }
        if !self.atoms.is_empty() {
            for (_, who) in &self.ids {
                if let Who::Known(person) = who {
                    wanted.insert(*person, false);
                }
            }
        }
        if wanted.is_empty() {
            return HashSet::new();
        }
        for (n, (datum, (record, _))) in self.data.iter().zip(&self.uses).enumerate() {
            if !get(living, *record as usize) || !decision.passes(n) {
                continue;
            }
            let subjects = self
                .subjects
                .get(datum.subjects.start as usize..datum.subjects.end as usize);
            for subject in subjects.unwrap_or_default() {
                if let Who::Known(person) = subject.who
                    && let Some(found) = wanted.get_mut(&person)
                {
                    *found = true;
                }
            }
        }
        let agreed = wanted.into_iter().filter(|(_, found)| *found);
        agreed.map(|(person, _)| person).collect()
    }

    /// The record of a datum.
    fn record_of(&self, datum: u32) -> u32 {
        self.uses
            .get(datum as usize)
            .map_or(NO_RECORD, |(record, _)| *record)
    }
}

/// Whether a record is written; what is in no record is.
pub(crate) fn lives(living: &[bool], record: u32) -> bool {
    record == NO_RECORD || get(living, record as usize)
}
