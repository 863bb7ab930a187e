//! What the rule lets a partner do, and what is not yet recorded: everything for the ledger, nothing for the platform.

use std::sync::Arc;

use decide::{Asker, Concern, Datum, Decision, Facts, Now, Permit, PersonNo, PowerId, decide};

use super::Wanted;
use crate::operation::Operation;

/// A write, delete or import that may be done, about all of its people and by all of its categories.
///
/// It has no way to what the platform is to get: only [`crate::confirm`] has, and asks for a [`ledger::Recorded`].
///
/// ```
/// fn send(recorded: ledger::Recorded<release::Intended>, facts: &decide::Facts, now: decide::Now) {
///     let confirmed = release::confirm(recorded, facts, now).unwrap();
///     let _ = (confirmed.target(), confirmed.body());
/// }
/// ```
///
/// ```compile_fail,E0308
/// fn early(intended: release::Intended, facts: &decide::Facts, now: decide::Now) {
///     let _ = release::confirm(intended, facts, now); // expected `Recorded<Intended>`
/// }
/// ```
///
/// Only the log makes one of those:
///
/// ```compile_fail,E0451
/// fn forge(intended: release::Intended) -> ledger::Recorded<release::Intended> {
///     ledger::Recorded { index: 0, carried: intended } // fields are private
/// }
/// ```
///
/// and neither an intent nor a wish shows what would be sent:
///
/// ```compile_fail,E0599
/// fn read(intended: &release::Intended) -> Option<&bytes::Bytes> {
///     intended.body() // no method `body`
/// }
/// ```
///
/// ```compile_fail,E0599
/// fn read(wanted: &release::Wanted) -> &str {
///     wanted.target() // no method `target`
/// }
/// ```
#[derive(Debug)]
pub struct Intended {
    pub(super) wanted: Wanted,
    pub(super) asker: Asker,
    pub(super) data: Vec<Datum>,
    pub(super) permit: Permit,
}

/// The rule lets it not be done: at least one category does not pass about at least one of its people.
#[derive(Debug)]
pub struct Declined {
    decision: Box<Decision>,
    lacking: Vec<(PersonNo, PowerId)>,
}

impl Declined {
    /// Why, for the operator's counts. A partner is told as of an id that nobody has.
    #[must_use]
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// Those whose own consent was all that was missing, as [`Decision::lacking_consent`].
    #[must_use]
    pub fn lacking_consent(&self) -> &[(PersonNo, PowerId)] {
        &self.lacking
    }
}

impl Wanted {
    /// Asks the rule, about all of it at once. What passes in part does not pass.
    ///
    /// # Errors
    /// Somebody in it is unknown, refuses, or is out of reach; or a power is missing; or the clock is not believed.
    pub fn decide(self, asker: Asker, facts: &Facts, now: Now) -> Result<Intended, Declined> {
        let at = match now {
            Now::At(at) => Some(at),
            Now::WentBack | Now::JumpedAhead => None,
        };
        let data = self.data(at);
        let decision = decide(facts, &self.question(&asker, &data), now);
        if !all_pass(&decision) {
            let lacking = decision.lacking_consent(&self.question(&asker, &data));
            return Err(Declined {
                decision: Box::new(decision),
                lacking,
            });
        }
        Ok(Intended {
            wanted: self,
            asker,
            data,
            permit: decision.permit(),
        })
    }
}

/// Whether there is something and all of it passes.
pub(super) fn all_pass(decision: &Decision) -> bool {
    decision.at().is_some() && decision.asked() > 0 && decision.passed() == decision.asked()
}

impl Intended {
    /// Which operation.
    #[must_use]
    pub fn operation(&self) -> &Arc<Operation> {
        &self.wanted.operation
    }

    /// Who asked, for what.
    #[must_use]
    pub fn asker(&self) -> &Asker {
        &self.asker
    }

    /// The permit.
    #[must_use]
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// Everybody whom it is about, and by which powers. Each once, in rising order of number.
    #[must_use]
    pub fn concerns(&self) -> Vec<Concern> {
        let question = self.wanted.question(&self.asker, &self.data);
        self.permit.concerns(&question)
    }
}
