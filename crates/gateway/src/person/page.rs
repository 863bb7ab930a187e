//! How a page leaves: its headers, its style, and what a person reads when something does not go on.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use sha2::{Digest as _, Sha256};

use crate::body::Body;
use crate::entropy::NoEntropy;
use crate::problem::Problem;

/// What the pages share beside the project's own style.
const STYLE: &str = include_str!("style.css");

/// The style sheet, and the name by which the pages' policy lets it in and nothing else.
pub(crate) struct Style {
    pub(crate) text: String,
    source: String,
}

impl Style {
    pub(crate) fn new() -> Self {
        Self::with("")
    }

    /// With further rules of some pages' own.
    pub(crate) fn with(more: &str) -> Self {
        let text = format!("{}{STYLE}{more}", page::STYLE);
        let source = source_of(&text);
        Self { text, source }
    }
}

/// The name by which a page's policy lets in exactly this text.
pub(crate) fn source_of(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// Why a person's request does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No request of that name waits, or another browser has it.
    NoRequest,
    /// There is no session, or it is over.
    NoSession,
    /// A form that does not come from a page of this session, or from one about something else.
    ForeignForm,
    /// The provider did not say who this is.
    NotLoggedIn,
    /// The person is nobody in the register.
    UnknownPerson,
    /// What the partner asked for cannot be granted any more.
    Withdrawn,
    /// The address has something in it that no page of ours puts there.
    NoPage,
    /// What is about the person cannot be read from the ledger now.
    NoTrail,
    /// There is no such page for this person: whether there is one for somebody else is not told.
    NotHere,
    /// No consent of theirs is in force that could be renewed: whether there is one of somebody else's is not told.
    NotGiven,
    /// Too much at once.
    Busy,
    /// Nothing is done for the moment: clock or register.
    Closed,
    /// A fault of ours.
    Internal,
    /// No page has this address.
    NoSuchPage,
}

impl Failure {
    fn words(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::NoRequest => (
                400,
                "This link has been used",
                "A link like this works once, in one browser, and for five minutes. Nothing has been connected. Go back to where you came from and begin again.",
            ),
            Self::NoSession => (
                400,
                "This took too long",
                "Nothing has been connected. Go back to where you came from and begin again. If it happens again, allow cookies for this page.",
            ),
            Self::ForeignForm => (
                403,
                "That did not come from the page you saw",
                "Nothing has changed. Go back to the page and answer there; if you opened two, use the newer one.",
            ),
            Self::NotLoggedIn => (
                400,
                "You are not logged in",
                "The login did not end with a name that could be checked. Nothing has been connected. Go back to where you came from and begin again.",
            ),
            Self::UnknownPerson => (
                403,
                "You are not known here yet",
                "You have logged in, and your platform has not told this service about your account yet. Nothing has been connected. Try again later, or ask your platform.",
            ),
            Self::Withdrawn => (
                409,
                "This can no longer be asked",
                "While you were reading, what may be asked has changed. Nothing has been connected. Go back to where you came from; they have to ask anew.",
            ),
            Self::NoPage => (
                404,
                "There is no such page",
                "The address has something in it that no link here puts there. Nothing has changed. Begin at your page.",
            ),
            Self::NoTrail => (
                503,
                "The ledger cannot be shown for the moment",
                "What was told about you is written down, and cannot be read for you right now. Nothing has changed. Try again later; who runs this service has been told.",
            ),
            Self::NotHere => (
                404,
                "There is nothing here for you",
                "Perhaps you have answered already, or it can no longer be asked. What you are asked stands on the page with all requests.",
            ),
            Self::NotGiven => (
                404,
                "There is nothing of yours to renew here",
                "You have not agreed to this, or not any more: it was taken back, or has ended. Nothing has changed. What you have agreed to stands on your page.",
            ),
            Self::Busy => (
                429,
                "Too much at once",
                "Nothing has changed. Wait a moment and try again.",
            ),
            Self::Closed => (
                503,
                "Closed for the moment",
                "Nothing can be written down right now, so nothing is done. Try again later.",
            ),
            Self::Internal => (
                500,
                "That went wrong on our side",
                "Nothing has been connected that your page does not show. Try again later.",
            ),
            Self::NoSuchPage => (
                404,
                "There is no such page",
                "The address may be mistyped, or what it named is not known here.",
            ),
        }
    }

    pub(crate) fn into_response(self, style: &Style) -> Response<Body> {
        let (status, title, text) = self.words();
        let mut response =
            message(style, title, text, None).unwrap_or_else(|_| Response::new(Body::from(title)));
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response
    }
}

impl From<NoEntropy> for Failure {
    fn from(_: NoEntropy) -> Self {
        Self::Internal
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::ClockNotBelieved | Problem::LedgerStopped => Self::Closed,
            Problem::Internal => Self::Internal,
            _ => Self::ForeignForm,
        }
    }
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    style: &'a str,
    title: &'a str,
    text: &'a str,
    link: Option<(&'a str, &'a str)>,
}

/// A page that says one thing, with a link (where, what) if there is somewhere to go on.
pub(crate) fn message(
    style: &Style,
    title: &str,
    text: &str,
    link: Option<(&str, &str)>,
) -> Result<Response<Body>, Failure> {
    let page = MessagePage {
        link,
        style: &style.text,
        title,
        text,
    };
    html(style, &page, None)
}

/// A page. Its forms may be sent here, and lead on to `onward` at most.
pub(crate) fn html(
    style: &Style,
    page: &impl Template,
    onward: Option<&str>,
) -> Result<Response<Body>, Failure> {
    scripted(style, page, onward, None)
}

/// A page with at most one script, which stands in it; `script` is its [`source_of`].
pub(crate) fn scripted(
    style: &Style,
    page: &impl Template,
    onward: Option<&str>,
    script: Option<&str>,
) -> Result<Response<Body>, Failure> {
    let text = page.render().map_err(|_| Failure::Internal)?;
    let mut response = Response::new(Body::from(text));
    // Browsers hold redirects after a form to `form-action`, too: the partner's own origin has to stand there.
    let onward = onward.map_or(String::new(), |origin| format!(" {origin}"));
    let script = script.map_or(String::new(), |source| format!(" script-src {source};"));
    let policy = format!(
        "default-src 'none'; style-src {};{script} form-action 'self'{onward}; base-uri 'none'; frame-ancestors 'none'",
        style.source
    );
    let headers = response.headers_mut();
    let policy = HeaderValue::from_str(&policy).map_err(|_| Failure::Internal)?;
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, html);
    guard(&mut response);
    Ok(response)
}

/// What stands on a page, as JSON.
pub(crate) fn data(text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    guard(&mut response);
    response
}

/// Sends the browser on, always by GET.
pub(crate) fn see(address: &str) -> Result<Response<Body>, Failure> {
    let mut response = Response::new(Body::from(""));
    *response.status_mut() = StatusCode::SEE_OTHER;
    let address = HeaderValue::from_str(address).map_err(|_| Failure::Internal)?;
    response.headers_mut().insert(header::LOCATION, address);
    guard(&mut response);
    Ok(response)
}

fn guard(response: &mut Response<Body>) {
    let headers = response.headers_mut();
    let guards = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in guards {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
