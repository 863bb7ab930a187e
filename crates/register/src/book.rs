//! What the register knows by name: partners, officers, documents, notices.

mod learn;

use std::collections::BTreeMap;
use std::sync::Arc;

use decide::{
    AgreementId, AgreementVersion, Digest, NoticeHash, OfficerId, PartnerId, Party, Promise,
    PromiseId, StaffId, Time,
};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use serde::{Deserialize, Serialize};

use crate::change::Side;
use crate::prepared::{Draft, Proposed};

/// All that is known by name at one position; parts are shared, and a book once handed out never changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Book {
    /// Partners, by id.
    pub partners: BTreeMap<PartnerId, Partner>,
    /// Officers of both sides.
    pub officers: BTreeMap<Side, BTreeMap<OfficerId, Officer>>,
    /// Notice texts, by hash.
    pub notices: BTreeMap<NoticeHash, Arc<Notice>>,
    /// Agreements: version n at index n - 1.
    pub agreements: BTreeMap<AgreementId, Vec<Arc<Offered>>>,
    /// Promises.
    pub promises: BTreeMap<PromiseId, PromiseKept>,
    /// The policy's document in force.
    pub policy: Option<Arc<Document>>,
    /// What is being prepared: at most one draft for each agreement, of its next version.
    pub drafts: BTreeMap<AgreementId, Arc<Draft>>,
    /// What anybody has proposed as a promise of the platform's, by the proposal's SHA-256.
    pub proposals: BTreeMap<Digest, Arc<Proposed>>,
}

/// A partner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Partner {
    /// Its name, as people read it.
    pub name: String,
    /// Its public keys: those of its clients and those of its officers. Which of them may sign agreements stands in
    /// [`Book::officers`].
    pub jwks: JwkSet,
    /// When it was enrolled.
    pub since: Time,
}

/// An officer and all keys they ever had.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Officer {
    /// In the order of enrolment; at most the last may be in force.
    pub keys: Vec<OfficerKey>,
}

/// One key of an officer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfficerKey {
    /// The public key.
    pub key: Jwk,
    /// From when.
    pub since: Time,
    /// When it was rotated away or revoked; new signatures by it are refused from then on.
    pub ended: Option<Time>,
}

/// A notice text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its language (BCP 47).
    pub language: String,
    /// The exact text.
    pub text: String,
}

/// A document, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// SHA-256 of the exact bytes.
    pub digest: Digest,
    /// The bytes, UTF-8.
    pub text: String,
}

/// A version of an agreement as offered, with the signatures it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// When.
    pub at: Time,
    /// What of it the rule sees.
    pub offer: AgreementVersion,
    /// The exact document.
    pub document: Document,
    /// Signatures, in the order in which they came.
    pub signatures: Vec<Signed>,
    /// The draft that it was, with who drafted and who reviewed it; `None` where it was offered without.
    pub prepared: Option<Arc<Draft>>,
    /// Who of the platform's staff offered it, if that is known.
    pub offered_by: Option<StaffId>,
}

/// A signature that was found good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// For which side.
    pub by: Party,
    /// By which officer.
    pub officer: OfficerId,
    /// When the register took it in (the officer's own date stands in the JWS).
    pub at: Time,
    /// The signature itself, so that anybody with the officer's key can check it again.
    pub jws: String,
}

/// A promise with its document and what was announced about it since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PromiseKept {
    /// The document as made.
    pub document: Arc<Document>,
    /// From when what holds; `None`: nothing any more. In the order of their beginnings.
    pub stages: Vec<(Time, Option<Promise>)>,
}

impl Document {
    /// A document and its digest.
    #[must_use]
    pub fn of(text: &str) -> Document {
        Document {
            digest: Digest(ledger::Hash::of(text.as_bytes()).0),
            text: text.to_owned(),
        }
    }
}

impl Notice {
    /// SHA-256 of the text, by which consents name it.
    #[must_use]
    pub fn hash(&self) -> NoticeHash {
        NoticeHash(ledger::Hash::of(self.text.as_bytes()).0)
    }
}

impl Officer {
    /// The key by which this officer may sign now.
    #[must_use]
    pub fn in_force(&self) -> Option<&OfficerKey> {
        self.keys.last().filter(|key| key.ended.is_none())
    }
}

impl Offered {
    /// Whether this side has signed.
    #[must_use]
    pub fn signed_by(&self, party: Party) -> bool {
        self.signatures.iter().any(|signed| signed.by == party)
    }
}

impl PromiseKept {
    /// What was promised as of this moment, whatever its form.
    #[must_use]
    pub fn at(&self, now: Time) -> Option<&Promise> {
        let (_, promise) = self.stages.iter().rfind(|(from, _)| *from <= now)?;
        promise.as_ref()
    }
}

impl Book {
    /// The version of the agreement, if it was offered.
    #[must_use]
    pub fn version(&self, agreement: &AgreementId, version: u32) -> Option<&Arc<Offered>> {
        let index = usize::try_from(version).ok()?.checked_sub(1)?;
        self.agreements.get(agreement)?.get(index)
    }

    /// An officer of a side.
    #[must_use]
    pub fn officer(&self, side: &Side, officer: &OfficerId) -> Option<&Officer> {
        self.officers.get(side)?.get(officer)
    }
}
