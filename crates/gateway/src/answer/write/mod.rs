//! Writes, deletes and imports: who is concerned → decide → durable intent → upstream → outcome entry.
//!
//! What is done at the platform cannot be taken back, so everything is asked before, and what became of it stands in the
//! ledger before anybody is told. From the intent on nothing stops for a partner that hangs up: the rest is a task of its
//! own. What ends in between (a crash) is found by [`reopen`] and recorded as unknown; it is never tried again.

mod carry;
mod ended;
mod entry;
mod keys;
mod reopen;
mod underway;
pub(crate) mod unknowns;

use std::sync::Arc;
use std::time::Instant;

use decide::{Behalf, Decision};
use http::{HeaderMap, Response};
use release::{Call, Declined, Me, Route, Wanted};
use tracing::Instrument as _;

use super::gate::asker_of;
use super::{Asked, Took};
use crate::admission::Admitted;
use crate::body::Body;
use crate::gateway::Gateway;
use crate::problem::Problem;
use crate::refusals;

pub(crate) use reopen::{reopen, settle};
pub(crate) use underway::{Writes, clear};

impl Gateway {
    /// Does what a partner wants done, or tells why not.
    ///
    /// # Errors
    /// What the partner is to be told instead. A refused person and one whom nobody knows are told alike, and neither of
    /// them makes the platform be asked to do anything.
    pub(super) async fn write(
        self: &Arc<Self>,
        admitted: &Admitted,
        route: &Route,
        asked: &Asked<'_>,
        headers: &HeaderMap,
        took: &mut Took,
    ) -> Result<Response<Body>, Problem> {
        let (caller, operation) = (&admitted.caller, route.operation());
        let given = keys::given(headers)?;
        let mut asker = asker_of(caller, operation);
        let me = self.me(caller, operation)?;
        self.not_for_partners(asked.query)?;
        let people = self.register.people();
        let resolve = |id: &str| people.number(id);
        let call = Call {
            query: asked.query,
            body: asked.body.as_deref(),
            partner: caller.partner(),
            connection: match caller.behalf() {
                Behalf::Connection(id) => Some(id),
                Behalf::Nobody => None,
            },
            me: me.as_ref(),
            cursors: &self.cursors,
        };
        let mut wanted = route.want(&call, &resolve)?;
        self.count_promises(operation, &asker, admitted.now);
        let previews = self.could_anything_pass(operation, &asker)?;
        let claim = match given {
            None => None,
            Some(key) => {
                let key = keys::KeyOf::new(&asker, &key);
                match self.writes.keys.claim(
                    &asker.partner,
                    key,
                    wanted.fingerprint(),
                    admitted.now,
                ) {
                    keys::Claimed::Fresh(claim) => Some(claim),
                    keys::Claimed::Ended(ended) => return ended.response(),
                    keys::Claimed::OtherRequest => return Err(Problem::KeyReused),
                    keys::Claimed::Underway => return Err(Problem::KeyInUse),
                }
            }
        };
        asker.draws = self.uses.reserve(&asker, &previews, admitted.now);
        self.look_up_concerned(&mut wanted, me.as_ref(), took).await;
        let looked = Instant::now();
        let decided = wanted.decide(asker, self.register.facts(), self.clock.now());
        took.decide += looked.elapsed();
        let intended =
            decided.map_err(|declined| self.declined(admitted, operation.id(), &declined))?;
        let carried = carry::Carrying {
            gateway: self.clone(),
            intended,
            claim,
            person: me.map(|me| me.id),
            _leave: Arc::clone(&admitted.leave),
        };
        // A partner that hangs up, or a request that takes too long, does not stop what was begun. That it takes too long
        // is told here, a little before the server would cut it off: only here is it known that something was begun.
        let task = tokio::spawn(carried.carry_out().in_current_span());
        let whole = self.config.limits.request_time.0.mul_f64(0.9);
        let patience = whole.saturating_sub(admitted.began.elapsed());
        let ended = tokio::time::timeout(patience, task).await;
        let ended = ended.map_err(|_| Problem::OutcomeUnknown)?;
        let (ended, took_it) = ended.map_err(|_| Problem::OutcomeUnknown)?;
        took.upstream += took_it.upstream;
        took.ledger += took_it.ledger;
        ended?.response()
    }

    /// Asks the platform who else is concerned. A call that fails tells that nobody knows.
    async fn look_up_concerned(&self, wanted: &mut Wanted, me: Option<&Me>, took: &mut Took) {
        let targets = wanted.lookups();
        if targets.is_empty() {
            return;
        }
        let people = self.register.people();
        let asked = Instant::now();
        let person = me.map(|me| me.id.as_str());
        let answers = self.upstream.fetch_all(targets.clone(), person).await;
        took.upstream += asked.elapsed();
        for (target, answer) in targets.iter().zip(answers) {
            wanted.take_people(target, answer.as_deref(), &|id| people.number(id));
        }
    }

    /// Counts the reasons, and tells none.
    fn declined(&self, admitted: &Admitted, operation: &str, declined: &Declined) -> Problem {
        let decision: &Decision = declined.decision();
        if decision.at().is_none() {
            return Problem::ClockNotBelieved;
        }
        let partner = admitted.caller.partner();
        if let Some(asking) = &self.asking {
            asking.notice_lacking(partner, declined.lacking_consent(), decision.at());
        }
        for (reason, count) in decision.tally() {
            let (code, name) = refusals::of_reason(reason);
            self.metrics.refused(name, count);
            let many = u32::try_from(count).unwrap_or(u32::MAX);
            self.refusals
                .count(partner, operation, code, many, admitted.now);
        }
        Problem::NotFound
    }
}
