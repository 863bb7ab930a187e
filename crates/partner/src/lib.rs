//! A partner's side of the protocols, small: a key, the statement that proves who asks, the proof that a token is
//! held by its owner, and calls with both.
//!
//! The demo calls with it, the gateway's end-to-end tests do, and so does the benchmark. A partner needs none of
//! it: every step is an RFC (7523 for the assertion, 9449 for the proof, 7638 for the thumbprint), and this crate
//! is the shortest reading of them.
//!
//! Neither time nor randomness is read here; [`Surroundings`] brings both.

mod answer;
mod assertion;
mod client;
mod connect;
mod dpop;
mod grant;
mod jws;
mod key;
pub mod site;

pub use answer::{Answer, CallError};
pub use assertion::assertion;
pub use client::{Client, DeskLink, Gateway, Surroundings, Token};
pub use connect::{Roots, RootsError};
pub use dpop::{Proven, proof};
pub use grant::{Asking, Granted, Wish};
pub use jws::sign_compact;
pub use key::{Algorithm, Key, KeyError};
