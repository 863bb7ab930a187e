//! The gate: from a partner's request to a reduced answer, in the one order that the law allows.
//!
//! Every step needs what the step before it made, so none can be left out: a `Permit` comes only from the rule, a
//! `Recorded` only from the ledger, and only a `Recorded` becomes bytes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use decide::{Asker, Behalf, Decision, Now, Preview, Reason, Verb, decide, preview};
use ledger::Log;
use register::Register;
use release::{Api, Call, CursorKey, Me, Nonce, OnBehalf, Operation, Reduced, Routed, Settled, Walk, reduce};

use super::codes;
use super::entry::Scribe;
use super::used::Used;
use super::uses::Uses;
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::oauth::Grant;
use crate::problem::Problem;

/// How often an answer is begun again because something was taken away while it was being made.
const BEGINNINGS: usize = 3;

/// All that answering needs, for as long as the gateway runs.
pub(crate) struct Gate<U> {
    pub(crate) api: Arc<Api>,
    pub(crate) register: Arc<Register>,
    pub(crate) log: Arc<Log>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) entropy: Entropy,
    pub(crate) cursors: CursorKey,
    pub(crate) scribe: Scribe,
    pub(crate) uses: Uses,
    pub(crate) used: Used,
    pub(crate) upstream: U,
}

/// The platform's API, as the gate needs it.
pub(crate) trait Upstream {
    /// Gets path and query with the platform's own credentials. Anything but a whole JSON answer with the operation's
    /// status is a problem.
    fn get(
        &self,
        operation: &Operation,
        path_and_query: &str,
        me: Option<&Me>,
    ) -> impl Future<Output = Result<Bytes, Problem>> + Send;
}

/// Why a request is not answered: what the partner is told, and what the ledger counts.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) problem: Problem,
    /// The rule's reasons, by number; empty where the rule was not asked.
    pub(crate) reasons: BTreeMap<u16, u32>,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Refused {
        Refused { problem, reasons: BTreeMap::new() }
    }
}

/// What an answer took, for metrics. No personal data.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Took {
    pub(crate) upstream: std::time::Duration,
    pub(crate) decide: std::time::Duration,
    pub(crate) ledger: std::time::Duration,
}

impl<U: Upstream> Gate<U> {
    /// Which operation a request means.
    pub(crate) fn route(&self, method: &str, path: &str) -> Routed {
        self.api.route(method, path)
    }

    /// Answers a read.
    ///
    /// # Errors
    /// What the partner is to be told instead, which never depends on any person but the one who connected it.
    pub(crate) async fn answer(
        &self,
        grant: &Grant,
        route: &release::Route,
        query: Option<&str>,
        took: &mut Took,
    ) -> Result<Reduced, Refused> {
        let operation = route.operation();
        if operation.verb() != Verb::Read {
            return Err(Problem::NotBuilt.into());
        }
        let me = self.me(grant, operation)?;
        let mut asker = Asker {
            partner: grant.partner.clone(),
            behalf: grant.behalf.clone(),
            purpose: grant.purpose.clone(),
            verb: operation.verb(),
            draws: Vec::new(),
        };
        let previews = self.could_anything_pass(operation, &asker)?;
        let connection = match &grant.behalf {
            Behalf::Connection(id) => Some(id),
            Behalf::Nobody => None,
        };
        let call =
            Call { query, partner: &grant.partner, connection, me: me.as_ref(), cursors: &self.cursors };
        let mut prepared = route.prepare(&call).map_err(Problem::from)?;
        if let Now::At(at) = self.clock.now() {
            asker.draws = self.uses.reserve(&asker, &previews, at);
        }
        for _ in 0..BEGINNINGS {
            let first = prepared.upstream().to_owned();
            let settled = self.collect(operation, prepared.into_walk(), &first, &asker, me.as_ref(), took).await?;
            if let Some(reduced) = self.release(operation, settled, &asker, took).await? {
                return Ok(reduced);
            }
            prepared = route.prepare(&call).map_err(Problem::from)?;
        }
        Err(Problem::Busy.into())
    }

