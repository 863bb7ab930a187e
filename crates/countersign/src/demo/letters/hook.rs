//! What docs/asking.md tells a platform to do with a digest: believe none that is not signed, of now, and new.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::hmac;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// How many seconds a digest's moment may be away.
const AWAY: i64 = 300;

/// The receiving end of the web hook.
pub(super) struct Hook {
    key: hmac::Key,
    /// The ids that were there already. A demo does not run long enough to forget any.
    had: Mutex<HashSet<String>>,
}

/// A digest that is the gateway's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digest {
    pub(super) id: String,
    pub(super) person: String,
    pub(super) partners: u64,
    pub(super) link: String,
    /// As `2026-12-26`.
    pub(super) day: String,
    /// As it came.
    pub(super) body: String,
}

/// Why a message is no digest to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It lacks a header of Standard Webhooks, or its signature is not the gateway's.
    Unsigned,
    /// Its moment is too far away.
    Late,
    /// It says something else, or in another form.
    Other,
    /// There is no such person here.
    Nobody,
}

impl Refused {
    /// What the hook answers: each is a clear no, so that it counts as not told.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Refused::Unsigned | Refused::Late => StatusCode::UNAUTHORIZED,
            Refused::Other => StatusCode::UNPROCESSABLE_ENTITY,
            Refused::Nobody => StatusCode::NOT_FOUND,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refused::Unsigned => {
                "expected webhook-id, -timestamp and a -signature over both and the body"
            }
            Refused::Late => "expected a webhook-timestamp of the last five minutes",
            Refused::Other => "expected an asking.digest",
            Refused::Nobody => "nobody here has this id",
        })
    }
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    timestamp: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    person: String,
    partners: u64,
    link: String,
}

impl Hook {
    /// A digest that could not be written down is as good as never there: it comes again under the same id.
    pub(super) fn forget(&self, id: &str) {
        let mut had = self.had.lock().unwrap_or_else(PoisonError::into_inner);
        had.remove(id);
    }

    pub(super) fn new(key: &[u8]) -> Hook {
        Hook {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            had: Mutex::default(),
        }
    }

