//! The gate: from an admitted request to a reduced answer, in the one order that the law allows.
//!
//! Every step needs what the step before it made, so none can be left out: a permit comes only from the rule, a
//! `Recorded` only from the ledger, and only a `Recorded` becomes bytes.

use std::sync::Arc;
use std::time::Instant;

use decide::{Asker, Behalf, Concern, Decision, Now, Preview, Reason, Time, decide, preview};
use release::{
    Call, Judged, Me, Nonce, OnBehalf, Operation, Prepared, Route, Settled, Walk, reduce,
};

use super::{Asked, Released, Took};
use crate::admission::Admitted;
use crate::flights::{Aboard, Flight, Line};
use crate::gateway::Gateway;
use crate::oauth::Caller;
use crate::problem::Problem;
use crate::refusals;
use crate::upstream::Asking;

/// How often an answer is begun because something was taken away while it was being made.
pub(super) const BEGINNINGS: usize = 3;

impl Gateway {
    /// Answers a read.
    ///
    /// # Errors
    /// What the partner is to be told instead. It never depends on any person but the one who connected it.
    pub(super) async fn answer(
        self: &Arc<Self>,
        Admitted { caller, now, .. }: &Admitted,
        route: &Route,
        asked: &Asked<'_>,
        took: &mut Took,
    ) -> Result<Released, Problem> {
        let operation = route.operation();
        let mut asker = asker_of(caller, operation);
        let me = self.me(caller, operation)?;
        let mut prepared = self.prepare(caller, me.as_ref(), route, asked)?;
        self.count_promises(operation, &asker, *now);
        let previews = self.could_anything_pass(operation, &asker)?;
        asker.draws = self.uses.reserve(&asker, &previews, *now);
        for _ in 0..BEGINNINGS {
            let collected = self.collect(prepared, &asker, me.as_ref(), took).await;
            let collected = match collected {
                Err(Problem::NotFound) => {
                    self.record_nobody(&asker, operation, *now).await?;
                    return Err(Problem::NotFound);
                }
                collected => collected?,
            };
            let whom = Whom {
                asker: &asker,
                me: me.as_ref(),
                line: &asked.line,
            };
            let judged = self.judge(collected, &asker, took)?;
            let concerns = judged.concerns(&asker);
            let released = self.release(judged, concerns, &whom, took).await?;
            if let Some(released) = released {
                return Ok(released);
            }
            prepared = self.prepare(caller, me.as_ref(), route, asked)?;
        }
        Err(Problem::Busy)
    }

    /// Reads the request by its plan: what to ask the platform, and the walk that awaits its answer.
    pub(super) fn prepare(
        &self,
        caller: &Caller,
        me: Option<&Me>,
        route: &Route,
        asked: &Asked<'_>,
    ) -> Result<Prepared, Problem> {
        self.not_for_partners(asked.query)?;
        let call = Call {
            query: asked.query,
            body: asked.body.as_deref(),
            partner: caller.partner(),
            connection: match caller.behalf() {
                Behalf::Connection(id) => Some(id),
                Behalf::Nobody => None,
            },
            me,
            cursors: &self.cursors,
        };
        Ok(route.prepare(&call)?)
    }

