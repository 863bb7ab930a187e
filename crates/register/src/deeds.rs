//! Who did what to the register, read back from its log: the last changes first, as many at a time as are asked for.

use decide::{Event, StaffId, Time};
use ledger::{ReadError, Stored};

use crate::change::{Change, Position, Side};
use crate::entry::{self, Clear, Kind};
use crate::register::Register;

/// One change of the register, as a history shows it. Of people it says nothing, and of documents only which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// How many entries the register held with it.
    pub position: Position,
    /// When.
    pub at: Time,
    /// Who of the platform's staff did it. `None`: a person, a partner or the gateway itself, or an entry of before names
    /// were written down.
    pub by: Option<StaffId>,
    /// What was done, in words.
    pub what: String,
    /// To which partner, agreement, promise or officer; empty where it was about none.
    pub about: String,
}

impl Register {
    /// The changes that led to this position and those before, the last first, out of `many` entries that are looked at.
    /// What happens by the thousand and is nobody's decision (activity, use, people who join) is left out, so there can be
    /// fewer. Reads the disk; must not be called from async code.
    ///
    /// # Errors
    /// An entry could not be read back, with why.
    pub fn deeds(&self, last: Position, many: u64) -> Result<Vec<Deed>, String> {
        let end = last.0.min(self.position().0);
        let begin = end.saturating_sub(many);
        // In rising order, because of a full bundle all records are read at once.
        let looked_at = (begin..end).zip(self.log().iter(begin));
        let deeds = looked_at.filter_map(|(index, stored)| self.deed(index, stored).transpose());
        let mut deeds: Vec<Deed> = deeds.collect::<Result<_, _>>()?;
        deeds.reverse();
        Ok(deeds)
    }

    fn deed(&self, index: u64, stored: Result<Stored, ReadError>) -> Result<Option<Deed>, String> {
        let unreadable = |why: &dyn std::fmt::Display| format!("entry {index}: {why}");
        let stored = stored.map_err(|error| unreadable(&error))?;
        let kind = entry::kind_of(&stored.record);
        if kind.is_some_and(is_routine) {
            return Ok(None); // nothing of it is shown, so nothing is opened
        }
        let opened = entry::open(self.key(), &stored.record);
        let Clear { body, .. } = opened.map_err(|error| unreadable(&error))?;
        let Some(kind) = kind else {
            return Ok(None);
        };
        Ok(Some(Deed {
            position: Position(index + 1),
            at: body.at,
            by: body.by,
            what: in_words(kind),
            about: about(body.change.as_ref(), body.fact.as_ref()),
        }))
    }
}

fn is_routine(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::PeopleActive | Kind::PowerUsed | Kind::PeopleJoined
    )
}

/// `AgreementSigned` is "agreement signed".
fn in_words(kind: Kind) -> String {
    let mut words = String::new();
    for letter in format!("{kind:?}").chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

fn about(change: Option<&Change>, fact: Option<&Event>) -> String {
    match (change, fact) {
        (_, Some(Event::AgreementOffered { offer })) => {
            format!("{}, version {}", offer.agreement, offer.version)
        }
        (
            _,
            Some(Event::AgreementSigned {
                agreement,
                version,
                officer,
                ..
            }),
        ) => format!("{agreement}, version {version}, by officer {officer}"),
        (
            _,
            Some(
                Event::AgreementSuspended { agreement }
                | Event::AgreementResumed { agreement }
                | Event::AgreementEnded { agreement },
            ),
        ) => agreement.to_string(),
        (_, Some(Event::PromiseMade { promise })) => promise.promise.to_string(),
        (_, Some(Event::PromiseWeakened { promise, .. })) => promise.to_string(),
        (
            _,
            Some(
                Event::PartnerEnrolled { partner }
                | Event::PowerHandedBack { partner, .. }
                | Event::ConsentGiven { partner, .. }
                | Event::ConsentWithdrawn { partner, .. },
            ),
        ) => partner.to_string(),
        (_, Some(Event::Connected { connection })) => connection.partner.to_string(),
        (Some(change), _) => of_change(change),
        _ => String::new(),
    }
}

fn of_change(change: &Change) -> String {
    match change {
        Change::PartnerKeys { partner, .. } => partner.to_string(),
        Change::EnrolOfficer { side, officer, .. }
        | Change::RotateOfficerKey { side, officer, .. }
        | Change::RevokeOfficer { side, officer } => match side {
            Side::Platform => format!("{officer} of the platform"),
            Side::Partner(partner) => format!("{officer} of {partner}"),
        },
        Change::DraftAgreement { document } => {
            let draft = crate::documents::agreement::parse("draft", document);
            draft.map_or_else(
                |_| String::new(),
                |draft| format!("{}, version {}", draft.agreement, draft.version),
            )
        }
        Change::ReviewDraft {
            agreement, verdict, ..
        } => match verdict {
            crate::prepared::Verdict::Approved => format!("{agreement}: approved"),
            crate::prepared::Verdict::SentBack => format!("{agreement}: sent back"),
        },
        Change::ProposePromise { proposal } => proposal.digest().to_string(),
        Change::AnswerProposal { digest, answer, .. } => match answer {
            crate::prepared::Answer::Accepted(promise) => {
                format!("{digest}: accepted as {promise}")
            }
            crate::prepared::Answer::Rejected(_) => format!("{digest}: rejected"),
        },
        _ => String::new(),
    }
}
