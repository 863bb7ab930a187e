//! The two ways by which a change gets into the register: its directory, or a running gateway's administration API.

use std::path::Path;

use gateway::Config;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use ledger::IdempotencyKey;
use register::{Change, OpenError, People, Position, Refused, Register};
use serde_json::Value;

use crate::args;
use crate::commands::runtime;
use crate::exit::{Exit, Failure};
use crate::surroundings::{now, random, read_text};
use crate::wiring::{configuration, register_options};

/// Makes a change for those who are known.
type ChangeOf<'a> = dyn Fn(&People) -> Result<Change, Failure> + 'a;

/// A change in both forms.
pub(crate) struct Step<'a> {
    /// How the administration API is asked for it.
    pub(crate) method: Method,
    /// Where.
    pub(crate) path: String,
    /// With what.
    pub(crate) body: String,
    /// The change itself; people are known by the platform's ids until here.
    pub(crate) change: Box<ChangeOf<'a>>,
    /// By which a change that is sent again is recognised.
    pub(crate) key: IdempotencyKey,
}

/// The way that was chosen.
pub(crate) enum Way {
    /// The register's directory, held as long as this lives.
    Directory(Box<Register>),
    /// The administration API.
    Admin(Admin),
}

/// A running gateway's administration API.
#[derive(Clone)]
pub(crate) struct Admin {
    base: String,
    token: String,
}

impl<'a> Step<'a> {
    /// A change whose repetition is another change: its key is drawn.
    pub(crate) fn new(
        method: Method,
        path: impl Into<String>,
        body: impl Into<String>,
        change: impl Fn(&People) -> Result<Change, Failure> + 'a,
    ) -> Result<Step<'a>, Failure> {
        Ok(Step {
            method,
            path: path.into(),
            body: body.into(),
            change: Box::new(change),
            key: IdempotencyKey(random()?),
        })
    }

    /// The same change always has the same key, so that taking it in twice is taking it in once.
    pub(crate) fn once(mut self) -> Step<'a> {
        let whole = format!("{} {}\n{}", self.method, self.path, self.body);
        if let Some(first) = ledger::Hash::of(whole.as_bytes()).0.first_chunk() {
            self.key = IdempotencyKey(*first);
        }
        self
    }
}

impl Way {
    /// Opens the register's directory, or falls back to the administration API of the gateway that holds it.
    pub(crate) fn of(door: &args::Door) -> Result<Way, Failure> {
        match (&door.config, &door.admin, &door.token_file) {
            (Some(config), _, _) => Way::of_configuration(&configuration(config)?),
            (None, Some(base), Some(token)) => Ok(Way::Admin(Admin::new(base, token)?)),
            _ => Err(Exit::Usage
                .because("say where the change goes: --config, or --admin with --token-file")),
        }
    }

    fn of_configuration(config: &Config) -> Result<Way, Failure> {
        let directory = &config.register.directory;
        match Register::open(directory, register_options(config)) {
            Ok(register) => Ok(Way::Directory(Box::new(register))),
            Err(OpenError::Log(ledger::OpenError::Locked { .. })) => {
                Ok(Way::Admin(Admin::of_configuration(config)))
            }
            Err(error) => Err(Exit::Io.because(error)),
        }
    }

    /// Takes the change in; it is durable and holds when this returns.
    pub(crate) fn take(&self, step: &Step<'_>) -> Result<Position, Failure> {
        match self {
            Way::Directory(register) => {
                let change = (step.change)(register.people())?;
                register
                    .append_blocking(now(), change, step.key)
                    .map_err(|refused| match refused {
                        Refused::NoSpace(_) | Refused::Stopped(_) => Exit::Io.because(refused),
                        _ => Exit::No.because(refused),
                    })
            }
            Way::Admin(admin) => runtime()?.block_on(admin.take(step)),
        }
    }
}

impl Admin {
    /// The administration API of the running gateway that is meant.
    pub(crate) fn of(door: &args::Door) -> Result<Admin, Failure> {
        match (&door.config, &door.admin, &door.token_file) {
            (Some(config), _, _) => Ok(Admin::of_configuration(&configuration(config)?)),
            (None, Some(base), Some(token)) => Admin::new(base, token),
            _ => {
                Err(Exit::Usage
                    .because("say which gateway: --config, or --admin with --token-file"))
            }
        }
    }

    fn of_configuration(config: &Config) -> Admin {
        Admin {
            base: format!("http://{}", config.admin.address),
            token: config.admin.token.reveal().clone(),
        }
    }

    /// A way to the administration API at `base`, with the token in that file.
    pub(crate) fn new(base: &str, token: &Path) -> Result<Admin, Failure> {
        Ok(Admin {
            base: base.trim_end_matches('/').to_owned(),
            token: read_text(token)?.trim_end().to_owned(),
        })
    }

    /// Asks for the change.
    pub(crate) async fn take(&self, step: &Step<'_>) -> Result<Position, Failure> {
        let key = hex::encode(step.key.0);
        let answer = self
            .ask(&step.method, &step.path, step.body.clone(), Some(&key))
            .await?;
        let position = answer.get("position").and_then(Value::as_u64);
        position.map(Position).ok_or_else(|| {
            Exit::Unavailable.because(format_args!(
                "{}{}: answered without a position; is it a gateway's administration API?",
                self.base, step.path
            ))
        })
    }

    /// Asks for anything; what is refused is told with its reason.
    pub(crate) async fn ask(
        &self,
        method: &Method,
        path: &str,
        body: String,
        key: Option<&str>,
    ) -> Result<Value, Failure> {
        /// The longest answer that is read.
        const LONGEST: usize = 1 << 20;
        let address = format!("{}{path}", self.base);
        let away = |error: &dyn std::fmt::Display| {
            Exit::Unavailable.because(format_args!(
                "{address}: {error}\n  to do: start the gateway, or correct --admin or the configuration's [admin] address"
            ))
        };
        let mut request = Request::builder()
            .method(method)
            .uri(&address)
            .header("authorization", format!("Bearer {}", self.token));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let request = request
            .body(Full::<bytes::Bytes>::from(body))
            .map_err(|error| away(&error))?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let answer = client
            .request(request)
            .await
            .map_err(|error| away(&error))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LONGEST)
            .collect()
            .await
            .map_err(|error| away(&error))?;
        let body: Value = serde_json::from_slice(&body.to_bytes()).unwrap_or_default();
        if status.is_success() {
            return Ok(body);
        }
        let detail = body
            .get("detail")
            .and_then(Value::as_str)
            .unwrap_or("no reason was given");
        Err(match status {
            StatusCode::UNAUTHORIZED => Exit::Config.because(format_args!("{address}: {detail}")),
            StatusCode::INSUFFICIENT_STORAGE => Exit::Io.because(detail),
            status if status.is_client_error() => Exit::No.because(detail),
            _ => away(&format_args!("{status}: {detail}")),
        })
    }
}
