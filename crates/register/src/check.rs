//! Checking an agreement before it is offered or signed: what a steward is shown.

use std::fmt;

use decide::{AgreementVersion, Event, Happened, NoticeHash, Time};

use crate::book::Book;
use crate::documents::Problems;
use crate::documents::agreement::{self, Agreement};
use crate::register::Register;
use crate::signature::{Conflict, conflicts};

/// What a check found about a sound document.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The document, read.
    pub agreement: Agreement,
    /// What of it the rule sees; each power has its id there.
    pub offer: AgreementVersion,
    /// Promises that cover its powers.
    pub conflicts: Vec<Conflict>,
    /// What stands in the way or should be known, worst first.
    pub remarks: Vec<Remark>,
}

/// Something that a steward should know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// The register would refuse the offer, with its words.
    Refused(String),
    /// The platform cannot sign it, with the reason.
    CannotSign(String),
    /// It could be offered and signed, but this should be known.
    Note(String),
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Remark::Refused(what) => write!(f, "would be refused: {what}"),
            Remark::CannotSign(what) => write!(f, "cannot be signed: {what}"),
            Remark::Note(what) => write!(f, "note: {what}"),
        }
    }
}

/// Checks an agreement's document against all that the register knows. Changes nothing.
///
/// # Errors
/// The document is not sound in itself.
pub fn check(
    register: &Register,
    file: &str,
    document: &str,
    now: Time,
) -> Result<Checked, Problems> {
    let agreement = agreement::parse(file, document)?;
    let offer = agreement.offer(document);
    let book = register.book();
    let conflicts = conflicts(&offer, &book, now);
    let mut remarks = Vec::new();
    let offered = book
        .version(&offer.agreement, offer.version)
        .is_some_and(|known| known.offer == offer);
    if !offered {
        let event = Event::AgreementOffered {
            offer: offer.clone(),
        };
        if let Err(invalid) = register.facts().check(&Happened { at: now, event }) {
            remarks.push(Remark::Refused(invalid.to_string()));
        }
    }
    for conflict in &conflicts {
        let what = format!(
            "promise {} covers {}",
            conflict.promise,
            conflict.powers.join("; ")
        );
        remarks.push(if conflict.forbids {
            Remark::CannotSign(what)
        } else {
            Remark::Note(what)
        });
    }
    notes(&agreement, &book, now, &mut remarks);
    remarks.sort();
    Ok(Checked {
        agreement,
        offer,
        conflicts,
        remarks,
    })
}

fn notes(agreement: &Agreement, book: &Book, now: Time, remarks: &mut Vec<Remark>) {
    let mut note = |what: String| remarks.push(Remark::Note(what));
    if agreement.term.until <= now {
        note(format!("its term is over since {}", agreement.term.until));
    }
    let unpublished = |notice: &&NoticeHash| !book.notices.contains_key(*notice);
    for notice in agreement.notices.iter().filter(unpublished) {
        note(format!(
            "notice {notice} is not published: nobody can consent under it yet"
        ));
    }
    let policy = book.policy.as_ref();
    let policy =
        policy.and_then(|document| crate::documents::policy::parse("policy", &document.text).ok());
    for granted in &agreement.powers {
        let power = &granted.power;
        if policy
            .as_ref()
            .is_some_and(|policy| !policy.categories.contains(&power.category))
        {
            note(format!(
                "line {}: the policy does not know {}: every use would be refused",
                granted.line, power.category
            ));
        }
        let basis = (power.id(), power.legal_basis.clone());
        let by_consent = power.legal_basis == decide::LegalBasis::Consent;
        if !by_consent
            && !policy
                .as_ref()
                .is_some_and(|policy| policy.other_bases.contains(&basis))
        {
            note(format!(
                "line {}: the policy does not name this power with {}: without consent every use would be refused",
                granted.line, power.legal_basis
            ));
        }
        if !granted.needed {
            note(format!(
                "line {}: the feature works without {} {}: people must be able to refuse it alone",
                granted.line, power.verb, power.category
            ));
        }
    }
}
