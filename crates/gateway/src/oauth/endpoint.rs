//! The token endpoint and the revocation endpoint.

use std::str::FromStr;

use decide::{
    Asker, Behalf, Category, ConnectionId, Now, PartnerId, Purpose, Reach, Reason, Time, Verb,
};
use http::{HeaderMap, Method, Response};
use serde_json::Value;

use super::assertion::{self, Asserted};
use super::fault::{AssertionFault, GrantFault, ProofFault};
use super::form::Form;
use super::proof::{self, Proven};
use super::tokens::{Grant, NotIssued};
use crate::admission::Refused;
use crate::body::Body;
use crate::gateway::Gateway;
use crate::limits::Pace;
use crate::problem::Problem;

/// Where tokens are given out, below the public address.
pub(crate) const TOKEN_PATH: &str = "/oauth/token";
/// Where tokens are given back.
pub(crate) const REVOKE_PATH: &str = "/oauth/revoke";

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What metrics and ledger call the token endpoints.
const OPERATION: &str = "(token)";

/// Answers a token request.
pub(crate) fn token(gateway: &Gateway, headers: &HeaderMap, body: &[u8]) -> Response<Body> {
    with_client(gateway, headers, body, grant)
}

/// Ends a token (RFC 7009), and nothing but the token: connection and consents stay as they are.
pub(crate) fn revoke(gateway: &Gateway, headers: &HeaderMap, body: &[u8]) -> Response<Body> {
    with_client(gateway, headers, body, give_back)
}

/// A request by a client that has shown who it is.
struct Asked<'a> {
    gateway: &'a Gateway,
    partner: PartnerId,
    headers: &'a HeaderMap,
    form: Form<'a>,
    now: Time,
}

/// Finds out who asks, lets them in, and counts what is refused: a known client's as such, a stranger's as such.
fn with_client(
    gateway: &Gateway,
    headers: &HeaderMap,
    body: &[u8],
    answer: fn(&Asked<'_>) -> Result<Value, Problem>,
) -> Response<Body> {
    let answered = asked(gateway, headers, body)
        .map_err(Refused::stranger)
        .and_then(|asked| {
            let admitted = gateway.limits.admit(&asked.partner, Pace::Quick);
            let answered = admitted.and_then(|_leave| answer(&asked));
            answered.map_err(|problem| Refused {
                partner: Some(asked.partner),
                problem,
            })
        });
    match answered {
        Ok(body) => crate::problem::answer(200, "application/json", &body),
        Err(refused) => {
            refused.count(gateway, OPERATION);
            refused.problem.into_oauth_response()
        }
    }
}

fn asked<'a>(
    gateway: &'a Gateway,
    headers: &'a HeaderMap,
    body: &'a [u8],
) -> Result<Asked<'a>, Problem> {
    let now = gateway.clock.moment()?;
    let form = Form::read(headers, body)?;
    let partner = client(gateway, &form, now)?;
    Ok(Asked {
        gateway,
        partner,
        headers,
        form,
        now,
    })
}

fn grant(asked: &Asked<'_>) -> Result<Value, Problem> {
    let Asked {
        gateway,
        partner,
        headers,
        form,
        now,
    } = asked;
    let known = [
        "grant_type",
        "client_id",
        "client_assertion_type",
        "client_assertion",
        "connection",
        "purpose",
        "scope",
    ];
    if !form.has_only(&known) {
        return Err(GrantFault::Parameter.into());
    }
    if form.get("grant_type") != Some("client_credentials") {
        return Err(GrantFault::GrantType.into());
    }
    if form.get("scope").is_some() {
        return Err(GrantFault::Scope.into());
    }
    let purpose = form
        .get("purpose")
        .and_then(|text| Purpose::from_str(text).ok());
    let purpose = purpose.ok_or(GrantFault::Purpose)?;
    let key = proof_of_key(gateway, headers, partner, *now)?;
    let grant = Grant {
        partner: partner.clone(),
        behalf: behalf(gateway, form, partner, &purpose, *now)?,
        purpose,
        key,
        until: *now,
    };
    let issued = gateway.tokens.issue(grant, &gateway.entropy, *now);
    let token = issued.map_err(|why| match why {
        NotIssued::TooMany => GrantFault::TooMany.into(),
        NotIssued::NoEntropy => Problem::Internal,
    })?;
    Ok(serde_json::json!({
        "access_token": token,
        "token_type": "DPoP",
        "expires_in": gateway.tokens.lifetime_seconds(),
    }))
}

