//! Names and numbers of things, each its own type, so that one cannot be handed in for another.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A person's dense number inside Countersign, given out once and never used again.
///
/// Not the platform's own id: when the platform gives an id to somebody new, that person gets a new number and
/// inherits nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonNo(pub u32);

/// Text that cannot be this kind of name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {kind}: expected {expected}")]
pub struct BadName {
    kind: &'static str,
    text: String,
    expected: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $check:path, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadName;

            fn from_str(text: &str) -> Result<Self, BadName> {
                if $check(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(BadName { kind: $kind, text: text.to_owned(), expected: $expected })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;

            fn try_from(text: String) -> Result<Self, BadName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.as_ref().to_owned()
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// A partner: an organisation that reads or writes people's data through the gateway.
    PartnerId, "partner id", is_slug, "1 to 64 of a-z, 0-9, '-', beginning with a letter"
);
name!(
    /// An agreement between platform and partner; its versions share the id.
    AgreementId, "agreement id", is_slug, "1 to 64 of a-z, 0-9, '-', beginning with a letter"
);
name!(
    /// A public promise of the platform.
    PromiseId, "promise id", is_slug, "1 to 64 of a-z, 0-9, '-', beginning with a letter"
);
name!(
    /// A connection: the grant behind a token, by which a partner acts for a person.
    ConnectionId, "connection id", is_slug, "1 to 64 of a-z, 0-9, '-', beginning with a letter"
);
name!(
    /// An officer of platform or partner who may sign; not a person whose data the platform holds.
    OfficerId, "officer id", is_slug, "1 to 64 of a-z, 0-9, '-', beginning with a letter"
);
name!(
    /// Somebody at the platform who keeps the register, reviews it, audits it or runs the gateway, by the name under which
    /// their changes are written down; not a person whose data the platform holds.
    StaffId, "name of staff", is_slug, "1 to 64 of a-z, 0-9, '-', beginning with a letter"
);
name!(
    /// What kind of data: a DPV personal-data identifier (`pd:Name`) or the platform's own (`social:Post`).
    Category, "category", is_term, "prefix:Term, for example pd:EmailAddress"
);
name!(
    /// What for: a DPV purpose identifier (`dpv:ServicePersonalisation`) or the platform's own.
    Purpose, "purpose", is_term, "prefix:Term, for example dpv:ServicePersonalisation"
);

impl Purpose {
    /// Whether DPV 2 counts this purpose as marketing or advertising, which Global Privacy Control objects to for
    /// every reach. A platform's own advertising purposes are named in its policy, not here.
    #[must_use]
    pub fn is_advertising(&self) -> bool {
        matches!(
            self.as_str(),
            "dpv:Marketing"
                | "dpv:Advertising"
                | "dpv:PersonalisedAdvertising"
                | "dpv:TargetedAdvertising"
                | "dpv:DirectMarketing"
                | "dpv:SocialMediaMarketing"
        )
    }
}

/// SHA-256 of the exact notice text that a person saw. The text itself is kept by the register.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NoticeHash(pub [u8; 32]);

crate::power::hex_id!(NoticeHash, "notice hash");

fn is_slug(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && text.len() <= 64
}

fn is_term(text: &str) -> bool {
    let Some((prefix, term)) = text.split_once(':') else {
        return false;
    };
    is_slug(prefix)
        && text.len() <= 128
        && term.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && term
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
