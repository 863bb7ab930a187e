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
use super::codes::{Brought, Code};
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
    Ok(issue(asked, behalf, purpose, key)?.answer)
}

/// By a code that a person's browser brought. Bringing it uses it up, so whatever the client could mend and try again is
/// settled before: which purpose, and room for one more token.
async fn by_code(asked: &Asked<'_>) -> Result<Value, Problem> {
    let (gateway, form) = (asked.gateway, &asked.form);
    let (codes, partner) = (&gateway.memory.codes, &asked.partner);
    let purpose = purpose(asked)?;
    let key = asked.proof_of_key(TOKEN_PATH)?;
    let text = form.get("code").ok_or(GrantFault::Code)?;
    let ready = codes.look(text, partner, asked.now);
    let ready = ready.map(|id| for_connection(asked, id, purpose, key, GrantFault::Code));
    let ready = ready.transpose()?;
    let verifier = form.get("code_verifier").unwrap_or_default();
    let fits = |code: &Code| {
        form.get("redirect_uri") == Some(code.redirect.as_str())
            && code.bound.challenge.is_met_by(verifier)
            && code.bound.key == key
    };
    match (codes.bring(text, partner, asked.now), ready) {
        (Brought::First(code), Some(ready)) if fits(&code) => return Ok(ready.answer),
        (brought, ready) => {
            // Nobody has been told of it.
            if let Some(ready) = ready {
                gateway.tokens.revoke(&ready.token, partner);
            }
            if let Brought::Again(connection) = brought {
                end(gateway, connection).await?;
            }
        }
    }
    Err(GrantFault::Code.into())
}

/// By a refresh token. It stays the same: it is worth nothing without the client's own key.
fn by_refresh_token(asked: &Asked<'_>) -> Result<Value, Problem> {
    let purpose = purpose(asked)?;
    let key = asked.proof_of_key(TOKEN_PATH)?;
    let text = asked.form.get("refresh_token").unwrap_or_default();
    let refresh = &asked.gateway.memory.refresh;
    let connection = refresh.connection(text, &asked.partner);
    let connection = connection.ok_or(GrantFault::Refresh)?;
    let ready = for_connection(asked, connection, purpose, key, GrantFault::Refresh)?;
    Ok(ready.answer)
}

/// A token that has been issued, and the answer that holds it.
struct Ready {
    token: String,
    answer: Value,
}

/// A token with everything that a client of the code flow expects beside it.
fn for_connection(
    asked: &Asked<'_>,
    id: ConnectionId,
    purpose: Option<Purpose>,
    key: [u8; 32],
    otherwise: GrantFault,
) -> Result<Ready, Problem> {
    let gateway = asked.gateway;
    let connection = covering(gateway, &id).ok_or(otherwise)?;
    let purpose = purpose_of(gateway, &connection, purpose)?;
    let behalf = Behalf::Connection(id.clone());
    if !connection_lives(gateway, &asked.partner, &behalf, &purpose, asked.now)? {
        return Err(otherwise.into());
    }
    let usable = details::usable(gateway, &asked.partner, &behalf, &purpose, asked.now);
    let mut ready = issue(asked, behalf, purpose, key)?;
    if let Some(members) = ready.answer.as_object_mut() {
        let refresh = gateway.memory.refresh.of(&asked.partner, &id);
        members.insert("refresh_token".into(), refresh.into());
        members.insert("authorization_details".into(), usable.into());
        members.insert("connection".into(), id.to_string().into());
    }
    Ok(ready)
}

fn issue(
    asked: &Asked<'_>,
    behalf: Behalf,
    purpose: Purpose,
    key: [u8; 32],
) -> Result<Ready, Problem> {
    let Asked { gateway, now, .. } = asked;
    let grant = Grant {
        partner: asked.partner.clone(),
        by: asked.by.clone(),
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
    let answer = json!({
        "access_token": token,
        "token_type": "DPoP",
        "expires_in": gateway.tokens.lifetime_seconds(),
    });
    Ok(Ready { token, answer })
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

/// Ends a connection, and with it every token that rests on it. Durable when this returns. One that has ended already is
/// not written down again: the register sees to that, for everybody.
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
    covering(asked.gateway, &id).ok_or(GrantFault::Connection)?;
    let behalf = Behalf::Connection(id);
    if connection_lives(asked.gateway, &asked.partner, &behalf, purpose, asked.now)? {
        Ok(behalf)
    } else {
        Err(GrantFault::Connection.into())
    }
}

/// A connection, whosever it is, that covers something. One whose powers were all taken back is as good as ended: no token
/// for it is good for anything.
pub(super) fn covering(gateway: &Gateway, id: &ConnectionId) -> Option<Connection> {
    let connection = gateway.register.facts().connection(id)?;
    (!connection.powers.is_empty()).then_some(connection)
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
