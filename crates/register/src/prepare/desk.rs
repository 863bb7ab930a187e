//! Checks of what governs nothing: drafts, their reviews, proposals and answers to them.

use decide::{AgreementId, Digest, Event, Facts, Happened, StaffId, Time};

use super::Meaning;
use crate::book::Book;
use crate::change::Change;
use crate::documents;
use crate::error::Refused;
use crate::prepared::{Answer, PROPOSALS_AT_MOST, Proposal, Verdict};

/// The longest note, reason or wording.
const WORDS: usize = 4_000;
/// A draft's longest term, leap years included: a year, and there is no extending it, so that every power is looked at again
/// that often.
const YEAR_MS: i64 = 366 * 86_400_000;
/// The longest address.
const ADDRESS: usize = 1_000;

/// What such a change is checked against.
pub(super) struct Desk<'a> {
    pub(super) book: &'a Book,
    pub(super) facts: &'a Facts,
    pub(super) at: Time,
    pub(super) by: Option<&'a StaffId>,
}

/// What the change comes to; `None` where it is one that governs.
pub(super) fn governs_nothing(
    desk: &Desk<'_>,
    change: &Change,
) -> Option<Result<Meaning, Refused>> {
    match change {
        Change::DraftAgreement { document } => Some(draft(desk, document)),
        Change::ReviewDraft {
            agreement,
            digest,
            verdict,
            note,
        } => Some(review(desk, agreement, *digest, *verdict, note)),
        Change::ProposePromise { proposal } => Some(propose(desk, proposal)),
        Change::AnswerProposal {
            digest,
            answer,
            shown,
        } => Some(answer_to(desk, *digest, answer, shown.as_ref())),
        _ => None,
    }
}

/// A draft is what could be offered now. Whether a promise stands against it is shown, and checked where it counts: when
/// the platform signs.
fn draft(desk: &Desk<'_>, document: &str) -> Result<Meaning, Refused> {
    desk.by.ok_or(Refused::Nameless)?;
    let offer = documents::agreement::parse("draft", document)?.offer(document);
    let runs = offer.term.until.0.saturating_sub(offer.term.from.0);
    if runs > YEAR_MS {
        return Err(Refused::LongerThanAYear(offer.agreement));
    }
    let present = desk.book.drafts.get(&offer.agreement);
    if present.is_some_and(|present| present.offer == offer) {
        return Ok(Meaning::HoldsAlready);
    }
    let event = Event::AgreementOffered { offer };
    desk.facts.check(&Happened { at: desk.at, event })?;
    Ok(Meaning::BookOnly)
}

/// Whoever drafted any text of a version cannot review it. What was sent back stays so: a changed text is another draft.
fn review(
    desk: &Desk<'_>,
    agreement: &AgreementId,
    digest: Digest,
    verdict: Verdict,
    note: &str,
) -> Result<Meaning, Refused> {
    let by = desk.by.ok_or(Refused::Nameless)?;
    let draft = desk.book.drafts.get(agreement);
    let draft = draft.ok_or_else(|| Refused::NoDraft(agreement.clone()))?;
    if draft.document.digest != digest {
        return Err(Refused::OtherDraft {
            agreement: agreement.clone(),
            digest: draft.document.digest,
        });
    }
    if draft.authors.contains(by) {
        return Err(Refused::OwnDraft {
            agreement: agreement.clone(),
            by: by.clone(),
        });
    }
    let least = usize::from(verdict == Verdict::SentBack);
    words("the note", note, least, WORDS)?;
    match draft.review.as_ref().map(|former| former.verdict) {
        Some(Verdict::SentBack) => Err(Refused::SentBack(agreement.clone())),
        Some(Verdict::Approved) if verdict == Verdict::Approved => Ok(Meaning::HoldsAlready),
        _ => Ok(Meaning::BookOnly),
    }
}

fn propose(desk: &Desk<'_>, proposal: &Proposal) -> Result<Meaning, Refused> {
    words("the wording", &proposal.wording, 1, WORDS)?;
    words("the address", &proposal.address, 1, ADDRESS)?;
    let address = &proposal.address;
    let readable = address.strip_prefix("https://").is_some_and(|rest| {
        !rest.is_empty()
            && !rest.contains(|letter: char| letter.is_whitespace() || letter.is_control())
    });
    if !readable {
        return Err(Refused::Citation(address.clone()));
    }
    if desk.book.proposals.contains_key(&proposal.digest()) {
        return Ok(Meaning::HoldsAlready);
    }
    let all = desk.book.proposals.values();
    let waiting = all.filter(|proposed| proposed.answered.is_none()).count();
    if waiting >= PROPOSALS_AT_MOST {
        return Err(Refused::TooManyProposals(waiting));
    }
    Ok(Meaning::BookOnly)
}

fn answer_to(
    desk: &Desk<'_>,
    digest: Digest,
    answer: &Answer,
    shown: Option<&Proposal>,
) -> Result<Meaning, Refused> {
    let proposed = desk.book.proposals.get(&digest);
    let proposed = proposed.ok_or(Refused::UnknownProposal(digest))?;
    if let Some(former) = &proposed.answered {
        return match former.answer == *answer {
            true => Ok(Meaning::HoldsAlready),
            false => Err(Refused::AnsweredProposal),
        };
    }
    if shown.is_some_and(|shown| *shown != proposed.proposal) {
        return Err(Refused::OtherProposal);
    }
    match answer {
        Answer::Rejected(reason) => words("the reason", reason, 1, WORDS)?,
        Answer::Accepted(promise) if !desk.book.promises.contains_key(promise) => {
            return Err(decide::Invalid::UnknownPromise(promise.clone()).into());
        }
        Answer::Accepted(_) => {}
    }
    Ok(Meaning::BookOnly)
}

fn words(what: &'static str, text: &str, least: usize, limit: usize) -> Result<(), Refused> {
    let said = text.trim().len();
    if (least..=limit).contains(&said) && text.len() <= limit {
        return Ok(());
    }
    let found = text.len();
    Err(Refused::Words { what, found, limit })
}
