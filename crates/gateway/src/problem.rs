//! Everything that a partner can be told when it is not given what it asked for (RFC 9457 problem documents).
//!
//! The law behind the list: what depends on a person is never told. A refused object, an object that does not exist
//! and one that the platform refused to show are one and the same [`Problem::NotFound`], byte for byte. What depends
//! on the partner alone (its token, its agreement, its request) may be told, with what to do about it.

use std::borrow::Cow;

use http::header::{HeaderMap, HeaderName};
use http::{HeaderValue, Response, StatusCode, header};

use crate::body::Body;
use crate::oauth::{ALGORITHMS, AssertionFault, GrantFault, ProofFault, TokenFault};

/// What a partner is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// No such thing, or none that this partner may know of: the two cannot be told apart.
    NotFound,
    /// No plan covers method and path. Depends on the platform's document alone.
    UnknownOperation,
    /// The path has operations, and none by this method; holds the value of the Allow header.
    MethodNotAllowed(String),
    /// The request is not one that HTTP or the operation's plan can read.
    MalformedRequest(&'static str),
    /// A parameter that the plan does not name, or a value that it does not allow. Its name is the partner's own.
    BadParameter(String),
    /// A member of the body that the plan does not name, or a value that it does not allow: its JSON pointer. Its names
    /// are the partner's own.
    BadMember(String),
    /// A body of a kind that is not read.
    BodyType,
    /// A cursor that was not given to this partner for this operation, or is too old.
    BadCursor,
    /// No live agreement gives the partner any power that this operation needs, for the token's purpose.
    NoPower,
    /// The operation acts for a person, and the token for nobody, or the other way round.
    WrongBehalf,

    /// No access token was sent.
    NoToken,
    /// The access token is not valid (RFC 6750 `invalid_token`).
    BadToken(TokenFault),
    /// The DPoP proof is not valid (RFC 9449 `invalid_dpop_proof`).
    BadProof(ProofFault),
    /// The DPoP proof must carry the nonce sent with this answer (RFC 9449 section 8).
    UseNonce(String),
    /// Client authentication failed at the token endpoint (RFC 6749 `invalid_client`).
    BadClient(AssertionFault),
    /// The token request cannot be granted (RFC 6749 section 5.2).
    BadGrant(GrantFault),

    /// The request's body is longer than the gateway takes.
    BodyTooLarge,
    /// The request did not arrive in time.
    RequestTimeout,
    /// The partner asks more often than it may.
    TooManyRequests,
    /// Too many requests are being answered at once.
    Busy,
    /// The clock went backwards or jumped ahead; an operator has been told.
    ClockNotBelieved,
    /// The ledger or the register cannot write, so nothing may leave.
    LedgerStopped,
    /// The disk has no room to record a disclosure; an operator has been told.
    NoSpace,
    /// The platform could not be reached, or its answer cannot be used. The reason stays with the operator.
    PlatformFailed,
    /// The platform did not answer in time.
    PlatformSlow,
    /// A fault of the gateway's own.
    Internal,
    /// The platform answered a write, delete or import that it will not do it.
    PlatformRefused,
    /// Nobody knows whether the platform has done it.
    OutcomeUnknown,
    /// The Idempotency-Key is none.
    BadKey,
    /// The Idempotency-Key was used for another request.
    KeyReused,
    /// The request with this Idempotency-Key is being answered.
    KeyInUse,
}

/// The fixed part of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The end of its type: `urn:countersign:problem:<slug>`.
    pub(crate) slug: &'static str,
    /// A summary that does not change from one occurrence to the next.
    pub(crate) title: &'static str,
    /// By which the ledger counts it. Final: a number is never given to another problem.
    pub(crate) code: u16,
}

const fn kind(status: u16, code: u16, slug: &'static str, title: &'static str) -> Kind {
    Kind {
        status,
        slug,
        title,
        code,
    }
}

