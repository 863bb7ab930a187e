//! From a judged answer to its ledger entry.

use std::collections::BTreeMap;
use std::sync::Arc;

use decide::{Asker, Concern, Decision, Digest, PowerId, Time};
use ledger::entry::{
    Digest16, DisclosureDraft, EntrySeed, LedgerKey, Minute, PeriodSecrets, PersonPart,
    PersonSecrets, RefusalsDraft, SealError,
};
use ledger::{Hash, IdempotencyKey, Record};
use register::People;
use release::Judged;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::entropy::{Entropy, NoEntropy};
use crate::refusals::{minute_of, of_reason};

/// Why an answer cannot be recorded. Nothing of it leaves then.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EntryError {
    /// Somebody in it has no key: they were erased, or the register is incomplete.
    #[error("person number {0} has no key, so nothing about them can be recorded")]
    NoKey(u32),
    /// The moment lies outside what entries can hold.
    #[error("the moment of the answer does not fit an entry")]
    NoMinute,
    /// See [`SealError`].
    #[error(transparent)]
    Seal(#[from] SealError),
    /// See [`NoEntropy`].
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
    /// The details could not be written as JSON.
    #[error("the details could not be written: {0}")]
    Details(#[from] serde_json::Error),
}

/// What makes entries: keys and caches that live as long as the gateway.
pub(crate) struct Scribe {
    pub(crate) key: LedgerKey,
    pub(crate) secrets: PeriodSecrets,
    pub(crate) people: Arc<People>,
    pub(crate) entropy: Entropy,
}

/// The common part of an entry's details, encrypted under the ledger's own key: what replay needs to ask again.
#[derive(Serialize)]
struct Details<'a> {
    at: Time,
    operation: &'a str,
    asker: &'a Asker,
    /// As the bits of a person's slot number them.
    powers: &'a [PowerId],
    agreements: &'a [Digest],
    /// How often each reason stood against a datum, by number.
    refused: BTreeMap<u16, u32>,
}

impl Scribe {
    /// The record of a judged answer: a disclosure about everybody of whom something may leave, or, where nothing
    /// passed, the refusals. `concerns` are the judged answer's own.
    pub(crate) fn write(
        &self,
        judged: &Judged,
        concerns: &[Concern],
        asker: &Asker,
        operation: &str,
        ledger_position: u64,
    ) -> Result<Record, EntryError> {
        let decision = judged.permit().decision();
        let at = decision.at().ok_or(EntryError::NoMinute)?;
        let minute = minute_of(at).ok_or(EntryError::NoMinute)?;
        if concerns.is_empty() {
            let mut counts: Vec<(u16, u32)> = tally(decision).into_iter().collect();
            if counts.is_empty() {
                counts.push((NOTHING_THERE, 1));
            }
            let positions = (decision.position(), ledger_position);
            return self.refusals(minute, asker, operation, positions, &counts);
        }
        let (seed, key) = (self.seed()?, IdempotencyKey(self.entropy.bytes()?));
        let common = serde_json::to_vec(&Details {
            at,
            operation,
            asker,
            powers: decision.powers(),
            agreements: decision.agreements(),
            refused: tally(decision),
        })?;
        let secrets = self.secrets_of(concerns, minute)?;
        let slots: Vec<[u8; 8]> = concerns
            .iter()
            .map(|concern| concern.powers.to_be_bytes())
            .collect();
        let people: Vec<PersonPart<'_>> = secrets
            .iter()
            .zip(&slots)
            .map(|(secrets, slot)| PersonPart { secrets, slot })
            .collect();
        let draft = DisclosureDraft {
            minute,
            partner: Digest16::of_partner(asker.partner.as_str()),
            operation: Digest16::of_operation(operation),
            register_position: decision.position(),
            ledger_position,
            agreement: agreement_of(decision),
            people: &people,
            common: &common,
        };
        Ok(draft.seal(&self.key, seed, key)?)
    }

    /// The record of something in which nobody is: a stream that is opened, whose head leaves before there is anything about
    /// anybody in it; or that there is nothing of what was asked for.
    pub(crate) fn nobody(
        &self,
        asker: &Asker,
        operation: &str,
        at: Time,
        positions: (u64, u64),
    ) -> Result<Record, EntryError> {
        let minute = minute_of(at).ok_or(EntryError::NoMinute)?;
        self.refusals(minute, asker, operation, positions, &[(NOTHING_THERE, 1)])
    }

    /// An entry without people. The positions are the register's and the ledger's.
    fn refusals(
        &self,
        minute: Minute,
        asker: &Asker,
        operation: &str,
        (register_position, ledger_position): (u64, u64),
        counts: &[(u16, u32)],
    ) -> Result<Record, EntryError> {
        let (seed, key) = (self.seed()?, IdempotencyKey(self.entropy.bytes()?));
        let draft = RefusalsDraft {
            minute,
            partner: Digest16::of_partner(asker.partner.as_str()),
            operation: Digest16::of_operation(operation),
            register_position,
            ledger_position,
            counts,
        };
        Ok(draft.seal(seed, key)?)
    }

    pub(super) fn secrets_of(
        &self,
        concerns: &[Concern],
        minute: Minute,
    ) -> Result<Vec<Arc<PersonSecrets>>, EntryError> {
        let period = minute.period();
        let secret = |concern: &Concern| {
            let person = concern.person;
            let secrets = self
                .secrets
                .get(person.0, period, || self.people.key(person));
            secrets.ok_or(EntryError::NoKey(person.0))
        };
        concerns.iter().map(secret).collect()
    }

    pub(super) fn seed(&self) -> Result<EntrySeed, NoEntropy> {
        Ok(EntrySeed(self.entropy.bytes()?))
    }
}

/// The number that stands for no reason: an answer in which there was nothing to refuse. An entry cannot be empty.
const NOTHING_THERE: u16 = 0;

/// How often each reason stood against a datum, by number.
fn tally(decision: &Decision) -> BTreeMap<u16, u32> {
    let mut counts = BTreeMap::new();
    for (reason, count) in decision.tally() {
        let total: &mut u32 = counts.entry(of_reason(reason).0).or_default();
        *total = total.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
    }
    counts
}

/// The header has room for one document. An answer by powers of several agreements carries the hash of them all, which
/// the details list.
pub(super) fn agreement_of(decision: &Decision) -> Hash {
    let mut documents: Vec<&Digest> = decision.agreements().iter().collect();
    documents.sort_unstable();
    documents.dedup();
    match documents.as_slice() {
        [one] => Hash(one.0),
        several => {
            let mut hash = Sha256::new();
            hash.update(b"countersign agreements v1\n");
            several.iter().for_each(|document| hash.update(document.0));
            Hash(hash.finalize().into())
        }
    }
}
