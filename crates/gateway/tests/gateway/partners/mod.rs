//! What everybody can read of partners and promises, and what a partner does at its own desk: over HTTP, without a login
//! of people, with Sample Social behind.

mod attacks;
mod counted;
mod desk;
mod looks;
mod partner_side;
mod public;
mod sandbox;
mod signing;
mod stage;
