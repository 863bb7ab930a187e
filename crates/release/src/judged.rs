//! An answer that was judged and is not yet recorded: everything for the ledger, nothing for the partner.

use std::sync::Arc;

use decide::{Asker, Concern, Permit, Question};

use crate::cursor::Nonce;
use crate::error::NotThisQuestion;
use crate::operation::Operation;
use crate::walk::Settled;
use crate::walk::lookups::Outcome;
use crate::walk::seen::get;

/// How an answer differed from what the platform's document says, and where the sweep had to help.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Members that the document does not declare; dropped.
    pub undeclared: u64,
    /// Objects whose deciding member says nothing that the document foresees; dropped.
    pub unforeseen: u64,
    /// Records that the rule let pass and that the sweep took away.
    pub swept: u64,
    /// Ids at places of people that are nobody's.
    pub unresolved: u64,
    /// Calls for the people of records.
    pub lookups: u64,
    /// Those of them that failed.
    pub lookups_failed: u64,
}

/// A judged answer. It has no way to its bytes: only [`crate::reduce`] has, and asks for a [`ledger::Recorded`].
///
/// ```
/// fn release(recorded: ledger::Recorded<release::Judged>) -> release::Reduced {
///     release::reduce(recorded)
/// }
/// ```
///
/// ```compile_fail,E0308
/// fn leak(judged: release::Judged) -> release::Reduced {
///     release::reduce(judged) // expected `Recorded<Judged>`
/// }
/// ```
///
/// and only the log makes one of those:
///
/// ```compile_fail,E0451
/// fn forge(judged: release::Judged) -> ledger::Recorded<release::Judged> {
///     ledger::Recorded { index: 0, carried: judged } // fields are private
/// }
/// ```
///
/// ```compile_fail,E0599
/// fn read(judged: &release::Judged) -> Option<&bytes::Bytes> {
///     judged.body() // no method `body`
/// }
/// ```
#[derive(Debug)]
pub struct Judged {
    pub(crate) settled: Settled,
    pub(crate) permit: Permit,
    /// For each record whether it is written.
    pub(crate) living: Vec<bool>,
    pub(crate) nonce: Nonce,
}

impl Judged {
    pub(crate) fn new(
        settled: Settled,
        permit: Permit,
        nonce: Nonce,
    ) -> Result<Judged, NotThisQuestion> {
        if permit.decision().asked() != settled.walk.seen.data.len() {
            return Err(NotThisQuestion);
        }
        let living = settled.walk.seen.living(permit.decision());
        Ok(Judged {
            settled,
            permit,
            living,
            nonce,
        })
    }

    /// Which operation's answer this is.
    #[must_use]
    pub fn operation(&self) -> &Arc<Operation> {
        self.settled.operation()
    }

    /// The question that the permit answers: people with their reaches, and categories.
    #[must_use]
    pub fn question<'a>(&'a self, asker: &'a Asker) -> Question<'a> {
        self.settled.question(asker)
    }

    /// The permit: what passed, and every reason against the rest.
    ///
    /// A datum can pass and not be written, because the record around it goes (its id was refused). So
    /// [`Permit::concerns`] says more than what leaves; [`Judged::concerns`] says exactly that.
    #[must_use]
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// Everybody about whom something leaves, or is shown by what leaves (the order of a list, a filter), and by which
    /// powers. Each once, in rising order of number.
    #[must_use]
    pub fn concerns(&self, asker: &Asker) -> Vec<Concern> {
        let seen = &self.settled.walk.seen;
        let mut data = seen.data.clone();
        for (datum, (record, _)) in data.iter_mut().zip(&seen.uses) {
            if !get(&self.living, *record as usize) {
                datum.subjects = 0..0;
            }
        }
        let question = Question {
            data: &data,
            ..self.question(asker)
        };
        self.permit.concerns(&question)
    }

    /// How the platform's answer differed from what its document says, in numbers without anybody's data.
    #[must_use]
    pub fn drift(&self) -> Drift {
        let seen = &self.settled.walk.seen;
        let failed = seen
            .lookups
            .iter()
            .filter(|lookup| !matches!(lookup.outcome, Outcome::Listed(_)));
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Drift {
            undeclared: seen.undeclared,
            unforeseen: seen.unforeseen,
            swept: count(seen.swept(self.permit.decision())),
            unresolved: seen.unresolved,
            lookups: count(seen.lookups.len()),
            lookups_failed: count(failed.count()),
        }
    }

    /// How many records are written, and how many there were. Records within records count.
    #[must_use]
    pub fn records(&self) -> (usize, usize) {
        (
            self.living.iter().filter(|lives| **lives).count(),
            self.living.len(),
        )
    }
}