    /// The connected person, where the operation acts for one.
    fn me(&self, grant: &Grant, operation: &Operation) -> Result<Option<Me>, Refused> {
        match (&grant.behalf, operation.on_behalf()) {
            (Behalf::Nobody, OnBehalf::Nobody) => Ok(None),
            (Behalf::Connection(id), _) => {
                let connection = self.register.facts().connection(id).ok_or(Problem::NoPower)?;
                let id = self.register.people().id(connection.person).ok_or(Problem::NoPower)?;
                Ok(Some(Me { id: id.as_ref().to_owned(), no: connection.person }))
            }
            (Behalf::Nobody, OnBehalf::Person) => Err(Problem::WrongBehalf.into()),
        }
    }

    /// Looks at agreement, connection and promises before the platform is called. Nothing here depends on a bystander.
    fn could_anything_pass(&self, operation: &Operation, asker: &Asker) -> Result<Vec<Preview>, Refused> {
        let now = self.clock.now();
        if !matches!(now, Now::At(_)) {
            return Err(Problem::ClockNotBelieved.into());
        }
        let previews = preview(self.register.facts(), asker, operation.pairs(), now);
        let open = |category: &decide::Category, reach: &decide::Reach| {
            let mut pairs = operation.pairs().iter().zip(&previews);
            pairs.any(|((c, r), preview)| c == category && r == reach && preview.reasons.is_empty())
        };
        if operation.could_pass(&open) {
            return Ok(previews);
        }
        let mut reasons = BTreeMap::new();
        for reason in previews.iter().flat_map(|preview| &preview.reasons) {
            *reasons.entry(codes::code(reason)).or_default() += 1;
        }
        let went_back = previews.iter().any(|preview| preview.reasons.contains(&Reason::ClockWentBack));
        let problem = if went_back { Problem::ClockNotBelieved } else { Problem::NoPower };
        Err(Refused { problem, reasons })
    }

    /// Fetches as many of the platform's pages as it takes to fill one of ours, and cuts it to exactly that.
    async fn collect(
        &self,
        operation: &Operation,
        mut walk: Walk,
        first: &str,
        asker: &Asker,
        me: Option<&Me>,
        took: &mut Took,
    ) -> Result<Settled, Refused> {
        let people = self.register.people();
        let mut next = first.to_owned();
        loop {
            let asked = Instant::now();
            let page = self.upstream.get(operation, &next, me).await?;
            took.upstream += asked.elapsed();
            let looked = Instant::now();
            walk.take_page(page, &|id| people.number(id)).map_err(Problem::from)?;
            let decision = decide(self.register.facts(), &walk.question(asker), self.clock.now());
            took.decide += looked.elapsed();
            match walk.missing(&decision) {
                Some(more) => next = more,
                None => return Ok(walk.settle(&decision)),
            }
        }
    }

    /// Decides, records, looks whether anything was taken away meanwhile, and only then makes bytes. `None`: something
    /// was, and the answer has to be made anew.
    async fn release(
        &self,
        operation: &Operation,
        settled: Settled,
        asker: &Asker,
        took: &mut Took,
    ) -> Result<Option<Reduced>, Refused> {
        let facts = self.register.facts();
        let looked = Instant::now();
        let decision = decide(facts, &settled.question(asker), self.clock.now());
        if decision.at().is_none() {
            return Err(Problem::ClockNotBelieved.into());
        }
        let nonce = Nonce(self.entropy.bytes().map_err(|_| Problem::Internal)?);
        let judged = settled.judge(decision.permit(), nonce).map_err(|_| Problem::Internal)?;
        took.decide += looked.elapsed();
        let writing = Instant::now();
        let record = self.scribe.write(&judged, asker, operation.id(), self.log.size()).map_err(|error| {
            tracing::error!(%error, operation = operation.id(), "an answer could not be made into an entry");
            Problem::Internal
        })?;
        let recorded = self.log.record(record, judged).await.map_err(|error| {
            tracing::error!(%error, "the ledger did not take an entry; nothing leaves");
            Problem::LedgerStopped
        })?;
        took.ledger += writing.elapsed();
        let judged = recorded.carried();
        let decision = judged.permit().decision();
        if decision.revocations() != facts.revocations() {
            let again = decide(facts, &judged.question(asker), self.clock.now());
            if !same_passes(decision, &again) {
                return Ok(None);
            }
        }
        self.used.note(&self.register, asker, decision);
        Ok(Some(reduce(recorded)))
    }
}

fn same_passes(one: &Decision, other: &Decision) -> bool {
    (0..one.asked()).all(|datum| one.passes(datum) == other.passes(datum))
}
