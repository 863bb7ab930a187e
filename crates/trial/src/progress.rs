//! What a trial says while it runs.

use std::fmt;

/// A line for whoever waits.
#[expect(
    clippy::print_stderr,
    reason = "a trial takes a while; whoever waits wants to see that it goes on"
)]
pub(crate) fn say(what: fmt::Arguments<'_>) {
    eprintln!("{what}");
}
