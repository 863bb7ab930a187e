//! What can happen in the register. Facts are the fold of these, in order.

use serde::{Deserialize, Deserializer, Serialize};

use crate::agreement::{AgreementVersion, Digest, Party, Policy};
use crate::bar::Bar;
use crate::connection::Connection;
use crate::ids::{
    AgreementId, ConnectionId, NoticeHash, OfficerId, PartnerId, PersonNo, PromiseId,
};
use crate::power::PowerId;
use crate::promise::Promise;
use crate::time::{Day, Time};

/// An event and when it happened. Moments never go back along the register.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happened {
    /// When.
    pub at: Time,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

/// Something that changes the facts.
///
/// Whether a signature is genuine is checked by the register before it writes the event; the fold checks what the
/// facts can tell (that the version exists, that the digest is its own).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "event",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub enum Event {
    /// The platform's settings for the rule; replaces the former.
    PolicySet {
        /// All of it.
        policy: Policy,
    },

    /// People joined; numbers are given out in rising order, each once.
    PeopleJoined {
        /// The first new number; must be the next one never given out.
        first: PersonNo,
        /// How many.
        count: u32,
    },
    /// A person left. Their consents, bars and connections end; the number is never used again.
    PersonLeft {
        /// Who.
        person: PersonNo,
    },
    /// A person did something themselves at the platform; at most once a day each. A partner's request is not this.
    PeopleActive {
        /// Who.
        people: Vec<PersonNo>,
    },

    /// A partner is known from here on. It has no power by that.
    PartnerEnrolled {
        /// Its id.
        partner: PartnerId,
    },
    /// A version of an agreement was offered; without signatures it is inert.
    AgreementOffered {
        /// All that the rule needs of it.
        offer: AgreementVersion,
    },
    /// An officer signed one exact version.
    AgreementSigned {
        /// Which agreement.
        agreement: AgreementId,
        /// Which version.
        version: u32,
        /// The document signed; must be that version's.
        digest: Digest,
        /// For which side.
        by: Party,
        /// Which officer.
        officer: OfficerId,
    },
    /// Nothing passes under the agreement until it is resumed.
    AgreementSuspended {
        /// Which.
        agreement: AgreementId,
    },
    /// The agreement governs again.
    AgreementResumed {
        /// Which.
        agreement: AgreementId,
    },
    /// The agreement is over for good.
    AgreementEnded {
        /// Which.
        agreement: AgreementId,
    },
    /// The partner gave a power up; a new version signed by both is needed to have it again.
    PowerHandedBack {
        /// Who.
        partner: PartnerId,
        /// What.
        power: PowerId,
    },
    /// A power was used; at most once a day each. A use of a lapsed power does not revive it.
    PowerUsed {
        /// By whom.
        partner: PartnerId,
        /// What.
        power: PowerId,
    },

    /// A notice text exists; consents name it. The text itself lies beside the event.
    NoticePublished {
        /// Its hash.
        notice: NoticeHash,
    },
    /// People consented to one power of one partner, under one notice, each for themselves.
    ConsentGiven {
        /// Who.
        people: Vec<PersonNo>,
        /// To whom.
        partner: PartnerId,
        /// To what.
        power: PowerId,
        /// Under which text.
        notice: NoticeHash,
        /// The day on whose beginning it expires.
        until: Day,
    },
    /// A person withdrew. That there was a consent stays on record.
    ConsentWithdrawn {
        /// Who.
        person: PersonNo,
        /// From whom.
        partner: PartnerId,
        /// From what.
        power: PowerId,
    },
    /// A person refuses from here on. Setting a bar that stands changes nothing: a browser repeats its signal.
    BarSet {
        /// Who.
        person: PersonNo,
        /// What.
        bar: Bar,
    },
    /// A person no longer refuses. Grants nothing by itself.
    BarLifted {
        /// Who.
        person: PersonNo,
        /// What.
        bar: Bar,
    },

    /// The platform promised in public.
    PromiseMade {
        /// What.
        promise: Promise,
    },
    /// The platform weakens a promise, in public. Until `effective` the old one holds.
    PromiseWeakened {
        /// Which.
        promise: PromiseId,
        /// What holds then; `None`: nothing. Must be written out also then, so that nobody gives a promise up by
        /// misspelling a word.
        #[serde(deserialize_with = "written_out")]
        to: Option<Promise>,
        /// From when; at least 30 days after this event.
        effective: Time,
    },

    /// A person connected a partner to their account.
    Connected {
        /// The connection.
        connection: Connection,
    },
    /// A connection has ended: by the person, or because the partner gave it back.
    Disconnected {
        /// Which.
        connection: ConnectionId,
    },
}

