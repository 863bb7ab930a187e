//! People log in at their platform's own OpenID Connect provider: code flow, PKCE, nonce and state.
//!
//! No password is seen here. What is taken from the provider is one claim, the platform's own id of the person, and the
//! name that the page greets them by.

mod id_token;
mod provider;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Response, header};

use super::page::{Failure, see};
use super::session::{Attempt, Person, Session};
use super::{CALLBACK_PATH, Visit, signal};
use crate::body::Body;
use crate::oauth::Form;
use crate::shelf::handle;

pub(super) use provider::Provider;

/// Sends a browser with a session to the provider.
pub(super) async fn begin(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    let (gateway, persons) = (visit.gateway, visit.persons);
    let provider = persons.provider.about(visit.now).await?;
    let entropy = &gateway.entropy;
    let attempt = Attempt {
        state: handle(entropy)?,
        nonce: handle(entropy)?,
        verifier: handle(entropy)?,
        from: visit.path.to_owned(),
    };
    let hash = digest::digest(&digest::SHA256, attempt.verifier.as_bytes());
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", &persons.login.client_id)
        .append_pair("redirect_uri", &callback(visit))
        .append_pair("scope", "openid profile")
        .append_pair("state", &attempt.state)
        .append_pair("nonce", &attempt.nonce)
        .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(hash))
        .append_pair("code_challenge_method", "S256")
        .finish();
    let remember = |session: &mut Session| session.attempt = Some(attempt.clone());
    let cookie = visit.cookie.as_deref();
    let known = persons.sessions.with(cookie, visit.now, remember);
    known.ok_or(Failure::NoSession)?;
    let address = &provider.authorization_endpoint;
    let joint = if address.contains('?') { '&' } else { '?' };
    see(&format!("{address}{joint}{query}"))
}

/// The browser comes back from the provider.
pub(super) async fn come_back(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    let (gateway, persons) = (visit.gateway, visit.persons);
    let query = Form::of_query(visit.query).map_err(|_| Failure::NotLoggedIn)?;
    let cookie = visit.cookie.as_deref();
    // Taken out before it is looked at: an attempt is one attempt.
    let take = |session: &mut Session| session.attempt.take();
    let attempt = persons.sessions.with(cookie, visit.now, take);
    let attempt = attempt.flatten().ok_or(Failure::NoSession)?;
    if query.get("state") != Some(attempt.state.as_str()) {
        return Err(Failure::ForeignForm);
    }
    let issuer = persons.login.issuer.as_str();
    if query.get("iss").is_some_and(|named| named != issuer) {
        return Err(Failure::NotLoggedIn);
    }
    let code = query.get("code").ok_or(Failure::NotLoggedIn)?;
    let provider = &persons.provider;
    let token = provider
        .exchange(code, &attempt.verifier, &callback(visit), visit.now)
        .await?;
    let keys = provider.keys(visit.now).await?;
    let claims = id_token::check(&token, &keys, &persons.login, &attempt.nonce, visit.now);
    let claims = claims.map_err(|fault| {
        tracing::warn!(%fault, "the provider's ID token is not believed");
        Failure::NotLoggedIn
    })?;
    let id = claims.person(&persons.login.person_claim);
    let id = id.ok_or(Failure::NotLoggedIn)?;
    let number = gateway.register.people().number(id);
    let person = Person {
        number: number.ok_or(Failure::UnknownPerson)?,
        id: id.to_owned(),
        name: claims.person("name").map(str::to_owned),
    };
    signal::honour(visit, person.number).await?;
    let cookie = persons
        .sessions
        .log_in(cookie, person, &gateway.entropy, visit.now)?;
    let mut response = see(&attempt.from)?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

fn callback(visit: &Visit<'_>) -> String {
    format!("{}{CALLBACK_PATH}", visit.gateway.config.listen.public_url)
}
