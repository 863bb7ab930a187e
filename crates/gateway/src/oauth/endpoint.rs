//! The token endpoint and the revocation endpoint.

use std::str::FromStr;
use std::sync::Arc;

use decide::{
    Asker, Behalf, Category, Connection, ConnectionId, Event, Now, PartnerId, Purpose, Reach,
    Reason, Time, Verb,
};
use http::{HeaderMap, Response};
use register::Change;
use serde_json::{Value, json};

use super::TOKEN_PATH;
use super::client::{Asked, asked, told};
use super::codes::Brought;
use super::details;
use super::fault::GrantFault;
use super::tokens::{Grant, NotIssued};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::problem::Problem;

/// Answers a token request.
pub(crate) async fn token(
    gateway: &Arc<Gateway>,
    headers: &HeaderMap,
    body: &[u8],
) -> Response<Body> {
    let answered = match asked(gateway, headers, body) {
        Ok(asked) => grant(&asked)
            .await
            .map_err(|problem| asked.refused(problem)),
        Err(refused) => Err(refused),
    };
    told(gateway, 200, answered)
}

/// Ends a token (RFC 7009). An access token alone, or with a refresh token all that it could still give: the connection
/// behind it. That there was a consent stays on record either way.
pub(crate) async fn revoke(
    gateway: &Arc<Gateway>,
    headers: &HeaderMap,
    body: &[u8],
) -> Response<Body> {
    let answered = match asked(gateway, headers, body) {
        Ok(asked) => give_back(&asked)
            .await
            .map_err(|problem| asked.refused(problem)),
        Err(refused) => Err(refused),
    };
    told(gateway, 200, answered)
}

async fn grant(asked: &Asked<'_>) -> Result<Value, Problem> {
    let grant_type = asked.form.get("grant_type");
    let known: &[&str] = match grant_type {
        Some("client_credentials") => &["connection", "scope"],
        Some("authorization_code") => &["code", "redirect_uri", "code_verifier", "scope"],
        Some("refresh_token") => &["refresh_token", "scope"],
        _ => return Err(GrantFault::GrantType.into()),
    };
    asked.only(&[known, &["grant_type", "purpose"]].concat())?;
    if asked.form.get("scope").is_some() {
        return Err(GrantFault::Scope.into());
    }
    match grant_type {
        Some("authorization_code") => by_code(asked).await,
        Some("refresh_token") => by_refresh_token(asked),
        _ => by_name(asked),
    }
}

/// By the connection's name, or for nobody.
fn by_name(asked: &Asked<'_>) -> Result<Value, Problem> {
    let purpose = purpose(asked)?.ok_or(GrantFault::Purpose)?;
    let key = asked.proof_of_key(TOKEN_PATH)?;
    let behalf = behalf(asked, &purpose)?;
    issue(asked, behalf, purpose, key)
}

/// By a code that a person's browser brought. Bringing it uses it up.
async fn by_code(asked: &Asked<'_>) -> Result<Value, Problem> {
    let (gateway, form) = (asked.gateway, &asked.form);
    let purpose = purpose(asked)?;
    let key = asked.proof_of_key(TOKEN_PATH)?;
    let text = form.get("code").ok_or(GrantFault::Code)?;
    let code = match gateway.memory.codes.bring(text, &asked.partner, asked.now) {
        Brought::First(code) => code,
        Brought::Again(connection) => {
            end(gateway, connection).await?;
            return Err(GrantFault::Code.into());
        }
        Brought::Nothing => return Err(GrantFault::Code.into()),
    };
    let verifier = form.get("code_verifier").unwrap_or_default();
    let fits = form.get("redirect_uri") == Some(code.redirect.as_str())
        && code.bound.challenge.is_met_by(verifier)
        && code.bound.key == key;
    if !fits {
        return Err(GrantFault::Code.into());
    }
    for_connection(asked, code.connection, purpose, key, GrantFault::Code)
}

/// By a refresh token. It stays the same: it is worth nothing without the client's own key.
fn by_refresh_token(asked: &Asked<'_>) -> Result<Value, Problem> {
    let purpose = purpose(asked)?;
    let key = asked.proof_of_key(TOKEN_PATH)?;
    let text = asked.form.get("refresh_token").unwrap_or_default();
    let refresh = &asked.gateway.memory.refresh;
    let connection = refresh.connection(text, &asked.partner);
    let connection = connection.ok_or(GrantFault::Refresh)?;
    for_connection(asked, connection, purpose, key, GrantFault::Refresh)
}

