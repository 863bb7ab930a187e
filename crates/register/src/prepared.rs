//! What is being prepared and governs nothing: drafts of agreements with their reviews, and promises that anybody has
//! proposed, with the platform's answers.

use std::collections::BTreeSet;
use std::sync::Arc;

use decide::{AgreementVersion, Day, Digest, PromiseId, StaffId, Time};
use serde::{Deserialize, Serialize};

use crate::book::{Book, Document};
use crate::change::Change;

/// How many proposals may wait for an answer. Strangers fill what is kept for good up to here and no further.
pub const PROPOSALS_AT_MOST: usize = 200;

/// The next version of an agreement, before it is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What of it the rule would see.
    pub offer: AgreementVersion,
    /// The exact document.
    pub document: Document,
    /// Who drafted this text.
    pub by: StaffId,
    /// When.
    pub at: Time,
    /// Everybody who drafted any text of this version: none of them can review it.
    pub authors: BTreeSet<StaffId>,
    /// What a second person found in this text.
    pub review: Option<Review>,
}

/// What a second person says to a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Who.
    pub by: StaffId,
    /// When.
    pub at: Time,
    /// What they found.
    pub verdict: Verdict,
    /// In their words.
    pub note: String,
}

/// How a review ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It may be offered.
    Approved,
    /// It has to be changed first, before it can be approved.
    SentBack,
}

/// Somebody's word that the platform has promised something in public. Who it was is not asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// What was promised, in the words of whoever proposes it.
    pub wording: String,
    /// Where it can be read (https).
    pub address: String,
    /// On which day it was said, if that is known.
    pub made: Option<Day>,
}

/// A proposal and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    /// What was proposed.
    pub proposal: Proposal,
    /// When.
    pub at: Time,
    /// The platform's answer, once there is one.
    pub answered: Option<Answered>,
}

/// The platform's answer to a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The platform stands by it: the promise that it became.
    Accepted(PromiseId),
    /// The platform does not, and says why.
    Rejected(String),
}

/// An answer with its circumstances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// What it was.
    pub answer: Answer,
    /// When.
    pub at: Time,
    /// Who of the platform's staff gave it, if that is known.
    pub by: Option<StaffId>,
    /// Whether the proposal's words are shown with it.
    pub shown: bool,
}

impl Draft {
    /// Whether a second person has approved this very text.
    #[must_use]
    pub fn approved(&self) -> bool {
        self.review
            .as_ref()
            .is_some_and(|review| review.verdict == Verdict::Approved)
    }
}

impl Proposal {
    /// SHA-256 of what was proposed: its receipt.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let made = self.made.map(|day| day.to_string()).unwrap_or_default();
        let text = format!(
            "countersign proposal v1\n{made}\n{}\n{}",
            self.address, self.wording
        );
        Document::of(&text).digest
    }
}

impl Book {
    /// The draft that this version was, taken off the desk: once a version is offered, nothing of it is being prepared.
    pub(crate) fn taken_draft(&mut self, offer: &AgreementVersion) -> Option<Arc<Draft>> {
        let draft = self.drafts.get(&offer.agreement)?;
        if draft.offer.version > offer.version {
            return None;
        }
        let draft = self.drafts.remove(&offer.agreement)?;
        (draft.offer == *offer).then_some(draft)
    }

    pub(crate) fn learn_prepared(&mut self, at: Time, change: &Change, by: Option<&StaffId>) {
        match (change, by) {
            (Change::DraftAgreement { document }, Some(by)) => self.learn_draft(at, document, by),
            (
                Change::ReviewDraft {
                    agreement,
                    verdict,
                    note,
                    ..
                },
                Some(by),
            ) => {
                if let Some(draft) = self.drafts.get_mut(agreement) {
                    Arc::make_mut(draft).review = Some(Review {
                        by: by.clone(),
                        at,
                        verdict: *verdict,
                        note: note.clone(),
                    });
                }
            }
            (Change::ProposePromise { proposal }, _) => {
                let proposed = Proposed {
                    proposal: proposal.clone(),
                    at,
                    answered: None,
                };
                self.proposals.insert(proposal.digest(), Arc::new(proposed));
            }
            (
                Change::AnswerProposal {
                    digest,
                    answer,
                    shown,
                },
                by,
            ) => {
                if let Some(proposed) = self.proposals.get_mut(digest) {
                    Arc::make_mut(proposed).answered = Some(Answered {
                        answer: answer.clone(),
                        at,
                        by: by.cloned(),
                        shown: shown.is_some(),
                    });
                }
            }
            _ => {}
        }
    }

    fn learn_draft(&mut self, at: Time, document: &str, by: &StaffId) {
        // It was sound when it was taken in, and a later program may be stricter: then there is no draft of it.
        let Ok(agreement) = crate::documents::agreement::parse("draft", document) else {
            return;
        };
        let offer = agreement.offer(document);
        let former = self.drafts.get(&offer.agreement);
        let former = former.filter(|former| former.offer.version == offer.version);
        let mut authors = former.map_or_else(BTreeSet::new, |former| former.authors.clone());
        authors.insert(by.clone());
        let draft = Draft {
            document: Document::of(document),
            by: by.clone(),
            at,
            authors,
            review: None,
            offer,
        };
        self.drafts
            .insert(draft.offer.agreement.clone(), Arc::new(draft));
    }

    /// Proposals that wait for an answer, oldest first.
    #[must_use]
    pub fn waiting(&self) -> Vec<(Digest, Arc<Proposed>)> {
        let all = self.proposals.iter();
        let mut waiting: Vec<_> = all
            .filter(|(_, proposed)| proposed.answered.is_none())
            .map(|(digest, proposed)| (*digest, proposed.clone()))
            .collect();
        waiting.sort_by_key(|(digest, proposed)| (proposed.at, *digest));
        waiting
    }
}
