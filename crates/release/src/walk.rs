//! The platform's answer, walked once along its plan: who is in it, and what kind of datum is where.

use bytes::Bytes;
use decide::{Asker, Datum, Decision, Permit, PersonNo, Question, Reach, Subject};

use crate::cursor::Nonce;
use crate::error::{AnswerRefused, NotThisQuestion};
use crate::judged::Judged;

/// An answer while its pages come in.
#[derive(Debug)]
pub struct Walk {
    pub(crate) categories: Vec<decide::Category>,
    pub(crate) reaches: Vec<Reach>,
    pub(crate) subjects: Vec<Subject>,
    pub(crate) data: Vec<Datum>,
}

/// An answer cut to the page that can be answered: its question is the one to get a permit for.
#[derive(Debug)]
pub struct Settled {
    pub(crate) walk: Walk,
    pub(crate) whole: bool,
}

impl Walk {
    /// How deeply an answer may be nested.
    pub const DEPTH: usize = 64;
    /// How many further pages of the platform's are asked for to fill one of ours.
    pub const REFILLS: usize = 8;

    /// Takes in a page of the platform's: the first, or the one that [`Walk::missing`] asked for. The caller has
    /// limited its size and checked status and type.
    ///
    /// `resolve` turns the platform's id of a person into their number; it is asked once for each different id.
    ///
    /// # Errors
    /// Anything for which the answer is to be refused whole. The walk is then of no more use.
    pub fn take_page(
        &mut self,
        _body: Bytes,
        _resolve: &dyn Fn(&str) -> Option<PersonNo>,
    ) -> Result<(), AnswerRefused> {
        Err(AnswerRefused::UnexpectedPage)
    }

    /// All that was seen so far, as one question.
    #[must_use]
    pub fn question<'a>(&'a self, asker: &'a Asker) -> Question<'a> {
        Question {
            asker,
            categories: &self.categories,
            reaches: &self.reaches,
            subjects: &self.subjects,
            data: &self.data,
        }
    }

    /// What to ask the platform next (path and query), if the page is not yet full, or if it is not yet known whether
    /// another follows. `None` when all is there, when the platform has no more, or after [`Walk::REFILLS`].
    #[must_use]
    pub fn missing(&mut self, _decision: &Decision) -> Option<String> {
        None
    }

    /// Cuts away what was only looked at to know whether another page follows.
    #[must_use]
    pub fn settle(self, _decision: &Decision) -> Settled {
        Settled {
            walk: self,
            whole: true,
        }
    }
}

impl Settled {
    /// Whether nothing was cut, so that the decision that settled it is also the decision about it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// The question to get a permit for.
    #[must_use]
    pub fn question<'a>(&'a self, asker: &'a Asker) -> Question<'a> {
        self.walk.question(asker)
    }

    /// Takes in the permit. Nothing can be read from the outcome before its entry is in the ledger.
    ///
    /// # Errors
    /// The permit is for another question.
    pub fn judge(self, permit: Permit, nonce: Nonce) -> Result<Judged, NotThisQuestion> {
        Judged::new(self, permit, nonce)
    }
}
