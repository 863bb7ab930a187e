//! The configuration file's own form: sections and members, nothing unknown allowed.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::staff::Role;
use super::values::{BaseUrl, Size, Span};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct File {
    pub(super) listen: Spanned<Listen>,
    pub(super) admin: Spanned<Admin>,
    pub(super) platform: Platform,
    pub(super) ledger: Ledger,
    pub(super) register: Register,
    pub(super) policy: Policy,
    pub(super) cursor: Cursor,
    pub(super) login: Option<Spanned<Login>>,
    pub(super) asking: Option<Spanned<Asking>>,
    #[serde(default = "left_out")]
    pub(super) tokens: Spanned<Tokens>,
    #[serde(default = "left_out")]
    pub(super) limits: Spanned<Limits>,
    #[serde(default = "left_out")]
    pub(super) storage: Spanned<Storage>,
    #[serde(default)]
    pub(super) telemetry: Telemetry,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Listen {
    #[serde(deserialize_with = "address")]
    pub(super) address: SocketAddr,
    pub(super) public_url: BaseUrl,
    pub(super) certificate: Option<Spanned<PathBuf>>,
    pub(super) key: Option<Spanned<PathBuf>>,
    #[serde(default)]
    pub(super) plaintext: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Admin {
    #[serde(default = "loopback", deserialize_with = "address")]
    pub(super) address: SocketAddr,
    pub(super) token: Spanned<PathBuf>,
    #[serde(default)]
    pub(super) beyond_loopback: bool,
    #[serde(default)]
    pub(super) staff: Vec<Spanned<Staff>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Staff {
    pub(super) name: Spanned<String>,
    pub(super) roles: Vec<Role>,
    pub(super) token: Spanned<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Platform {
    pub(super) upstream: Spanned<BaseUrl>,
    pub(super) document: Spanned<PathBuf>,
    pub(super) overlay: Spanned<PathBuf>,
    pub(super) token: Option<Spanned<PathBuf>>,
    pub(super) token_header: Option<Spanned<String>>,
    pub(super) person_header: Option<Spanned<String>>,
    pub(super) person_parameter: Option<Spanned<String>>,
    pub(super) idempotency_header: Option<Spanned<String>>,
    pub(super) authorities: Option<Spanned<PathBuf>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Ledger {
    pub(super) directory: PathBuf,
    pub(super) signing_key: Spanned<PathBuf>,
    pub(super) details_key: Spanned<PathBuf>,
    pub(super) anchor: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Register {
    pub(super) directory: PathBuf,
    pub(super) signing_key: Spanned<PathBuf>,
    pub(super) key: Option<PathBuf>,
    pub(super) anchor: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Policy {
    pub(super) document: Spanned<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Cursor {
    pub(super) key: Spanned<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Login {
    pub(super) platform: String,
    pub(super) issuer: Spanned<String>,
    pub(super) client_id: String,
    pub(super) client_secret: Spanned<PathBuf>,
    pub(super) authorities: Option<Spanned<PathBuf>>,
    #[serde(default = "subject")]
    pub(super) person_claim: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Asking {
    pub(super) hook: Spanned<BaseUrl>,
    pub(super) authorities: Option<Spanned<PathBuf>>,
    pub(super) secret: Spanned<PathBuf>,
    pub(super) store: PathBuf,
    #[serde(default = "a_million")]
    pub(super) most: u64,
    #[serde(default = "a_hundred")]
    pub(super) most_per_person: usize,
}

fn a_million() -> u64 {
    1_000_000
}

fn a_hundred() -> usize {
    100
}

fn subject() -> String {
    "sub".to_owned()
}

/// How long tokens live, and how they are bound.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Tokens {
    /// How long an access token lives; at most 10 minutes.
    pub lifetime: Span,
    /// How many a partner may hold at once.
    pub most_per_partner: usize,
    /// Whether DPoP proofs must carry a nonce of this server's (RFC 9449 section 8).
    pub nonce: bool,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            lifetime: Span::seconds(300),
            most_per_partner: 100_000,
            nonce: false,
        }
    }
}

/// Where the gateway stops listening, waiting or collecting.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Limits {
    /// The longest body of a request.
    pub request_body: Size,
    /// The longest head of a request: target and headers together.
    pub request_head: Size,
    /// The longest answer of the platform's, one page of it.
    pub upstream_body: Size,
    /// How long a client may take for the head of a request. Idle connections are closed after it, too.
    pub head_time: Span,
    /// How long a client may take for the body of a request.
    pub body_time: Span,
    /// How long connecting to the platform may take.
    pub connect_time: Span,
    /// How long one answer of the platform's may take, body included.
    pub upstream_time: Span,
    /// How long a whole request may take.
    pub request_time: Span,
    /// How long a client may take over an answer that is there, all of it; then its connection is cut.
    pub answer_time: Span,
    /// How long requests that are being answered may still take after a stop was asked for.
    pub stop_time: Span,
    /// How many connections may be open.
    pub connections: usize,
    /// How many requests may be answered at once.
    pub requests: usize,
    /// How many of them for one partner.
    pub requests_per_partner: usize,
    /// How many requests a second a partner may make, on average.
    pub rate_per_partner: u32,
    /// How many it may make at once, beyond that.
    pub burst_per_partner: u32,
    /// How many answers may be waited for or stream at once: they take their time, and no place among requests.
    pub waiting: usize,
    /// How many of them for one partner.
    pub waiting_per_partner: usize,
    /// How long a stream may be open.
    pub stream_time: Span,
    /// How long a stream may be silent before it is said that it is still there.
    pub stream_keep_alive: Span,
    /// The longest record of a stream of the platform's.
    pub stream_record: Size,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_body: Size::kib(64),
            request_head: Size::kib(32),
            upstream_body: Size::kib(8 << 10),
            head_time: Span::seconds(10),
            body_time: Span::seconds(10),
            connect_time: Span::seconds(2),
            upstream_time: Span::seconds(10),
            request_time: Span::seconds(30),
            answer_time: Span::seconds(120),
            stop_time: Span::seconds(10),
            connections: 10_000,
            requests: 1024,
            requests_per_partner: 256,
            rate_per_partner: 500,
            burst_per_partner: 1000,
            waiting: 4096,
            waiting_per_partner: 128,
            stream_time: Span::seconds(900),
            stream_keep_alive: Span::seconds(15),
            stream_record: Size::kib(256),
        }
    }
}

/// How much of the disk is kept for what takes away.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Storage {
    /// Free bytes, on the file systems of ledger and register each, below which nothing is disclosed any more and the
    /// register takes in only what takes away.
    pub keep_free: Size,
    /// Bytes that the register keeps on the disk, already written, for takings-away on a disk that is full. It is kept in
    /// whole segments of 16 MiB.
    pub reserve: Size,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            keep_free: Size::kib(64 << 10),
            reserve: Size::kib(16 << 10),
        }
    }
}

/// What the gateway says about itself, and where.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Telemetry {
    /// In the form of `RUST_LOG`, for example `info,gateway=debug`; the default is `info`.
    pub log: Option<String>,
    /// How the log is written.
    pub log_format: LogFormat,
    /// Where traces go (OTLP over HTTP); only where the program was built with the feature `otel`.
    pub otlp: Option<BaseUrl>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// A line a record, for people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// The defaults of a section that is not there, at no place.
fn left_out<T: Default>() -> Spanned<T> {
    Spanned::new(0..0, T::default())
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        D::Error::custom(format_args!(
            "{text:?} is not an address to listen on: expected numbers and a port, for example 127.0.0.1:8443"
        ))
    })
}

fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8444))
}
