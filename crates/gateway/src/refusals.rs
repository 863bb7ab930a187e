//! Refusals of known partners, counted by the minute, so that a flood of them is one entry and not a million.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use decide::{Bar, MissingFact, PartnerId, PromiseId, Reason, Time};
use ledger::IdempotencyKey;
use ledger::entry::{Digest16, EntrySeed, Minute, RefusalsDraft};

use crate::gateway::Gateway;

/// What stands for the operation where the request led to none.
pub(crate) const NO_OPERATION: &str = "-";

/// The code under which it is counted what a promise made us refuse; the promise then stands in the operation's place.
pub(crate) const BY_PROMISE: u16 = 401;

/// Minutes that are held at most; there are two at a time unless the ledger has stood still.
const MOST_MINUTES: usize = 60;

/// Counts of refusals that are not in the ledger yet. Strangers are not counted here: they have no name to count by.
///
/// Within a minute there are no more counts than partners × (operations × codes + promises), and all four are few.
#[derive(Default)]
pub(crate) struct Refusals {
    minutes: Mutex<BTreeMap<u32, BTreeMap<Whom, Counts>>>,
}

type Whom = (PartnerId, What);
type Counts = BTreeMap<u16, u32>;

/// At what somebody was refused, or because of what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Operation(String),
    Promise(PromiseId),
}

impl What {
    fn digest(&self) -> Digest16 {
        match self {
            Self::Operation(id) => Digest16::of_operation(id),
            Self::Promise(id) => Digest16::of_promise(id.as_str()),
        }
    }
}

impl Refusals {
    /// Counts `many` refusals of a partner at an operation, by the code of a [`crate::problem::Problem`] or of a
    /// [`Reason`]. An operation is named by its id in the platform's document, or [`NO_OPERATION`].
    pub(crate) fn count(
        &self,
        partner: &PartnerId,
        operation: &str,
        code: u16,
        many: u32,
        now: Time,
    ) {
        let what = What::Operation(operation.to_owned());
        self.add((partner.clone(), what), code, many, now);
    }

    /// Counts the promises that stood over one call: once each, before anybody in an answer is looked at. What is counted
    /// is public, so it must not depend on who is there or has agreed.
    pub(crate) fn promised(
        &self,
        partner: &PartnerId,
        promises: impl IntoIterator<Item = PromiseId>,
        now: Time,
    ) {
        for promise in promises {
            let what = What::Promise(promise);
            self.add((partner.clone(), what), BY_PROMISE, 1, now);
        }
    }

    fn add(&self, whom: Whom, code: u16, many: u32, now: Time) {
        let Some(Minute(minute)) = minute_of(now) else {
            return;
        };
        let mut minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
        if minutes.len() >= MOST_MINUTES && !minutes.contains_key(&minute) {
            tracing::error!(
                "refusals are no longer counted: the ledger has taken none for an hour"
            );
            return;
        }
        let counts = minutes.entry(minute).or_default();
        let counts = counts.entry(whom).or_default();
        let count = counts.entry(code).or_default();
        *count = count.saturating_add(many);
    }

    /// Counts again what could not be recorded, so that it is tried with the next minute's.
    fn put_back(&self, minute: u32, whom: Whom, counts: Vec<(u16, u32)>) {
        let mut minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
        if minutes.len() >= MOST_MINUTES && !minutes.contains_key(&minute) {
            return;
        }
        let kept = minutes.entry(minute).or_default().entry(whom).or_default();
        for (code, many) in counts {
            let count = kept.entry(code).or_default();
            *count = count.saturating_add(many);
        }
    }

    fn take_before(&self, minute: u32) -> BTreeMap<u32, BTreeMap<Whom, Counts>> {
        let mut minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
        let later = minutes.split_off(&minute);
        std::mem::replace(&mut minutes, later)
    }
}

