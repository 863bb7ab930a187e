//! The platform's own settings that the rule obeys, as a steward writes them.

use std::collections::BTreeSet;

use decide::{Days, Policy};
use schemars::JsonSchema;
use serde::Deserialize;

use super::problem::Problems;
use super::sheet::{At, Sheet};
use super::terms;

/// The platform's policy. Nothing is decided before one is set.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "Policy")]
pub(super) struct PolicyForm {
    /// Every category that the platform knows; any other is refused as unknown.
    #[schemars(with = "Vec<String>", length(min = 1))]
    categories: At<Vec<At<String>>>,
    /// A power unused for more than so many days has lapsed.
    #[schemars(with = "u32", range(min = 1))]
    power_lapses_after_days: At<u32>,
    /// A connection whose person did nothing for more than so many days has gone quiet.
    #[schemars(with = "u32", range(min = 1))]
    connection_quiet_after_days: At<u32>,
    /// No consent runs longer than this.
    #[schemars(with = "u32", range(min = 1))]
    consent_at_most_days: At<u32>,
    /// The platform's own purposes that count as advertising, beside DPV's.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    advertising: Vec<At<String>>,
    /// Powers that may stand on another basis than consent, each in so many words.
    #[serde(default)]
    other_bases: Vec<OtherBasisForm>,
}

/// One power of one agreement on another basis than consent.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct OtherBasisForm {
    /// The power's id: 64 hexadecimal digits, as `countersign agreement check` prints it.
    #[schemars(with = "String", regex(pattern = "^[0-9a-f]{64}$"))]
    power: At<String>,
    /// The basis, for example eu-gdpr:A6-1-c.
    #[schemars(with = "String")]
    basis: At<String>,
    /// Why, in words for people: it is shown to those concerned.
    #[schemars(with = "String")]
    because: At<String>,
}

/// Reads a document. `file` is how errors name it.
///
/// # Errors
/// Everything found wrong, with places.
pub fn parse(file: &str, text: &str) -> Result<Policy, Problems> {
    let (mut sheet, form) = Sheet::read::<PolicyForm>(file, text, "policy")?;
    let policy = read(&mut sheet, &form);
    sheet.finish(policy)
}

fn read(sheet: &mut Sheet<'_>, form: &PolicyForm) -> Option<Policy> {
    if form.categories.value.is_empty() {
        sheet.add(
            form.categories.referenced,
            "categories is empty, so everything would be refused as unknown",
            "at least one category",
            "list the categories that the platform's overlay maps",
        );
    }
    let categories: BTreeSet<_> = form
        .categories
        .value
        .iter()
        .filter_map(|text| terms::category(sheet, text))
        .collect();
    let power_lapses_after = days(
        sheet,
        "power-lapses-after-days",
        &form.power_lapses_after_days,
    );
    let connection_quiet_after = days(
        sheet,
        "connection-quiet-after-days",
        &form.connection_quiet_after_days,
    );
    let consent_at_most = days(sheet, "consent-at-most-days", &form.consent_at_most_days);
    let advertising = form
        .advertising
        .iter()
        .filter_map(|text| terms::purpose(sheet, "advertising", text))
        .collect();
    let other_bases = form
        .other_bases
        .iter()
        .filter_map(|other| other_basis(sheet, other))
        .collect();
    Some(Policy {
        categories,
        power_lapses_after,
        connection_quiet_after,
        consent_at_most,
        advertising,
        other_bases,
    })
}

fn days(sheet: &mut Sheet<'_>, key: &str, days: &At<u32>) -> Days {
    if days.value == 0 {
        let wrong = format!("{key}: 0 days would end everything at once");
        sheet.add(
            days.referenced,
            wrong,
            "1 or more",
            "write a number of days",
        );
    }
    Days(days.value)
}

fn other_basis(
    sheet: &mut Sheet<'_>,
    form: &OtherBasisForm,
) -> Option<(decide::PowerId, decide::LegalBasis)> {
    sheet.words(
        "because",
        &form.because,
        "say why: the people concerned are shown it",
    );
    let power = sheet.parse(
        "power",
        &form.power,
        "copy the id that `countersign agreement check` prints for the power",
    );
    let basis = terms::legal_basis(sheet, &form.basis)?;
    if basis == decide::LegalBasis::Consent {
        sheet.add(
            form.basis.referenced,
            "basis: consent is not another basis",
            "a legal basis other than consent, for example eu-gdpr:A6-1-c",
            "remove the line: consent needs no naming here",
        );
    }
    Some((power?, basis))
}

/// A commented template to begin from; sound as it stands.
#[must_use]
pub fn draft() -> String {
    TEMPLATE.to_owned()
}

const TEMPLATE: &str = r#"# The platform's own settings that the rule obeys. Nothing is decided before a policy is set.
categories:                       # every category that the platform knows; any other is refused as unknown
  - pd:Name
  - pd:EmailAddress
power-lapses-after-days: 90       # a power unused for longer has lapsed
connection-quiet-after-days: 180  # a connection whose person did nothing for longer has gone quiet
consent-at-most-days: 365         # no consent runs longer

advertising: []                   # the platform's own purposes that count as advertising, beside DPV's

# Powers that may stand on another legal basis than consent, each by its id, with the reason that people are shown.
# Possible for reach own only.
other-bases: []
"#;
