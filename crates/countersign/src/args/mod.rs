//! The command line: what can be asked, in the words that `--help` shows.

mod audit;
mod case;
mod documents;
mod door;
mod keep;
mod keys;
mod people;
mod run;
mod unknowns;

use clap::{Parser, Subcommand};

pub(crate) use audit::Audit;
pub(crate) use case::Case;
pub(crate) use documents::{Agreement, AgreementOf, Notice, Offer, Policy, Promise, Sign};
pub(crate) use door::Door;
pub(crate) use keep::{AcceptLoss, Backup, Breach, Doctor, Restore};
pub(crate) use keys::{Algorithm, Key, NewKey, NewLogKey, Officer, Partner, Side};
pub(crate) use people::{AddConnection, Connection, Consent, Load};
pub(crate) use run::{Call, Check, Demo, Desk, Init, Serve, Verify};
pub(crate) use unknowns::{Found, Unknowns};

use crate::output::Format;

/// Stands in front of a platform's partner API. Nothing about a person leaves until the partner has signed for the
/// power, every person in the answer has agreed, no public promise forbids it, and the disclosure stands on a ledger.
#[derive(Debug, Parser)]
#[command(
    name = "countersign",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    after_long_help = crate::help::EXIT_CODES
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// How results are written to standard output; progress and errors go to standard error, as text.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Shows it at work: an invented platform, five partners, and who gets what about whom.
    Demo(Demo),
    /// Serves partners, as the configuration says.
    Serve(Serve),
    /// Shows what an API document and its overlay would disclose: whose data of which category by which power.
    Check(Check),
    /// Tells a public case with its own records: what the rule says on every date that matters, beside what happened.
    Case(Case),
    /// Judges access logs that some other system wrote: what should not have left, and what nobody can tell.
    Audit(Audit),
    /// Makes what a configuration names and what is not there yet: keys, register and ledger.
    Init(Init),
    /// Checks a log from the first entry to the signed checkpoint, without trusting who wrote it.
    Verify(Verify),
    /// Lists writes of which nobody knows what became, and takes in what an operator has found out about one.
    Unknowns(Unknowns),
    /// Tells what is wrong with a deployment, and what to do about it. Works beside a running gateway.
    Doctor(Doctor),
    /// Copies register and ledger, consistently, while the gateway serves.
    Backup(Backup),
    /// Checks such a copy, says up to where it goes, and puts it back where nothing is.
    Restore(Restore),
    /// Accepts, by name and number, that a log ends before its anchor. Until then the gateway does not start on it.
    AcceptLoss(AcceptLoss),
    /// Tells whose data of which categories may have left to whom between two moments, and under which agreement.
    Breach(Breach),
    /// Takes in lists: people, consents, connections. The same list twice changes nothing.
    #[command(subcommand)]
    Load(Load),
    /// Makes keys.
    #[command(subcommand)]
    Key(Key),
    /// Makes partners known.
    #[command(subcommand)]
    Partner(Partner),
    /// Keeps the officers who may sign for the platform or for a partner.
    #[command(subcommand)]
    Officer(Officer),
    /// Drafts, checks, signs and takes in agreements; suspends and ends them.
    #[command(subcommand)]
    Agreement(Agreement),
    /// Drafts, checks and makes public promises.
    #[command(subcommand)]
    Promise(Promise),
    /// Checks and sets the platform's own settings for the rule.
    #[command(subcommand)]
    Policy(Policy),
    /// Publishes the texts that people consent under.
    #[command(subcommand)]
    Notice(Notice),
    /// Adds and ends connections of people with partners.
    #[command(subcommand)]
    Connection(Connection),
    /// Gives and withdraws one person's consent.
    #[command(subcommand)]
    Consent(Consent),
    /// Calls the gateway as a partner: fetches a token, signs the request, shows the answer.
    Call(Call),
    /// Opens a partner's own desk: prints a link that is good once, for a minute, in any browser.
    Desk(Desk),
}