/// Writes the counts of all minutes that are over into the ledger; with `all`, those of the present minute as well.
pub(crate) async fn flush(gateway: &Gateway, now: Time, all: bool) {
    let present = minute_of(now).map_or(0, |minute| minute.0);
    let until = if all { u32::MAX } else { present };
    for (minute, counts) in gateway.refusals.take_before(until) {
        for (whom, counts) in counts {
            let counts: Vec<(u16, u32)> = counts.into_iter().collect();
            match write(gateway, Minute(minute), &whom, &counts).await {
                Ok(()) => {
                    if let (What::Promise(promise), [(BY_PROMISE, many)]) = (&whom.1, &*counts) {
                        gateway.promise_counts.add(promise, *many);
                    }
                }
                Err(error) => {
                    let (partner, what) = &whom;
                    tracing::error!(%partner, ?what, error, "refusals could not be recorded yet");
                    gateway.refusals.put_back(minute, whom, counts);
                }
            }
        }
    }
}

async fn write(
    gateway: &Gateway,
    minute: Minute,
    (partner, what): &Whom,
    counts: &[(u16, u32)],
) -> Result<(), String> {
    let draft = RefusalsDraft {
        minute,
        partner: Digest16::of_partner(partner.as_str()),
        operation: what.digest(),
        register_position: gateway.register.position().0,
        ledger_position: gateway.ledger.size(),
        counts,
    };
    let seed = EntrySeed(gateway.entropy.bytes().map_err(|error| error.to_string())?);
    let key = IdempotencyKey(gateway.entropy.bytes().map_err(|error| error.to_string())?);
    let record = draft.seal(seed, key).map_err(|error| error.to_string())?;
    let recorded = gateway.ledger.record(record, ()).await;
    recorded.map(|_| ()).map_err(|error| error.to_string())
}

/// The entry's minute for a moment; `None` before 1970.
pub(crate) fn minute_of(now: Time) -> Option<Minute> {
    Minute::of_unix_seconds(u64::try_from(now.0.div_euclid(1000)).ok()?)
}

/// The code and the name of a reason of the rule's. Both are final: a code is never given to another reason. Which
/// bar or which promise it was stays in the ledger's encrypted details, and out of metrics.
pub(crate) fn of_reason(reason: &Reason) -> (u16, &'static str) {
    match reason {
        Reason::ClockWentBack => (1, "clock-went-back"),
        Reason::ClockJumpedAhead => (2, "clock-jumped-ahead"),
        Reason::Missing(MissingFact::Policy) => (3, "missing-policy"),
        Reason::Missing(MissingFact::Use) => (4, "missing-use"),
        Reason::Missing(MissingFact::WhenMade) => (5, "missing-when-made"),
        Reason::NoPeople => (6, "no-people"),
        Reason::UnresolvedPerson => (7, "unresolved-person"),
        Reason::UnknownPerson => (8, "unknown-person"),
        Reason::UnknownCategory => (9, "unknown-category"),
        Reason::NotTheirOwn => (10, "not-their-own"),
        Reason::UnknownPartner => (100, "unknown-partner"),
        Reason::NotGranted => (101, "not-granted"),
        Reason::NotSignedByPartner => (102, "not-signed-by-partner"),
        Reason::NotSignedByPlatform => (103, "not-signed-by-platform"),
        Reason::NotStarted => (104, "not-started"),
        Reason::Ended => (105, "ended"),
        Reason::Suspended => (106, "suspended"),
        Reason::Superseded => (107, "superseded"),
        Reason::HandedBack => (108, "handed-back"),
        Reason::Lapsed => (109, "lapsed"),
        Reason::TooOften => (110, "too-often"),
        Reason::OutsideWindow => (111, "outside-window"),
        Reason::BasisNotAccepted => (112, "basis-not-accepted"),
        Reason::NoConnection => (200, "no-connection"),
        Reason::ConnectionOfAnother => (201, "connection-of-another"),
        Reason::ConnectionEnded => (202, "connection-ended"),
        Reason::NotCovered => (203, "not-covered"),
        Reason::ConnectionQuiet => (204, "connection-quiet"),
        Reason::NoConsent => (300, "no-consent"),
        Reason::Barred(Bar::Everything) => (301, "barred-everything"),
        Reason::Barred(Bar::Through(_)) => (302, "barred-through"),
        Reason::Barred(Bar::Partner(_)) => (303, "barred-partner"),
        Reason::Barred(Bar::GlobalPrivacyControl) => (304, "barred-gpc"),
        Reason::Promised(_) => (400, "promised"),
    }
}
