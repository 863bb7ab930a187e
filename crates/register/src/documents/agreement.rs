//! An agreement as a steward writes it: one version of what a partner may do, with all that must be on record.

mod form;
mod read;
mod template;

use decide::{
    AgreementId, AgreementVersion, ClaimedRole, Digest, NoticeHash, OfficerId, PartnerId, Party,
    Power, Term,
};

use super::problem::Problems;
pub(super) use form::AgreementForm;
pub use template::draft;

/// An agreement's document, read and found sound in itself. Whether it fits what the register holds is another check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Its id; all versions share it.
    pub agreement: AgreementId,
    /// Counts up from 1.
    pub version: u32,
    /// With whom.
    pub partner: PartnerId,
    /// What the partner is said to be. Changes nothing in the rule.
    pub claimed_role: ClaimedRole,
    /// What the platform gets in return, in plain words.
    pub in_return: String,
    /// From when to when.
    pub term: Term,
    /// Who may sign for the platform.
    pub platform_officers: Vec<Signatory>,
    /// Who may sign for the partner.
    pub partner_officers: Vec<Signatory>,
    /// Who approved it inside the platform, before it was offered.
    pub approvals: Vec<Approval>,
    /// Under which notices people are asked.
    pub notices: Vec<NoticeHash>,
    /// What it grants.
    pub powers: Vec<Granted>,
}

/// An officer named in an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatory {
    /// The id under which the key is enrolled.
    pub officer: OfficerId,
    /// The name, as it stands on record.
    pub name: String,
    /// The function.
    pub title: String,
}

/// An approval inside the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// By whom, for example `privacy review`.
    pub by: String,
    /// On which day.
    pub on: decide::Day,
    /// What was said about it.
    pub note: String,
}

/// A power with what people are told about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The power.
    pub power: Power,
    /// The feature that it is for.
    pub feature: String,
    /// Whether the feature works without it. A power that is not needed must be refusable on its own.
    pub needed: bool,
    /// What it means, in words for people.
    pub in_words: String,
    /// The line on which it begins.
    pub line: u64,
}

/// Reads a document. `file` is how errors name it.
///
/// # Errors
/// Everything found wrong, with places.
pub fn parse(file: &str, text: &str) -> Result<Agreement, Problems> {
    read::read(file, text)
}

impl Agreement {
    /// What of it the rule sees, with the digest of the exact document.
    #[must_use]
    pub fn offer(&self, document: &str) -> AgreementVersion {
        AgreementVersion {
            agreement: self.agreement.clone(),
            version: self.version,
            partner: self.partner.clone(),
            digest: digest(document.as_bytes()),
            claimed_role: self.claimed_role,
            term: self.term,
            powers: self
                .powers
                .iter()
                .map(|granted| granted.power.clone())
                .collect(),
        }
    }

    /// Who may sign for this side.
    #[must_use]
    pub fn signatories(&self, party: Party) -> &[Signatory] {
        match party {
            Party::Platform => &self.platform_officers,
            Party::Partner => &self.partner_officers,
        }
    }
}

/// SHA-256 of a document's exact bytes: what officers sign. A changed blank is another document.
#[must_use]
pub fn digest(document: &[u8]) -> Digest {
    Digest(ledger::Hash::of(document).0)
}
