//! Sessions of browsers, kept on this side: before login for a quarter of an hour, after it for an hour.
//!
//! Whoever logs in gets a new handle, and the old one is gone: a handle that somebody planted before leads nowhere.

use std::num::NonZeroU32;
use std::sync::Arc;

use aws_lc_rs::constant_time;
use decide::{PersonNo, Time};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::{HeaderMap, HeaderValue};

use super::cookie::Cookie;
use super::page::Failure;
use crate::entropy::Entropy;
use crate::oauth::Pushed;
use crate::shelf::{Mark, Shelf, handle, mark};

const BEFORE_LOGIN_MS: i64 = 900_000;
const AFTER_LOGIN_MS: i64 = 3_600_000;
/// Sessions before login, altogether; nobody can be told apart there.
const MOST_STRANGERS: usize = 100_000;
const MOST_PER_PERSON: usize = 20;
/// New sessions a second, and at once beyond that.
const NEW_A_SECOND: NonZeroU32 = NonZeroU32::new(100).unwrap();
const NEW_AT_ONCE: NonZeroU32 = NonZeroU32::new(1000).unwrap();
/// Answers of one person's a minute.
const ANSWERS_A_MINUTE: NonZeroU32 = NonZeroU32::new(30).unwrap();

/// People whose answers are counted before those who have long been silent are forgotten.
const LIMITED_AT_ONCE: usize = 10_000;

/// What a partner has asked this browser's person, and they have not answered.
#[derive(Clone)]
pub(super) struct Pending {
    /// Which request it is, so that a page of another one cannot answer it.
    pub(super) mark: Mark,
    pub(super) pushed: Arc<Pushed>,
}

/// A login under way.
#[derive(Clone)]
pub(super) struct Attempt {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    /// The page of ours on which it began, and to which it leads back.
    pub(super) from: String,
}

/// Somebody who has logged in.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) number: PersonNo,
    /// The platform's own id of theirs.
    pub(super) id: String,
    /// As the provider names them.
    pub(super) name: Option<String>,
}

/// What is known of a browser.
#[derive(Clone)]
pub(super) struct Session {
    /// Goes with every form, so that no other site can send one.
    pub(super) token: String,
    pub(super) pending: Option<Pending>,
    pub(super) attempt: Option<Attempt>,
    pub(super) person: Option<Person>,
}

/// All of them.
pub(super) struct Sessions {
    cookie: Cookie,
    strangers: Shelf<(), Session>,
    people: Shelf<PersonNo, Session>,
    beginning: DefaultDirectRateLimiter,
    answering: DefaultKeyedRateLimiter<PersonNo>,
}

impl Sessions {
    pub(super) fn new(public_url: &str) -> Self {
        Self {
            cookie: Cookie::new(public_url),
            strangers: Shelf::new(BEFORE_LOGIN_MS, MOST_STRANGERS),
            people: Shelf::new(AFTER_LOGIN_MS, MOST_PER_PERSON),
            beginning: RateLimiter::direct(
                Quota::per_second(NEW_A_SECOND).allow_burst(NEW_AT_ONCE),
            ),
            answering: RateLimiter::keyed(Quota::per_minute(ANSWERS_A_MINUTE)),
        }
    }

    pub(super) fn cookie_of(&self, headers: &HeaderMap) -> Option<String> {
        self.cookie.value(headers)
    }

    /// Looks at a session, or changes it.
    pub(super) fn with<T>(
        &self,
        cookie: Option<&str>,
        now: Time,
        mut look: impl FnMut(&mut Session) -> T,
    ) -> Option<T> {
        let mark = mark(cookie?);
        let of_person = self.people.with(&mark, now, &mut look);
        of_person.or_else(|| self.strangers.with(&mark, now, look))
    }

    /// A session as it stands.
    pub(super) fn find(&self, cookie: Option<&str>, now: Time) -> Option<Session> {
        self.with(cookie, now, |session| session.clone())
    }

    /// A new session with this in it; its cookie.
    pub(super) fn begin(
        &self,
        pending: Option<Pending>,
        entropy: &Entropy,
        now: Time,
    ) -> Result<HeaderValue, Failure> {
        self.beginning.check().map_err(|_| Failure::Busy)?;
        let session = Session {
            token: handle(entropy)?,
            pending,
            attempt: None,
            person: None,
        };
        let value = self.strangers.put((), session, entropy, now)?;
        self.cookie.set(&value).ok_or(Failure::Internal)
    }

    /// The person has shown who they are: everything goes on under a new handle and a new token.
    pub(super) fn log_in(
        &self,
        cookie: Option<&str>,
        person: Person,
        entropy: &Entropy,
        now: Time,
    ) -> Result<HeaderValue, Failure> {
        let former = self.end(cookie, now).ok_or(Failure::NoSession)?;
        let session = Session {
            token: handle(entropy)?,
            pending: former.pending,
            attempt: None,
            person: Some(person.clone()),
        };
        let value = self.people.put(person.number, session, entropy, now)?;
        self.cookie.set(&value).ok_or(Failure::Internal)
    }

    /// Ends a session; what stood in it.
    pub(super) fn end(&self, cookie: Option<&str>, now: Time) -> Option<Session> {
        let mark = mark(cookie?);
        let of_person = self.people.take(&mark, now);
        of_person.or_else(|| self.strangers.take(&mark, now))
    }

    /// Whether this person may send another form now.
    pub(super) fn may_answer(&self, person: PersonNo) -> Result<(), Failure> {
        if self.answering.len() > LIMITED_AT_ONCE {
            self.answering.retain_recent();
        }
        self.answering.check_key(&person).map_err(|_| Failure::Busy)
    }
}

impl Session {
    /// Whether a form comes from a page of this session.
    pub(super) fn is_own(&self, token: Option<&str>) -> bool {
        token.is_some_and(|token| {
            constant_time::verify_slices_are_equal(token.as_bytes(), self.token.as_bytes()).is_ok()
        })
    }
}
