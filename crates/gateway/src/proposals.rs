//! Promises that anybody proposes: "you have said this in public, here". A public page, without login.
//!
//! Who it is is not asked. What is proposed waits in the register until the platform accepts it as a promise or rejects it
//! in public; neither can be done silently, because what waits can be counted, and whoever proposed it has its SHA-256.

use std::num::NonZeroU32;
use std::sync::Arc;

use askama::Template;
use decide::{Day, Digest};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use register::{Answer, Book, Change, IdempotencyKey, Proposal, Refused};

use crate::body::Body;
use crate::gateway::Gateway;
use crate::oauth::Form;
use crate::person::page::{self, Failure, Style};
use crate::problem::Problem;
use crate::server::read_body;

/// Where the page is, and where its form goes.
pub(crate) const PATH: &str = "/public/promises/propose";
/// Proposals a minute, and at once beyond that, of everybody together: nobody can be told apart here.
const A_MINUTE: NonZeroU32 = NonZeroU32::new(6).unwrap();
const AT_ONCE: NonZeroU32 = NonZeroU32::new(12).unwrap();
/// Answers that the page shows, the last first.
const SHOWN: usize = 25;

/// What the page needs beside the gateway.
pub(crate) struct Proposals {
    style: Style,
    rate: DefaultDirectRateLimiter,
}

impl Default for Proposals {
    fn default() -> Self {
        Self {
            style: Style::with(include_str!("admin/desk/style.css")),
            rate: RateLimiter::direct(Quota::per_minute(A_MINUTE).allow_burst(AT_ONCE)),
        }
    }
}

#[derive(Template)]
#[template(path = "propose.html")]
struct Page<'a> {
    style: &'a str,
    /// What is wrong with what was sent, and it itself.
    wrong: Option<String>,
    sent: Proposal,
    made: String,
    waiting: usize,
    answered: Vec<Answered>,
}

/// An answer, as everybody sees it.
struct Answered {
    words: Option<String>,
    address: Option<String>,
    digest: Digest,
    day: Day,
    accepted: Option<String>,
    reason: String,
}

/// Answers where the address is this page's, and hands the request back where it is not.
pub(crate) async fn serve(
    gateway: &Arc<Gateway>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Request<Incoming>> {
    if request.uri().path() != PATH {
        return Err(request);
    }
    let style = &gateway.proposals.style;
    let answered = match *request.method() {
        Method::GET => show(gateway, None),
        Method::POST => take(gateway, request).await,
        _ => return Ok(Problem::MethodNotAllowed("GET, POST".to_owned()).into_response()),
    };
    Ok(answered.unwrap_or_else(|failure| failure.into_response(style)))
}

/// The page, with what was wrong with the last attempt.
fn show(gateway: &Gateway, attempt: Option<(Proposal, String)>) -> Result<Response<Body>, Failure> {
    let book = gateway.register.book();
    let (sent, wrong) = match attempt {
        Some((sent, wrong)) => (sent, Some(wrong)),
        None => (blank(), None),
    };
    let style = &gateway.proposals.style;
    let page = Page {
        style: &style.text,
        made: sent.made.map_or_else(String::new, |day| day.to_string()),
        waiting: book.waiting().len(),
        answered: answered(&book),
        wrong,
        sent,
    };
    page::html(style, &page, None)
}

fn blank() -> Proposal {
    Proposal {
        wording: String::new(),
        address: String::new(),
        made: None,
    }
}

fn answered(book: &Book) -> Vec<Answered> {
    let all = book.proposals.iter();
    let mut answered: Vec<_> = all
        .filter_map(|(digest, proposed)| Some((proposed.answered.as_ref()?, digest, proposed)))
        .collect();
    answered.sort_by_key(|(answer, ..)| std::cmp::Reverse(answer.at));
    let shown = answered.into_iter().take(SHOWN);
    let shown = shown.map(|(answered, digest, proposed)| {
        let words = answered.shown.then(|| proposed.proposal.wording.clone());
        let address = answered.shown.then(|| proposed.proposal.address.clone());
        let (accepted, reason) = match &answered.answer {
            Answer::Accepted(promise) => (Some(promise.to_string()), String::new()),
            Answer::Rejected(reason) => (None, reason.clone()),
        };
        Answered {
            words,
            address,
            digest: *digest,
            day: answered.at.day(),
            accepted,
            reason,
        }
    });
    shown.collect()
}

async fn take(
    gateway: &Arc<Gateway>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Failure> {
    gateway.proposals.rate.check().map_err(|_| Failure::Busy)?;
    let now = gateway.clock.moment()?;
    let (parts, body) = request.into_parts();
    let body = read_body(body, &gateway.config.limits).await?;
    let form = Form::read(&parts.headers, &body).map_err(|_| Failure::ForeignForm)?;
    let text = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
    let made = text("made");
    let proposal = Proposal {
        wording: text("wording").replace("\r\n", "\n"),
        address: text("address"),
        made: made.parse().ok(),
    };
    if !made.is_empty() && proposal.made.is_none() {
        let wrong = format!("{made:?} is no day: expected for example 2015-04-30");
        return again(gateway, proposal, wrong, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let change = Change::ProposePromise {
        proposal: proposal.clone(),
    };
    let key = IdempotencyKey(gateway.entropy.bytes()?);
    match gateway.take_in(now, change, key).await {
        Ok(_) => taken(gateway, &proposal),
        Err(Refused::Stopped(_) | Refused::NoSpace(_)) => Err(Failure::Closed),
        Err(refused @ Refused::TooManyProposals(_)) => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            again(gateway, proposal, refused.to_string(), status)
        }
        Err(refused) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            again(gateway, proposal, refused.to_string(), status)
        }
    }
}

fn again(
    gateway: &Gateway,
    sent: Proposal,
    wrong: String,
    status: StatusCode,
) -> Result<Response<Body>, Failure> {
    let mut response = show(gateway, Some((sent, wrong)))?;
    *response.status_mut() = status;
    Ok(response)
}

fn taken(gateway: &Gateway, proposal: &Proposal) -> Result<Response<Body>, Failure> {
    let text = format!(
        "It waits for the platform's answer, which will be public. Keep this, by which you can show that it was proposed: \
         SHA-256 {}.",
        proposal.digest()
    );
    let link = Some((PATH, "What was answered so far"));
    page::message(&gateway.proposals.style, "Taken down", &text, link)
}
