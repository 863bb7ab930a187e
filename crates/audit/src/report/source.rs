//! The files an audit rests on.

use serde::{Deserialize, Serialize};

/// What a file was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Says what the rule obeys on this platform.
    Policy,
    /// A version of an agreement.
    Agreement,
    /// A public promise.
    Promise,
    /// Who is a person of the platform, from when to when.
    People,
    /// Who agreed to what.
    Consents,
    /// Who refused for good.
    Bars,
    /// Who had connected which partner.
    Connections,
    /// On which days people did something themselves.
    Activity,
    /// Whose data is in answers that do not say it: friendships, members of threads, subjects of requests.
    Bystanders,
    /// Accesses.
    Log,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// As the auditor named it.
    pub file: String,
    /// What it was read as.
    pub role: Role,
    /// Its form: `csv`, `ndjson`, `parquet` or `yaml`, and what it is packed with (`csv+gzip`).
    pub form: String,
    /// Its size as it lies on disk.
    pub bytes: u64,
    /// Lines with content, or rows.
    pub rows: u64,
    /// Of these, how many could not be used.
    pub broken: u64,
}
