//! What the register knows by name: partners, officers, documents, notices.

use std::collections::BTreeMap;
use std::sync::Arc;

use decide::{AgreementId, Digest, NoticeHash, OfficerId, PartnerId, Promise, PromiseId, Time};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use serde::{Deserialize, Serialize};

use crate::change::Side;

/// All that is known by name at one position; cheap to clone parts of, never changed in place.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Book {
    /// Partners, by id.
    pub partners: BTreeMap<PartnerId, Partner>,
    /// Officers of both sides.
    pub officers: BTreeMap<Side, BTreeMap<OfficerId, Officer>>,
    /// Notice texts, by hash.
    pub notices: BTreeMap<NoticeHash, Arc<Notice>>,
    /// Agreements' documents: version n at index n - 1.
    pub agreements: BTreeMap<AgreementId, Vec<Arc<Document>>>,
    /// Promises.
    pub promises: BTreeMap<PromiseId, PromiseKept>,
    /// The policy's document in force.
    pub policy: Option<Arc<Document>>,
}

/// A partner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Partner {
    /// Its name, as people read it.
    pub name: String,
    /// Its public keys.
    pub jwks: JwkSet,
    /// When it was enrolled.
    pub since: Time,
}

/// An officer and all keys they ever had.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Officer {
    /// In the order of enrolment; at most the last may be in force.
    pub keys: Vec<OfficerKey>,
}

/// One key of an officer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OfficerKey {
    /// The public key.
    pub key: Jwk,
    /// From when.
    pub since: Time,
    /// When it was rotated away or revoked; signatures are refused from then on.
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

/// A promise with its document and what was announced about it since.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PromiseKept {
    /// The document as made.
    pub document: Arc<Document>,
    /// From when what holds; `None`: nothing any more. In the order of their beginnings.
    pub stages: Vec<(Time, Option<Promise>)>,
}

impl PromiseKept {
    /// What was promised as of this moment, whatever its form.
    #[must_use]
    pub fn at(&self, now: Time) -> Option<&Promise> {
        let (_, promise) = self.stages.iter().rfind(|(from, _)| *from <= now)?;
        promise.as_ref()
    }
}