impl Problem {
    /// Status, type, title and code.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::NotFound => kind(404, 1000, "not-found", "Not found"),
            Self::UnknownOperation => kind(404, 1001, "unknown-operation", "No such operation"),
            Self::MethodNotAllowed(_) => {
                kind(405, 1002, "method-not-allowed", "Method not allowed")
            }
            Self::MalformedRequest(_) => kind(400, 1003, "malformed-request", "Malformed request"),
            Self::BadParameter(_) => kind(400, 1004, "bad-parameter", "Parameter not allowed"),
            Self::BadCursor => kind(400, 1005, "bad-cursor", "Cursor not valid"),
            Self::BadMember(_) => kind(400, 1008, "bad-member", "Member of the body not allowed"),
            Self::BodyType => kind(415, 1009, "body-type", "Body of another type"),
            Self::NoPower => kind(403, 1006, "no-power", "No agreement covers this"),
            Self::WrongBehalf => kind(403, 1007, "wrong-behalf", "Token acts for somebody else"),
            Self::NoToken => kind(401, 1010, "no-token", "Access token missing"),
            Self::BadToken(_) => kind(401, 1011, "bad-token", "Access token not valid"),
            Self::BadProof(_) => kind(401, 1012, "bad-proof", "DPoP proof not valid"),
            Self::UseNonce(_) => kind(401, 1013, "use-nonce", "DPoP nonce required"),
            Self::BadClient(_) => kind(401, 1014, "bad-client", "Client authentication failed"),
            Self::BadGrant(fault) => kind(fault.status(), 1015, "bad-grant", "Token not granted"),
            Self::BodyTooLarge => kind(413, 1020, "body-too-large", "Body too large"),
            Self::RequestTimeout => kind(408, 1022, "request-timeout", "Request took too long"),
            Self::TooManyRequests => kind(429, 1023, "too-many-requests", "Too many requests"),
            Self::Busy => kind(503, 1024, "busy", "Too busy"),
            Self::ClockNotBelieved => kind(503, 1026, "clock", "The clock is not believed"),
            Self::LedgerStopped => kind(503, 1027, "ledger-stopped", "The ledger cannot write"),
            Self::NoSpace => kind(
                503,
                1040,
                "no-space",
                "There is no room to record disclosures",
            ),
            Self::PlatformFailed => kind(
                502,
                1028,
                "platform-failed",
                "The platform's answer cannot be used",
            ),
            Self::PlatformSlow => kind(
                504,
                1029,
                "platform-slow",
                "The platform did not answer in time",
            ),
            Self::Internal => kind(500, 1030, "internal", "Internal fault"),
            // 1031 was "not in this version".
            Self::PlatformRefused => kind(422, 1032, "platform-refused", "The platform refused it"),
            Self::OutcomeUnknown => {
                kind(502, 1033, "outcome-unknown", "What became of it is unknown")
            }
            Self::BadKey => kind(400, 1034, "bad-key", "Idempotency-Key not valid"),
            Self::KeyReused => kind(422, 1035, "key-reused", "Idempotency-Key used before"),
            Self::KeyInUse => kind(409, 1036, "key-in-use", "Request being answered"),
        }
    }

    /// What happened, and what to do about it.
    pub(crate) fn detail(&self) -> Cow<'static, str> {
        match self {
            Self::NotFound => "There is nothing here that you may see. Do not conclude whether it exists.".into(),
            Self::UnknownOperation => "The gateway offers no operation at this path. Check the path against the platform's document; what no plan covers is not passed on.".into(),
            Self::MethodNotAllowed(_) => "This path has operations, and none by this method. Use one that the Allow header names.".into(),
            Self::MalformedRequest(why) => Cow::Borrowed(why),
            Self::BadParameter(_) => "The parameter named in `parameter` is unknown here, is given twice, or has a value that is not allowed. Leave it out or correct it; parameters that no plan names are never passed on.".into(),
            Self::BadMember(_) => "The member of the body that `pointer` names (RFC 6901) is unknown here, is given twice, is missing, or has a value that is not allowed. Leave it out or correct it; members that no plan names are never passed on.".into(),
            Self::BodyType => "Bodies are read as `application/json` in UTF-8, without a content encoding.".into(),
            Self::BadCursor => "The cursor was not given to you for this request, or is too old. Begin again without a cursor.".into(),
            Self::NoPower => "No agreement in force gives you a power that this operation needs for your token's purpose. Ask for a token with the agreed purpose, or agree on the power first.".into(),
            Self::WrongBehalf => "The operation and the token differ in whether they act for a connected person. Ask for a token with `connection`, or without it for a directory feed.".into(),
            Self::NoToken => "Send `Authorization: DPoP <token>` with a `DPoP` proof. Tokens come from the token endpoint.".into(),
            Self::BadToken(fault) => fault.to_string().into(),
            Self::BadProof(fault) => fault.to_string().into(),
            Self::UseNonce(_) => "Put the nonce of the DPoP-Nonce header into the proof's `nonce` claim and try again.".into(),
            Self::BadClient(fault) => fault.to_string().into(),
            Self::BadGrant(fault) => fault.to_string().into(),
            Self::BodyTooLarge => "The body is longer than this gateway takes. Send less at once.".into(),
            Self::RequestTimeout => "The request did not arrive in time. Send it again, without pauses.".into(),
            Self::TooManyRequests => "You ask more often than you may. Wait as long as Retry-After says.".into(),
            Self::Busy => "Too many requests are being answered at once. Wait as long as Retry-After says.".into(),
            Self::ClockNotBelieved => "The gateway's clock cannot be believed, so nothing is decided until an operator has looked. Try again later.".into(),
            Self::LedgerStopped => "The disclosure cannot be recorded, so nothing may leave. Try again later.".into(),
            Self::NoSpace => "There is no room to record disclosures, so nothing may leave. Try again later; the operator has been told.".into(),
            Self::PlatformFailed => "The platform could not be reached, or answered with something that cannot be passed on. Try again later; the operator has the reason.".into(),
            Self::PlatformSlow => "The platform did not answer in time. Try again later.".into(),
            Self::Internal => "The gateway failed to answer, and released nothing. Try again; the operator has the reason.".into(),
            Self::PlatformRefused => "The platform did not do it, and will not do the same request if it is sent again. Nothing was changed; its reasons are not passed on.".into(),
            Self::OutcomeUnknown => "The request was sent to the platform, and no answer came that says what became of it. It is not tried again; the operator is looking into it. With an Idempotency-Key, the same request tells later what was found.".into(),
            Self::BadKey => "Send one Idempotency-Key header: a quoted string of 1 to 255 printable ASCII characters, drawn at random for each request.".into(),
            Self::KeyReused => "This Idempotency-Key was sent with another request. Draw a new one for each request, and use it again only to repeat the same.".into(),
            Self::KeyInUse => "The request with this Idempotency-Key is being carried out. Ask again a little later.".into(),
        }
    }

    /// The response. Depends on nothing but the problem, so that equal problems are equal bytes.
    pub(crate) fn into_response(self) -> Response<Body> {
        let kind = self.kind();
        let mut response = answer(
            kind.status,
            "application/problem+json",
            &self.document(kind),
        );
        self.add_headers(response.headers_mut());
        if let Some(challenge) = self.challenge() {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }

    /// The response of the token and revocation endpoints, to which RFC 6749 section 5.2 gives a form of their own.
    /// What is no OAuth error keeps its problem document.
    pub(crate) fn into_oauth_response(self) -> Response<Body> {
        let Some(error) = self.oauth_error() else {
            return self.into_response();
        };
        let status = match self {
            Self::BadProof(_) | Self::UseNonce(_) => 400, // RFC 9449 section 5
            _ => self.kind().status,
        };
        let body = serde_json::json!({ "error": error, "error_description": self.detail() });
        let mut response = answer(status, "application/json", &body);
        self.add_headers(response.headers_mut());
        response
    }

    fn add_headers(&self, headers: &mut HeaderMap) {
        if matches!(self.kind().status, 429 | 503) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        let (name, value) = match self {
            Self::UseNonce(nonce) => (HeaderName::from_static("dpop-nonce"), nonce),
            Self::MethodNotAllowed(allow) => (header::ALLOW, allow),
            _ => return,
        };
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }

    fn document(&self, kind: Kind) -> serde_json::Value {
        let mut document = serde_json::json!({
            "type": format!("urn:countersign:problem:{}", kind.slug),
            "title": kind.title,
            "status": kind.status,
            "detail": self.detail(),
        });
        let more = match self {
            Self::BadParameter(name) => Some(("parameter", name)),
            Self::BadMember(pointer) => Some(("pointer", pointer)),
            _ => None,
        };
        if let (Some((key, value)), Some(members)) = (more, document.as_object_mut()) {
            members.insert(key.into(), value.as_str().into());
        }
        document
    }

    /// The error code of RFC 6749, 6750 or 9449, where there is one.
    fn oauth_error(&self) -> Option<&'static str> {
        match self {
            Self::BadToken(_) => Some("invalid_token"),
            Self::BadProof(_) => Some("invalid_dpop_proof"),
            Self::UseNonce(_) => Some("use_dpop_nonce"),
            Self::BadClient(_) => Some("invalid_client"),
            Self::BadGrant(fault) => Some(fault.error()),
            _ => None,
        }
    }

    /// `WWW-Authenticate`, for every 401 of the API (RFC 9449 section 7.1).
    fn challenge(&self) -> Option<HeaderValue> {
        if self.kind().status != 401 {
            return None;
        }
        let error = self
            .oauth_error()
            .map_or(String::new(), |error| format!("error=\"{error}\", "));
        HeaderValue::from_str(&format!("DPoP {error}algs=\"{ALGORITHMS}\"")).ok()
    }
}

