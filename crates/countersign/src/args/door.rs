//! Where a change to the register goes.

use std::path::PathBuf;

use clap::Args;

/// Where the change goes. A running gateway holds the register's lock, so changes then go through its administration
/// API; while none runs, the register's directory is opened directly.
#[derive(Clone, Debug, Args)]
#[command(
    next_help_heading = "Where the change goes (--config, or --admin with --token-file)",
    group = clap::ArgGroup::new("door").required(true).args(["config", "admin"])
)]
#[group(skip)]
pub(crate) struct Door {
    /// The register of this configuration: its directory if no gateway runs, else the administration API it names.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The administration API of a running gateway, for example http://127.0.0.1:8444.
    #[arg(long, value_name = "URL", requires = "token_file")]
    pub(crate) admin: Option<String>,
    /// The file with the administration's token.
    #[arg(long, value_name = "FILE", requires = "admin")]
    pub(crate) token_file: Option<PathBuf>,
}
