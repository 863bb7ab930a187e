//! Arguments about people: lists, connections, consents. People are named by the platform's own ids.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use decide::{ConnectionId, Day, NoticeHash, PartnerId, PowerId};

use super::Door;

/// `load`
#[derive(Debug, Subcommand)]
pub(crate) enum Load {
    /// People who join, by the platform's ids.
    People(LoadFile),
    /// Consents that people have given elsewhere.
    Consents(LoadFile),
    /// Connections of people with partners.
    Connections(LoadFile),
}

/// `load people`, `load consents`, `load connections`
#[derive(Debug, Args)]
pub(crate) struct LoadFile {
    /// The list, a line each; docs/lists.md has the forms.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The configuration whose register takes it in. No gateway may be running on it.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
}

/// `connection`
#[derive(Debug, Subcommand)]
pub(crate) enum Connection {
    /// Connects a person with a partner.
    Add(AddConnection),
    /// Ends a connection; its tokens are of no more use.
    End {
        /// The connection's id.
        #[arg(value_name = "CONNECTION")]
        connection: ConnectionId,
        #[command(flatten)]
        door: Door,
    },
}

/// `connection add`
#[derive(Debug, Args)]
pub(crate) struct AddConnection {
    /// The connection's id; never used twice.
    #[arg(value_name = "CONNECTION")]
    pub(crate) connection: ConnectionId,
    /// The person, by the platform's id.
    #[arg(long, value_name = "ID")]
    pub(crate) person: String,
    /// The partner.
    #[arg(long, value_name = "PARTNER")]
    pub(crate) partner: PartnerId,
    /// A power that the person agreed to; may be given several times.
    #[arg(long = "power", value_name = "POWER", required = true)]
    pub(crate) powers: Vec<PowerId>,
    /// The notice that the person saw.
    #[arg(long, value_name = "HASH")]
    pub(crate) notice: NoticeHash,
    /// The day on whose beginning it ends, for example 2027-01-31.
    #[arg(long, value_name = "DAY")]
    pub(crate) until: Day,
    #[command(flatten)]
    pub(crate) door: Door,
}

/// `consent`
#[derive(Debug, Subcommand)]
pub(crate) enum Consent {
    /// Records that a person consented.
    Give {
        #[command(flatten)]
        of: ConsentOf,
        /// The notice that the person saw.
        #[arg(long, value_name = "HASH")]
        notice: NoticeHash,
        /// The day on whose beginning it expires, for example 2027-01-31.
        #[arg(long, value_name = "DAY")]
        until: Day,
    },
    /// Withdraws; when this returns, no later answer holds the person's data under that power.
    Withdraw(ConsentOf),
}

/// Whose consent to what.
#[derive(Debug, Args)]
pub(crate) struct ConsentOf {
    /// The person, by the platform's id.
    #[arg(long, value_name = "ID")]
    pub(crate) person: String,
    /// The partner.
    #[arg(long, value_name = "PARTNER")]
    pub(crate) partner: PartnerId,
    /// The power.
    #[arg(long, value_name = "POWER")]
    pub(crate) power: PowerId,
    #[command(flatten)]
    pub(crate) door: Door,
}
