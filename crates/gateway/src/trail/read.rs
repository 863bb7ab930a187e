//! From entries of the ledger to a person's rows.

use std::collections::BTreeSet;

use decide::{Asker, Behalf, Digest, PartnerId, PersonNo, PowerId, Time};
use ledger::entry::{
    Details, Digest16, Disclosure, Entry, Minute, Outcome, Period, PersonSecrets, Tags,
};
use ledger::{Hash, Stored, key_of};
use serde::Deserialize;

use super::{By, Deed, Row, Trail, TrailError, Trails, What};
use crate::refusals::minute_of;

/// Minutes by which an entry can stand behind its time: refusals do, by an hour. Which month its tags are of depends on it.
const LATE: u32 = 61;
/// Why powers have 64 places at most: the last stands for all beyond.
const BITS: usize = 64;

/// The common part of an entry's details, as far as it is needed here.
#[derive(Deserialize)]
struct Common {
    asker: Asker,
    powers: Vec<PowerId>,
    agreements: Vec<Digest>,
}

impl Trails {
    /// Reads up to `most` further entries of the person's into their trail, which is whole when it has those of the first
    /// `all` entries of the ledger.
    pub(super) fn read_on(
        &self,
        person: PersonNo,
        now: Time,
        (most, all): (usize, u64),
        trail: &mut Trail,
    ) -> Result<(), TrailError> {
        // Before it is looked, so that nothing that comes meanwhile is taken for looked at.
        let indexed = self.ledger.size();
        trail.whole = false;
        if indexed < trail.upto {
            return Ok(()); // a part of the index is being made anew
        }
        let months = self.months(trail.upto, now)?;
        let mut places: BTreeSet<(u64, usize)> = BTreeSet::new();
        let mut secrets = Vec::new();
        for period in months {
            let key = self.of.people().key(person);
            let key = key.ok_or(TrailError::NoKey(person.0))?;
            let of_month = PersonSecrets::new(&key, period).ok_or(TrailError::NoKey(person.0))?;
            let found = self.ledger.find(key_of(&of_month.tag().0), trail.upto)?;
            let before = found.into_iter().filter(|place| *place < indexed);
            places.extend(before.map(|place| (place, secrets.len())));
            secrets.push(of_month);
        }
        if self.ledger.size() < indexed {
            return Ok(()); // a part was set aside while it was looked through
        }
        let places: Vec<(u64, usize)> = places.into_iter().collect();
        let now_read = places.get(..most.min(places.len())).unwrap_or_default();
        let stored = self.log.picked(now_read.iter().map(|(place, _)| *place));
        for (stored, (place, month)) in stored.zip(now_read) {
            if let Some(secrets) = secrets.get(*month) {
                self.take_in(&stored?, person, secrets, trail)?;
                // At once, so that nothing is read twice where the next one cannot be read.
                trail.upto = place + 1;
            }
        }
        let left = places.get(most.min(places.len()));
        trail.upto = left.map_or(indexed, |(place, _)| *place);
        trail.whole = left.is_none() && indexed >= all;
        self.look_after_open(trail)
    }

    /// The months of which entries from this place on can be.
    fn months(&self, from: u64, now: Time) -> Result<Vec<Period>, TrailError> {
        if self.log.size() == 0 {
            return Ok(Vec::new());
        }
        let stored = self.log.read(from.saturating_sub(1))?;
        let entry = Entry::parse(&stored.record.entry)
            .map_err(|_| TrailError::Entry(stored.index, "it cannot be read"))?;
        let first = Minute(entry.header().minute.0.saturating_sub(LATE)).period();
        let last = minute_of(now).map_or(first, |now| Minute(now.0.saturating_add(LATE)).period());
        Ok((first.0..=last.0.max(first.0)).map(Period).collect())
    }

    fn take_in(
        &self,
        stored: &Stored,
        person: PersonNo,
        secrets: &PersonSecrets,
        trail: &mut Trail,
    ) -> Result<(), TrailError> {
        let wrong = |what| TrailError::Entry(stored.index, what);
        let (disclosure, deed) = match Entry::parse(&stored.record.entry) {
            Ok(Entry::Disclosure(it)) => (it, Deed::Disclosed),
            Ok(Entry::Intent(it)) => (it, Deed::Intended(None)),
            Ok(_) => return Ok(()), // the same eight bytes by chance
            Err(_) => return Err(wrong("it cannot be read")),
        };
        let tags = Tags::parse(&stored.record.tags).ok_or_else(|| wrong("its tags are no tags"))?;
        // The whole tag: what the index has are eight bytes of it.
        let Some(place) = tags.position(secrets.tag()) else {
            return Ok(());
        };
        let what = self.what(stored, &disclosure, person, (secrets, place), deed)?;
        push(trail, stored.index, disclosure.header.minute, what);
        Ok(())
    }

