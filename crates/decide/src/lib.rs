//! The nouns of Countersign and its rule.
//!
//! [`decide`] is a pure function: facts, question and time go in, an answer with every reason comes out. Facts are
//! the fold of a history of [`Event`]s, so three doors share one rule: the gate asks it live, replay asks it again for
//! each entry of the ledger, audit asks it about logs that some other system wrote.
//!
//! Deliberately absent: input and output, clocks, randomness, async, panics, caches of decisions, and anything that a
//! claimed role could switch.

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::panic,
        reason = "tests may fail loudly"
    )
)]

mod agreement;
mod already;
mod answer;
mod bar;
mod census;
mod column;
mod connection;
mod event;
mod facts;
mod fold;
mod held;
mod ids;
mod power;
mod promise;
mod question;
mod reason;
mod route;
mod rule;
mod standing;
mod time;
mod way;

pub use agreement::{AgreementVersion, ClaimedRole, Digest, Party, Policy, Term};
pub use answer::{Concern, Decision, Permit};
pub use bar::Bar;
pub use census::{Reached, Stands};
pub use connection::Connection;
pub use event::{Event, Happened, Invalid};
pub use facts::{Facts, Image};
pub use fold::NOTICE_OF_WEAKENING;
pub use held::Held;
pub use ids::{
    AgreementId, BadName, Category, ConnectionId, NoticeHash, OfficerId, PartnerId, PersonNo,
    PromiseId, Purpose, StaffId,
};
pub use power::{Frequency, LegalBasis, Per, Power, PowerId, Reach, Verb};
pub use promise::{Form, Promise, Scope};
pub use question::{Asker, Behalf, Datum, Draw, Question, Subject, Who};
pub use reason::{MissingFact, Reason};
pub use route::{Preview, preview};
pub use rule::decide;
pub use time::{Day, Days, Now, Time, Watch};
pub use way::{Known, Link, Through, Way};
