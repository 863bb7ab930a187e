//! What a walk leaves behind: how to write the answer, which data it holds, and about whom.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use bytes::Bytes;
use decide::{Datum, Decision, Subject, Time, Who};

use super::Walk;
use super::lookups::{Lookup, Outcome};
use super::mentions::{Alias, Atom, Mention};
use crate::error::AnswerRefused;
use crate::plan::{OWN, Plan, Slot};

/// No member name: an element of a list.
pub(crate) const NO_KEY: u16 = u16::MAX;
/// The name is the key of the map's entry, as it was sent.
pub(crate) const ENTRY_KEY: u16 = u16::MAX - 1;
/// No record.
pub(crate) const NO_RECORD: u32 = u32::MAX;

/// One step in writing the answer. Places are byte offsets into the page's body, or indices of steps.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    /// A value as it was sent, if this datum passes.
    Leaf {
        key: u16,
        datum: u32,
        start: u32,
        end: u32,
    },
    /// `null`, if so many data from this one on pass; nothing, or an empty list, if not.
    Null {
        key: u16,
        count: u16,
        datum: u32,
        /// Else an empty list.
        or_empty: bool,
    },
    /// An object or list, until the step `close`; all of it only if the record lives.
    Open {
        key: u16,
        list: bool,
        bears: bool,
        record: u32,
        close: u32,
    },
    Close {
        list: bool,
    },
    /// An entry of a map with people as keys: what follows until `close` is written under this key.
    Entry {
        start: u32,
        end: u32,
        record: u32,
        close: u32,
    },
    /// What follows until `close` is written only if the record lives.
    Group {
        record: u32,
        close: u32,
    },
    /// The list's own elements.
    Items,
    /// Our cursor, if there is one.
    Slot {
        key: u16,
        slot: Slot,
    },
    /// A cursor of the platform's, to be sealed: an index into [`Seen::cursors`].
    Cursor {
        key: u16,
        which: u32,
    },
}

/// A record as it was met.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) plan: u16,
    /// The record around it, or [`NO_RECORD`]. Always met earlier.
    pub(crate) parent: u32,
    pub(crate) made: Option<Time>,
    /// How many people are still to be found. Each place owes one; a list that is met owes one for each element
    /// instead. Anything but 0 at the end means that somebody is missing.
    pub(crate) owed: i64,
    /// How many identifying members have not been met.
    pub(crate) needs: u32,
    pub(crate) subjects: Range<u32>,
    /// Index into [`Seen::lookups`].
    pub(crate) lookup: Option<u32>,
    /// The record around it goes with it.
    pub(crate) required: bool,
    /// The answer itself names the person who connected.
    pub(crate) own_named: bool,
    /// A time stands in it that cannot be read.
    pub(crate) time_unclear: bool,
}

/// What a datum is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// A value that is written if it passes.
    Value,
    /// The same, and the record goes if it does not.
    Identifier,
    /// Not written; the record goes if it does not pass.
    Needed,
}

/// One element of the list that comes in pages, or the whole answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    pub(crate) page: usize,
    /// Its place in the platform's page, from 0.
    pub(crate) place: u32,
    pub(crate) ops: usize,
    pub(crate) data: usize,
    pub(crate) records: usize,
    pub(crate) subjects: usize,
}

/// A page of the platform's.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) body: Bytes,
    /// The cursor by which it was asked for.
    pub(crate) cursor: Option<String>,
    /// How many elements it has.
    pub(crate) elements: u32,
    /// The cursor of the page that follows it.
    pub(crate) next: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) pages: Vec<Page>,
    pub(crate) envelope: Vec<Op>,
    pub(crate) ops: Vec<Op>,
    pub(crate) items: Vec<Item>,
    pub(crate) records: Vec<Record>,
    pub(crate) data: Vec<Datum>,
    /// For each datum its record and its use.
    pub(crate) uses: Vec<(u32, Use)>,
    pub(crate) subjects: Vec<Subject>,
    /// People found on the page being walked, by record, in the order in which they were met.
    pub(crate) found: Vec<(u32, Subject)>,
    /// Calls that list people of records.
    pub(crate) lookups: Vec<Lookup>,
    /// In rising order of datum.
    pub(crate) mentions: Vec<Mention>,
    /// In rising order of datum.
    pub(crate) aliases: Vec<Alias>,
    /// In rising order of datum.
    pub(crate) atoms: Vec<Atom>,
    /// Everybody named in answers with open members, by their id.
    pub(crate) ids: Vec<(Box<str>, Who)>,
    /// Cursors of the platform's with the index of their parameter.
    pub(crate) cursors: Vec<(u16, String)>,
    /// Members that the document does not declare.
    pub(crate) undeclared: u64,
    /// Objects whose deciding member says nothing that the document foresees.
    pub(crate) unforeseen: u64,
    /// Ids that are nobody's.
    pub(crate) unresolved: u64,
}

