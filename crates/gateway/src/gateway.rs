//! The gateway as one value: everything that a request needs, built once and shared.

use std::fmt;
use std::sync::Arc;

use decide::{Now, StaffId, Time};
use ledger::Log;
use ledger::entry::{LedgerKey, PeriodSecrets};
use register::{Change, IdempotencyKey, Position, Refused, Register};
use release::{Api, CursorKey};
use tokio::sync::watch;
use tokio::task::JoinError;

use crate::addresses;
use crate::admin::Staffed;
use crate::answer::{RecountError, Scribe, Used, Uses, Writes, recount, reopen};
use crate::asking::{Asking, StoreError};
use crate::clock::Clock;
use crate::config::{Config, PersonPlace};
use crate::entropy::{Entropy, NoEntropy};
use crate::flights::{Flights, is_concerned};
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::oauth::{Memory, Tokens};
use crate::partner_desk::PartnerDesk;
use crate::person::Persons;
use crate::problem::Problem;
use crate::promise_counts::{NewerCounts, PromiseCounts};
use crate::proposals::Proposals;
use crate::public::Public;
use crate::refusals::Refusals;
use crate::strangers::Strangers;
use crate::trail::Trails;
use crate::upstream::{AuthoritiesError, Upstream};

/// People whose tags and keys of the month are kept ready; about 1 kB each.
const SECRETS_KEPT: usize = 1 << 16;

/// What the program opens and hands in.
pub struct Inside {
    /// The configuration that all of it was opened by.
    pub config: Config,
    /// The clock.
    pub clock: Clock,
    /// The source of random bytes.
    pub entropy: Entropy,
    /// The log of what governs.
    pub register: Arc<Register>,
    /// The log of what happened.
    pub ledger: Arc<Log>,
    /// The platform's API, compiled from `config.platform`'s document and overlay.
    pub api: Arc<Api>,
}

/// The gateway. Share it in an `Arc`; [`crate::Server::start`] puts it to work.
pub struct Gateway {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) register: Arc<Register>,
    pub(crate) ledger: Arc<Log>,
    pub(crate) scribe: Scribe,
    pub(crate) uses: Uses,
    pub(crate) used: Used,
    pub(crate) writes: Arc<Writes>,
    pub(crate) api: Arc<Api>,
    pub(crate) cursors: CursorKey,
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) limits: Limits,
    pub(crate) flights: Arc<Flights>,
    /// Whether it is about to stop, and streams have to end.
    pub(crate) stopping: watch::Sender<bool>,
    pub(crate) tokens: Tokens,
    pub(crate) memory: Memory,
    pub(crate) persons: Option<Persons>,
    pub(crate) public: Public,
    pub(crate) partner_desk: PartnerDesk,
    pub(crate) promise_counts: PromiseCounts,
    /// What people can look up about themselves; there where they can log in.
    pub(crate) trails: Option<Trails>,
    pub(crate) asking: Option<Arc<Asking>>,
    pub(crate) staffed: Staffed,
    pub(crate) proposals: Proposals,
    pub(crate) refusals: Refusals,
    pub(crate) strangers: Strangers,
    pub(crate) metrics: Metrics,
}

/// Why a gateway could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The platform's authorities, or those of its login.
    #[error(transparent)]
    Authorities(#[from] AuthoritiesError),
    /// The ledger.
    #[error(transparent)]
    Recount(#[from] RecountError),
    /// The file of who waits to be asked.
    #[error(transparent)]
    Asking(#[from] StoreError),
    /// The file of how often promises made the gateway refuse.
    #[error(transparent)]
    Counts(#[from] NewerCounts),
    /// No random bytes.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    /// The platform would be told twice, and differently, for whom a partner acts.
    #[error(
        "[platform] person-parameter is {parameter:?}, which the overlay or `page` always sends in operation {operation:?}\n  \
         expected: a parameter that nothing else sets\n  \
         to do: remove `always` or the name in `page` from the overlay, or correct person-parameter"
    )]
    PersonTwice {
        /// The query parameter.
        parameter: String,
        /// The operation's id.
        operation: String,
    },
    /// An operation that nobody could call.
    #[error(
        "operation {operation:?} of the platform's API is at {path}, where the gateway's own {ours} is: it could never be called\n  \
         expected: an API whose paths are none of the gateway's own\n  \
         to do: serve the API below a path of its own (for example /v1), or leave the operation out of the overlay"
    )]
    Shadowed {
        /// The operation's id.
        operation: String,
        /// Its path.
        path: String,
        /// The gateway's address.
        ours: &'static str,
    },
}

