//! Arguments of the commands that run, look or call.

use std::path::PathBuf;

use clap::Args;

/// `demo`
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// How many people the invented platform has.
    #[arg(long, value_name = "NUMBER", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(300..=1_000_000))]
    pub(crate) people: u32,
    /// What the invented platform grows from; the same seed gives the same people.
    #[arg(long, value_name = "NUMBER", default_value_t = 2018)]
    pub(crate) seed: u64,
    /// End after the table.
    #[arg(long)]
    pub(crate) once: bool,
    /// A new or empty directory for configuration, keys and logs; without it a temporary one, removed at the end.
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

/// `serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The configuration; docs/countersign.toml has every member with its meaning.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Read the configuration and every file it names, say whether all is well, and end.
    #[arg(long)]
    pub(crate) check_config: bool,
    /// You have looked at the host's clock and it is right: after a pause of more than an hour nothing is served
    /// until somebody has. (Of a running gateway: POST /clock/confirm to the administration API.)
    #[arg(long)]
    pub(crate) clock_is_right: bool,
}

/// `check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The platform's own OpenAPI document (3.0 or 3.1, JSON or YAML).
    #[arg(long, value_name = "FILE")]
    pub(crate) document: PathBuf,
    /// The OpenAPI Overlay with x-countersign.
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: PathBuf,
    /// Looks at recorded answers instead, offline: what would leave, what would go, what the document never declared.
    /// A directory of .json files, one answer each, and .ndjson files, one a line: {"request": "GET /path?query",
    /// "status": 200, "body": …}, optionally with "request-body", "link", and "for", the id of the person who connected.
    #[arg(long, value_name = "DIR")]
    pub(crate) answers: Option<PathBuf>,
    /// The id of the person who connected, for answers that do not say it.
    #[arg(long = "for", value_name = "ID", requires = "answers")]
    pub(crate) asked_for: Option<String>,
    /// How many people of each answer refuse, one after the other.
    #[arg(long, value_name = "N", default_value_t = 50, requires = "answers")]
    pub(crate) refusing: usize,
    /// Also writes a page about it to this file (which must not exist). The page loads nothing.
    #[arg(long, value_name = "FILE", requires = "answers")]
    pub(crate) html: Option<PathBuf>,
}

/// `init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The configuration. Key files that it names and that are missing are made; register and ledger must not exist.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// The platform's officers: a JWK Set of public keys in which each kid is an officer's id.
    #[arg(long, value_name = "FILE")]
    pub(crate) officers: PathBuf,
}

/// `verify`
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The log's directory: a ledger or a register.
    #[arg(long, value_name = "DIR")]
    pub(crate) ledger: PathBuf,
    /// The log's public key (`name+12345678+base64`), from somewhere other than the log itself.
    #[arg(long, value_name = "VKEY")]
    pub(crate) key: String,
    /// A copy of an earlier checkpoint that the log must still hold.
    #[arg(long, value_name = "FILE")]
    pub(crate) anchor: Option<PathBuf>,
}

/// `call`
#[derive(Debug, Args)]
pub(crate) struct Call {
    /// The directory of a running demo; stands for --gateway, --key and --connection.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["gateway", "key"], required_unless_present = "gateway")]
    pub(crate) dir: Option<PathBuf>,
    /// The gateway's public address.
    #[arg(long, value_name = "URL", requires = "key")]
    pub(crate) gateway: Option<String>,
    /// The partner's private key, a JWK.
    #[arg(long, value_name = "FILE", requires = "gateway")]
    pub(crate) key: Option<PathBuf>,
    /// Certificate authorities to trust, in PEM; needed for an address with https.
    #[arg(long, value_name = "FILE")]
    pub(crate) authorities: Option<PathBuf>,
    /// The partner's id.
    #[arg(long, value_name = "ID")]
    pub(crate) partner: String,
    /// The connection on whose person's behalf to call; without it on nobody's (with --dir: the demo's first).
    #[arg(long, value_name = "ID")]
    pub(crate) connection: Option<String>,
    /// What for: a purpose of the agreement (with --dir: the demo's own for this partner).
    #[arg(long, value_name = "PURPOSE", required_unless_present = "dir")]
    pub(crate) purpose: Option<String>,
    /// Do not call, but print a curl command with a token and a proof that is good once, for a minute.
    #[arg(long)]
    pub(crate) curl: bool,
    /// Path and query, for example /v1/people/me/friends.
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
}

/// `desk`
#[derive(Debug, Args)]
pub(crate) struct Desk {
    /// The directory of a running demo; stands for --gateway, and for --key with the key of the partner's officer.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["gateway", "key"], required_unless_present = "gateway")]
    pub(crate) dir: Option<PathBuf>,
    /// The gateway's public address.
    #[arg(long, value_name = "URL", requires = "key")]
    pub(crate) gateway: Option<String>,
    /// A private key of the partner's that is enrolled, a JWK. A client's key looks; an officer's also hands powers back.
    #[arg(long, value_name = "FILE", requires = "gateway")]
    pub(crate) key: Option<PathBuf>,
    /// Certificate authorities to trust, in PEM; needed for an address with https.
    #[arg(long, value_name = "FILE")]
    pub(crate) authorities: Option<PathBuf>,
    /// The partner's id.
    #[arg(long, value_name = "ID")]
    pub(crate) partner: String,
}