    /// Refuses the parameter by which the platform is told for whom a partner acts, also where the document declares it.
    pub(super) fn not_for_partners(&self, query: Option<&str>) -> Result<(), Problem> {
        let (Some(query), Some(ours)) = (query, self.upstream.person_parameter()) else {
            return Ok(());
        };
        let mut names = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name);
        match names.find(|name| *name == ours) {
            Some(name) => Err(Problem::BadParameter(name.into_owned())),
            None => Ok(()),
        }
    }

    /// The connected person, where the operation acts for one.
    pub(super) fn me(&self, caller: &Caller, operation: &Operation) -> Result<Option<Me>, Problem> {
        let id = match (caller.behalf(), operation.on_behalf()) {
            (Behalf::Nobody, OnBehalf::Nobody) => return Ok(None),
            (Behalf::Connection(id), OnBehalf::Person) => id,
            _ => return Err(Problem::WrongBehalf),
        };
        let connection = self
            .register
            .facts()
            .connection(id)
            .ok_or(Problem::NoPower)?;
        let id = self
            .register
            .people()
            .id(connection.person)
            .ok_or(Problem::NoPower)?;
        Ok(Some(Me {
            id: id.as_ref().to_owned(),
            no: connection.person,
        }))
    }

    /// Counts the promises that stand over a call, before anybody in it is looked at.
    pub(super) fn count_promises(&self, operation: &Operation, asker: &Asker, now: Time) {
        let facts = self.register.facts();
        let promises = facts.promises_over(asker, operation.pairs(), now);
        self.refusals.promised(&asker.partner, promises, now);
    }

    /// Looks at agreement, connection and promises before the platform is called. Nothing here depends on a bystander,
    /// so it may be told.
    pub(super) fn could_anything_pass(
        &self,
        operation: &Operation,
        asker: &Asker,
    ) -> Result<Vec<Preview>, Problem> {
        let moment = self.clock.moment()?;
        let now = Now::At(moment);
        let previews = preview(self.register.facts(), asker, operation.pairs(), now);
        let open = |category: &decide::Category, reach: &decide::Reach| {
            let mut pairs = operation.pairs().iter().zip(&previews);
            pairs.any(|((c, r), preview)| (c, r) == (category, reach) && preview.reasons.is_empty())
        };
        if operation.could_pass(&open) {
            return Ok(previews);
        }
        for reason in previews.iter().flat_map(|preview| &preview.reasons) {
            self.metrics.refused(refusals::of_reason(reason).1, 1);
        }
        let behind = previews
            .iter()
            .any(|preview| preview.reasons.contains(&Reason::ClockWentBack));
        Err(if behind {
            Problem::ClockNotBelieved
        } else {
            Problem::NoPower
        })
    }

    /// Records durably that something leaves in which nobody is: the head of a stream, or that there is nothing.
    ///
    /// Where there is nothing it is recorded as where somebody refused: how many entries the ledger has is public, so it
    /// must not tell the two apart.
    pub(super) async fn record_nobody(
        &self,
        asker: &Asker,
        operation: &Operation,
        now: Time,
    ) -> Result<(), Problem> {
        let positions = (self.register.position().0, self.ledger.size());
        let record = self.scribe.nobody(asker, operation.id(), now, positions);
        let record = record.map_err(|error| {
            tracing::error!(%error, operation = operation.id(), "what is about nobody could not be made into an entry");
            Problem::Internal
        })?;
        let recorded = self.ledger.record(record, ()).await;
        recorded.map(drop).map_err(|error| {
            tracing::error!(%error, "the ledger did not take an entry, so nothing leaves");
            Problem::from(error)
        })
    }

    /// Fetches as many of the platform's pages as it takes to fill one of ours, and cuts it to exactly that.
    async fn collect(
        &self,
        prepared: Prepared,
        asker: &Asker,
        me: Option<&Me>,
        took: &mut Took,
    ) -> Result<Collected, Problem> {
        let people = self.register.people();
        let mut next = prepared.upstream().to_owned();
        let body = prepared.body().cloned();
        let mut walk = prepared.into_walk();
        let operation = Arc::clone(walk.operation());
        loop {
            let asked = Instant::now();
            let asking = Asking {
                target: &next,
                body: body.as_ref(),
                person: me.map(|me| me.id.as_str()),
            };
            let page = self.upstream.page(&operation, asking).await;
            took.upstream += asked.elapsed();
            let page = page.inspect_err(|refused| {
                tracing::warn!(
                    operation = operation.id(),
                    reason = refused.name(),
                    "no page from the platform"
                );
            })?;
            let looked = Instant::now();
            let resolve = |id: &str| people.number(id);
            if let Some(link) = &page.link {
                walk.take_link(link);
            }
            walk.take_page(page.body, &resolve)?;
            took.decide += looked.elapsed();
            self.look_up(&mut walk, me, took).await?;
            let looked = Instant::now();
            let decision = decide(
                self.register.facts(),
                &walk.question(asker),
                self.clock.now(),
            );
            took.decide += looked.elapsed();
            match walk.missing(&decision) {
                Some(more) => next = more,
                None => {
                    let settled = walk.settle(&decision);
                    let decision = settled.is_whole().then_some(decision);
                    return Ok(Collected { settled, decision });
                }
            }
        }
    }

    /// Asks the platform who else is in what was taken in, and tells the walk. A call that fails tells that nobody knows.
    pub(super) async fn look_up(
        &self,
        walk: &mut Walk,
        me: Option<&Me>,
        took: &mut Took,
    ) -> Result<(), Problem> {
        let people = self.register.people();
        let targets = walk.lookups();
        if targets.is_empty() {
            return Ok(());
        }
        let asked = Instant::now();
        let person = me.map(|me| me.id.as_str());
        let answers = self.upstream.fetch_all(targets.clone(), person).await;
        took.upstream += asked.elapsed();
        let looked = Instant::now();
        for (target, answer) in targets.iter().zip(answers) {
            walk.take_people(target, answer.as_deref(), &|id| people.number(id))?;
        }
        took.decide += looked.elapsed();
        Ok(())
    }

    /// Decides about exactly what can be released.
    pub(super) fn judge(
        &self,
        Collected { settled, decision }: Collected,
        asker: &Asker,
        took: &mut Took,
    ) -> Result<Judged, Problem> {
        let facts = self.register.facts();
        let looked = Instant::now();
        let decision =
            decision.unwrap_or_else(|| decide(facts, &settled.question(asker), self.clock.now()));
        if decision.at().is_none() {
            return Err(Problem::ClockNotBelieved);
        }
        let nonce = Nonce(self.entropy.bytes().map_err(|_| Problem::Internal)?);
        let judged = settled
            .judge(decision.permit(), nonce)
            .map_err(|_| Problem::Internal)?;
        took.decide += looked.elapsed();
        Ok(judged)
    }

    /// Records, looks whether anything was taken away meanwhile, and only then makes bytes. `None`: something was, and the
    /// answer has to be made anew. `concerns` are the judged answer's own.
    pub(super) async fn release(
        self: &Arc<Self>,
        judged: Judged,
        concerns: Vec<Concern>,
        whom: &Whom<'_>,
        took: &mut Took,
    ) -> Result<Option<Released>, Problem> {
        let (asker, facts) = (whom.asker, self.register.facts());
        let operation = Arc::clone(judged.operation());
        let writing = Instant::now();
        let written = self.scribe.write(
            &judged,
            &concerns,
            asker,
            operation.id(),
            self.ledger.size(),
        );
        let record = written.map_err(|error| {
            tracing::error!(%error, operation = operation.id(), "an answer could not be made into an entry");
            Problem::Internal
        })?;
        let recorded = self.ledger.record(record, judged).await.map_err(|error| {
            tracing::error!(%error, "the ledger did not take an entry, so nothing leaves");
            Problem::from(error)
        })?;
        took.ledger += writing.elapsed();

        let judged = recorded.carried();
        self.metrics.drifted(operation.id(), judged.drift());
        let decision = judged.permit().decision();
        for (reason, count) in decision.tally() {
            self.metrics.refused(refusals::of_reason(reason).1, count);
        }
        if let Some(asking) = &self.asking {
            asking.notice(&judged.question(asker), decision);
        }
        // Before the last look at what was taken away: what is taken away after it finds the answer in flight.
        let flight = self.board(concerns, decision, whom);
        if decision.revocations() != facts.revocations() {
            let again = decide(facts, &judged.question(asker), self.clock.now());
            if !pass_alike(decision, &again) {
                return Ok(None);
            }
        }
        self.used.note(&self.register, asker, decision);
        Ok(Some(Released {
            reduced: reduce(recorded),
            flight,
        }))
    }

    /// Writes the answer down among those in flight, if it is about anybody.
    fn board(
        &self,
        concerns: Vec<Concern>,
        decision: &Decision,
        whom: &Whom<'_>,
    ) -> Option<Flight> {
        (!concerns.is_empty()).then(|| {
            self.flights.board(Aboard {
                asker: whom.asker.clone(),
                me: whom.me.map(|me| me.no),
                powers: decision.powers().to_vec(),
                concerns,
                line: whom.line.clone(),
            })
        })
    }
}

/// To whom an answer goes.
pub(super) struct Whom<'a> {
    pub(super) asker: &'a Asker,
    /// The person for whom the partner acts.
    pub(super) me: Option<&'a Me>,
    pub(super) line: &'a Arc<Line>,
}

/// An answer that is complete and cut to its page.
pub(super) struct Collected {
    pub(super) settled: Settled,
    /// The decision about exactly this; `None` where something was cut off since, so that it has to be asked again.
    pub(super) decision: Option<Decision>,
}

/// The question's common part, before any use of a limited power is reserved.
pub(super) fn asker_of(caller: &Caller, operation: &Operation) -> Asker {
    Asker {
        partner: caller.partner().clone(),
        behalf: caller.behalf().clone(),
        purpose: caller.purpose().clone(),
        verb: operation.verb(),
        draws: Vec::new(),
    }
}

fn pass_alike(one: &Decision, other: &Decision) -> bool {
    (0..one.asked()).all(|datum| one.passes(datum) == other.passes(datum))
}
