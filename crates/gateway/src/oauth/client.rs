//! A request by a client that has to show who it is: what the token, pushed request, introspection and revocation
//! endpoints share.

use std::sync::Arc;

use decide::{PartnerId, Time};
use http::{HeaderMap, Method, Response};
use jsonwebtoken::jwk::AlgorithmParameters;
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
pub(crate) struct Asked<'a> {
    pub(crate) gateway: &'a Arc<Gateway>,
    pub(crate) partner: PartnerId,
    /// The thumbprint of the key by which the client has shown who it is.
    pub(crate) key: [u8; 32],
    /// That key, as it is enrolled.
    pub(super) by: AlgorithmParameters,
    pub(super) form: Form<'a>,
    pub(crate) now: Time,
    headers: &'a HeaderMap,
    _leave: Leave,
}

/// Finds out who asks one of the endpoints of OAuth, and lets them in.
pub(super) fn asked<'a>(
    gateway: &'a Arc<Gateway>,
    headers: &'a HeaderMap,
    body: &'a [u8],
) -> Result<Asked<'a>, Refused> {
    let issuer = gateway.config.listen.public_url.as_str();
    let endpoint = format!("{issuer}{TOKEN_PATH}");
    asked_for(gateway, headers, body, &[issuer, &endpoint])
}

/// Finds out who asks, by an assertion that is meant for one of these audiences, and lets them in.
pub(crate) fn asked_for<'a>(
    gateway: &'a Arc<Gateway>,
    headers: &'a HeaderMap,
    body: &'a [u8],
    audiences: &[&str],
) -> Result<Asked<'a>, Refused> {
    let now = gateway.clock.moment().map_err(Refused::stranger)?;
    let form = Form::read(headers, body).map_err(Refused::stranger)?;
    let asserted = client(gateway, &form, audiences, now).map_err(Refused::stranger)?;
    let Asserted {
        partner, key, by, ..
    } = asserted;
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
        key,
        by,
        form,
        now,
        headers,
        _leave: leave,
    })
}

/// The response, with what is refused counted: a known client's as such, a stranger's as such.
pub(crate) fn told(
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
    pub(crate) fn only(&self, names: &[&str]) -> Result<(), GrantFault> {
        if self.form.has_only(&[&OF_CLIENT, names].concat()) {
            Ok(())
        } else {
            Err(GrantFault::Parameter)
        }
    }

    /// The problem as this client's.
    pub(crate) fn refused(&self, problem: Problem) -> Refused {
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

/// Which partner this is, and by which key; its assertion counts as used from here on.
fn client(
    gateway: &Gateway,
    form: &Form<'_>,
    audiences: &[&str],
    now: Time,
) -> Result<Asserted, Problem> {
    if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(AssertionFault::Missing.into());
    }
    let text = form
        .get("client_assertion")
        .ok_or(AssertionFault::Missing)?;
    let asserted = assertion::check(text, &gateway.register.book(), audiences, now)?;
    let Asserted { partner, id, .. } = &asserted;
    if form
        .get("client_id")
        .is_some_and(|id| id != partner.as_str())
    {
        return Err(AssertionFault::Subject.into());
    }
    let first = gateway.memory.assertions.first_use(partner, id, now);
    first.map_err(|_| AssertionFault::Replayed)?;
    Ok(asserted)
}