impl Gateway {
    /// Puts the parts together. Binds nothing and calls nobody.
    ///
    /// # Errors
    /// The configuration's certificates cannot be used, or there is no randomness.
    pub fn new(inside: Inside) -> Result<Arc<Self>, BuildError> {
        let Inside {
            config,
            clock,
            entropy,
            register,
            ledger,
            api,
        } = inside;
        person_once(config.platform.person.as_ref(), &api)?;
        if let Some(shadowed) = addresses::shadowed(&api, config.login.is_some()) {
            let addresses::Shadowed {
                operation,
                path,
                ours,
            } = shadowed;
            return Err(BuildError::Shadowed {
                operation,
                path,
                ours,
            });
        }
        let ledger_key = LedgerKey::from_random(*config.ledger.details_key.reveal());
        let uses = Uses::default();
        // A clock that is not believed releases nothing; once it is, it is not before the register's last event.
        let facts = register.facts();
        let now = match clock.now() {
            Now::At(now) => now,
            Now::WentBack | Now::JumpedAhead => facts.latest().unwrap_or(Time(0)),
        };
        recount(&uses, facts, &ledger, &ledger_key, now)?;
        let writes = Writes::default();
        reopen(&writes, &ledger, &ledger_key)?;
        let flights = Arc::new(Flights::default());
        // Derived, and missed by desks alone: what goes wrong with it keeps nobody from withdrawing.
        let trails = config.login.as_ref().and_then(|_| {
            let (log, register) = (ledger.clone(), register.clone());
            let dir = &config.ledger.directory;
            let opened = Trails::open(dir, log, ledger_key.clone(), register);
            opened
                .inspect_err(|error| {
                    tracing::error!(%error, "the index beside the ledger cannot be used; desks show no disclosures until it can, and a restart");
                })
                .ok()
        });
        let metrics = Metrics::new(&flights);
        let asking = config.asking.as_ref().map(|asking| {
            let counts = metrics.asking.clone();
            Asking::new(asking, &config.limits, counts).map(Arc::new)
        });
        Ok(Arc::new(Self {
            asking: asking.transpose()?,
            upstream: Arc::new(Upstream::new(&config.platform, &config.limits)?),
            limits: Limits::new(&config.limits),
            metrics,
            flights,
            stopping: watch::Sender::new(false),
            tokens: Tokens::new(
                config.tokens.lifetime.millis(),
                config.tokens.most_per_partner,
            ),
            persons: Persons::new(&config)?,
            public: Public::new(&config),
            partner_desk: PartnerDesk::new(&config),
            promise_counts: PromiseCounts::open(&config.ledger.directory)?,
            trails,
            staffed: Staffed::new(&config.admin),
            proposals: Proposals::default(),
            memory: Memory::new(&entropy, config.cursor_key.reveal())?,
            refusals: Refusals::default(),
            strangers: Strangers::default(),
            cursors: CursorKey::new(*config.cursor_key.reveal()),
            scribe: Scribe {
                key: ledger_key,
                secrets: PeriodSecrets::new(SECRETS_KEPT),
                people: register.people().clone(),
                entropy: entropy.clone(),
            },
            uses,
            used: Used::default(),
            writes: Arc::new(writes),
            config,
            clock,
            entropy,
            register,
            ledger,
            api,
        }))
    }

    /// Takes a change into the register: the one way in for whatever can take something away while answers are given.
    ///
    /// When this returns, it is durable and holds for every later question, and no answer that it concerns can be sent
    /// any more: those in flight had two seconds to leave, and then their connections were cut. That is so also for a
    /// change that held already. Dropping the future undoes nothing and leaves nothing out.
    ///
    /// # Errors
    /// As [`Register::append`].
    pub async fn take_in(
        self: &Arc<Self>,
        at: Time,
        change: Change,
        key: IdempotencyKey,
    ) -> Result<Position, Refused> {
        self.take_in_by(at, None, change, key).await
    }

