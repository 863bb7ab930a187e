//! A social platform to try Countersign on, which has never heard of it.
//!
//! Sample Social is generated from a seed: nothing is stored per person, and any one person's data
//! is computed when somebody asks for it, so that 100 million people cost no more than ten.
//!
//! ```
//! use sample::{Seed, World};
//!
//! let world = World::generate(Seed(7), 100_000_000);
//! let somebody = world.person_with_degree(190).unwrap();
//! let friend = world.friends(somebody)[17];
//! assert!(world.friends(friend).contains(&somebody));
//!
//! let forgotten = world.without(&[friend]);
//! assert_eq!(forgotten.friends(somebody).len(), 189);
//! ```

pub mod accesses;
mod answers;
mod census;
mod contacts;
mod dates;
mod degrees;
mod edits;
mod friends;
mod ids;
pub mod login;
mod mix;
mod names;
mod pages;
mod people;
mod platform;
mod posts;
mod render;
mod routes;
mod streams;
mod threads;
mod world;

pub use census::{Count, READS, Record};
pub use contacts::{Contact, ContactEntry};
pub use degrees::{MAX_FRIENDS, friends_at_quantile};
pub use people::Person;
pub use platform::{Options, Platform, serve};
pub use posts::{Post, Reaction};
pub use threads::{Message, Thread};
pub use world::{PersonNo, Seed, World};

/// Sample Social's own OpenAPI 3.1 document. It is as good as such documents are: real answers hold
/// members that it forgets, and nulls where it says string.
pub const OPENAPI: &str = include_str!("../openapi.json");
