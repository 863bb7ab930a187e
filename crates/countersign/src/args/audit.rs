//! Arguments of `audit`.

use std::path::PathBuf;

use clap::Args;

/// `audit`
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// The plan: documents, lists, logs and their mapping; docs/audit.md has every member with its meaning.
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: PathBuf,
    /// Write the whole report here, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write the findings here, as CSV.
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    /// Write the report here, as a page that loads nothing.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// How many threads judge.
    #[arg(long, value_name = "NUMBER", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: u16,
}
