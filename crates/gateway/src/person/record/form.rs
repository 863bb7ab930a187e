//! The form of a person's record: ISO/IEC TS 27560's fields with DPV's terms, and beside them what that standard has no
//! field for. Times are RFC 3339 in UTC, lengths of time ISO 8601.

use schemars::JsonSchema;
use serde::Serialize;

/// The profile that the records follow.
pub(super) const SCHEMA: &str = "https://w3id.org/dpv/schema/dpv-27560#record";

/// All that is on record about one person.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Document {
    /// The profile of the records: an IRI of DPV's.
    pub(super) schema_version: &'static str,
    /// When this copy was made.
    pub(super) created: String,
    /// The platform's own id of the person.
    pub(super) pii_principal_id: String,
    /// Everybody who is named in it by an id.
    pub(super) party_identification: Vec<Party>,
    /// One for each connection, and one for each consent given as somebody who is reached through others.
    pub(super) records: Vec<Consent>,
    /// Standing refusals, with when they were set and lifted.
    pub(super) standing_refusals: Vec<Refusal>,
    /// What partners were told, or did.
    pub(super) disclosures: Disclosures,
}

/// Somebody named by an id.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Party {
    /// The id.
    pub(super) party_id: String,
    /// The name, as people read it.
    pub(super) party_name: String,
    /// A DPV term: `dpv:DataController` for the platform, `dpv:Recipient` for a partner.
    pub(super) party_role: &'static str,
}

/// One consent record.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Consent {
    /// What record it is.
    pub(super) record: RecordHead,
    /// What was agreed to.
    pub(super) pii_processing: Processing,
    /// What happened to it, oldest first.
    pub(super) event: Vec<Happening>,
}

/// What record it is.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RecordHead {
    /// The profile.
    pub(super) schema_version: &'static str,
    /// The connection's id; for other consents, the place of the register's entry.
    pub(super) record_id: String,
    /// The platform's own id of the person.
    pub(super) pii_principal_id: String,
}

/// What was agreed to.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Processing {
    /// The exact text.
    pub(super) privacy_notice: Notice,
    /// One for each power.
    pub(super) purposes: Vec<Purpose>,
}

/// The text that somebody agreed to.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Notice {
    /// SHA-256 of its bytes.
    pub(super) sha256: String,
    /// Where it can be read, by anybody who has the digest.
    pub(super) address: String,
}

/// One power.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Purpose {
    /// What for: a DPV purpose or the platform's own.
    pub(super) purpose_type: String,
    /// On what ground: `dpv:Consent`, or another that the platform's policy names.
    pub(super) lawful_basis: String,
    /// What kinds of data: DPV personal-data terms or the platform's own.
    pub(super) pii_information: Vec<String>,
    /// What is done with it: a DPV processing term.
    pub(super) processing: &'static str,
    /// Who gets it.
    pub(super) recipient_third_parties: Vec<String>,
    /// How long they may keep it.
    pub(super) retention_period: String,
    /// Where it is withdrawn.
    pub(super) withdrawal_method: String,
    /// How the partner gets to the person: `own`, `friend`, ….
    pub(super) reach: String,
    /// The power's id: the hash of all that defines it.
    pub(super) power: String,
}

/// Something that happened to a consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Happening {
    /// When.
    pub(super) event_time: String,
    /// For how long it was given; only with what gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) duration: Option<String>,
    /// To whom.
    pub(super) entity_id: String,
    /// What happened: `explicit`, `withdrawal`, `end`, `expiry`.
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    /// What held from then on: a DPV consent status.
    pub(super) state: &'static str,
    /// Which powers, where it is not all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) powers: Vec<String>,
}

/// A standing refusal.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Refusal {
    /// What is refused: `everything`, `through-friend`, `partner-…`, `gpc`.
    pub(super) refusal: String,
    /// What happened, oldest first.
    pub(super) event: Vec<RefusalEvent>,
}

/// A standing refusal was set or lifted.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RefusalEvent {
    /// When.
    pub(super) event_time: String,
    /// Whether it stood from then on.
    pub(super) stands: bool,
}

/// What partners were told, or did.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Disclosures {
    /// Whether all that the ledger has is here. What went through somebody else on the day of this copy never is.
    pub(super) complete: bool,
    /// To the minute: as oneself, and from the directory. Newest first.
    pub(super) single: Vec<Told>,
    /// By the day: through somebody else, who is not named.
    pub(super) by_day: Vec<Told>,
}

/// One disclosure, or all of one kind on one day.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Told {
    /// The minute, or the day.
    pub(super) when: String,
    /// The partner's name.
    pub(super) partner: String,
    /// What was done with what, in words.
    pub(super) what: String,
    /// What for, in words.
    pub(super) purpose: String,
    /// By which way, in words.
    pub(super) way: String,
    /// How often.
    pub(super) times: u64,
}
