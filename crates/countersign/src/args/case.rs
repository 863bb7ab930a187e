//! Arguments of `case`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use decide::ClaimedRole;

/// `case`
#[derive(Debug, Args)]
pub(crate) struct Case {
    /// Which case: facebook-2018.
    #[arg(value_name = "CASE")]
    pub(crate) case: String,
    /// Says of every partner that it is this, whatever its row says. Nothing is decided otherwise by it, which is what
    /// this shows.
    #[arg(long = "as", value_name = "ROLE", value_enum)]
    pub(crate) role: Option<Role>,
    /// Writes a page about it to this file (which must not exist) instead of printing. The page loads nothing.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

/// What a partner is said to be.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Role {
    /// An organisation of its own.
    ThirdParty,
    /// "An extension of ourselves."
    ServiceProvider,
    /// Decides purposes together with the platform.
    JointController,
}

impl From<Role> for ClaimedRole {
    fn from(role: Role) -> ClaimedRole {
        match role {
            Role::ThirdParty => ClaimedRole::ThirdParty,
            Role::ServiceProvider => ClaimedRole::ServiceProvider,
            Role::JointController => ClaimedRole::JointController,
        }
    }
}
