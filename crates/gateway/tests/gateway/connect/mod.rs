//! A partner asks, a person answers, and the partner gets what they agreed to: the whole way over HTTP, with a browser
//! that keeps cookies, the platform's own login, and the platform's API behind the gateway.

mod attacks;
mod clients;
mod desk;
mod disclosed;
mod flow;
mod looks;
pub(crate) mod partner_side;
mod published;
mod pushed;
mod record;
mod signal;
pub(crate) mod stage;
