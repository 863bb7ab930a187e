//! Links and sessions of partners: a link for a minute and once, a session for an hour, both forgotten by a restart.
//!
//! Before somebody is in, their browser has a handle of its own for as long as a link lives, so that no other site can
//! press the button for them; inside they have another one, so that a handle planted before leads nowhere.

use std::num::NonZeroU32;

use aws_lc_rs::constant_time;
use decide::{PartnerId, Time};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::{HeaderMap, HeaderValue};

use super::failure::Failure;
use crate::entropy::{Entropy, NoEntropy};
use crate::person::cookie::Cookie;
use crate::shelf::{Shelf, handle, mark};

/// How long a link is good, in milliseconds.
pub(super) const LINK_MS: i64 = 60_000;
const ARRIVING_MS: i64 = 300_000;
const INSIDE_MS: i64 = 3_600_000;
/// Browsers before the button, altogether; nobody can be told apart there.
const MOST_ARRIVING: usize = 10_000;
const MOST_PER_PARTNER: usize = 50;
/// New browsers a second, and at once beyond that.
const NEW_A_SECOND: NonZeroU32 = NonZeroU32::new(20).unwrap();
const NEW_AT_ONCE: NonZeroU32 = NonZeroU32::new(200).unwrap();
/// Forms of one partner's a minute. Partners are enrolled, so there are few to count.
const FORMS_A_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Who is in, and by which key.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) partner: PartnerId,
    /// The thumbprint of the key.
    pub(super) key: [u8; 32],
    /// Goes with every form, so that no other site can send one.
    pub(super) token: String,
}

/// Whom a link lets in.
#[derive(Clone, Debug)]
pub(super) struct Linked {
    pub(super) partner: PartnerId,
    pub(super) key: [u8; 32],
}

/// All of them.
pub(super) struct Sessions {
    cookie: Cookie,
    links: Shelf<PartnerId, Linked>,
    /// What goes with the form that enters.
    arriving: Shelf<(), String>,
    inside: Shelf<PartnerId, Session>,
    beginning: DefaultDirectRateLimiter,
    sending: DefaultKeyedRateLimiter<PartnerId>,
}

impl Sessions {
    pub(super) fn new(public_url: &str) -> Self {
        Self {
            cookie: Cookie::of_partners(public_url),
            links: Shelf::new(LINK_MS, MOST_PER_PARTNER),
            arriving: Shelf::new(ARRIVING_MS, MOST_ARRIVING),
            inside: Shelf::new(INSIDE_MS, MOST_PER_PARTNER),
            beginning: RateLimiter::direct(
                Quota::per_second(NEW_A_SECOND).allow_burst(NEW_AT_ONCE),
            ),
            sending: RateLimiter::keyed(Quota::per_minute(FORMS_A_MINUTE)),
        }
    }

    pub(super) fn cookie_of(&self, headers: &HeaderMap) -> Option<String> {
        self.cookie.value(headers)
    }

    /// A fresh link.
    pub(super) fn link(
        &self,
        linked: Linked,
        entropy: &Entropy,
        now: Time,
    ) -> Result<String, NoEntropy> {
        self.links.put(linked.partner.clone(), linked, entropy, now)
    }

    /// Whom a link would let in. It stays good.
    pub(super) fn looked(&self, link: &str, now: Time) -> Option<Linked> {
        self.links.with(&mark(link), now, |linked| linked.clone())
    }

    /// A browser that has followed a link: its cookie, and what its form carries.
    pub(super) fn arrive(
        &self,
        entropy: &Entropy,
        now: Time,
    ) -> Result<(HeaderValue, String), Failure> {
        self.beginning.check().map_err(|_| Failure::Busy)?;
        let token = handle(entropy)?;
        let value = self.arriving.put((), token.clone(), entropy, now)?;
        let cookie = self.cookie.set(&value).ok_or(Failure::Internal)?;
        Ok((cookie, token))
    }

    /// The button was pressed: in the browser that showed it, by a link that was good until now. Everything goes on
    /// under a new handle.
    pub(super) fn enter(
        &self,
        cookie: Option<&str>,
        token: Option<&str>,
        link: &str,
        entropy: &Entropy,
        now: Time,
    ) -> Result<HeaderValue, Failure> {
        let arrived = self.arriving.take(&mark(cookie.unwrap_or_default()), now);
        if !arrived.is_some_and(|own| is_own(&own, token)) {
            return Err(Failure::ForeignForm);
        }
        let linked = self.links.take(&mark(link), now).ok_or(Failure::NoLink)?;
        let session = Session {
            partner: linked.partner.clone(),
            key: linked.key,
            token: handle(entropy)?,
        };
        let value = self.inside.put(linked.partner, session, entropy, now)?;
        self.cookie.set(&value).ok_or(Failure::Internal)
    }

    pub(super) fn find(&self, cookie: Option<&str>, now: Time) -> Option<Session> {
        self.inside
            .with(&mark(cookie?), now, |session| session.clone())
    }

    pub(super) fn end(&self, cookie: Option<&str>, now: Time) {
        if let Some(cookie) = cookie {
            self.inside.take(&mark(cookie), now);
        }
    }

    /// Whether this partner may send another form now.
    pub(super) fn may_send(&self, partner: &PartnerId) -> Result<(), Failure> {
        self.sending.check_key(partner).map_err(|_| Failure::Busy)
    }
}

impl Session {
    /// Whether a form comes from a page of this session.
    pub(super) fn is_own(&self, token: Option<&str>) -> bool {
        is_own(&self.token, token)
    }
}

fn is_own(own: &str, given: Option<&str>) -> bool {
    given.is_some_and(|given| {
        constant_time::verify_slices_are_equal(given.as_bytes(), own.as_bytes()).is_ok()
    })
}
