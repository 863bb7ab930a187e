//! Pushed authorization requests (RFC 9126): a partner says, with its own key, what it will ask a person.
//!
//! Nothing that a browser carries can change it afterwards: the browser brings a handle and no more.

use std::sync::Arc;

use decide::PartnerId;
use http::{HeaderMap, Response};
use serde_json::{Value, json};

use super::PAR_PATH;
use super::client::{Asked, asked, told};
use super::details::Wanted;
use super::fault::GrantFault;
use super::pkce::Challenge;
use super::redirect::{Redirect, is_loopback};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::problem::Problem;
use crate::shelf::Shelf;

/// How long a handle can be brought: the person has to follow a link, no more. What they then read has its own time.
const LIFETIME_MS: i64 = 300_000;
/// How many requests of one partner wait at once.
const MOST_PER_PARTNER: usize = 10_000;

/// What stands before a handle.
pub(crate) const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// A request that was found good, and waits for a person.
#[derive(Clone, Debug)]
pub(crate) struct Pushed {
    /// Whose it is.
    pub(crate) partner: PartnerId,
    /// Where the answer goes.
    pub(crate) redirect: Redirect,
    /// What the partner gets back unread.
    pub(crate) state: Option<String>,
    /// What the code will be good for.
    pub(crate) bound: Bound,
    /// What is asked.
    pub(crate) wanted: Wanted,
}

/// To what a code is bound, beside its client.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    /// PKCE.
    pub(crate) challenge: Challenge,
    /// The thumbprint of the key that must prove the token request (RFC 9449 section 10).
    pub(crate) key: [u8; 32],
}

/// Requests that wait, by partner.
pub(crate) type Requests = Shelf<PartnerId, Pushed>;

pub(crate) fn requests() -> Requests {
    Shelf::new(LIFETIME_MS, MOST_PER_PARTNER)
}

/// Answers a pushed request.
pub(crate) fn push(gateway: &Arc<Gateway>, headers: &HeaderMap, body: &[u8]) -> Response<Body> {
    let answered = asked(gateway, headers, body)
        .and_then(|asked| keep(&asked).map_err(|problem| asked.refused(problem)));
    told(gateway, 201, answered)
}

fn keep(asked: &Asked<'_>) -> Result<Value, Problem> {
    let pushed = read(asked)?;
    let (gateway, partner) = (asked.gateway, asked.partner.clone());
    let handle = gateway
        .memory
        .requests
        .put(partner, pushed, &gateway.entropy, asked.now)
        .map_err(|_| Problem::Internal)?;
    Ok(json!({ "request_uri": format!("{PREFIX}{handle}"), "expires_in": LIFETIME_MS / 1000 }))
}

fn read(asked: &Asked<'_>) -> Result<Pushed, Problem> {
    let form = &asked.form;
    if form.get("request").is_some() || form.get("request_uri").is_some() {
        return Err(GrantFault::RequestObject.into());
    }
    if form.get("scope").is_some() {
        return Err(GrantFault::Scope.into());
    }
    asked.only(&[
        "response_type",
        "response_mode",
        "redirect_uri",
        "state",
        "code_challenge",
        "code_challenge_method",
        "dpop_jkt",
        "authorization_details",
    ])?;
    if form.get("response_type") != Some("code") {
        return Err(GrantFault::ResponseType.into());
    }
    if form
        .get("response_mode")
        .is_some_and(|mode| mode != "query")
    {
        return Err(GrantFault::ResponseMode.into());
    }
    let public = asked.gateway.config.listen.public_url.as_str();
    let trial = public
        .parse::<http::Uri>()
        .is_ok_and(|uri| uri.scheme_str() == Some("http") && uri.host().is_some_and(is_loopback));
    let redirect = form.get("redirect_uri").unwrap_or_default();
    let redirect = Redirect::read(redirect, trial)?;
    let challenge = Challenge::read(
        form.get("code_challenge"),
        form.get("code_challenge_method"),
    )?;
    let details = form.get("authorization_details").unwrap_or_default();
    let wanted = Wanted::read(asked.gateway, &asked.partner, details, asked.now)?;
    Ok(Pushed {
        partner: asked.partner.clone(),
        redirect,
        state: form.get("state").map(str::to_owned),
        bound: Bound {
            challenge,
            key: key(asked)?,
        },
        wanted,
    })
}

/// The key to which the code will be bound: named, proved, or both and then the same.
fn key(asked: &Asked<'_>) -> Result<[u8; 32], Problem> {
    let named = asked.form.get("dpop_jkt");
    let named = named
        .map(|text| super::pkce::bytes_of(text).ok_or(GrantFault::Key))
        .transpose()?;
    let proved = asked
        .has_proof()
        .then(|| asked.proof_of_key(PAR_PATH))
        .transpose()?;
    match (named, proved) {
        (Some(key), None) | (None, Some(key)) => Ok(key),
        (Some(named), Some(proved)) if named == proved => Ok(named),
        _ => Err(GrantFault::Key.into()),
    }
}
