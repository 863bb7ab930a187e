//! Terms with a prefix: DPV's own, the platform's own, and those that only look like DPV's.

use decide::{Category, LegalBasis, Purpose};

use super::sheet::{At, Sheet};

/// Namespaces that W3C's Data Privacy Vocabulary 2 has. One of them in the wrong place, or a slip of one, is an error.
const DPV: &[&str] = &[
    "dpv",
    "pd",
    "tech",
    "risk",
    "justifications",
    "loc",
    "ai",
    "sector",
    "legal",
    "eu-gdpr",
    "eu-dga",
    "eu-aiact",
    "eu-nis2",
    "eu-rights",
    "eu-ehds",
    "p7012",
];

pub(super) fn category(sheet: &mut Sheet<'_>, text: &At<String>) -> Option<Category> {
    let category: Category = sheet.parse(
        "category",
        text,
        "take DPV's term (pd:Name, pd:EmailAddress), or one of the platform's own with the platform's prefix",
    )?;
    prefix(sheet, "category", text, "pd").then_some(category)
}

pub(super) fn purpose(sheet: &mut Sheet<'_>, key: &str, text: &At<String>) -> Option<Purpose> {
    let purpose: Purpose = sheet.parse(
        key,
        text,
        "take DPV's term (dpv:ServicePersonalisation), or one of the platform's own with the platform's prefix",
    )?;
    prefix(sheet, key, text, "dpv").then_some(purpose)
}

pub(super) fn legal_basis(sheet: &mut Sheet<'_>, text: &At<String>) -> Option<LegalBasis> {
    let advice = "write consent; another basis holds only where the platform's policy names this very power and basis";
    let basis: LegalBasis = sheet.parse("legal-basis", text, advice)?;
    let fits = basis == LegalBasis::Consent
        || ["eu-gdpr:", "dpv:"]
            .iter()
            .any(|prefix| text.value.starts_with(prefix));
    if !fits {
        sheet.add(
            text.referenced,
            format!("legal-basis: {:?} is not a legal basis of DPV", text.value),
            "consent, or a term with eu-gdpr: or dpv:",
            advice,
        );
    }
    fits.then_some(basis)
}

/// Whether the prefix is the one that belongs here or the platform's own, and not another or a misspelt one of DPV's.
fn prefix(sheet: &mut Sheet<'_>, key: &str, text: &At<String>, fitting: &str) -> bool {
    let prefix = text.value.split(':').next().unwrap_or_default();
    if prefix == fitting {
        return true;
    }
    let looks_like = DPV.contains(&prefix)
        || ["dpv", "pd-", "eu-", "gdpr", "w3", "dvp", "pdv"]
            .iter()
            .any(|start| prefix.starts_with(start));
    if looks_like {
        sheet.add(
            text.referenced,
            format!("{key}: the prefix {prefix:?} looks like DPV's, but no {key} of DPV has it"),
            format!("{fitting}: for DPV's terms, or a prefix of the platform's own such as social:"),
            format!("write {fitting}:… if DPV's term is meant; else choose a prefix that cannot be mistaken for DPV's"),
        );
    }
    !looks_like
}
