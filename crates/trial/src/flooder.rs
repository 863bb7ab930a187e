//! The flood: a process of its own, so that its processor time is nobody else's, and the least urgent on the machine, as
//! if it came from another one.
//!
//! Half of its connections are a known partner asking for what it may not, the others strangers with garbage.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use partner::{Client, Gateway, Key, Token};
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::broken::{At as _, Result};
use crate::cast::PARTNERS;
use crate::line::Line;
use crate::place::{Place, connection_id};
use crate::surroundings::{Stopwatch, dice, of_partner};
use crate::work::{Beat, Pace};

/// The flood as a command of the harness; `flood` starts it.
#[derive(clap::Args, Clone, Debug)]
pub struct Plan {
    /// Where what it has to know lies.
    pub orders: std::path::PathBuf,
}

/// The name of the hidden command.
const COMMAND: &str = "flooder";

/// A flood that is coming in; ended when dropped.
#[derive(Debug)]
pub(crate) struct Flood {
    child: Child,
}

/// What the flood has to know.
pub(crate) struct Orders<'a> {
    pub(crate) place: &'a Place,
    pub(crate) seed: u64,
    pub(crate) connections: usize,
    /// Requests a second altogether; 0: as fast as they can.
    pub(crate) rate: u64,
    pub(crate) time: Duration,
}

impl Flood {
    /// Starts this very program with the hidden command.
    pub(crate) fn start(orders: &Orders<'_>) -> Result<Flood> {
        let last = PARTNERS.len().saturating_sub(1);
        let partner = PARTNERS.get(last).at("the partner that may nothing")?;
        let told = json!({
            "gateway": orders.place.addresses.gateway,
            "partner": partner.id,
            "purpose": partner.purpose,
            "connection": connection_id(partner, 0)?,
            "key": orders.place.party(last)?.client_key.private_jwk(),
            "stolen-name": PARTNERS.first().map(|partner| partner.id),
            "seed": orders.seed,
            "connections": orders.connections,
            "rate": orders.rate,
            "seconds": orders.time.as_secs(),
        });
        let file = orders.place.path("flood.json");
        std::fs::write(&file, told.to_string()).at(file.display())?;
        let own = std::env::current_exe().at("this program's own path")?;
        let child = Command::new("nice")
            .args(["-n", "19"])
            .arg(own)
            .arg(COMMAND)
            .arg(&file)
            .stdout(Stdio::piped())
            .spawn()
            .at("the flood")?;
        Ok(Flood { child })
    }

    /// Waits for its end: how many answers of which status it got; 0 stands for none.
    pub(crate) fn ended(mut self) -> Result<BTreeMap<u16, u64>> {
        let mut said = String::new();
        if let Some(mut output) = self.child.stdout.take() {
            std::io::Read::read_to_string(&mut output, &mut said).at("the flood")?;
        }
        self.child.wait().at("the flood")?;
        serde_json::from_str(said.trim()).at(format_args!("the flood said {said:?}"))
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Floods, for as long as it was told. Blocks.
///
/// # Errors
/// When it cannot begin.
#[expect(
    clippy::print_stdout,
    reason = "what came back is told on standard output"
)]
pub fn run(plan: &Plan) -> Result<()> {
    let told = std::fs::read_to_string(&plan.orders).at(plan.orders.display())?;
    let told: Value = serde_json::from_str(&told).at(plan.orders.display())?;
    let counts = crate::runtime()?.block_on(flood(&told, &plan.orders))?;
    let counts = serde_json::to_string(&counts).at("counts")?;
    println!("{counts}");
    Ok(())
}

