//! Why something at the desk does not go on, as its visitor reads it.

use std::sync::Arc;

use http::{Response, StatusCode};
use register::Refused;

use super::PATH;
use crate::body::Body;
use crate::entropy::NoEntropy;
use crate::gateway::Gateway;
use crate::person::page::{self, message};
use crate::problem::Problem;

/// Why not.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nobody is in here.
    Outside,
    /// The key by which they came in holds no longer.
    KeyEnded,
    /// The link was used, or its minute is over.
    NoLink,
    /// A form that does not come from a page of this session.
    ForeignForm,
    /// Only an officer's key does that.
    NotAnOfficer,
    /// Nothing was ticked.
    NothingChosen,
    /// The signature, or whatever else it is, was judged and refused.
    Refused(String),
    NoSuchPage,
    /// Too much at once.
    Busy,
    /// Nothing is done for the moment: clock or register.
    Closed,
    /// A fault of ours.
    Internal,
}

impl Failure {
    fn words(&self, base: &str) -> (u16, &'static str, String) {
        let command = format!(
            "Make a link with a key that is enrolled for you, and open it in this browser within a minute: \
             countersign desk --gateway {base} --partner PARTNER --key FILE"
        );
        match self {
            Self::Outside => (401, "You are not in", command),
            Self::KeyEnded => (
                401,
                "The key that you came in by holds no longer",
                format!("It was replaced or revoked, so this session is over. {command}"),
            ),
            Self::NoLink => (
                400,
                "This link has been used",
                format!("A link like this is good once, and for a minute. {command}"),
            ),
            Self::ForeignForm => (
                403,
                "That did not come from the page you saw",
                "Nothing has changed. Go back to the page, load it again, and answer there."
                    .to_owned(),
            ),
            Self::NotAnOfficer => (
                403,
                "An officer has to do this",
                format!(
                    "You came in by a client's key, which only looks. Nothing has changed. {command} (with an officer's key)"
                ),
            ),
            Self::NothingChosen => (
                422,
                "Nothing was ticked",
                "Nothing has changed. Go back and tick what you mean.".to_owned(),
            ),
            Self::Refused(why) => (422, "The register did not take it", why.clone()),
            Self::NoSuchPage => (
                404,
                "There is no such page",
                "The address may be mistyped, or what it named is not yours.".to_owned(),
            ),
            Self::Busy => (
                429,
                "Too much at once",
                "Nothing has changed. Wait a moment and try again.".to_owned(),
            ),
            Self::Closed => (
                503,
                "Closed for the moment",
                "Nothing can be written down right now, so nothing is done. Try again later."
                    .to_owned(),
            ),
            Self::Internal => (
                500,
                "That went wrong on our side",
                "Look at your desk for what has changed. Try again later.".to_owned(),
            ),
        }
    }

    pub(super) fn into_response(self, gateway: &Arc<Gateway>) -> Response<Body> {
        let (status, title, text) = self.words(gateway.config.listen.public_url.as_str());
        let link = match self {
            Self::Outside | Self::KeyEnded | Self::NoLink => None,
            _ => Some((PATH, "To your desk")),
        };
        let page = message(&gateway.partner_desk.style, title, &text, link);
        let mut response = page.unwrap_or_else(|_| Response::new(Body::from(title)));
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

impl From<page::Failure> for Failure {
    fn from(failure: page::Failure) -> Self {
        match failure {
            page::Failure::Closed => Self::Closed,
            page::Failure::Busy => Self::Busy,
            _ => Self::Internal,
        }
    }
}

impl From<Refused> for Failure {
    /// Partners are told everything about their own signatures; of the register's state no more than that it is closed.
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Stopped(_) | Refused::NoSpace(_) => Self::Closed,
            told => Self::Refused(told.to_string()),
        }
    }
}
