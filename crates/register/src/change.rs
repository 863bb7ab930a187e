//! What a caller may ask the register to take in.

use std::fmt;

use decide::{
    AgreementId, Day, Digest, Event, NoticeHash, OfficerId, PartnerId, PersonNo, PowerId,
};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use serde::{Deserialize, Serialize};

use crate::entry::Kind;
use crate::prepared::{Answer, Proposal, Verdict};

/// How many entries the register holds once a change is in: the `R` that a decision cites.
///
/// The entry itself lies at index `R - 1` of the log.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub u64);

/// On which side an officer stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The platform.
    Platform,
    /// This partner.
    Partner(PartnerId),
}

/// A change to the register.
///
/// What rests on a document, a name or a signature comes as that document, name or signature and never as the bare
/// event: [`Change::Fact`] with such an event is refused, so nobody can write "signed" without a signature.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Change {
    /// An event that stands for itself: leaving, activity, consents, bars, connections, suspension and end of an
    /// agreement, a power handed back or used, a promise weakened.
    ///
    /// Refused here, because they come by their own change: people joined, partner enrolled, agreement offered or
    /// signed, notice published, promise made, policy set.
    Fact(Event),

    /// People join, by the platform's ids; numbers and keys are given here. Ask [`crate::People::number`] afterwards.
    /// An id that is in use refuses the whole change; one whose person has left gets a new number.
    Join {
        /// The platform's own ids, each once.
        ids: Vec<String>,
    },

    /// A partner becomes known. It has no power by that.
    EnrolPartner {
        /// Its id.
        partner: PartnerId,
        /// Its name, as people read it.
        name: String,
        /// Its public keys: those of its clients, and those of its officers.
        jwks: JwkSet,
    },
    /// A partner's published key set has changed. Keys of officers stay as enrolled until rotated or revoked.
    PartnerKeys {
        /// Which partner.
        partner: PartnerId,
        /// The whole new set.
        jwks: JwkSet,
    },
    /// An officer may sign from here on. A partner's officer's key must be in the partner's own set.
    EnrolOfficer {
        /// For whom.
        side: Side,
        /// Who.
        officer: OfficerId,
        /// With which public key (Ed25519 or P-256).
        key: Jwk,
    },
    /// An officer signs with another key from here on; the former key is refused for new signatures.
    RotateOfficerKey {
        /// For whom.
        side: Side,
        /// Who.
        officer: OfficerId,
        /// With which public key.
        key: Jwk,
    },
    /// An officer may not sign any more. What was signed before stands; suspend the agreement if it should not.
    RevokeOfficer {
        /// For whom.
        side: Side,
        /// Who.
        officer: OfficerId,
    },

    /// A version of an agreement is offered; the exact document.
    OfferAgreement {
        /// YAML, see [`crate::documents::agreement`].
        document: String,
    },
    /// An officer has signed: a JWS over a version that has been offered.
    SignAgreement {
        /// Compact form.
        jws: String,
    },
    /// The platform promises in public; the exact document.
    MakePromise {
        /// YAML, see [`crate::documents::promise`].
        document: String,
    },
    /// The platform's settings for the rule; the exact document. Replaces the former.
    SetPolicy {
        /// YAML, see [`crate::documents::policy`].
        document: String,
    },
    /// A notice text exists from here on; consents name its hash.
    PublishNotice {
        /// Its language (BCP 47), for example `en`.
        language: String,
        /// The exact text; its SHA-256 is the [`decide::NoticeHash`].
        text: String,
    },

    /// A person's own consent is given again, under another text and until another day, if it is in force when this is taken
    /// in: a withdrawal that came first stands, also one that came between somebody's look and this change. What is
    /// written is [`Event::ConsentGiven`], as if it had come as [`Change::Fact`].
    RenewConsent {
        /// Whose.
        person: PersonNo,
        /// To whom.
        partner: PartnerId,
        /// To which power.
        power: PowerId,
        /// Under which text.
        notice: NoticeHash,
        /// The day on whose beginning it expires now.
        until: Day,
    },

    /// The next version of an agreement is being prepared; the exact document. Governs nothing, replaces the former draft,
    /// and voids its review. Needs a name.
    DraftAgreement {
        /// YAML, see [`crate::documents::agreement`].
        document: String,
    },
    /// Somebody else has read a draft. Governs nothing. Needs a name, and not one of those who drafted this version.
    ReviewDraft {
        /// Of which agreement.
        agreement: AgreementId,
        /// The draft's exact document: what was read is what is judged.
        digest: Digest,
        /// What they found.
        verdict: Verdict,
        /// What they say to it; must say something where the draft is sent back.
        note: String,
    },
    /// Somebody, whoever it is, says that the platform has promised something in public. Governs nothing.
    ProposePromise {
        /// What they say.
        proposal: Proposal,
    },
    /// The platform answers a proposal, in public.
    AnswerProposal {
        /// Which proposal: SHA-256 as by [`Proposal::digest`].
        digest: Digest,
        /// The answer.
        answer: Answer,
        /// The proposal's own words, where they can be shown; `None`: they cannot, and only their SHA-256 is public.
        shown: Option<Proposal>,
    },
}

impl Change {
    /// Whether it can only take something away from partners: withdrawals, bars, ends. It is taken in also when the disk has
    /// room for nothing else, and when the clock is not believed.
    #[must_use]
    pub fn takes_away(&self) -> bool {
        Kind::of(self).takes_away()
    }
}

impl fmt::Debug for Change {
    /// The kind alone: a change can hold people's ids, and what is printed ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Change::{:?}", Kind::of(self))
    }
}