/// A token with everything that a client of the code flow expects beside it.
fn for_connection(
    asked: &Asked<'_>,
    id: ConnectionId,
    purpose: Option<Purpose>,
    key: [u8; 32],
    otherwise: GrantFault,
) -> Result<Value, Problem> {
    let gateway = asked.gateway;
    let connection = gateway.register.facts().connection(&id);
    let connection = connection.ok_or(otherwise)?;
    let purpose = purpose_of(gateway, &connection, purpose)?;
    let behalf = Behalf::Connection(id.clone());
    if !connection_lives(gateway, &asked.partner, &behalf, &purpose, asked.now)? {
        return Err(otherwise.into());
    }
    let usable = details::usable(gateway, &asked.partner, &behalf, &purpose, asked.now);
    let mut answer = issue(asked, behalf, purpose, key)?;
    if let Some(members) = answer.as_object_mut() {
        let refresh = gateway.memory.refresh.of(&asked.partner, &id);
        members.insert("refresh_token".into(), refresh.into());
        members.insert("authorization_details".into(), usable.into());
        members.insert("connection".into(), id.to_string().into());
    }
    Ok(answer)
}

fn issue(
    asked: &Asked<'_>,
    behalf: Behalf,
    purpose: Purpose,
    key: [u8; 32],
) -> Result<Value, Problem> {
    let Asked { gateway, now, .. } = asked;
    let grant = Grant {
        partner: asked.partner.clone(),
        behalf,
        purpose,
        key,
        until: *now,
    };
    let issued = gateway.tokens.issue(grant, &gateway.entropy, *now);
    let token = issued.map_err(|why| match why {
        NotIssued::TooMany => GrantFault::TooMany.into(),
        NotIssued::NoEntropy => Problem::Internal,
    })?;
    Ok(json!({
        "access_token": token,
        "token_type": "DPoP",
        "expires_in": gateway.tokens.lifetime_seconds(),
    }))
}

async fn give_back(asked: &Asked<'_>) -> Result<Value, Problem> {
    asked.only(&["token", "token_type_hint"])?;
    let (gateway, partner) = (asked.gateway, &asked.partner);
    let token = asked.form.get("token").ok_or(GrantFault::NoToken)?;
    if let Some(connection) = gateway.memory.refresh.connection(token, partner) {
        end(gateway, connection).await?;
    } else {
        gateway.tokens.revoke(token, partner);
    }
    // Unknown, another's and ended tokens sound the same (RFC 7009 section 2.2).
    Ok(json!({}))
}

/// Ends a connection, and with it every token that rests on it. Durable when this returns.
async fn end(gateway: &Arc<Gateway>, connection: ConnectionId) -> Result<(), Problem> {
    let facts = gateway.register.facts();
    if facts.connection(&connection).is_none() {
        return Ok(());
    }
    let ended = Change::Fact(Event::Disconnected { connection });
    gateway.write_down(ended).await
}

/// The purpose that a request names, if it names one.
fn purpose(asked: &Asked<'_>) -> Result<Option<Purpose>, GrantFault> {
    let named = asked.form.get("purpose").map(Purpose::from_str);
    named.transpose().map_err(|_| GrantFault::Purpose)
}

/// The one purpose of a token for this connection: the one named, or the only one there is.
fn purpose_of(
    gateway: &Gateway,
    connection: &Connection,
    named: Option<Purpose>,
) -> Result<Purpose, GrantFault> {
    let mut purposes = details::purposes(gateway, connection).into_iter();
    match (named, purposes.next(), purposes.next()) {
        (Some(named), _, _) => Ok(named),
        (None, Some(only), None) => Ok(only),
        _ => Err(GrantFault::OnePurpose),
    }
}

fn behalf(asked: &Asked<'_>, purpose: &Purpose) -> Result<Behalf, Problem> {
    let Some(text) = asked.form.get("connection") else {
        return Ok(Behalf::Nobody);
    };
    let id = ConnectionId::from_str(text).map_err(|_| GrantFault::Connection)?;
    let behalf = Behalf::Connection(id);
    if connection_lives(asked.gateway, &asked.partner, &behalf, purpose, asked.now)? {
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
