//! The way to the platform's web hook: one message at a time, and a rest after it was not reached.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use decide::Time;
use http::{Request, StatusCode, header};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::digest::{Digest, Signer};
use crate::config;
use crate::upstream::{AuthoritiesError, Connector};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The first rest; each further one is twice as long.
const FIRST_REST_MS: i64 = 60_000;
/// The longest rest.
const LONGEST_REST_MS: i64 = 3_600_000;

/// What became of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// The platform has it.
    Taken,
    /// It does not want this one (a 4xx): tried again tomorrow, and others meanwhile.
    Declined,
    /// It was not reached, or said that it takes nothing now (429, 503): the hook has a rest.
    NotNow,
    /// Nobody knows. It counts as taken, because nobody may be told twice.
    Unknown,
}

/// The way to the hook.
pub(super) struct Hook {
    address: String,
    client: Client<Connector, Full<Bytes>>,
    signer: Signer,
    rest: Mutex<Rest>,
}

#[derive(Default)]
struct Rest {
    until: Option<Time>,
    how_long_ms: i64,
}

impl Hook {
    pub(super) fn new(
        asking: &config::Asking,
        limits: &config::Limits,
    ) -> Result<Self, AuthoritiesError> {
        let connector = Connector::new(asking.authorities.as_deref(), limits.connect_time.0)?;
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .retry_canceled_requests(false)
            .build(connector);
        Ok(Self {
            address: asking.hook.to_string(),
            client,
            signer: Signer::new(asking.secret.reveal()),
            rest: Mutex::default(),
        })
    }

    pub(super) fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Whether it rests.
    pub(super) fn rests(&self, now: Time) -> bool {
        self.rest().until.is_some_and(|until| now < until)
    }

    /// Sends a digest, once.
    pub(super) async fn send(&self, digest: Digest, now: Time) -> Sent {
        let seconds = now.0.div_euclid(1000);
        let request = Request::post(&self.address)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &digest.id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", self.signer.sign(&digest, seconds))
            .body(Full::from(digest.body));
        let Ok(request) = request else {
            return Sent::NotNow;
        };
        let sent = match tokio::time::timeout(PATIENCE, self.client.request(request)).await {
            // Not a byte of it was sent.
            Ok(Err(error)) if error.is_connect() => Sent::NotNow,
            Ok(Err(_)) | Err(_) => Sent::Unknown,
            Ok(Ok(answer)) => of_status(answer.status()),
        };
        self.note(sent, now);
        sent
    }

    fn note(&self, sent: Sent, now: Time) {
        let mut rest = self.rest();
        match sent {
            Sent::Taken | Sent::Declined => *rest = Rest::default(),
            Sent::NotNow | Sent::Unknown => {
                let next = rest.how_long_ms.saturating_mul(2);
                rest.how_long_ms = next.clamp(FIRST_REST_MS, LONGEST_REST_MS);
                rest.until = Some(Time(now.0.saturating_add(rest.how_long_ms)));
            }
        }
    }

    fn rest(&self) -> std::sync::MutexGuard<'_, Rest> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a status says. Whatever does not say clearly that the digest was taken, or that it was not, says nothing.
fn of_status(status: StatusCode) -> Sent {
    match status.as_u16() {
        200..=299 => Sent::Taken,
        429 | 503 => Sent::NotNow,
        408 => Sent::Unknown,
        400..=499 => Sent::Declined,
        _ => Sent::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_status_says_what_became_of_a_digest() {
        for (status, expected) in [
            (200, Sent::Taken),
            (202, Sent::Taken),
            (204, Sent::Taken),
            (301, Sent::Unknown),
            (400, Sent::Declined),
            (404, Sent::Declined),
            (408, Sent::Unknown),
            (410, Sent::Declined),
            (429, Sent::NotNow),
            (500, Sent::Unknown),
            (502, Sent::Unknown),
            (503, Sent::NotNow),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(of_status(status), expected, "{status}");
        }
    }

    #[test]
    fn rests_grow_to_an_hour_and_end_with_the_first_digest_that_is_taken() {
        let asking = config::Asking {
            hook: "http://127.0.0.1:9".to_owned().try_into().unwrap(),
            authorities: None,
            secret: config::Secret::new(vec![7; 32]),
            store: "nowhere".into(),
            most: 1,
            most_per_person: 1,
        };
        let hook = Hook::new(&asking, &config::Limits::default()).unwrap();
        let mut now = Time(0);
        for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
            hook.note(Sent::NotNow, now);
            now = Time(now.0 + minutes * 60_000);
            assert!(hook.rests(Time(now.0 - 1)) && !hook.rests(now), "{minutes}");
        }
        hook.note(Sent::Taken, now);
        assert!(!hook.rests(now));
    }
}
