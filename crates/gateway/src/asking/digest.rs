//! A digest: one message for one person, in the form of Standard Webhooks (<https://www.standardwebhooks.com>).
//!
//! It says how many partners ask and where to answer, and nothing else: no partner's name, no power, nobody through whom
//! they ask, and no time finer than the day.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use decide::{Day, Time};
use serde::Serialize;

/// What the platform is told.
#[derive(Serialize)]
struct Message<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    /// The first moment of the day: what is told does not come from a moment.
    timestamp: Time,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    person: &'a str,
    partners: usize,
    link: &'a str,
}

/// A message with its id.
pub(super) struct Digest {
    pub(super) id: String,
    pub(super) body: String,
}

/// The key of the signatures.
pub(super) struct Signer(hmac::Key);

impl Signer {
    pub(super) fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The digest of one person. The same again before it has been taken has the same id, so that whoever got it after
    /// all knows it.
    pub(super) fn digest(
        &self,
        person: &str,
        partners: usize,
        link: &str,
        (told, today): (Option<Day>, Day),
    ) -> Option<Digest> {
        let message = Message {
            kind: "asking.digest",
            timestamp: today.begins(),
            data: Data {
                person,
                partners,
                link,
            },
        };
        let after = told.map_or_else(|| "first".to_owned(), |day| day.to_string());
        let named = format!("countersign digest v1\n{after}\n{person}");
        let mark = hmac::sign(&self.0, named.as_bytes());
        let id = URL_SAFE_NO_PAD.encode(mark.as_ref().get(..18)?);
        Some(Digest {
            id: format!("dig_{id}"),
            body: serde_json::to_string(&message).ok()?,
        })
    }

    /// The signature over id, moment (seconds) and body, as the header carries it.
    pub(super) fn sign(&self, digest: &Digest, seconds: i64) -> String {
        let signed = format!("{}.{seconds}.{}", digest.id, digest.body);
        let tag = hmac::sign(&self.0, signed.as_bytes());
        format!("v1,{}", STANDARD.encode(tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries: secret, id, moment, body, signature.
    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let digest = Digest {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek".to_owned(),
            body: r#"{"test": 2432232314}"#.to_owned(),
        };
        assert_eq!(
            Signer::new(&secret).sign(&digest, 1_614_265_330),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn the_same_digest_tried_again_has_the_same_id_and_the_next_one_another() {
        let signer = Signer::new(&[7; 32]);
        let id = |told, today| signer.digest("ada", 1, "l", (told, today)).unwrap().id;
        assert_eq!(id(None, Day(1)), id(None, Day(2)));
        assert_ne!(id(None, Day(1)), id(Some(Day(1)), Day(31)));
    }
}
