//! Promises that an agreement would break.

use decide::{AgreementVersion, Form, Power, Promise, PromiseId, Time};

use super::error::BadSignature;
use crate::book::Book;

/// A promise that covers powers of an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Which promise.
    pub promise: PromiseId,
    /// Its form: an absolute one forbids, the others narrow or only say something.
    pub form: Form,
    /// The powers, in words.
    pub powers: Vec<String>,
    /// Whether the promise forbids them outright at some moment of the agreement's term, so that the platform cannot
    /// sign while it is in force.
    pub forbids: bool,
}

/// The promises that cover a power of this agreement during its term, as announced up to now. To be shown when a
/// steward checks it.
#[must_use]
pub fn conflicts(offer: &AgreementVersion, book: &Book, now: Time) -> Vec<Conflict> {
    let from = offer.term.from.max(now);
    let all = book.promises.iter().flat_map(|(id, kept)| {
        let stages = kept.stages.iter().enumerate();
        stages.filter_map(move |(n, (begins, promise))| {
            let ends = kept.stages.get(n + 1).map(|(next, _)| *next);
            let in_term = *begins < offer.term.until && ends.is_none_or(|ends| ends > from);
            let promise = promise.as_ref().filter(|_| in_term)?;
            conflict(id, promise, offer, from)
        })
    });
    all.collect()
}

fn conflict(
    id: &PromiseId,
    promise: &Promise,
    offer: &AgreementVersion,
    from: Time,
) -> Option<Conflict> {
    let covered = offer
        .powers
        .iter()
        .filter(|power| promise.scope.names(&offer.partner, power));
    let powers: Vec<String> = covered.map(Power::in_words).collect();
    let forbids = match promise.form {
        Form::Absolute => true,
        Form::Dated {
            from: begins,
            until,
        } => {
            let before = begins.is_none_or(|begins| begins < offer.term.until);
            let after = until.is_none_or(|until| until > from);
            if !(before && after) {
                return None;
            }
            true
        }
        Form::UnlessConsented | Form::NotJudgeable => false,
    };
    (!powers.is_empty()).then(|| Conflict {
        promise: id.clone(),
        form: promise.form,
        powers,
        forbids,
    })
}

/// Refuses when an absolute promise in force at this moment covers one of the powers.
pub(super) fn refuse_forbidden(
    offer: &AgreementVersion,
    book: &Book,
    now: Time,
) -> Result<(), BadSignature> {
    for (id, kept) in &book.promises {
        let Some(promise) = kept.at(now) else {
            continue;
        };
        let absolute = match promise.form {
            Form::Absolute => true,
            Form::Dated { from, until } => {
                from.is_none_or(|from| from <= now) && until.is_none_or(|until| now < until)
            }
            Form::UnlessConsented | Form::NotJudgeable => false,
        };
        let covered = offer
            .powers
            .iter()
            .filter(|power| promise.scope.names(&offer.partner, power));
        let powers: Vec<String> = covered.map(Power::in_words).collect();
        if absolute && !powers.is_empty() {
            return Err(BadSignature::Forbidden {
                promise: id.clone(),
                powers,
            });
        }
    }
    Ok(())
}