impl Seen {
    /// Gives every record met since `first` its people, and every datum since `first_datum` its record's.
    ///
    /// Only now, because a record's people may stand after its data, or in it after a record inside it.
    ///
    /// # Errors
    /// The people of all records are more than can be judged; it stops before they take the memory.
    pub(crate) fn attribute(
        &mut self,
        plan: &Plan,
        first: usize,
        first_datum: usize,
        first_item: usize,
    ) -> Result<(), AnswerRefused> {
        // Stable, so each record's people stay in the order of the answer.
        self.found.sort_by_key(|(record, _)| *record);
        let mut found = self.found.iter().peekable();
        let mut items = self
            .items
            .get_mut(first_item..)
            .unwrap_or_default()
            .iter_mut()
            .peekable();
        let mut own: Vec<Subject> = Vec::new();
        // By how many they are, `None` if they are not known: of one list, later people are always among the earlier.
        let mut audiences: HashMap<(u32, Option<usize>), Range<u32>> = HashMap::new();
        let mut people_of_records = 0_u64;
        for at in first..self.records.len() {
            if let Some(item) = items.next_if(|item| item.records == at) {
                item.subjects = self.subjects.len();
            }
            own.clear();
            while let Some((_, subject)) = found.next_if(|(record, _)| *record as usize <= at) {
                own.push(*subject);
            }
            let (earlier, rest) = self.records.split_at_mut(at);
            let Some(record) = rest.first_mut() else {
                continue;
            };
            let rules = plan.records.get(usize::from(record.plan));
            let parent = earlier.get(record.parent as usize);
            let around = parent.filter(|_| rules.is_none_or(|rules| rules.inherit));
            record.made = match record.time_unclear {
                true => None,
                false => record.made.or(parent.and_then(|parent| parent.made)),
            };
            let mut own_is_there = record.own_named;
            let audience = record.lookup.map(|lookup| {
                let call = self.lookups.get(lookup as usize);
                let rules = call.and_then(|call| plan.lookups.get(usize::from(call.plan)));
                let left = rules.and_then(|rules| rules.left.as_ref());
                let now = left.is_some_and(|left| left.undated_is_now) && !record.time_unclear;
                let outcome = call.map(|call| &call.outcome);
                own_is_there |= outcome.is_some_and(|outcome| outcome.has_own(record.made));
                let people = audience(outcome, record.made, now);
                let range = audiences
                    .entry((lookup, people.as_ref().map(Vec::len)))
                    .or_insert_with(|| {
                        let people = people.unwrap_or_else(|| vec![SOMEBODY]);
                        append(&mut self.subjects, people.into_iter())
                    });
                range.clone()
            });
            if rules.is_some_and(|rules| rules.own_among) && !own_is_there {
                own.push(SOMEBODY);
            }
            let around = around.map(|parent| parent.subjects.clone());
            record.subjects = match (audience, around) {
                (Some(audience), around) => {
                    let joined = join(&mut self.subjects, around, &own);
                    unite(&mut self.subjects, audience, joined)
                }
                (None, around) => join(&mut self.subjects, around, &own),
            };
            let people = record.subjects.end.saturating_sub(record.subjects.start);
            people_of_records = people_of_records.saturating_add(u64::from(people));
            if people_of_records > Walk::PAIRS {
                return Err(AnswerRefused::TooLarge);
            }
        }
        let data = self.data.iter_mut().zip(&self.uses).skip(first_datum);
        for (datum, (record, _)) in data {
            if let Some(record) = self.records.get(*record as usize) {
                datum.subjects = record.subjects.clone();
                datum.made = record.made;
            }
        }
        self.found.clear();
        Ok(())
    }

    /// For each record, whether the rule lets anything of it be written: all that it needs passes, something in it does,
    /// it is not among those `swept`, and the record around it is written too.
    pub(super) fn passing(&self, decision: &Decision, swept: &[bool]) -> Vec<bool> {
        let needs = self.records.iter().zip(swept);
        let mut dead: Vec<bool> = needs
            .map(|(record, swept)| *swept || record.needs > 0)
            .collect();
        let mut holds = vec![false; self.records.len()];
        for (n, (record, its)) in self.uses.iter().enumerate() {
            let at = *record as usize;
            match (decision.passes(n), its) {
                (true, Use::Value | Use::Identifier) => set(&mut holds, at),
                (false, Use::Identifier | Use::Needed) => set(&mut dead, at),
                (true, Use::Needed) | (false, Use::Value) => {}
            }
        }
        for (n, record) in self.records.iter().enumerate().rev() {
            let lives = get(&holds, n) && !get(&dead, n);
            if let Some(cell) = holds.get_mut(n) {
                *cell = lives;
            }
            if lives && record.parent != NO_RECORD {
                set(&mut holds, record.parent as usize);
            }
            // Whatever is around was met earlier, so it is still to come here.
            if !lives && record.required {
                set(&mut dead, record.parent as usize);
            }
        }
        // What is in a record that goes, goes with it.
        for (n, record) in self.records.iter().enumerate() {
            let within = record.parent == NO_RECORD || get(&holds, record.parent as usize);
            if let (false, Some(cell)) = (within, holds.get_mut(n)) {
                *cell = false;
            }
        }
        holds
    }