async fn flood(told: &Value, file: &Path) -> Result<BTreeMap<u16, u64>> {
    let number = |name: &str| told.get(name).and_then(Value::as_u64).at(file.display());
    let (connections, rate) = (number("connections")?.max(1), number("rate")?);
    let pace = match rate {
        0 => Pace::AsFastAsItCan,
        rate => Pace::Every(Duration::from_secs(1).mul_f64(connections as f64 / rate as f64)),
    };
    let counts: Arc<Mutex<BTreeMap<u16, u64>>> = Arc::default();
    let over = Arc::new(AtomicBool::new(false));
    let mut wave = JoinSet::new();
    for nth in 0..connections {
        let known = nth.is_multiple_of(2);
        let mut attacker = Attacker::new(told, known, dice(number("seed")?, 100 + nth))?;
        let (counts, over, watch) = (counts.clone(), over.clone(), Stopwatch::start());
        wave.spawn(async move {
            let mut beat = Beat::start(pace, &watch, attacker.dice.random());
            while !over.load(Ordering::Relaxed) {
                beat.next(&watch).await;
                let status = attacker.once().await.unwrap_or(0);
                *counts
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .entry(status)
                    .or_default() += 1;
                if status == 0 {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        });
    }
    tokio::time::sleep(Duration::from_secs(number("seconds")?)).await;
    over.store(true, Ordering::Relaxed);
    let _ = tokio::time::timeout(Duration::from_secs(60), async {
        while wave.join_next().await.is_some() {}
    })
    .await;
    let counts = counts
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    Ok(counts)
}

struct Attacker {
    /// Whether it is the known partner.
    known: bool,
    client: Client,
    /// A client by a partner's name with a key that is not the partner's.
    impostor: Client,
    purpose: String,
    connection: String,
    token: Option<Token>,
    line: Line,
    dice: ChaCha8Rng,
}

impl Attacker {
    fn new(told: &Value, known: bool, mut dice: ChaCha8Rng) -> Result<Attacker> {
        let text = |name: &str| {
            Ok::<_, crate::Broken>(told.get(name).and_then(Value::as_str).at(name)?.to_owned())
        };
        let to: SocketAddr = text("gateway")?.parse().at("the gateway's address")?;
        let base = format!("http://{to}");
        let gateway = Gateway {
            issuer: base.clone(),
            token_endpoint: format!("{base}/oauth/token"),
            base,
        };
        let key = Key::from_jwk(told.get("key").at("key")?).at("key")?;
        let wrong = Key::from_secret(partner::Algorithm::Es256, dice.random()).at("a wrong key")?;
        Ok(Attacker {
            known,
            client: Client::new(&text("partner")?, key, gateway.clone(), None, of_partner()?),
            impostor: Client::new(&text("stolen-name")?, wrong, gateway, None, of_partner()?),
            purpose: text("purpose")?,
            connection: text("connection")?,
            token: None,
            line: Line::to(to),
            dice,
        })
    }

    /// One request that must be refused; the status.
    async fn once(&mut self) -> Result<u16> {
        if self.known {
            self.known_partner().await
        } else {
            self.stranger().await
        }
    }

    async fn known_partner(&mut self) -> Result<u16> {
        let token = match &self.token {
            Some(token) => token.clone(),
            None => {
                let token = self
                    .client
                    .token(Some(&self.connection), &self.purpose)
                    .await;
                match token {
                    Ok(token) => self.token.insert(token).clone(),
                    Err(partner::CallError::Refused { status, .. }) => return Ok(status.as_u16()),
                    Err(error) => return Err(error).at("a token"),
                }
            }
        };
        let any: u64 = self.dice.random();
        let (method, path) = match any % 4 {
            0 => (
                Method::GET,
                "/v1/people/me/friends/contacts?limit=100".to_owned(),
            ),
            1 => (Method::GET, format!("/v1/people/me/friends?limit={any}")),
            2 => (Method::GET, format!("/v1/no-such-place-{any}")),
            _ => (
                Method::DELETE,
                format!("/v1/threads/t_{any}/messages/m_{any}"),
            ),
        };
        let bare = path.split_once('?').map_or(path.as_str(), |(bare, _)| bare);
        let headers = self.client.headers(&token, &method, bare).at("a proof")?;
        let heard = self.line.ask(method, &path, &headers, Bytes::new()).await?;
        if heard.status == 401 {
            self.token = None;
        }
        Ok(heard.status)
    }

    async fn stranger(&mut self) -> Result<u16> {
        let any: u128 = self.dice.random();
        match any % 4 {
            0 => {
                let headers = [
                    ("authorization", format!("DPoP {any:x}")),
                    ("dpop", format!("{any:x}.{any:x}.{any:x}")),
                ];
                self.asked("/v1/people/me/friends", &headers).await
            }
            1 => self.asked(&format!("/v1/people/{any:x}"), &[]).await,
            2 => {
                let form = [(
                    "content-type",
                    "application/x-www-form-urlencoded".to_owned(),
                )];
                let body = format!(
                    "grant_type=client_credentials&client_id={any:x}&client_assertion={any:x}.{any:x}.{any:x}"
                );
                Ok(self
                    .line
                    .ask(Method::POST, "/oauth/token", &form, body.into())
                    .await?
                    .status)
            }
            _ => match self
                .impostor
                .token(Some(&self.connection), &self.purpose)
                .await
            {
                Ok(_) => Ok(200),
                Err(partner::CallError::Refused { status, .. }) => Ok(status.as_u16()),
                Err(error) => Err(error).at("a token by a wrong key"),
            },
        }
    }

    async fn asked(&mut self, path: &str, headers: &[(&str, String)]) -> Result<u16> {
        Ok(self
            .line
            .ask(Method::GET, path, headers, Bytes::new())
            .await?
            .status)
    }
}