/// A JSON response that no cache keeps.
pub(crate) fn answer(
    status: u16,
    content_type: &'static str,
    body: &serde_json::Value,
) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl From<ledger::AppendError> for Problem {
    fn from(error: ledger::AppendError) -> Self {
        match error {
            ledger::AppendError::NoSpace(_) => Self::NoSpace,
            _ => Self::LedgerStopped,
        }
    }
}

macro_rules! from_fault {
    ($($fault:ident => $problem:ident),*) => {$(
        impl From<$fault> for Problem {
            fn from(fault: $fault) -> Self {
                Self::$problem(fault)
            }
        }
    )*};
}

from_fault!(AssertionFault => BadClient, GrantFault => BadGrant, ProofFault => BadProof, TokenFault => BadToken);

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    /// Every problem once, by hand; `place` makes forgetting one a compile error.
    fn all() -> Vec<Problem> {
        let problems = vec![
            Problem::NotFound,
            Problem::UnknownOperation,
            Problem::MethodNotAllowed("GET".to_owned()),
            Problem::MalformedRequest("Says what could not be read."),
            Problem::BadParameter("name".to_owned()),
            Problem::BadCursor,
            Problem::NoPower,
            Problem::WrongBehalf,
            Problem::NoToken,
            Problem::BadToken(TokenFault::Unknown),
            Problem::BadProof(ProofFault::NotOne),
            Problem::UseNonce("nonce".to_owned()),
            Problem::BadClient(AssertionFault::Missing),
            Problem::BadGrant(GrantFault::Form),
            Problem::BodyTooLarge,
            Problem::RequestTimeout,
            Problem::TooManyRequests,
            Problem::Busy,
            Problem::ClockNotBelieved,
            Problem::LedgerStopped,
            Problem::PlatformFailed,
            Problem::PlatformSlow,
            Problem::Internal,
            Problem::PlatformRefused,
            Problem::OutcomeUnknown,
            Problem::BadKey,
            Problem::KeyReused,
            Problem::KeyInUse,
            Problem::BadMember("/name".to_owned()),
            Problem::BodyType,
            Problem::NoSpace,
        ];
        assert!(problems.iter().map(place).eq(0..problems.len()));
        problems
    }

    fn place(problem: &Problem) -> usize {
        match problem {
            Problem::NotFound => 0,
            Problem::UnknownOperation => 1,
            Problem::MethodNotAllowed(_) => 2,
            Problem::MalformedRequest(_) => 3,
            Problem::BadParameter(_) => 4,
            Problem::BadCursor => 5,
            Problem::NoPower => 6,
            Problem::WrongBehalf => 7,
            Problem::NoToken => 8,
            Problem::BadToken(_) => 9,
            Problem::BadProof(_) => 10,
            Problem::UseNonce(_) => 11,
            Problem::BadClient(_) => 12,
            Problem::BadGrant(_) => 13,
            Problem::BodyTooLarge => 14,
            Problem::RequestTimeout => 15,
            Problem::TooManyRequests => 16,
            Problem::Busy => 17,
            Problem::ClockNotBelieved => 18,
            Problem::LedgerStopped => 19,
            Problem::PlatformFailed => 20,
            Problem::PlatformSlow => 21,
            Problem::Internal => 22,
            Problem::PlatformRefused => 23,
            Problem::OutcomeUnknown => 24,
            Problem::BadKey => 25,
            Problem::KeyReused => 26,
            Problem::KeyInUse => 27,
            Problem::BadMember(_) => 28,
            Problem::BodyType => 29,
            Problem::NoSpace => 30,
        }
    }

    fn details(problem: &Problem) -> Vec<String> {
        fn texts<T: ToString>(faults: &[T]) -> Vec<String> {
            faults.iter().map(ToString::to_string).collect()
        }
        match problem {
            Problem::BadToken(_) => texts(TokenFault::ALL),
            Problem::BadProof(_) => texts(ProofFault::ALL),
            Problem::BadClient(_) => texts(AssertionFault::ALL),
            Problem::BadGrant(_) => texts(GrantFault::ALL),
            other => vec![other.detail().into_owned()],
        }
    }

    fn documented() -> String {
        let mut text = "# Problems\n\nWhat a partner can be told when it is not given what it asked for: problem \
            documents (RFC 9457) of type `urn:countersign:problem:<name>`, or at the token endpoint the form of RFC 6749. \
            Whatever depends on a person is never told: a refused object and one that does not exist are the same \
            `not-found`, byte for byte.\n\nGenerated from `crates/gateway/src/problem.rs`; a test compares. `code` is what \
            the ledger's counts of refusals hold.\n\n"
            .to_owned();
        for problem in all() {
            let Kind {
                status,
                slug,
                title,
                code,
            } = problem.kind();
            let error = problem
                .oauth_error()
                .map_or(String::new(), |error| format!(", `{error}`"));
            let _ = writeln!(
                text,
                "## `{slug}`\n\n{title}: {status}{error} (code {code})\n"
            );
            for detail in details(&problem) {
                let _ = writeln!(text, "- {detail}");
            }
            text.push('\n');
        }
        text
    }

    #[test]
    fn the_documentation_lists_every_problem_as_it_is() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/problems.md");
        let documented = documented();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &documented).unwrap();
        }
        let stands = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            stands == documented,
            "docs/problems.md is out of date: UPDATE_DOCS=1 cargo test -p gateway problem"
        );
    }

    #[test]
    fn no_two_problems_share_a_code_or_a_name_with_each_other_or_with_a_reason() {
        let mut codes: Vec<u16> = all().iter().map(|problem| problem.kind().code).collect();
        let mut slugs: Vec<&str> = all().iter().map(|problem| problem.kind().slug).collect();
        assert!(
            codes.iter().all(|code| *code >= 1000),
            "codes below are those of the rule's reasons"
        );
        codes.sort_unstable();
        codes.dedup();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!((codes.len(), slugs.len()), (all().len(), all().len()));
    }

    #[test]
    fn not_found_holds_nothing_that_could_differ() {
        let response = Problem::NotFound.into_response();
        let names: Vec<&str> = response
            .headers()
            .keys()
            .map(http::HeaderName::as_str)
            .collect();
        assert_eq!(names, ["content-type", "cache-control"]);
    }

    #[test]
    fn every_401_of_the_api_challenges_for_dpop() {
        for problem in all() {
            let status = problem.kind().status;
            let challenged = problem
                .into_response()
                .headers()
                .contains_key(header::WWW_AUTHENTICATE);
            assert_eq!(challenged, status == 401);
        }
    }
}
