//! Who is at the desk: sessions, and the one place where they and every form are looked at.

use std::num::NonZeroU32;
use std::sync::Arc;

use aws_lc_rs::constant_time;
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use decide::Time;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::HeaderValue;

use super::{LONGEST, see, told};
use crate::admin::door::{Asking, Caller};
use crate::admin::roles::Allowed;
use crate::entropy::{Entropy, NoEntropy};
use crate::gateway::Gateway;
use crate::oauth::Form;
use crate::person::cookie::Cookie;
use crate::shelf::{Shelf, handle, mark};

/// How long a session lasts, whatever is done in it.
const LIFETIME_MS: i64 = 3_600_000;
/// Sessions of one person at once.
const MOST: usize = 20;
/// Forms of one person's a minute.
const FORMS_A_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();

#[derive(Clone)]
struct Session {
    /// Goes with every form, so that no other site can send one.
    token: String,
    caller: Caller,
}

/// All sessions at the desk. In memory: a restart ends them.
pub(in crate::admin) struct Sessions {
    cookie: Cookie,
    held: Shelf<String, Session>,
    /// By name, and names are those of the configuration.
    sending: DefaultKeyedRateLimiter<String>,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            cookie: Cookie::of_staff(),
            held: Shelf::new(LIFETIME_MS, MOST),
            sending: RateLimiter::keyed(Quota::per_minute(FORMS_A_MINUTE)),
        }
    }
}

impl Sessions {
    /// A new session of somebody who has just handed their token in; its cookie. Whatever session the browser had is over:
    /// a handle that somebody planted before leads nowhere.
    pub(super) fn begin(
        &self,
        headers: &HeaderMap,
        caller: Caller,
        entropy: &Entropy,
        now: Time,
    ) -> Result<Option<HeaderValue>, NoEntropy> {
        self.end(headers, now);
        let session = Session {
            token: handle(entropy)?,
            caller: caller.clone(),
        };
        let owner = caller.name().to_owned();
        let value = self.held.put(owner, session, entropy, now)?;
        Ok(self.cookie.set(&value))
    }

    pub(super) fn end(&self, headers: &HeaderMap, now: Time) {
        if let Some(cookie) = self.cookie.value(headers) {
            self.held.take(&mark(&cookie), now);
        }
    }

    fn find(&self, headers: &HeaderMap, now: Time) -> Option<Session> {
        let cookie = self.cookie.value(headers)?;
        self.held
            .with(&mark(&cookie), now, |session| session.clone())
    }
}

/// One request at the desk by somebody who may make it. Only [`guard`] makes one.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) gateway: Arc<Gateway>,
    pub(super) caller: Caller,
    pub(super) token: String,
}

/// What a form of the visitor's own page says. Only [`guard`] makes one, when the session's token was in it.
#[derive(Clone)]
pub(super) struct Sent {
    headers: HeaderMap,
    body: Bytes,
}

impl Sent {
    /// A field; an empty one counts as not sent.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let form = Form::read(&self.headers, &self.body).ok()?;
        form.get(name).map(str::to_owned)
    }

    /// A field of several lines, with the ends that it had: browsers send each as CR and LF.
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().replace("\r\n", "\n")
    }
}

impl Visit {
    /// As the API's handlers know who asks.
    pub(super) fn asking(&self) -> Asking {
        Asking {
            caller: self.caller.clone(),
            headers: HeaderMap::new(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let visit = parts.extensions.get::<Visit>().cloned();
        visit.ok_or(StatusCode::FORBIDDEN)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Sent {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let sent = parts.extensions.get::<Sent>().cloned();
        sent.ok_or(StatusCode::FORBIDDEN)
    }
}

/// The door of the pages: the session's cookie, the table of roles, and for a form the session's own token in it.
pub(in crate::admin) async fn guard(
    State(gateway): State<Arc<Gateway>>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let path = path.map_or("", MatchedPath::as_str).to_owned();
    let allowed = gateway.staffed.roles.allowed(request.method(), &path);
    if allowed == Some(&Allowed::Anybody) {
        return next.run(request).await;
    }
    let now = gateway.clock.about_now();
    let Some(session) = gateway.staffed.sessions.find(request.headers(), now) else {
        return match *request.method() {
            Method::GET | Method::HEAD => see("/login"),
            _ => not_from_here(&gateway),
        };
    };
    if !session.caller.may(allowed) {
        return not_theirs(&gateway, allowed);
    }
    if request.method() == Method::POST {
        let sending = &gateway.staffed.sessions.sending;
        if sending
            .check_key(&session.caller.name().to_owned())
            .is_err()
        {
            return too_many(&gateway);
        }
        request = match with_form(request, &session).await {
            Some(request) => request,
            None => return not_from_here(&gateway),
        };
    }
    request.extensions_mut().insert(Visit {
        gateway: gateway.clone(),
        caller: session.caller,
        token: session.token,
    });
    next.run(request).await
}

/// The request with its form read, if that comes from a page of this session.
async fn with_form(request: Request, session: &Session) -> Option<Request> {
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, LONGEST).await.ok()?;
    let form = Form::read(&parts.headers, &body).ok()?;
    let given = form.get("token")?;
    constant_time::verify_slices_are_equal(given.as_bytes(), session.token.as_bytes()).ok()?;
    let sent = Sent {
        headers: parts.headers.clone(),
        body: body.clone(),
    };
    parts.extensions.insert(sent);
    Some(Request::from_parts(parts, axum::body::Body::empty()))
}

fn not_from_here(gateway: &Gateway) -> Response {
    let text = "Nothing has changed. Log in, go to the page and do it there; a session lasts an hour, and a page of \
                another one does not count.";
    let title = "That did not come from a page of yours";
    told(gateway, StatusCode::FORBIDDEN, title, text, "/login")
}

fn too_many(gateway: &Gateway) -> Response {
    let text =
        "Nothing has changed. So many forms in a minute are sent by no person; wait a moment.";
    let title = "Too much at once";
    let status = StatusCode::TOO_MANY_REQUESTS;
    told(gateway, status, title, text, super::OVERVIEW)
}

fn not_theirs(gateway: &Gateway, allowed: Option<&Allowed>) -> Response {
    let who = allowed.map_or_else(|| "nobody".to_owned(), Allowed::in_words);
    let text = format!("It takes somebody who is {who}. Nothing has changed.");
    let title = "This is for others to do";
    told(
        gateway,
        StatusCode::FORBIDDEN,
        title,
        &text,
        super::OVERVIEW,
    )
}
