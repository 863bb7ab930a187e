//! What the platform is to get: only once its intent is durable, and nothing was taken away since.

use std::sync::Arc;

use bytes::Bytes;
use decide::{Facts, Now, PersonNo, decide};
use ledger::Recorded;
use serde_json::Value;

use super::intended::all_pass;
use super::{Intended, Wanted};
use crate::operation::Operation;
use crate::parameter::in_words;
use crate::sweep;

/// A request to the platform whose intent is durable. To be sent once: whoever has sent it has given it away.
#[derive(Debug)]
pub struct Confirmed {
    index: u64,
    wanted: Wanted,
}

/// Something was taken away after the intent was recorded, and the rule lets it not be done any more. Nothing is sent.
#[derive(Debug)]
pub struct TakenAway {
    index: u64,
}

/// Looks whether anything was taken away since the rule was asked, and if so asks it again.
///
/// # Errors
/// It does not pass any more, or the clock is not believed any more.
pub fn confirm(
    recorded: Recorded<Intended>,
    facts: &Facts,
    now: Now,
) -> Result<Confirmed, TakenAway> {
    let index = recorded.index();
    let intended = recorded.into_inner();
    if intended.permit.decision().revocations() != facts.revocations() {
        let question = intended.wanted.question(&intended.asker, &intended.data);
        if !all_pass(&decide(facts, &question, now)) {
            return Err(TakenAway { index });
        }
    }
    Ok(Confirmed {
        index,
        wanted: intended.wanted,
    })
}

impl TakenAway {
    /// The place of its intent in the ledger.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }
}

impl Confirmed {
    /// The place of its intent in the ledger.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Which operation.
    #[must_use]
    pub fn operation(&self) -> &Arc<Operation> {
        &self.wanted.operation
    }

    /// What to ask the platform: path and query, encoded.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.wanted.target
    }

    /// The body to send, in JSON; `None`: none. It holds what the plan names, written anew.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.wanted.body.as_ref()
    }
}

/// An id of what a write made is no longer than this.
const LONGEST_ID: usize = 255;

impl Operation {
    /// Whether a partner is told an id of what this makes.
    #[must_use]
    pub fn tells_what_it_made(&self) -> bool {
        self.write
            .as_ref()
            .is_some_and(|write| write.made.is_some())
    }

    /// The id of what was made, in the platform's answer to a write. `None` where the overlay names none, where the
    /// answer has none there, and where it is, or holds, an identifier of somebody.
    #[must_use]
    pub fn made(&self, answer: &[u8], resolve: &dyn Fn(&str) -> Option<PersonNo>) -> Option<Value> {
        let pointer = self.write.as_ref()?.made.as_ref()?;
        let answer: Value = serde_json::from_slice(answer).ok()?;
        let id = answer.pointer(pointer)?;
        if !(id.is_string() || id.is_i64() || id.is_u64()) {
            return None;
        }
        let words = in_words(id);
        let mut somebodys = resolve(&words).is_some();
        sweep::scan(&words, &self.plan.identifiers, &mut |_| somebodys = true);
        let fits = !words.is_empty() && words.len() <= LONGEST_ID && !somebodys;
        fits.then(|| id.clone())
    }
}