    /// [`Gateway::take_in`], with the name of whoever of the platform's staff does it.
    ///
    /// # Errors
    /// As [`Register::append`].
    pub(crate) async fn take_in_by(
        self: &Arc<Self>,
        at: Time,
        by: Option<StaffId>,
        change: Change,
        key: IdempotencyKey,
    ) -> Result<Position, Refused> {
        let gateway = Arc::clone(self);
        let taken = tokio::spawn(async move {
            let register = &gateway.register;
            let position = register.append_by(at, by, change.clone(), key).await?;
            let (facts, now) = (gateway.register.facts(), gateway.clock.now());
            let concerned = |aboard: &_| is_concerned(&change, aboard, facts, now);
            gateway.flights.clear(concerned).await;
            if let Some(asking) = &gateway.asking {
                asking.hear(&change);
            }
            Ok(position)
        });
        // A panic in there is a fault of ours; what it left undone nobody can say.
        let gone = |error: JoinError| Refused::Stopped(error.to_string());
        taken.await.map_err(gone)?
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The moment of a change that is to be made now. A clock that is not believed refuses all that gives; nobody who takes
    /// something away waits for an operator.
    pub(crate) fn moment_of(&self, change: &Change) -> Result<Time, Problem> {
        if change.takes_away() {
            return Ok(self.clock.about_now());
        }
        self.clock.moment()
    }

    /// [`Gateway::take_in`], now, for somebody who is told no more than a problem.
    pub(crate) async fn write_down(self: &Arc<Self>, change: Change) -> Result<(), Problem> {
        match self.write_down_if_given(change).await? {
            true => Ok(()),
            false => Err(Problem::Internal),
        }
    }

    /// [`Gateway::write_down`] of a consent that is renewed; whether it was there to be.
    pub(crate) async fn write_down_if_given(
        self: &Arc<Self>,
        change: Change,
    ) -> Result<bool, Problem> {
        let at = self.moment_of(&change)?;
        let key = IdempotencyKey(self.entropy.bytes().map_err(|_| Problem::Internal)?);
        match self.take_in(at, change, key).await {
            Ok(_) => Ok(true),
            Err(Refused::NotGiven) => Ok(false),
            Err(Refused::Stopped(_)) => Err(Problem::LedgerStopped),
            Err(refused) => {
                tracing::warn!(%refused, "the register refused what a person or a partner asked for");
                Err(Problem::Internal)
            }
        }
    }

    /// [`Gateway::write_down`] of several changes, begun all at once: each may wait two seconds for answers to leave, and none
    /// is left out if nobody waits for them any more.
    pub(crate) async fn write_down_all(self: &Arc<Self>, all: Vec<Change>) -> Result<(), Problem> {
        let begin = |change| {
            let gateway = Arc::clone(self);
            tokio::spawn(async move { gateway.write_down(change).await })
        };
        let begun: Vec<_> = all.into_iter().map(begin).collect();
        for taken in begun {
            taken.await.map_err(|_| Problem::Internal)??;
        }
        Ok(())
    }
}

/// Whether nothing but the gateway sets the parameter by which the platform is told for whom a partner acts.
fn person_once(person: Option<&PersonPlace>, api: &Api) -> Result<(), BuildError> {
    let Some(PersonPlace::Parameter(parameter)) = person else {
        return Ok(());
    };
    let mut operations = api.operations().iter();
    match operations.find(|operation| operation.always_sends(parameter)) {
        None => Ok(()),
        Some(operation) => Err(BuildError::PersonTwice {
            parameter: parameter.clone(),
            operation: operation.id().to_owned(),
        }),
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list in pages, with a parameter that is always sent and one that a partner sets.
    const LIST: &str = r#"{ "openapi": "3.1.0", "info": { "title": "List", "version": "1" }, "paths": { "/list": { "get": {
        "operationId": "list", "x-countersign": { "verb": "read", "reach": "directory", "order": "pd:UID",
            "page": { "items": "/list", "cursor": "c", "size": "n", "after": "/after" } },
        "parameters": [
            { "name": "c", "in": "query", "schema": { "type": "string" } },
            { "name": "n", "in": "query", "schema": { "type": "integer" } },
            { "name": "as", "in": "query", "schema": { "type": "string" }, "x-countersign": { "always": "app" } },
            { "name": "about", "in": "query", "schema": { "type": "string" }, "x-countersign": { "touches": "pd:UID" } } ],
        "responses": { "200": { "description": "All", "content": { "application/json": { "schema": { "type": "object",
            "properties": { "after": { "type": "string" }, "list": { "type": "array", "items": { "type": "object",
                "x-countersign": { "people": [{ "at": "id" }] }, "properties": {
                "id": { "type": "string", "x-countersign": { "category": "pd:UID", "identifies": true } } } } } } } } } } } } } } }"#;
    const NO_OVERLAY: &[u8] =
        br#"{ "overlay": "1.1.0", "info": { "title": "None", "version": "1" },
        "actions": [{ "target": "$.info", "update": { "description": "nothing" } }] }"#;

    #[test]
    fn what_names_the_person_is_nothing_that_the_plan_sends_too() {
        let api = Api::load(LIST.as_bytes(), "list.json", NO_OVERLAY, "overlay.json");
        let api = api.unwrap_or_else(|errors| panic!("{errors}"));
        let told = |parameter: &str| {
            let person = PersonPlace::Parameter(parameter.to_owned());
            person_once(Some(&person), &api).map_err(|error| error.to_string())
        };
        for taken in ["as", "c", "n"] {
            let error = told(taken).unwrap_err();
            assert!(
                error.contains(&format!("{taken:?}")) && error.contains("\"list\""),
                "{error}"
            );
        }
        // A partner's own parameter of that name is refused when it comes.
        assert_eq!((told("about"), told("user_id")), (Ok(()), Ok(())));
        let header = PersonPlace::Header(http::HeaderName::from_static("as"));
        assert!(person_once(Some(&header), &api).is_ok() && person_once(None, &api).is_ok());
    }

    #[test]
    fn an_operation_at_an_address_of_the_gateways_own_is_found_before_anybody_calls_it() {
        let found = |path: &str, people_log_in: bool| {
            let document = LIST.replace("\"/list\": {", &format!("\"{path}\": {{"));
            let api = Api::load(document.as_bytes(), "list.json", NO_OVERLAY, "overlay.json");
            let api = api.unwrap_or_else(|errors| panic!("{errors}"));
            addresses::shadowed(&api, people_log_in).map(|shadowed| shadowed.ours)
        };
        assert_eq!(found("/list", true), None);
        assert_eq!(found("/public/list", false), Some("/public"));
        assert_eq!(found("/oauth/token", false), Some("/oauth/token"));
        // Where nobody logs in there is no such page.
        assert_eq!(
            (found("/desk", true), found("/desk", false)),
            (Some("/desk"), None)
        );
    }
}
