//! A request by a client that has to show who it is: what the token, pushed request, introspection and revocation
//! endpoints share.

use std::sync::Arc;

use decide::{PartnerId, Time};
use http::{HeaderMap, Method, Response};
use serde_json::Value;

use super::assertion::{self, Asserted};
use super::fault::{AssertionFault, GrantFault, ProofFault};
use super::form::Form;
use super::proof::{self, Proven};
use super::{TOKEN_PATH, authenticate};
use crate::admission::Refused;
use crate::body::Body;
use crate::gateway::Gateway;
use crate::limits::{Leave, Pace};
use crate::problem::Problem;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The parameters by which a client shows who it is; every endpoint here takes them.
const OF_CLIENT: [&str; 3] = ["client_id", "client_assertion_type", "client_assertion"];

/// What metrics and ledger call these endpoints.
const OPERATION: &str = "(token)";

/// A request by a client that has shown who it is, within its limits.
pub(super) struct Asked<'a> {
    pub(super) gateway: &'a Arc<Gateway>,
    pub(super) partner: PartnerId,
    pub(super) form: Form<'a>,
    pub(super) now: Time,
    headers: &'a HeaderMap,
    _leave: Leave,
}

/// Finds out who asks, and lets them in.
pub(super) fn asked<'a>(
    gateway: &'a Arc<Gateway>,
    headers: &'a HeaderMap,
    body: &'a [u8],
) -> Result<Asked<'a>, Refused> {
    let now = gateway.clock.moment().map_err(Refused::stranger)?;
    let form = Form::read(headers, body).map_err(Refused::stranger)?;
    let partner = client(gateway, &form, now).map_err(Refused::stranger)?;
    let leave = gateway
        .limits
        .admit(&partner, Pace::Quick)
        .map_err(|problem| Refused {
            partner: Some(partner.clone()),
            problem,
        })?;
    Ok(Asked {
        gateway,
        partner,
        form,
        now,
        headers,
        _leave: leave,
    })
}

/// The response, with what is refused counted: a known client's as such, a stranger's as such.
pub(super) fn told(
    gateway: &Gateway,
    status: u16,
    answered: Result<Value, Refused>,
) -> Response<Body> {
    match answered {
        Ok(body) => crate::problem::answer(status, "application/json", &body),
        Err(refused) => {
            refused.count(gateway, OPERATION);
            refused.problem.into_oauth_response()
        }
    }
}

impl Asked<'_> {
    /// Refuses a request with parameters that the endpoint does not know.
    pub(super) fn only(&self, names: &[&str]) -> Result<(), GrantFault> {
        if self.form.has_only(&[&OF_CLIENT, names].concat()) {
            Ok(())
        } else {
            Err(GrantFault::Parameter)
        }
    }

    /// The problem as this client's.
    pub(super) fn refused(&self, problem: Problem) -> Refused {
        Refused {
            partner: Some(self.partner.clone()),
            problem,
        }
    }

    /// Whether the request carries a proof at all.
    pub(super) fn has_proof(&self) -> bool {
        self.headers.contains_key("dpop")
    }

    /// The thumbprint of the key of the request's DPoP proof, which counts as used from here on.
    pub(super) fn proof_of_key(&self, path: &str) -> Result<[u8; 32], Problem> {
        let gateway = self.gateway;
        let target = format!("{}{path}", gateway.config.listen.public_url);
        let request = Proven {
            method: &Method::POST,
            target: &target,
            token: None,
        };
        let proof = proof::check(self.headers, &request, self.now)?;
        authenticate::check_nonce(gateway, &proof, self.now)?;
        let proofs = &gateway.memory.proofs;
        let first = proofs.first_use(&self.partner, &proof.id, self.now);
        first.map_err(|_| ProofFault::Replayed)?;
        Ok(proof.key)
    }
}

/// Which partner this is; its assertion counts as used from here on.
fn client(gateway: &Gateway, form: &Form<'_>, now: Time) -> Result<PartnerId, Problem> {
    if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(AssertionFault::Missing.into());
    }
    let text = form
        .get("client_assertion")
        .ok_or(AssertionFault::Missing)?;
    let issuer = gateway.config.listen.public_url.as_str();
    let endpoint = format!("{issuer}{TOKEN_PATH}");
    let Asserted { partner, id } =
        assertion::check(text, &gateway.register.book(), &[issuer, &endpoint], now)?;
    if form
        .get("client_id")
        .is_some_and(|id| id != partner.as_str())
    {
        return Err(AssertionFault::Subject.into());
    }
    let first = gateway.memory.assertions.first_use(&partner, &id, now);
    first.map_err(|_| AssertionFault::Replayed)?;
    Ok(partner)
}