fn give_back(asked: &Asked<'_>) -> Result<Value, Problem> {
    let Asked {
        gateway,
        partner,
        form,
        ..
    } = asked;
    let known = [
        "client_id",
        "client_assertion_type",
        "client_assertion",
        "token",
        "token_type_hint",
    ];
    if !form.has_only(&known) {
        return Err(GrantFault::Parameter.into());
    }
    let token = form.get("token").ok_or(GrantFault::NoToken)?;
    gateway.tokens.revoke(token, partner);
    // Unknown, another's and ended tokens sound the same (RFC 7009 section 2.2).
    Ok(serde_json::json!({}))
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

/// The thumbprint of the key that the token will be bound to.
fn proof_of_key(
    gateway: &Gateway,
    headers: &HeaderMap,
    partner: &PartnerId,
    now: Time,
) -> Result<[u8; 32], Problem> {
    let target = format!("{}{TOKEN_PATH}", gateway.config.listen.public_url);
    let request = Proven {
        method: &Method::POST,
        target: &target,
        token: None,
    };
    let proof = proof::check(headers, &request, now)?;
    super::authenticate::check_nonce(gateway, &proof, now)?;
    let first = gateway.memory.proofs.first_use(partner, &proof.id, now);
    first.map_err(|_| ProofFault::Replayed)?;
    Ok(proof.key)
}

fn behalf(
    gateway: &Gateway,
    form: &Form<'_>,
    partner: &PartnerId,
    purpose: &Purpose,
    now: Time,
) -> Result<Behalf, Problem> {
    let Some(text) = form.get("connection") else {
        return Ok(Behalf::Nobody);
    };
    let id = ConnectionId::from_str(text).map_err(|_| GrantFault::Connection)?;
    let behalf = Behalf::Connection(id);
    if connection_lives(gateway, partner, &behalf, purpose, now)? {
        Ok(behalf)
    } else {
        Err(GrantFault::Connection.into())
    }
}

/// Whether a connection is this partner's and live. The rule itself is asked, so that there are not two readings of
/// what "live" means.
pub(super) fn connection_lives(
    gateway: &Gateway,
    partner: &PartnerId,
    behalf: &Behalf,
    purpose: &Purpose,
    now: Time,
) -> Result<bool, Problem> {
    let asker = Asker {
        partner: partner.clone(),
        behalf: behalf.clone(),
        purpose: purpose.clone(),
        verb: Verb::Read,
        draws: Vec::new(),
    };
    // Any category will do: whether the connection lives does not depend on it.
    let category = Category::from_str("pd:Name").map_err(|_| Problem::Internal)?;
    let pairs = [(category, Reach::Own)];
    let facts = gateway.register.facts();
    let previews = decide::preview(facts, &asker, &pairs, Now::At(now));
    let mut lives = !previews.is_empty();
    for reason in previews.iter().flat_map(|preview| &preview.reasons) {
        match reason {
            Reason::ClockWentBack | Reason::ClockJumpedAhead => {
                return Err(Problem::ClockNotBelieved);
            }
            Reason::Missing(_) => return Err(Problem::NoPower),
            Reason::NoConnection
            | Reason::ConnectionOfAnother
            | Reason::ConnectionEnded
            | Reason::ConnectionQuiet
            | Reason::UnknownPartner => lives = false,
            _ => {}
        }
    }
    Ok(lives)
}
