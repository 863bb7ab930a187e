//! The cast: the same invented people, partners and words in all tests and documents.

use decide::{
    Category, Digest, LegalBasis, NoticeHash, PartnerId, PersonNo, Policy, Power, PowerId, Purpose,
    Reach, Time, Verb,
};
use decide::{Days, Frequency};

/// She connects partners to her account.
pub const ADA: PersonNo = PersonNo(0);
/// Ada's friend.
pub const BERT: PersonNo = PersonNo(1);
/// Ada's friend too, and in a thread with her.
pub const CLEO: PersonNo = PersonNo(2);
/// In Ada's contact book.
pub const DORA: PersonNo = PersonNo(3);
/// A friend of Bert's, whom Ada does not know.
pub const EMIL: PersonNo = PersonNo(4);

/// All of them, with their names, in the order of their numbers.
pub const PEOPLE: [(&str, PersonNo); 5] = [
    ("ada", ADA),
    ("bert", BERT),
    ("cleo", CLEO),
    ("dora", DORA),
    ("emil", EMIL),
];

/// A search engine, two streaming services, a shop and a portal.
pub const PARTNERS: [&str; 5] = ["findr", "reelbox", "tunely", "shopfront", "portalis"];

/// The purpose that powers have when nothing else is said.
pub const PERSONALISATION: &str = "dpv:ServicePersonalisation";

/// When worlds begin: 2026-01-01T00:00:00Z.
pub const BEGINNING: Time = Time(1_767_225_600_000);

/// The categories that the policy of [`policy`] knows.
pub const CATEGORIES: [&str; 7] = [
    "pd:Name",
    "pd:EmailAddress",
    "pd:TelephoneNumber",
    "social:Friendship",
    "social:Message",
    "social:Post",
    "social:Calendar",
];

/// A partner's id.
#[must_use]
pub fn partner(name: &str) -> PartnerId {
    name.parse().expect("a partner id")
}

/// A category.
#[must_use]
pub fn category(name: &str) -> Category {
    name.parse().expect("a category")
}

/// A purpose.
#[must_use]
pub fn purpose(name: &str) -> Purpose {
    name.parse().expect("a purpose")
}

/// A reach.
#[must_use]
pub fn reach(name: &str) -> Reach {
    name.parse().expect("a reach")
}

/// The notice text that everybody in a [`crate::World`] has seen.
#[must_use]
pub fn notice() -> NoticeHash {
    NoticeHash([7; 32])
}

/// The document of a version, made up from its number.
#[must_use]
pub fn digest(version: u32) -> Digest {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&version.to_be_bytes());
    Digest(bytes)
}

/// A power on consent, kept 30 days, without window or frequency, for [`PERSONALISATION`].
#[must_use]
pub fn power(verb: Verb, of: &str, through: &str) -> Power {
    Power {
        verb,
        category: category(of),
        reach: reach(through),
        purpose: purpose(PERSONALISATION),
        window: None,
        frequency: None,
        retention: Days(30),
        legal_basis: LegalBasis::Consent,
    }
}

/// [`power`] to read.
#[must_use]
pub fn read(of: &str, through: &str) -> Power {
    power(Verb::Read, of, through)
}

/// The same power for another purpose.
#[must_use]
pub fn for_purpose(power: Power, what_for: &str) -> Power {
    Power {
        purpose: purpose(what_for),
        ..power
    }
}

/// The same power, only so often.
#[must_use]
pub fn at_most(power: Power, frequency: Frequency) -> Power {
    Power {
        frequency: Some(frequency),
        ..power
    }
}

/// The ids of powers.
#[must_use]
pub fn ids(powers: &[Power]) -> Vec<PowerId> {
    powers.iter().map(Power::id).collect()
}

/// Lapse and quiet after 90 days, consent for 365 at most, no other advertising, no other basis.
#[must_use]
pub fn policy() -> Policy {
    Policy {
        categories: CATEGORIES.iter().map(|name| category(name)).collect(),
        power_lapses_after: Days(90),
        connection_quiet_after: Days(90),
        consent_at_most: Days(365),
        advertising: [].into(),
        other_bases: [].into(),
    }
}