    /// What came, if it is a digest of the gateway's; nothing, if it was there already. `now` in seconds since 1970.
    pub(super) fn believe(
        &self,
        headers: &HeaderMap,
        body: String,
        now: i64,
    ) -> Result<Option<Digest>, Refused> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let id = header("webhook-id").ok_or(Refused::Unsigned)?;
        let at = header("webhook-timestamp").ok_or(Refused::Unsigned)?;
        let signatures = header("webhook-signature").ok_or(Refused::Unsigned)?;
        let signed = format!("{id}.{at}.{body}");
        let is_ours = |signature: &str| {
            let tag = signature.strip_prefix("v1,");
            let tag = tag.and_then(|tag| STANDARD.decode(tag).ok());
            tag.is_some_and(|tag| hmac::verify(&self.key, signed.as_bytes(), &tag).is_ok())
        };
        if !signatures.split(' ').any(is_ours) {
            return Err(Refused::Unsigned);
        }
        let at: i64 = at.parse().map_err(|_| Refused::Unsigned)?;
        if now.abs_diff(at) > AWAY.unsigned_abs() {
            return Err(Refused::Late);
        }
        let message: Message = serde_json::from_str(&body).map_err(|_| Refused::Other)?;
        let day = message.timestamp.get(..10);
        let (true, Some(day)) = (message.kind == "asking.digest", day) else {
            return Err(Refused::Other);
        };
        let mut had = self.had.lock().unwrap_or_else(PoisonError::into_inner);
        if !had.insert(id.to_owned()) {
            return Ok(None);
        }
        let Data {
            person,
            partners,
            link,
        } = message.data;
        Ok(Some(Digest {
            id: id.to_owned(),
            person,
            partners,
            link,
            day: day.to_owned(),
            body,
        }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may fail loudly")]
mod tests {
    use super::*;

    /// Key, id and moment of the example in the specification of Standard Webhooks.
    const KEY: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: i64 = 1_614_265_330;
    const BODY: &str = r#"{"type":"asking.digest","timestamp":"2021-02-25T00:00:00Z","data":{"person":"u_a","partners":2,"link":"http://g/asked"}}"#;

    fn hook() -> Hook {
        Hook::new(&STANDARD.decode(KEY).unwrap())
    }

    fn headers(id: &str, at: &str, signature: &str) -> HeaderMap {
        [
            ("webhook-id", id),
            ("webhook-timestamp", at),
            ("webhook-signature", signature),
        ]
        .into_iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect()
    }

    fn signature(body: &str) -> String {
        let tag = hmac::sign(&hook().key, format!("{ID}.{AT}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(tag))
    }

    fn signed(body: &str) -> HeaderMap {
        headers(ID, &AT.to_string(), &signature(body))
    }

    fn told(headers: &HeaderMap, body: &str, now: i64) -> Result<Option<Digest>, Refused> {
        hook().believe(headers, body.to_owned(), now)
    }

    #[test]
    fn the_specifications_own_example_is_signed_and_is_no_digest() {
        let given = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let example = headers(ID, &AT.to_string(), given);
        assert_eq!(
            told(&example, r#"{"test": 2432232314}"#, AT),
            Err(Refused::Other)
        );
    }

    #[test]
    fn a_digest_is_read_once_also_when_it_comes_twice() {
        let hook = hook();
        let digest = hook
            .believe(&signed(BODY), BODY.to_owned(), AT)
            .unwrap()
            .unwrap();
        let Digest {
            person,
            partners,
            link,
            day,
            ..
        } = digest;
        assert_eq!((person.as_str(), partners), ("u_a", 2));
        assert_eq!(
            (link.as_str(), day.as_str()),
            ("http://g/asked", "2021-02-25")
        );
        assert_eq!(hook.believe(&signed(BODY), BODY.to_owned(), AT), Ok(None));
    }

    #[test]
    fn a_digest_that_could_not_be_written_down_is_read_when_it_comes_again() {
        let hook = hook();
        let comes = || hook.believe(&signed(BODY), BODY.to_owned(), AT).unwrap();
        let digest = comes().unwrap();
        hook.forget(&digest.id);
        assert_eq!(comes(), Some(digest));
        assert_eq!(comes(), None);
    }

    #[test]
    fn one_of_several_signatures_is_enough() {
        let both = format!("v1,AAAA {}", signature(BODY));
        let given = headers(ID, &AT.to_string(), &both);
        assert!(told(&given, BODY, AT).is_ok());
    }

    #[test]
    fn what_is_not_signed_as_it_came_is_not_believed() {
        let at = AT.to_string();
        let ours = signature(BODY);
        let without = |name: &str| {
            let mut headers = signed(BODY);
            headers.remove(name);
            headers
        };
        let other_body = BODY.replace("u_a", "u_b");
        for (headers, body) in [
            (signed(BODY), other_body.as_str()),
            (headers("msg_other", &at, &ours), BODY),
            (headers(ID, "1614265331", &ours), BODY),
            (headers(ID, &at, ours.trim_start_matches("v1,")), BODY),
            (headers(ID, &at, "v1,not base64"), BODY),
            (headers(ID, &at, ""), BODY),
            (without("webhook-id"), BODY),
            (without("webhook-timestamp"), BODY),
            (without("webhook-signature"), BODY),
        ] {
            assert_eq!(
                told(&headers, body, AT),
                Err(Refused::Unsigned),
                "{headers:?} {body}"
            );
        }
    }

    #[test]
    fn a_moment_more_than_five_minutes_away_is_late_before_and_after() {
        for (away, late) in [(300, false), (301, true), (-300, false), (-301, true)] {
            let result = told(&signed(BODY), BODY, AT + away);
            assert_eq!(result == Err(Refused::Late), late, "{away}");
        }
    }

    #[test]
    fn another_message_under_a_good_signature_is_refused_by_name() {
        for body in [
            &BODY.replace("asking.digest", "asking.other"),
            &BODY.replace("partners", "others"),
            "not json",
        ] {
            assert_eq!(told(&signed(body), body, AT), Err(Refused::Other), "{body}");
        }
    }
}
