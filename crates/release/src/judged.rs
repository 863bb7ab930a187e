//! An answer that was judged and is not yet recorded: everything for the ledger, nothing for the partner.

use decide::{Asker, Permit, Question};

use crate::cursor::Nonce;
use crate::error::NotThisQuestion;
use crate::walk::Settled;

/// A judged answer. It has no way to its bytes: only [`crate::reduce`] has, and asks for a [`ledger::Recorded`].
///
/// ```compile_fail
/// fn leak(judged: release::Judged) -> release::Reduced {
///     release::reduce(judged)
/// }
/// ```
#[derive(Debug)]
pub struct Judged {
    settled: Settled,
    permit: Permit,
}

impl Judged {
    pub(crate) fn new(
        settled: Settled,
        permit: Permit,
        _nonce: Nonce,
    ) -> Result<Judged, NotThisQuestion> {
        if permit.decision().asked() != settled.walk.data.len() {
            return Err(NotThisQuestion);
        }
        Ok(Judged { settled, permit })
    }

    /// The question that the permit answers.
    #[must_use]
    pub fn question<'a>(&'a self, asker: &'a Asker) -> Question<'a> {
        self.settled.question(asker)
    }

    /// The permit: what passed, about whom ([`Permit::concerns`]), and every reason against the rest.
    #[must_use]
    pub fn permit(&self) -> &Permit {
        &self.permit
    }
}
