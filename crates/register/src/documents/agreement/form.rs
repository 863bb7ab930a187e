//! The keys of an agreement's document. The published schema is generated from these.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::documents::sheet::At;

/// One version of an agreement between the platform and a partner.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "Agreement")]
pub(in crate::documents) struct AgreementForm {
    /// The agreement's id; all versions share it. 1 to 64 of a-z, 0-9, '-', beginning with a letter.
    #[schemars(with = "String", regex(pattern = "^[a-z][a-z0-9-]{0,63}$"))]
    pub(super) agreement: At<String>,
    /// Counts up from 1. The former version governs until both sides have signed this one.
    #[schemars(with = "u32", range(min = 1))]
    pub(super) version: At<u32>,
    /// The partner's id, as enrolled.
    #[schemars(with = "String", regex(pattern = "^[a-z][a-z0-9-]{0,63}$"))]
    pub(super) partner: At<String>,
    /// What the partner is said to be. On record, and without effect: no role lowers what people must consent to.
    #[schemars(with = "String", extend("enum" = ["third-party", "service-provider", "joint-controller"]))]
    pub(super) claimed_role: At<String>,
    /// What the platform gets in return, in plain words.
    #[schemars(with = "String")]
    pub(super) in_return: At<String>,
    /// From when to when it may govern.
    #[schemars(with = "TermForm")]
    pub(super) term: At<TermForm>,
    /// Who may sign.
    pub(super) officers: OfficersForm,
    /// Who approved it inside the platform before it was offered.
    #[schemars(with = "Vec<ApprovalForm>", length(min = 1))]
    pub(super) approvals: At<Vec<ApprovalForm>>,
    /// The notices under which people are asked: SHA-256 of each exact text, as published in the register.
    #[schemars(with = "Vec<String>", inner(regex(pattern = "^[0-9a-f]{64}$")))]
    pub(super) notices: Vec<At<String>>,
    /// What the partner may do. Each (verb, category, reach, purpose) once.
    #[schemars(with = "Vec<PowerForm>", length(min = 1))]
    pub(super) powers: At<Vec<At<PowerForm>>>,
}

/// From when to when an agreement may govern.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TermForm {
    /// The first moment, RFC 3339 with a zone.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(super) from: At<String>,
    /// The first moment no longer in the term.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(super) until: At<String>,
}

/// Officers of both sides.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfficersForm {
    /// Of the platform.
    #[schemars(with = "Vec<SignatoryForm>", length(min = 1))]
    pub(super) platform: At<Vec<SignatoryForm>>,
    /// Of the partner.
    #[schemars(with = "Vec<SignatoryForm>", length(min = 1))]
    pub(super) partner: At<Vec<SignatoryForm>>,
}

/// An officer who may sign.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignatoryForm {
    /// The id under which the officer's key is enrolled.
    #[schemars(with = "String", regex(pattern = "^[a-z][a-z0-9-]{0,63}$"))]
    pub(super) officer: At<String>,
    /// The officer's name.
    #[schemars(with = "String")]
    pub(super) name: At<String>,
    /// The officer's function.
    #[schemars(with = "String")]
    pub(super) title: At<String>,
}

/// An approval inside the platform.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApprovalForm {
    /// By whom.
    #[schemars(with = "String")]
    pub(super) by: At<String>,
    /// On which day.
    #[schemars(with = "String", extend("format" = "date"))]
    pub(super) on: At<String>,
    /// What was said about it.
    #[schemars(with = "Option<String>")]
    pub(super) note: Option<At<String>>,
}

/// What a partner may do with which data of whom, for what, within which limits. Changed in verb, category, reach,
/// purpose, window, frequency, retention or legal basis, it is another power and everybody is asked again.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PowerForm {
    /// What is done. Hiding from people that data is taken is not expressible.
    #[schemars(with = "String", extend("enum" = ["read", "write", "delete", "import"]))]
    pub(super) verb: At<String>,
    /// What kind of data: a DPV personal-data term (pd:Name) or the platform's own (social:Post).
    #[schemars(
        with = "String",
        regex(pattern = "^[a-z][a-z0-9-]*:[A-Za-z][A-Za-z0-9_-]*$")
    )]
    pub(super) category: At<String>,
    /// How the partner gets to the person: own, friend, friend-of-friend, participant, contact, directory, or a reach
    /// that the platform names.
    #[schemars(with = "String", regex(pattern = "^[a-z][a-z-]{0,63}$"))]
    pub(super) reach: At<String>,
    /// What for: a DPV purpose (dpv:ServicePersonalisation) or the platform's own.
    #[schemars(
        with = "String",
        regex(pattern = "^[a-z][a-z0-9-]*:[A-Za-z][A-Za-z0-9_-]*$")
    )]
    pub(super) purpose: At<String>,
    /// Only data made within so many days before the request; left out: of any age.
    #[schemars(with = "Option<u32>", range(min = 1))]
    pub(super) window_days: Option<At<u32>>,
    /// How often; left out: no limit in the agreement.
    pub(super) frequency: Option<FrequencyForm>,
    /// For how many days the partner may keep the data.
    #[schemars(with = "u32")]
    pub(super) retention_days: At<u32>,
    /// consent, or a DPV identifier where the platform's policy names this very power and basis.
    #[schemars(with = "String")]
    pub(super) legal_basis: At<String>,
    /// The feature that it is for.
    #[schemars(with = "String")]
    pub(super) feature: At<String>,
    /// Whether the feature needs it: what is not needed must be refusable on its own.
    pub(super) needed: bool,
    /// What it means, in words for people.
    #[schemars(with = "String")]
    pub(super) in_words: At<String>,
}

/// How often a power may be used, counted per connection.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FrequencyForm {
    /// Uses in one span; one answer is one use.
    #[schemars(with = "u32", range(min = 1))]
    pub(super) times: At<u32>,
    /// The span.
    #[schemars(with = "String", extend("enum" = ["hour", "day", "week", "month"]))]
    pub(super) per: At<String>,
}
