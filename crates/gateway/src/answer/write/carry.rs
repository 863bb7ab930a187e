//! From the rule's leave to an outcome on the ledger. Whoever waits for it may go; it goes on.

use std::time::Instant;

use ledger::Hash;
use ledger::entry::{Digest16, Ending};
use release::{Intended, confirm};

use super::ended::{Ended, Told};
use super::entry::Intent;
use super::keys::Claim;
use super::underway::Underway;
use crate::answer::Took;
use crate::gateway::Gateway;
use crate::limits::Leave;
use crate::problem::Problem;
use std::sync::Arc;

/// Something that may be done, and all that it takes.
pub(super) struct Carrying {
    pub(super) gateway: Arc<Gateway>,
    pub(super) intended: Intended,
    pub(super) claim: Option<Claim>,
    /// The platform's own id of the person who connected.
    pub(super) person: Option<String>,
    /// It counts among the partner's requests until it has ended.
    pub(super) _leave: Arc<Leave>,
}

impl Carrying {
    /// Records the intent, looks whether anything was taken away, asks the platform once, and records what became of it.
    pub(super) async fn carry_out(self) -> (Result<Told, Problem>, Took) {
        let mut took = Took::default();
        let told = self.in_order(&mut took).await;
        (told, took)
    }

    async fn in_order(self, took: &mut Took) -> Result<Told, Problem> {
        let Carrying {
            gateway,
            intended,
            claim,
            person,
            _leave,
        } = self;
        let underway = Underway::begin(&gateway.writes);
        let operation = Arc::clone(intended.operation());
        let asker = intended.asker().clone();
        let powers = intended.permit().decision().clone();

        // 1: the intent.
        let writing = Instant::now();
        let about = claim.as_ref().map(Claim::about);
        let record = gateway
            .scribe
            .intent(&intended, about, gateway.ledger.size());
        let record = record.map_err(|error| {
            tracing::error!(%error, operation = operation.id(), "an intent could not be made into an entry");
            Problem::Internal
        })?;
        let (leaf, sent_as) = (Hash::leaf(&record.entry), hex::encode(record.key.0));
        let recorded = gateway
            .ledger
            .record(record, intended)
            .await
            .map_err(|error| {
                tracing::error!(%error, "the ledger did not take an intent, so nothing is done");
                Problem::from(error)
            })?;
        took.ledger += writing.elapsed();
        let intent = Intent {
            index: recorded.index(),
            leaf,
            partner: Digest16::of_partner(asker.partner.as_str()),
            operation: Digest16::of_operation(operation.id()),
        };
        tracing::Span::current().record("entry", intent.index);
        let underway = underway.intended(intent);
        if let Some(claim) = &claim {
            claim.intended(intent.index);
        }

        // 2: was anything taken away meanwhile? 3: the platform, once.
        let asked = Instant::now();
        let ended = match confirm(recorded, gateway.register.facts(), gateway.clock.now()) {
            Err(_taken_away) => Ended::new(Ending::TAKEN_AWAY),
            Ok(confirmed) => {
                let person = person.as_deref();
                let sent = gateway
                    .upstream
                    .carry_out(confirmed, person, &sent_as)
                    .await;
                if let Some(why) = sent.why {
                    tracing::warn!(
                        operation = operation.id(),
                        why,
                        "a write was not answered as it should"
                    );
                }
                let people = gateway.register.people();
                let made = sent.body.filter(|_| sent.ending == Ending::DONE);
                let made = made.and_then(|body| operation.made(&body, &|id| people.number(id)));
                let mut ended = Ended::new(sent.ending);
                ended.said.status = sent.status;
                ended.said.made = made;
                ended
            }
        };
        took.upstream += asked.elapsed();
        if ended.ending != Ending::TAKEN_AWAY {
            gateway.used.note(&gateway.register, &asker, &powers);
        }

        // 4: the outcome, before anybody is told.
        let writing = Instant::now();
        let told = gateway.conclude(underway, ended, None).await;
        took.ledger += writing.elapsed();
        let told = told.map_err(|_| Problem::OutcomeUnknown)?;
        if let Some(claim) = claim {
            claim.ended(&told);
        }
        Ok(told)
    }
}
