//! Arguments of what keeps a deployment well: looking after it, copying it, putting it back, and telling what left.

use std::path::PathBuf;

use clap::Args;
use decide::{Category, PartnerId, Time};

/// `doctor`
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// The configuration of the deployment. Whether the gateway runs does not matter: nothing is locked or changed.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Read both logs from the first entry to the last and hash everything again; without it their ends only.
    #[arg(long)]
    pub(crate) deep: bool,
    /// Do not call the platform.
    #[arg(long)]
    pub(crate) offline: bool,
}

/// `backup`
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The configuration of the deployment, whether the gateway runs or not.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// A new or empty directory for the copy.
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
}

/// `restore`
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The configuration of the deployment. Its register and ledger must be missing or empty: nothing is overwritten.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// The copy that `backup` made.
    #[arg(long, value_name = "DIR")]
    pub(crate) from: PathBuf,
    /// Check the copy, say up to where it goes and what would be lost, and write nothing.
    #[arg(long)]
    pub(crate) check: bool,
}

/// `accept-loss`
#[derive(Debug, Args)]
pub(crate) struct AcceptLoss {
    /// The configuration of the deployment. No gateway may be running on it.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// You accept that the register ends after so many entries. Its agreements are all suspended.
    #[arg(long, value_name = "ENTRIES", required_unless_present = "ledger")]
    pub(crate) register: Option<u64>,
    /// You accept that the ledger ends after so many entries.
    #[arg(long, value_name = "ENTRIES")]
    pub(crate) ledger: Option<u64>,
    /// Who accepts it: a name, kept beside the anchor with the moment.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
}

/// `breach`
#[derive(Debug, Args)]
pub(crate) struct Breach {
    /// The configuration of the deployment, whether the gateway runs or not.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// From this moment on, for example 2026-11-23T09:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Time,
    /// Before this moment.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Time,
    /// What left to this partner only.
    #[arg(long, value_name = "ID")]
    pub(crate) partner: Option<PartnerId>,
    /// Data of this category only, for example pd:EmailAddress.
    #[arg(long, value_name = "CATEGORY")]
    pub(crate) category: Option<Category>,
    /// A line for each person, by the platform's own id; without it people are counted.
    #[arg(long)]
    pub(crate) name_people: bool,
    /// Also write the lines to this file, as CSV.
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
}
