//! What a token is good for, now (RFC 7662): asked of the facts and the rule, not of what was true when it was given.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use decide::{Behalf, Purpose};
use http::{HeaderMap, Response};
use serde_json::{Map, Value, json};

use super::authenticate::valid;
use super::client::{Asked, asked, told};
use super::details;
use super::endpoint::{connection_lives, covering};
use super::fault::GrantFault;
use super::tokens::TokenHash;
use crate::body::Body;
use crate::gateway::Gateway;
use crate::problem::Problem;

/// What is told about a token that is good for something.
type Told = Map<String, Value>;

/// Answers a client about a token of its own. Every other token is as inactive as one that nobody has.
pub(crate) fn introspect(
    gateway: &Arc<Gateway>,
    headers: &HeaderMap,
    body: &[u8],
) -> Response<Body> {
    let answered = asked(gateway, headers, body)
        .and_then(|asked| answer(&asked).map_err(|problem| asked.refused(problem)));
    told(gateway, 200, answered)
}

fn answer(asked: &Asked<'_>) -> Result<Value, Problem> {
    asked.only(&["token", "token_type_hint"])?;
    let token = asked.form.get("token").ok_or(GrantFault::NoToken)?;
    let about = match access_token(asked, token)? {
        Some(about) => Some(about),
        None => refresh_token(asked, token)?,
    };
    Ok(about.map_or_else(|| json!({ "active": false }), Value::Object))
}

fn access_token(asked: &Asked<'_>, token: &str) -> Result<Option<Told>, Problem> {
    let found = valid(asked.gateway, TokenHash::of(token), asked.now);
    let Some(grant) = found.filter(|grant| grant.partner == asked.partner) else {
        return Ok(None);
    };
    let purposes = BTreeSet::from([grant.purpose.clone()]);
    let about = about(asked, &grant.behalf, &purposes)?;
    Ok(about.map(|mut about| {
        about.insert("token_type".into(), "DPoP".into());
        about.insert("exp".into(), grant.until.0.div_euclid(1000).into());
        about.insert(
            "cnf".into(),
            json!({ "jkt": URL_SAFE_NO_PAD.encode(grant.key) }),
        );
        about.insert("purpose".into(), grant.purpose.as_str().into());
        about
    }))
}

fn refresh_token(asked: &Asked<'_>, token: &str) -> Result<Option<Told>, Problem> {
    let gateway = asked.gateway;
    let found = gateway.memory.refresh.connection(token, &asked.partner);
    let Some(connection) = found.and_then(|id| gateway.register.facts().connection(&id)) else {
        return Ok(None);
    };
    let purposes = details::purposes(gateway, &connection);
    let about = about(asked, &Behalf::Connection(connection.connection), &purposes)?;
    Ok(about.map(|mut about| {
        about.insert(
            "exp".into(),
            connection.until.begins().0.div_euclid(1000).into(),
        );
        about
    }))
}

/// What both kinds of token tell; `None` where what they rest on has ended.
fn about(
    asked: &Asked<'_>,
    behalf: &Behalf,
    purposes: &BTreeSet<Purpose>,
) -> Result<Option<Told>, Problem> {
    let (gateway, partner, now) = (asked.gateway, &asked.partner, asked.now);
    if let Behalf::Connection(id) = behalf {
        // Whether it lives does not depend on the purpose; without any there is nothing that it could be good for.
        let lives = match (purposes.first(), covering(gateway, id)) {
            (Some(purpose), Some(_)) => connection_lives(gateway, partner, behalf, purpose, now)?,
            _ => false,
        };
        if !lives {
            return Ok(None);
        }
    }
    let usable: Vec<Value> = purposes
        .iter()
        .flat_map(|purpose| details::usable(gateway, partner, behalf, purpose, now))
        .collect();
    let issuer = gateway.config.listen.public_url.as_str();
    let mut about = Told::new();
    about.insert("active".into(), true.into());
    about.insert("iss".into(), issuer.into());
    about.insert("client_id".into(), partner.as_str().into());
    about.insert("authorization_details".into(), usable.into());
    if let Behalf::Connection(connection) = behalf {
        about.insert("connection".into(), connection.as_str().into());
    }
    Ok(Some(about))
}
