//! At the door: who asks and whether they may ask now; and how every refusal is told and counted.

use bytes::Bytes;
use decide::{Now, PartnerId, Time};
use http::Response;
use http::request::Parts;
use http_body_util::Full;

use crate::gateway::Gateway;
use crate::limits::Leave;
use crate::oauth::{Caller, authenticate};
use crate::problem::Problem;

/// A request by a known partner within its limits. Hold it while answering.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// Who asks, for whom, what for.
    pub(crate) caller: Caller,
    /// The moment that was believed at the door.
    pub(crate) now: Time,
    _leave: Leave,
}

/// Lets a request in: clock, token, proof, rate, in this order.
pub(crate) fn admit(gateway: &Gateway, parts: &Parts) -> Result<Admitted, Refused> {
    let stranger = |problem| Refused {
        partner: None,
        problem,
    };
    let now = gateway.clock.moment().map_err(stranger)?;
    let caller = authenticate(gateway, parts, now).map_err(stranger)?;
    let leave = gateway
        .limits
        .admit(caller.partner())
        .map_err(|problem| Refused {
            partner: Some(caller.partner().clone()),
            problem,
        })?;
    Ok(Admitted {
        caller,
        now,
        _leave: leave,
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
    /// Counts the refusal and makes its response. `operation` is an id of the platform's document, or
    /// [`crate::refusals::NO_OPERATION`].
    pub(crate) fn answer(self, gateway: &Gateway, operation: &str) -> Response<Full<Bytes>> {
        let kind = self.problem.kind();
        match &self.partner {
            Some(partner) => {
                gateway
                    .metrics
                    .request(partner.as_str(), operation, kind.slug);
                gateway.metrics.refused(kind.slug, 1);
                if let Now::At(now) = gateway.clock.now() {
                    gateway
                        .refusals
                        .count(partner, operation, kind.code, 1, now);
                }
            }
            None => {
                gateway.metrics.strangers.inc();
                gateway.strangers.note(&self.problem);
            }
        }
        self.problem.into_response()
    }
}