    /// Forgets the elements from the `kept`-th on, with all that belongs to them.
    pub(crate) fn cut(&mut self, kept: usize) {
        let Some(first) = self.items.get(kept).copied() else {
            return;
        };
        self.items.truncate(kept);
        self.ops.truncate(first.ops);
        self.data.truncate(first.data);
        self.uses.truncate(first.data);
        self.records.truncate(first.records);
        self.subjects.truncate(first.subjects);
        let before = |datum: u32| (datum as usize) < first.data;
        self.mentions.retain(|mention| before(mention.datum));
        self.aliases.retain(|alias| before(alias.datum));
        self.atoms.retain(|atom| before(atom.datum));
    }

    /// How many pairs of a datum and a person there are.
    pub(super) fn pairs(&self) -> u64 {
        let people = |range: &Range<u32>| u64::from(range.end.saturating_sub(range.start));
        self.data.iter().map(|datum| people(&datum.subjects)).sum()
    }
}

/// The people of a record: its own and those around it, each once. A record that adds nobody shares the range.
fn join(subjects: &mut Vec<Subject>, around: Option<Range<u32>>, own: &[Subject]) -> Range<u32> {
    let around = around.unwrap_or(0..0);
    let outer = slice(subjects, &around).unwrap_or_default();
    let whole: Vec<Subject> = if own.len() <= FEW {
        if !outer.is_empty() && own.iter().all(|subject| outer.contains(subject)) {
            return around;
        }
        let mut whole = Vec::with_capacity(own.len().saturating_add(outer.len()));
        for subject in own {
            if !whole.contains(subject) {
                whole.push(*subject);
            }
        }
        let others = outer.iter().filter(|subject| !own.contains(subject));
        whole.extend(others.copied());
        whole
    } else {
        let known: HashSet<&Subject> = outer.iter().collect();
        if !outer.is_empty() && own.iter().all(|subject| known.contains(subject)) {
            return around;
        }
        let mut met = HashSet::new();
        let all = own.iter().chain(outer);
        all.filter(|subject| met.insert(**subject))
            .copied()
            .collect()
    };
    append(subjects, whole.into_iter())
}

/// So many people are compared one by one; with more it would take quadratic time.
const FEW: usize = 16;

/// Somebody who is not known: whatever is theirs goes.
const SOMEBODY: Subject = Subject {
    who: Who::Unresolved,
    reach: OWN,
};

/// Everybody listed who counts for something made then; `None` if that is not known.
fn audience(
    outcome: Option<&Outcome>,
    made: Option<Time>,
    undated_is_now: bool,
) -> Option<Vec<Subject>> {
    let Some(Outcome::Listed(listed)) = outcome else {
        return None;
    };
    let counts = |until: Option<Time>| match (until, made) {
        (Some(until), Some(made)) => made <= until,
        (Some(_), None) => !undated_is_now,
        (None, _) => true,
    };
    let all = listed.iter().filter(|listed| counts(listed.until));
    let people: Vec<Subject> = all.map(|listed| listed.subject).collect();
    // What nobody is listed for is not known to be nobody's.
    (!people.is_empty()).then_some(people)
}

fn slice<'s>(subjects: &'s [Subject], range: &Range<u32>) -> Option<&'s [Subject]> {
    subjects.get(range.start as usize..range.end as usize)
}

fn append(subjects: &mut Vec<Subject>, more: impl Iterator<Item = Subject>) -> Range<u32> {
    let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let start = subjects.len();
    subjects.extend(more);
    place(start)..place(subjects.len())
}

/// Both ranges' people, each once. A range that adds nobody is not written again.
fn unite(subjects: &mut Vec<Subject>, one: Range<u32>, other: Range<u32>) -> Range<u32> {
    let (Some(first), Some(second)) = (slice(subjects, &one), slice(subjects, &other)) else {
        return 0..0;
    };
    let known: HashSet<Subject> = first.iter().copied().collect();
    let added: Vec<Subject> = second
        .iter()
        .filter(|subject| !known.contains(subject))
        .copied()
        .collect();
    if added.is_empty() {
        return one;
    }
    let whole: Vec<Subject> = first.iter().copied().chain(added).collect();
    append(subjects, whole.into_iter())
}

pub(crate) fn get(flags: &[bool], at: usize) -> bool {
    flags.get(at).copied().unwrap_or(false)
}

pub(super) fn set(flags: &mut [bool], at: usize) {
    if let Some(flag) = flags.get_mut(at) {
        *flag = true;
    }
}
