//! From what is intended to its ledger entry, and from what became of it to another.

use std::sync::Arc;

use decide::{Asker, Digest, PowerId, Time};
use ledger::entry::{
    Digest16, DisclosureDraft, IntentDraft, Minute, OutcomeDraft, PersonPart, PersonSecrets,
};
use ledger::{Hash, IdempotencyKey, Record};
use release::Intended;
use serde::{Deserialize, Serialize};

use super::ended::{Ended, Said};
use super::keys::About;
use crate::answer::entry::{EntryError, Scribe, agreement_of};
use crate::refusals::minute_of;

/// The common part of an intent's details: what replay needs to ask again, and by which key it was asked for.
#[derive(Serialize)]
struct Details<'a> {
    at: Time,
    operation: &'a str,
    asker: &'a Asker,
    /// As the bits of a person's slot number them.
    powers: &'a [PowerId],
    agreements: &'a [Digest],
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<About>,
}

/// The common part of an outcome's details.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct OutcomeDetails {
    pub(super) at: Time,
    #[serde(flatten)]
    pub(super) said: Said,
    /// What an operator writes about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
}

/// An intent on the ledger, for its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Intent {
    pub(super) index: u64,
    pub(super) leaf: Hash,
    pub(super) partner: Digest16,
    pub(super) operation: Digest16,
}

/// Where both logs stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Positions {
    pub(super) register: u64,
    pub(super) ledger: u64,
}

impl Scribe {
    /// The record of what is about to be done: about everybody whom it concerns.
    pub(super) fn intent(
        &self,
        intended: &Intended,
        key: Option<About>,
        ledger_position: u64,
    ) -> Result<Record, EntryError> {
        let (decision, asker) = (intended.permit().decision(), intended.asker());
        let operation = intended.operation().id();
        let at = decision.at().ok_or(EntryError::NoMinute)?;
        let minute = minute_of(at).ok_or(EntryError::NoMinute)?;
        let concerns = intended.concerns();
        let common = serde_json::to_vec(&Details {
            at,
            operation,
            asker,
            powers: decision.powers(),
            agreements: decision.agreements(),
            key,
        })?;
        let secrets: Vec<Arc<PersonSecrets>> = self.secrets_of(&concerns, minute)?;
        let slots: Vec<[u8; 8]> = concerns
            .iter()
            .map(|concern| concern.powers.to_be_bytes())
            .collect();
        let people = secrets.iter().zip(&slots);
        let people: Vec<PersonPart<'_>> = people
            .map(|(secrets, slot)| PersonPart { secrets, slot })
            .collect();
        let draft = IntentDraft(DisclosureDraft {
            minute,
            partner: Digest16::of_partner(asker.partner.as_str()),
            operation: Digest16::of_operation(operation),
            register_position: decision.position(),
            ledger_position,
            agreement: agreement_of(decision),
            people: &people,
            common: &common,
        });
        let key = IdempotencyKey(self.entropy.bytes()?);
        Ok(draft.seal(&self.key, self.seed()?, key)?)
    }

    /// The record of what became of it.
    pub(super) fn outcome(
        &self,
        intent: &Intent,
        ended: &Ended,
        note: Option<String>,
        at: Time,
        positions: Positions,
    ) -> Result<Record, EntryError> {
        let common = serde_json::to_vec(&OutcomeDetails {
            at,
            said: ended.said.clone(),
            note,
        })?;
        let draft = OutcomeDraft {
            minute: minute_of(at).unwrap_or(Minute(0)),
            partner: intent.partner,
            operation: intent.operation,
            register_position: positions.register,
            ledger_position: positions.ledger,
            intent: intent.index,
            leaf: intent.leaf,
            ending: ended.ending,
            common: &common,
        };
        let key = IdempotencyKey(self.entropy.bytes()?);
        Ok(draft.seal(&self.key, self.seed()?, key)?)
    }
}
