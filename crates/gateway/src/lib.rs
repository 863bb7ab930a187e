//! The gateway: a reverse proxy that stands in front of a platform's API.
//!
//! A request goes one way: who asks (`oauth`), may it ask so much (`limits`), which operation, could anything
//! pass, the platform's answer (`upstream`), the rule, the ledger, and only then an answer (`answer`). What is refused
//! is told as a `problem`; what depends on a person is never told.
//!
//! The program builds a [`Gateway`] from a [`Config`] and what it opened, and puts it to work with [`Server::start`].
//! Neither clock nor randomness is reached for in here: [`Clock`] and [`Entropy`] are handed in.

mod addresses;
mod admin;
mod admission;
mod answer;
mod asking;
mod body;
mod clock;
pub mod config;
mod entropy;
mod flights;
mod gateway;
mod limits;
mod media;
mod metrics;
mod oauth;
#[cfg(feature = "otel")]
pub mod otel;
mod paper;
mod partner_desk;
mod person;
mod problem;
mod promise_counts;
mod proposals;
mod public;
mod refusals;
mod server;
mod shelf;
mod strangers;
mod trail;
mod upstream;

pub use admin::{RoleTable, listed as admin_endpoints, openapi as admin_openapi};
pub use answer::RecountError;
pub use asking::StoreError;
pub use clock::{Ahead, Clock, Monotonic, Wall};
pub use config::{Config, ConfigError, Secret};
pub use entropy::{Entropy, NoEntropy};
pub use gateway::{BuildError, Gateway, Inside};
pub use person::record_schema;
pub use promise_counts::NewerCounts;
pub use server::{Server, StartError};
pub use upstream::{AuthoritiesError, ProbeError, Probed, probe};
