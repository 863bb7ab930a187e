//! A power: what a partner may do with which data of whom, for what, within which limits.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::ids::{Category, Purpose};
use crate::time::Days;

/// What is done with the data. Hiding from people that data is taken is not a verb, on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Data leaves to the partner.
    Read,
    /// The partner adds or changes data at the platform. Does not imply reading it.
    Write,
    /// The partner removes data at the platform. Does not imply reading it.
    Delete,
    /// The partner hands in data about people. Does not say who was already a member.
    Import,
}

/// How the partner gets to a person. Per person, not per answer: in a private thread the one who connected is there as
/// `own` and the others as `participant`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Reach {
    /// The person who connected the partner.
    Own,
    /// A friend of that person.
    Friend,
    /// A friend of a friend: a reach of its own, not implied by `friend`.
    FriendOfFriend,
    /// Somebody in the same thread.
    Participant,
    /// Somebody in that person's contact book.
    Contact,
    /// Somebody found in a listing of everybody, on behalf of nobody in particular.
    Directory,
    /// A reach that the platform names.
    Named(Arc<str>),
}

/// On what ground the power stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LegalBasis {
    /// Consent of every person concerned: the rule's ordinary case.
    Consent,
    /// Another basis, by its DPV identifier (`eu-gdpr:A6-1-c`). Possible only where the platform's policy names power
    /// and basis in so many words, and only for reach `own`.
    Other(Arc<str>),
}

/// A span in which uses are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// A clock hour, UTC.
    Hour,
    /// A calendar day, UTC.
    Day,
    /// Seven days, counted from 1970-01-01.
    Week,
    /// Thirty days, counted from 1970-01-01; not a calendar month.
    Month,
}

impl Per {
    /// The span's length in milliseconds.
    #[must_use]
    pub fn millis(self) -> i64 {
        match self {
            Per::Hour => 3_600_000,
            Per::Day => 86_400_000,
            Per::Week => 604_800_000,
            Per::Month => 2_592_000_000,
        }
    }
}

/// How often a power may be used, counted per connection (or per partner where it acts for nobody).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frequency {
    /// Uses allowed in one span; one answer is one use, however many people are in it.
    pub times: u32,
    /// The span.
    pub per: Per,
}

/// What a partner may do: verb × category × reach × purpose, with its limits.
///
/// Two powers that differ in anything here are two powers: everybody is asked again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Power {
    /// What is done.
    pub verb: Verb,
    /// With what kind of data.
    pub category: Category,
    /// Of whom.
    pub reach: Reach,
    /// What for.
    pub purpose: Purpose,
    /// Only data made within so many days before the request; `None`: of any age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Days>,
    /// How often; `None`: no limit in the agreement (rate limits of the gateway are another thing).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency: Option<Frequency>,
    /// How long the partner may keep the data.
    pub retention: Days,
    /// On what ground.
    pub legal_basis: LegalBasis,
}

/// The hash of all that defines a power. Consents name this, so they survive a new version of an agreement exactly
/// when the power is unchanged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PowerId(pub [u8; 32]);

impl Power {
    /// Verb, category, reach and purpose in a line, for those who keep the register. Not all that defines it: two powers
    /// with other limits read alike.
    #[must_use]
    pub fn in_words(&self) -> String {
        format!(
            "{} {} through {} for {}",
            self.verb, self.category, self.reach, self.purpose
        )
    }

    /// SHA-256 over a domain line and every defining field, each preceded by its length, so that no two powers share
    /// an encoding.
    #[must_use]
    pub fn id(&self) -> PowerId {
        let mut hash = Sha256::new();
        let window = self.window.map_or(String::new(), |days| days.0.to_string());
        let frequency = self
            .frequency
            .map_or(String::new(), |f| format!("{}/{}", f.times, f.per.millis()));
        for field in [
            "countersign/power/v1",
            self.verb.as_str(),
            self.category.as_str(),
            self.reach.as_str(),
            self.purpose.as_str(),
            &window,
            &frequency,
            &self.retention.0.to_string(),
            self.legal_basis.as_str(),
        ] {
            hash.update(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
            hash.update(field.as_bytes());
        }
        PowerId(hash.finalize().into())
    }
}

impl Verb {
    /// The verb as documents write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Read => "read",
            Verb::Write => "write",
            Verb::Delete => "delete",
            Verb::Import => "import",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Reach {
    /// The reach as documents write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Reach::Own => "own",
            Reach::Friend => "friend",
            Reach::FriendOfFriend => "friend-of-friend",
            Reach::Participant => "participant",
            Reach::Contact => "contact",
            Reach::Directory => "directory",
            Reach::Named(name) => name,
        }
    }
}

impl FromStr for Reach {
    type Err = String;

    fn from_str(text: &str) -> Result<Reach, String> {
        Ok(match text {
            "own" => Reach::Own,
            "friend" => Reach::Friend,
            "friend-of-friend" => Reach::FriendOfFriend,
            "participant" => Reach::Participant,
            "contact" => Reach::Contact,
            "directory" => Reach::Directory,
            _ if is_word(text) => Reach::Named(text.into()),
            _ => {
                return Err(format!(
                    "{text:?} is not a reach: expected own, friend, friend-of-friend, participant, contact, directory, or a name of the platform's of a-z and '-'"
                ));
            }
        })
    }
}

fn is_word(text: &str) -> bool {
    text.len() <= 64
        && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

impl LegalBasis {
    /// The basis as documents write it: `consent`, or a DPV identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            LegalBasis::Consent => "consent",
            LegalBasis::Other(term) => term,
        }
    }
}

impl FromStr for LegalBasis {
    type Err = String;

    fn from_str(text: &str) -> Result<LegalBasis, String> {
        match text.split_once(':') {
            None if text == "consent" => Ok(LegalBasis::Consent),
            Some((prefix, term)) if !prefix.is_empty() && !term.is_empty() && text.len() <= 128 => {
                Ok(LegalBasis::Other(text.into()))
            }
            _ => Err(format!(
                "{text:?} is not a legal basis: expected consent, or a DPV identifier such as eu-gdpr:A6-1-c"
            )),
        }
    }
}

macro_rules! text_enum {
    ($($name:ident)*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(it: $name) -> String {
                it.as_str().to_owned()
            }
        }
    )*};
}

text_enum!(Reach LegalBasis);

/// Gives a 32-byte hash its text form: 64 hexadecimal digits.
macro_rules! hex_id {
    ($name:ident, $kind:literal) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0
                    .iter()
                    .take(6)
                    .try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_str("…")
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let wrong = || {
                    format!(
                        "{text:?} is not a {}: expected 64 hexadecimal digits",
                        $kind
                    )
                };
                let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
                    return Err(wrong());
                };
                let mut bytes = [0u8; 32];
                if pairs.len() != bytes.len() {
                    return Err(wrong());
                }
                for (byte, pair) in bytes.iter_mut().zip(pairs) {
                    let digits = std::str::from_utf8(pair).map_err(|_| wrong())?;
                    *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
                }
                Ok(Self(bytes))
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(it: $name) -> String {
                it.to_string()
            }
        }
    };
}
pub(crate) use hex_id;

hex_id!(PowerId, "power id");
