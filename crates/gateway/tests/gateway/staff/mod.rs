//! The people at the administration: who may do what, who did what, and the desk on which an agreement goes from a draft to
//! a signature.

mod api;
mod counts;
mod desk;
mod door;
mod drafts;
mod looks;
mod proposals;
mod renewals;
mod stage;
mod weaken;
