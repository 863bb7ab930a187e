//! At the door: who asks and whether they may ask now; and how every refusal is told and counted.

use std::sync::Arc;
use std::time::Instant;

use decide::{Now, PartnerId, Time};
use http::Response;
use http::request::Parts;

use crate::body::Body;
use crate::gateway::Gateway;
use crate::limits::{Leave, Pace};
use crate::oauth::{Caller, authenticate, still_connected};
use crate::problem::Problem;

/// A request by a known partner within its limits. Hold it while answering.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// Who asks, for whom, what for.
    pub(crate) caller: Caller,
    /// The moment that was believed at the door.
    pub(crate) now: Time,
    /// Since when it is being answered, by a clock that goes on evenly.
    pub(crate) began: Instant,
    /// Its place among the partner's requests, for as long as anything of it goes on.
    pub(crate) leave: Arc<Leave>,
}

/// Lets a request in: clock, token, proof, rate, connection, in this order.
pub(crate) fn admit(gateway: &Gateway, parts: &Parts, pace: Pace) -> Result<Admitted, Refused> {
    let began = Instant::now();
    let now = gateway.clock.moment().map_err(Refused::stranger)?;
    let caller = authenticate(gateway, parts, now).map_err(Refused::stranger)?;
    tracing::Span::current().record("partner", caller.partner().as_str());
    let known = |problem| Refused {
        partner: Some(caller.partner().clone()),
        problem,
    };
    let leave = gateway
        .limits
        .admit(caller.partner(), pace)
        .map_err(known)?;
    still_connected(gateway, &caller, now).map_err(known)?;
    Ok(Admitted {
        caller,
        now,
        began,
        leave: Arc::new(leave),
    })
}

/// A whole request that is refused.
#[derive(Debug)]
pub(crate) struct Refused {
    /// Whose it is; `None`: nobody has shown to be anybody.
    pub(crate) partner: Option<PartnerId>,
    /// What it is told.
    pub(crate) problem: Problem,
}

impl Refused {
    /// Nobody has shown to be anybody.
    pub(crate) fn stranger(problem: impl Into<Problem>) -> Self {
        Self {
            partner: None,
            problem: problem.into(),
        }
    }

    /// Counts the refusal and makes its response. `operation` is an id of the platform's document, or
    /// [`crate::refusals::NO_OPERATION`].
    pub(crate) fn answer(self, gateway: &Gateway, operation: &str) -> Response<Body> {
        self.count(gateway, operation);
        self.problem.into_response()
    }

    /// Counts the refusal: a known partner's in metrics and ledger, a stranger's in the operator's log.
    pub(crate) fn count(&self, gateway: &Gateway, operation: &str) {
        let Some(partner) = &self.partner else {
            gateway.metrics.strangers.inc();
            gateway.strangers.note(&self.problem);
            return;
        };
        let kind = self.problem.kind();
        let metrics = &gateway.metrics;
        metrics.request(partner.as_str(), operation, kind.slug);
        metrics.refused(kind.slug, 1);
        if let Now::At(now) = gateway.clock.now() {
            gateway
                .refusals
                .count(partner, operation, kind.code, 1, now);
        }
    }
}