    /// What the entry says to the person whose place it is. Erased details are another blob than the entry commits to;
    /// whole ones must open.
    fn what(
        &self,
        stored: &Stored,
        disclosure: &Disclosure,
        person: PersonNo,
        (secrets, place): (&PersonSecrets, u32),
        deed: Deed,
    ) -> Result<What, TrailError> {
        let wrong = |what| TrailError::Entry(stored.index, what);
        let blob = &stored.record.details;
        let whole = Hash::of(blob) == disclosure.details;
        let Some(details) = Details::parse(blob).filter(|_| whole) else {
            return Ok(What {
                partner: self.partner(disclosure.header.partner),
                powers: Vec::new(),
                agreements: Vec::new(),
                purpose: None,
                by: By::Another,
                deed,
            });
        };
        let nonce = &disclosure.header.nonce;
        let common = details.open_common(&self.key, nonce);
        let common: Option<Common> = common.and_then(|common| serde_json::from_slice(&common).ok());
        let common = common.ok_or_else(|| wrong("its details do not open"))?;
        let slot = details.open_slot(place, secrets, nonce);
        let bits = slot.and_then(|slot| Some(u64::from_be_bytes(*slot.first_chunk()?)));
        let bits = bits.ok_or_else(|| wrong("a slot does not open"))?;
        let named = common.powers.into_iter().zip(common.agreements);
        let theirs = named.enumerate().filter(|(at, _)| {
            let bit = (*at).min(BITS - 1);
            bits >> bit & 1 == 1
        });
        let (powers, agreements) = theirs.map(|(_, named)| named).unzip();
        let by = match &common.asker.behalf {
            Behalf::Nobody => By::Nobody,
            Behalf::Connection(id) => match self.facts().connection(id) {
                Some(connection) if connection.person == person => By::Themselves,
                _ => By::Another,
            },
        };
        Ok(What {
            partner: Some(common.asker.partner),
            powers,
            agreements,
            purpose: Some(common.asker.purpose),
            by,
            deed,
        })
    }

    /// The partner that an entry names by its digest.
    fn partner(&self, digest: Digest16) -> Option<PartnerId> {
        let book = self.of.book();
        let mut partners = book.partners.keys();
        let found = partners.find(|partner| Digest16::of_partner(partner.as_str()) == digest);
        found.cloned()
    }

    /// Looks again at what was intended and has no outcome yet, or one that an operator may still clear up.
    fn look_after_open(&self, trail: &mut Trail) -> Result<(), TrailError> {
        let open: Vec<(usize, Row, What)> = trail
            .rows
            .iter()
            .enumerate()
            .filter_map(|(at, row)| {
                let what = trail.what(row).filter(|what| what.deed.is_open())?;
                Some((at, *row, what.clone()))
            })
            .collect();
        for (at, row, mut what) in open {
            what.deed = self.outcome(row.entry)?.map_or(what.deed, |outcome| {
                Deed::Intended(Some(outcome.ending.became()))
            });
            let which = which(trail, what);
            if let Some(row) = trail.rows.get_mut(at) {
                row.what = which;
            }
        }
        Ok(())
    }

    /// The last outcome of an intent, if there is one.
    fn outcome(&self, intent: u64) -> Result<Option<Outcome>, TrailError> {
        let leaf = Hash::leaf(&self.log.read(intent)?.record.entry);
        let mut last = None;
        for stored in self.log.picked(self.ledger.find(key_of(&leaf.0), intent)?) {
            if let Ok(Entry::Outcome(outcome)) = Entry::parse(&stored?.record.entry)
                && (outcome.intent, outcome.leaf) == (intent, leaf)
            {
                last = Some(outcome);
            }
        }
        Ok(last)
    }
}

fn push(trail: &mut Trail, entry: u64, minute: Minute, what: What) {
    let what = which(trail, what);
    trail.rows.push(Row {
        entry,
        minute: minute.0,
        what,
    });
}

/// Which of the trail's words say this; there are few.
fn which(trail: &mut Trail, what: What) -> u32 {
    let known = trail.whats.iter().position(|other| *other == what);
    let at = known.unwrap_or_else(|| {
        trail.whats.push(what);
        trail.whats.len() - 1
    });
    u32::try_from(at).unwrap_or(u32::MAX)
}