fn written_out<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Promise>, D::Error> {
    Option::deserialize(from)
}

/// Why an event cannot be taken in. Nothing has changed when this is returned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Time along the register never goes back.
    #[error("the event is dated {at}, before the last one ({last})")]
    Earlier {
        /// This event's moment.
        at: Time,
        /// The last event's.
        last: Time,
    },
    /// Numbers are given out in order.
    #[error(
        "people join with number {expected}, not {first}: numbers are given out in order and never again"
    )]
    NumberOutOfOrder {
        /// The next number.
        expected: u32,
        /// The one given.
        first: u32,
    },
    /// There are no numbers left.
    #[error("there are no numbers left for so many people")]
    NoNumbersLeft,
    /// Nobody by that number, or they have left.
    #[error("person number {0} is not known, or has left")]
    UnknownPerson(u32),
    /// Not enrolled.
    #[error("partner {0} is not enrolled: enrol it first")]
    UnknownPartner(PartnerId),
    /// Enrolled before.
    #[error("partner {0} is enrolled already")]
    PartnerExists(PartnerId),
    /// Never offered.
    #[error("agreement {0} is not known: offer a version of it first")]
    UnknownAgreement(AgreementId),
    /// Versions count up from 1.
    #[error("the next version of agreement {agreement} is {expected}, not {version}")]
    VersionOutOfOrder {
        /// Which agreement.
        agreement: AgreementId,
        /// The next.
        expected: u32,
        /// The one given.
        version: u32,
    },
    /// An agreement stays with its partner.
    #[error("agreement {0} is with another partner")]
    OtherPartner(AgreementId),
    /// Ends before it begins.
    #[error("the term of agreement {0} ends before it begins")]
    EmptyTerm(AgreementId),
    /// Twice the same verb, category, reach and purpose.
    #[error(
        "agreement {agreement} grants {power} twice with different limits: nobody could say which holds"
    )]
    PowerTwice {
        /// Which agreement.
        agreement: AgreementId,
        /// Verb, category, reach and purpose.
        power: String,
    },
    /// Another live agreement has it.
    #[error(
        "agreement {other} with the same partner grants {power} already: end it or leave the power out"
    )]
    PowerGrantedElsewhere {
        /// The other agreement.
        other: AgreementId,
        /// Verb, category, reach and purpose.
        power: String,
    },
    /// No such version.
    #[error("agreement {agreement} has no version {version}")]
    UnknownVersion {
        /// Which agreement.
        agreement: AgreementId,
        /// The one given.
        version: u32,
    },
    /// The signature is over another document.
    #[error(
        "the signature is over another document than version {version} of agreement {agreement}: sign the version that was offered"
    )]
    OtherDocument {
        /// Which agreement.
        agreement: AgreementId,
        /// Which version.
        version: u32,
    },
    /// Over for good.
    #[error("agreement {0} has ended: an ended agreement does not come back, offer a new one")]
    AgreementOver(AgreementId),
    /// No agreement ever had it.
    #[error("no agreement with {partner} has the power {power}")]
    UnknownPower {
        /// Which partner.
        partner: PartnerId,
        /// Which power.
        power: PowerId,
    },
    /// A consent without its text is none.
    #[error("notice {0} is not known: publish the text first")]
    UnknownNotice(NoticeHash),
    /// Longer than the policy allows.
    #[error("a consent until {until} runs longer than the policy allows ({latest})")]
    ConsentTooLong {
        /// The day given.
        until: Day,
        /// The latest day possible.
        latest: Day,
    },
    /// Over before it begins.
    #[error("a consent until {0} is over already")]
    ConsentOver(Day),
    /// Nothing can be given before a policy says how long.
    #[error("no policy has been set: set one first")]
    NoPolicy,
    /// Ids are not used twice.
    #[error("promise {0} exists already: weaken it in public, or make another")]
    PromiseExists(PromiseId),
    /// Never made.
    #[error("promise {0} is not known")]
    UnknownPromise(PromiseId),
    /// Too soon.
    #[error(
        "weakening promise {promise} takes effect 30 days after it is announced at the earliest: {earliest}"
    )]
    TooSoon {
        /// Which.
        promise: PromiseId,
        /// The earliest moment.
        earliest: Time,
    },
    /// A different promise under the id.
    #[error("what replaces promise {0} must keep its id")]
    OtherPromise(PromiseId),
    /// Ids are not used twice.
    #[error("connection {0} exists already")]
    ConnectionExists(ConnectionId),
    /// Never made.
    #[error("connection {0} is not known")]
    UnknownConnection(ConnectionId),
}
