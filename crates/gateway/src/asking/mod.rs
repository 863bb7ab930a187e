//! Asking bystanders: whoever is in an answer without having been asked can be asked, and nobody has to be.
//!
//! When the gate refuses a datum only for want of somebody's own consent, that person, the partner and the power become
//! a request ([`noticed`]), off the answer's path; the partner learns nothing of it. Requests are kept in a file of their
//! own ([`store`]) and become visible on one day in thirty that is the person's own ([`calendar`]). On it the platform
//! gets a digest by its web hook ([`hook`]), at most one in thirty days, and tells the person in its own way. They answer
//! on a page of ours. Silence is no.

mod calendar;
mod digest;
mod hook;
mod noticed;
mod round;
mod store;

use std::sync::Arc;

use decide::{
    Behalf, Decision, LegalBasis, PartnerId, PersonNo, PowerId, Question, Reach, Reason, Time,
};
use prometheus_client::metrics::gauge::Gauge;
use register::Change;

use crate::config;
use crate::gateway::{BuildError, Gateway};
use crate::metrics::AskingCounts;
use crate::oauth::look;
use hook::Hook;
use noticed::Noticed;
use store::{Room, Store};

pub(crate) use noticed::Lacking;
pub(crate) use round::keep_asking;
pub use store::StoreError;
pub(crate) use store::{Open, Preferences, Said};

/// Where a person finds what they are asked.
pub(crate) const ASKED_PATH: &str = "/asked";

/// All that asking needs.
pub(crate) struct Asking {
    noticed: Noticed,
    store: Arc<Store>,
    hook: Hook,
    room: Room,
    counts: AskingCounts,
    /// Requests and answers that are kept.
    pub(crate) kept: Gauge,
}

impl Asking {
    pub(crate) fn new(
        asking: &config::Asking,
        limits: &config::Limits,
        counts: AskingCounts,
    ) -> Result<Self, BuildError> {
        Ok(Self {
            noticed: Noticed::default(),
            store: Arc::new(Store::open(&asking.store)?),
            hook: Hook::new(asking, limits)?,
            room: Room {
                most: asking.most,
                most_per_person: asking.most_per_person,
            },
            kept: counts.kept.clone(),
            counts,
        })
    }

    /// Notes who in an answer lacked nothing but their own consent.
    pub(crate) fn notice(&self, question: &Question<'_>, decision: &Decision) {
        if decision.passed() < decision.asked() {
            let lacking = decision.lacking_consent(question);
            self.notice_lacking(&question.asker.partner, &lacking, decision.at());
        }
    }

    /// The same, where somebody has found out already.
    pub(crate) fn notice_lacking(
        &self,
        partner: &PartnerId,
        lacking: &[(PersonNo, PowerId)],
        at: Option<Time>,
    ) {
        if let (false, Some(at)) = (lacking.is_empty(), at) {
            let dropped = self.noticed.note(partner, lacking, at.day());
            self.count("no-room", dropped);
        }
    }

    /// Listens to what the register takes in.
    pub(crate) fn hear(&self, change: &Change) {
        self.noticed.hear(change);
    }

    /// What a person can answer today.
    pub(crate) async fn open_for(
        &self,
        gateway: &Gateway,
        person: PersonNo,
        now: Time,
    ) -> Result<Vec<Open>, redb::Error> {
        let today = gateway.clock.asking_day(now);
        let mut open = self.run(move |store| store.open_for(person, today)).await?;
        open.retain(|it| {
            may_be_asked(gateway, &it.partner, it.power, person, now)
                && can_be_given(gateway, &it.partner, it.power, now)
        });
        Ok(open)
    }

    /// What a person wants to be asked.
    pub(crate) async fn preferences(&self, person: PersonNo) -> Result<Preferences, redb::Error> {
        self.run(move |store| store.preferences(person)).await
    }

    /// Writes down what a person said.
    pub(crate) async fn say(&self, whom: Lacking, said: Said) -> Result<(), redb::Error> {
        self.run(move |store| store.say(&whom, said)).await?;
        self.count(
            if matches!(said, Said::Yes(_)) {
                "yes"
            } else {
                "no"
            },
            1,
        );
        Ok(())
    }

    /// Mutes everything for a person, or asks again.
    pub(crate) async fn ask_nothing(
        &self,
        person: PersonNo,
        nothing: bool,
    ) -> Result<(), redb::Error> {
        self.run(move |store| store.ask_nothing(person, nothing))
            .await?;
        self.noticed.look_again();
        Ok(())
    }

    /// Mutes one partner for a person, or asks again.
    pub(crate) async fn not_about(
        &self,
        person: PersonNo,
        partner: PartnerId,
        not: bool,
    ) -> Result<(), redb::Error> {
        self.run(move |store| store.not_about(person, &partner, not))
            .await?;
        self.noticed.look_again();
        Ok(())
    }

    /// Works on the file, on a thread that may wait.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, redb::Error> + Send + 'static,
    ) -> Result<T, redb::Error> {
        let store = Arc::clone(&self.store);
        let done = tokio::task::spawn_blocking(move || work(&store)).await;
        done.unwrap_or_else(|gone| Err(std::io::Error::other(gone).into()))
    }

    /// Counts, for the operator. What happened is a word, never a person.
    fn count(&self, what: &'static str, many: u64) {
        self.counts.count(what, many);
    }
}

/// Whether a yes to this power would let anything pass now, whoever gives it: the agreement grants it, nothing suspends
/// it, no promise forbids it, and it stands on consent.
pub(crate) fn can_be_given(
    gateway: &Gateway,
    partner: &PartnerId,
    power: PowerId,
    now: Time,
) -> bool {
    let Some(whole) = gateway.register.facts().power(partner, power) else {
        return false;
    };
    if whole.reach == Reach::Own || whole.legal_basis != LegalBasis::Consent {
        return false;
    }
    let preview = look(gateway, partner, &Behalf::Nobody, &whole, now);
    let against = |reason: &Reason| *reason != Reason::NoConnection;
    preview.power == Some(power) && !preview.reasons.iter().any(against)
}

/// Whether this person has neither said yes already nor refused in general what would be asked.
pub(crate) fn may_be_asked(
    gateway: &Gateway,
    partner: &PartnerId,
    power: PowerId,
    person: PersonNo,
    now: Time,
) -> bool {
    let facts = gateway.register.facts();
    let refused = |bar| facts.bar_covers(&bar, partner, power);
    facts.is_member(person)
        && !facts.consents(person, partner, power, now.day())
        && !facts.bars_of(person).into_iter().any(refused)
}
