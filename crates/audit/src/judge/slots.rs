//! What a verdict means as findings: the rule's reasons, sorted into kinds.

use decide::{PromiseId, Reason};

use crate::report::{Kind, Question};

/// A set of findings: a bit for each kind, and from [`FIRST_PROMISE`] on one for each promise.
pub(crate) type Slots = u128;

const FIRST_PROMISE: u32 = 16;
/// So many promises have a bit.
pub(crate) const PROMISES: usize = 112;

/// The bit of a kind.
pub(crate) fn slot(kind: Kind) -> Slots {
    let number = Kind::ALL.iter().position(|it| *it == kind).unwrap_or(0);
    1 << number
}

/// The bit of a promise, by its number.
pub(crate) fn promise_slot(number: usize) -> Slots {
    let bit = u32::try_from(number)
        .unwrap_or(0)
        .saturating_add(FIRST_PROMISE);
    1u128.checked_shl(bit).unwrap_or(0)
}

/// What a bit stands for: its kind, and the number of the promise.
pub(crate) fn meaning(bit: u32) -> Option<(Kind, Option<usize>)> {
    match bit.checked_sub(FIRST_PROMISE) {
        Some(promise) => Some((Kind::PromiseBroken, Some(promise as usize))),
        None => Some((*Kind::ALL.get(bit as usize)?, None)),
    }
}

/// The bits of a set, in rising order.
pub(crate) fn bits(mut slots: Slots) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = (slots != 0).then(|| slots.trailing_zeros())?;
        slots &= slots.wrapping_sub(1);
        Some(bit)
    })
}

/// The bit of an open question.
pub(crate) fn open(question: Question) -> u8 {
    1 << QUESTIONS.iter().position(|it| *it == question).unwrap_or(0)
}

/// All questions, in the order of their bits.
pub(crate) const QUESTIONS: [Question; 8] = [
    Question::Bystanders,
    Question::OnWhoseBehalf,
    Question::Connections,
    Question::Consents,
    Question::Bars,
    Question::Activity,
    Question::Frequency,
    Question::WhenMade,
];

/// A verdict about one person, as findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// What concerns this person.
    pub(crate) of_person: Slots,
    /// What concerns the one on whose behalf the partner acted.
    pub(crate) of_actor: Slots,
    /// The rule's own words for it, with the finding that each belongs to.
    pub(crate) reasons: Vec<(Reason, Slots)>,
}

/// What the kind of a reason depends on beside the reason.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    /// The person is the one on whose behalf the partner acted.
    pub(crate) connected: bool,
    /// The act's reach is `own`.
    pub(crate) own: bool,
    /// Some power of the partner's was signed by both and in force at that time.
    pub(crate) has_agreement: bool,
    pub(crate) promises: &'a [PromiseId],
}

impl Verdict {
    pub(crate) fn of(reasons: Vec<Reason>, context: Context<'_>) -> Verdict {
        let mut verdict = Verdict::default();
        for reason in reasons {
            let (slots, actor) = sort(&reason, context);
            if actor {
                verdict.of_actor |= slots;
            } else {
                verdict.of_person |= slots;
            }
            verdict.reasons.push((reason, slots));
        }
        verdict
    }
}

/// The finding that a reason belongs to, and whether it concerns the actor and not the person looked at.
fn sort(reason: &Reason, context: Context<'_>) -> (Slots, bool) {
    let kind = match reason {
        Reason::UnknownPartner | Reason::NotGranted | Reason::UnknownCategory => {
            if context.has_agreement {
                Kind::WiderThanSigned
            } else {
                Kind::NoAgreement
            }
        }
        Reason::NotSignedByPartner => Kind::NotSignedByPartner,
        Reason::NotSignedByPlatform => Kind::NotSignedByPlatform,
        Reason::NotStarted => Kind::BeforeStart,
        Reason::Ended | Reason::Superseded | Reason::HandedBack => Kind::AfterEnd,
        Reason::Suspended => Kind::WhileSuspended,
        Reason::Lapsed => Kind::LapsedUsed,
        Reason::TooOften | Reason::OutsideWindow | Reason::BasisNotAccepted => {
            Kind::WiderThanSigned
        }
        Reason::NoConnection
        | Reason::ConnectionOfAnother
        | Reason::ConnectionEnded
        | Reason::NotCovered
        | Reason::NotTheirOwn => return (slot(Kind::PersonNotAsked), true),
        Reason::ConnectionQuiet => return (slot(Kind::QuietPolled), true),
        Reason::NoConsent if context.connected || context.own => Kind::PersonNotAsked,
        Reason::NoConsent => Kind::BystanderNotAsked,
        Reason::Barred(_) => Kind::BarIgnored,
        Reason::Promised(id) => {
            let number = context.promises.iter().position(|promise| promise == id);
            return (
                number.map_or_else(|| slot(Kind::PromiseBroken), promise_slot),
                false,
            );
        }
        Reason::UnknownPerson | Reason::UnresolvedPerson => Kind::PersonUnknown,
        // An audit never asks without time, policy, use or people.
        Reason::ClockWentBack
        | Reason::ClockJumpedAhead
        | Reason::Missing(_)
        | Reason::NoPeople => Kind::NoAgreement,
    };
    (slot(kind), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_every_promise_has_a_bit_of_its_own() {
        let kinds = Kind::ALL.map(slot);
        let promises = [0, 1, PROMISES - 1].map(promise_slot);
        let all: Slots = kinds.iter().chain(&promises).fold(0, |all, one| {
            assert_eq!(all & one, 0);
            all | one
        });
        assert_eq!(all.count_ones(), 18);
        for kind in Kind::ALL {
            assert_eq!(meaning(slot(kind).trailing_zeros()), Some((kind, None)));
        }
        assert_eq!(
            meaning(promise_slot(5).trailing_zeros()),
            Some((Kind::PromiseBroken, Some(5)))
        );
        assert_eq!(bits(0b1010).collect::<Vec<_>>(), [1, 3]);
    }
}
