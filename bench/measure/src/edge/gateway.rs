//! Countersign in front of the platform: the program as it is released, set up by its own commands as an operator would.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use http::{Method, Request};
use http_body_util::Empty;
use partner::{Algorithm, Client, Key, Surroundings, Token};
use serde_json::{Value, json};

use super::load::{self, Ready};
use super::process::{Process, free_address};
use crate::report::repository;
use crate::world::{Asked, SERVICE_TOKEN, documents, world};

/// The partner to whom everybody has consented, and the one to whom three of ten have not.
pub(crate) const PARTNERS: [&str; 2] = ["findr", "reelbox"];
/// Of ten friends, so many refuse the second partner.
const REFUSING_OF_TEN: usize = 3;
/// The purpose of the agreement that both have.
const PURPOSE: &str = "dpv:ServicePersonalisation";

/// A gateway that serves, and its partners.
pub(crate) struct Gateway {
    pub(crate) process: Process,
    admin: SocketAddr,
    admin_token: String,
    clients: Vec<Client>,
    runtime: tokio::runtime::Runtime,
}

impl Gateway {
    /// Sets one up in `directory` with the program at `program`, and starts it. With `threads`, its runtime has so many.
    pub(crate) fn start(
        program: &Path,
        upstream: SocketAddr,
        directory: &Path,
        threads: Option<usize>,
    ) -> Result<Gateway> {
        let (address, admin) = (free_address()?, free_address()?);
        let setup = Setup { program, directory };
        let keys = setup.furnish(address, admin, upstream)?;
        setup.found()?;
        let mut command = Command::new(program);
        command
            .arg("serve")
            .arg("--config")
            .arg(setup.path("countersign.toml"));
        command.envs(threads.map(|threads| ("TOKIO_WORKER_THREADS", threads.to_string())));
        let process = Process::start(&mut command, address, &setup.path("countersign.log"))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let clients = PARTNERS
            .iter()
            .zip(keys)
            .map(|(partner, key)| client(partner, key, address))
            .collect();
        let admin_token = fs::read_to_string(setup.path("keys/admin.token"))?
            .trim()
            .to_owned();
        Ok(Gateway {
            process,
            admin,
            admin_token,
            clients,
            runtime,
        })
    }

    /// So many requests of one partner, each with a fresh proof: to be sent within a minute.
    pub(crate) fn requests(
        &self,
        partner: usize,
        asked: Asked,
        target: &str,
        count: usize,
    ) -> Result<Vec<Ready>> {
        let client = self.clients.get(partner).context("no such partner")?;
        let token = self
            .runtime
            .block_on(client.token(Some(&connection(PARTNERS[partner], asked)), PURPOSE))?;
        (0..count)
            .map(|_| self.request(client, &token, target))
            .collect()
    }

    fn request(&self, client: &Client, token: &Token, target: &str) -> Result<Ready> {
        let mut request = Request::get(target).header("host", self.process.address.to_string());
        for (name, value) in client.headers(token, &Method::GET, target)? {
            request = request.header(name, value);
        }
        Ok(request.body(Empty::new())?)
    }

    /// What the gateway's own metrics say so far: for each stage, how often and how many seconds together.
    pub(crate) fn stages(&self) -> Result<Vec<(String, Stage)>> {
        let request = Request::get("/metrics")
            .header("host", self.admin.to_string())
            .header("authorization", format!("Bearer {}", self.admin_token))
            .body(Empty::new())?;
        let (parts, body) = load::once(self.admin, request)?;
        ensure!(
            parts.status == http::StatusCode::OK,
            "/metrics: {}",
            parts.status
        );
        Ok(stages(&String::from_utf8(body.to_vec())?))
    }
}

/// How often a stage was passed, and how long that took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Stage {
    pub(crate) count: f64,
    pub(crate) seconds: f64,
}

fn stages(metrics: &str) -> Vec<(String, Stage)> {
    let mut found: BTreeMap<String, Stage> = BTreeMap::new();
    for line in metrics.lines() {
        let value = |what: &str| {
            let rest = line.strip_prefix(what)?.strip_prefix("{stage=\"")?;
            let (stage, value) = rest.split_once("\"} ")?;
            Some((stage.to_lowercase(), value.parse().ok()?))
        };
        if let Some((stage, count)) = value("countersign_stage_seconds_count") {
            found.entry(stage).or_default().count = count;
        } else if let Some((stage, seconds)) = value("countersign_stage_seconds_sum") {
            found.entry(stage).or_default().seconds = seconds;
        }
    }
    found.into_iter().collect()
}

fn client(partner: &str, key: Key, address: SocketAddr) -> Client {
    let base = format!("http://{address}");
    let gateway = partner::Gateway {
        issuer: base.clone(),
        token_endpoint: format!("{base}/oauth/token"),
        base,
    };
    let surroundings = Surroundings {
        now: Arc::new(|| jiff::Timestamp::now().as_second()),
        random: Arc::new(|| {
            let mut bytes = [0; 16];
            assert!(aws_lc_rs::rand::fill(&mut bytes).is_ok(), "no randomness");
            bytes
        }),
    };
    Client::new(partner, key, gateway, None, surroundings)
}

fn connection(partner: &str, asked: Asked) -> String {
    format!("c-{partner}-{}", asked.friends())
}

/// Everything that an operator does before serving.
struct Setup<'a> {
    program: &'a Path,
    directory: &'a Path,
}

impl Setup<'_> {
    fn path(&self, inside: &str) -> PathBuf {
        self.directory.join(inside)
    }

    fn write(&self, inside: &str, text: &str) -> Result<()> {
        fs::write(self.path(inside), text).with_context(|| inside.to_owned())
    }

    /// Writes documents, configuration and keys; gives the partners' keys.
    fn furnish(
        &self,
        address: SocketAddr,
        admin: SocketAddr,
        upstream: SocketAddr,
    ) -> Result<Vec<Key>> {
        fs::create_dir_all(self.path("keys"))?;
        let examples = repository().join("examples");
        let read =
            |path: &str| fs::read_to_string(examples.join(path)).with_context(|| path.to_owned());
        let (document, overlay) = documents()?;
        self.write("openapi.json", &document)?;
        self.write("overlay.json", &overlay)?;
        self.write("policy.yaml", &read("demo/policy.yaml")?)?;
        self.write("notice.txt", &read("demo/notices/findr.txt")?)?;
        let agreement = read("demo/agreements/findr.yaml")?;
        self.write("agreement-findr.yaml", &agreement)?;
        let agreement = agreement
            .replace("findr-search", "reelbox-search")
            .replace("partner: findr", "partner: reelbox")
            .replace("officer: frida", "officer: rosa");
        self.write("agreement-reelbox.yaml", &agreement)?;
        self.write("keys/platform.token", SERVICE_TOKEN)?;
        self.write("countersign.toml", &configuration(address, admin, upstream))?;
        self.key("greta", 1)?;
        self.key("frida", 2)?;
        self.key("rosa", 3)?;
        self.write("officers.json", &key_set(&[(Some("greta"), 1)])?)?;
        self.write("findr.json", &key_set(&[(Some("frida"), 2), (None, 4)])?)?;
        self.write("reelbox.json", &key_set(&[(Some("rosa"), 3), (None, 5)])?)?;
        Ok(vec![key(4)?, key(5)?])
    }

    fn key(&self, officer: &str, number: u8) -> Result<()> {
        let key = key(number)?;
        self.write(
            &format!("keys/{officer}.jwk"),
            &with_kid(key.private_jwk(), officer).to_string(),
        )?;
        self.write(
            &format!("keys/{officer}.public.jwk"),
            &with_kid(key.public_jwk(), officer).to_string(),
        )
    }

    /// Founds register and ledger, and tells the register everything.
    fn found(&self) -> Result<()> {
        self.countersign(&["init", "--officers", "officers.json"])?;
        let world = world();
        let people: Vec<String> = world.people().map(|person| world.id_of(person)).collect();
        self.write("people.txt", &people.join("\n"))?;
        self.countersign(&["load", "people", "people.txt"])?;
        self.countersign(&["policy", "set", "policy.yaml"])?;
        let notice = self.countersign(&["notice", "publish", "notice.txt"])?;
        let notice = hex_of(&notice).context("`notice publish` told no hash")?;
        for (partner, officer) in PARTNERS.iter().zip(["frida", "rosa"]) {
            let powers = self.agree(partner, officer)?;
            self.consents(partner, &powers, &notice)?;
        }
        Ok(())
    }

    /// Enrols a partner and puts its agreement into force; gives the ids of its powers.
    fn agree(&self, partner: &str, officer: &str) -> Result<Vec<String>> {
        let (document, set) = (
            format!("agreement-{partner}.yaml"),
            format!("{partner}.json"),
        );
        let public = format!("keys/{officer}.public.jwk");
        self.countersign(&[
            "partner", "enrol", partner, "--name", partner, "--jwks", &set,
        ])?;
        self.countersign(&[
            "officer",
            "enrol",
            officer,
            "--partner",
            partner,
            "--key",
            &public,
        ])?;
        let sign = |officer: &str, side: &[&str]| -> Result<String> {
            let (key, file) = (
                format!("keys/{officer}.jwk"),
                format!("{partner}-by-{officer}.jws"),
            );
            let arguments = [
                "agreement",
                "sign",
                &document,
                "--key",
                &key,
                "--officer",
                officer,
                "--format",
                "plain",
            ];
            let jws = self.run(&[&arguments[..], side].concat())?;
            self.write(&file, jws.trim())?;
            Ok(file)
        };
        let (theirs, ours) = (
            sign(officer, &["--partner", partner])?,
            sign("greta", &["--platform"])?,
        );
        self.countersign(&[
            "agreement",
            "offer",
            &document,
            "--signature",
            &theirs,
            "--signature",
            &ours,
        ])?;
        let table = self.run(&["agreement", "check", &document, "--format", "plain"])?;
        let powers: Vec<String> = table.lines().filter_map(hex_of).collect();
        ensure!(
            !powers.is_empty(),
            "`agreement check` told no power:\n{table}"
        );
        Ok(powers)
    }

    /// All friends of those who are asked about consent to the first partner, seven of ten to the second; and those who
    /// are asked about connect both.
    fn consents(&self, partner: &str, powers: &[String], notice: &str) -> Result<()> {
        let world = world();
        let now = decide::Time(jiff::Timestamp::now().as_millisecond());
        let until = now.day().plus(decide::Days(300)).to_string();
        let (mut consents, mut connections) = (String::new(), String::new());
        for asked in Asked::ALL {
            let person = asked.person(&world)?;
            let choosy = partner != PARTNERS[0] && asked == Asked::List;
            for (nth, friend) in world.friends(person).into_iter().enumerate() {
                if choosy && nth % 10 < REFUSING_OF_TEN {
                    continue;
                }
                for power in powers {
                    let line = json!({ "person": world.id_of(friend), "partner": partner, "power": power, "notice": notice, "until": until });
                    writeln!(consents, "{line}")?;
                }
            }
            let line = json!({ "connection": connection(partner, asked), "person": world.id_of(person), "partner": partner,
                "powers": powers, "notice": notice, "until": until });
            writeln!(connections, "{line}")?;
        }
        self.write("consents.ndjson", &consents)?;
        self.write("connections.ndjson", &connections)?;
        self.countersign(&["load", "consents", "consents.ndjson"])?;
        self.countersign(&["load", "connections", "connections.ndjson"])?;
        Ok(())
    }

    /// A command that changes the register.
    fn countersign(&self, arguments: &[&str]) -> Result<String> {
        self.run(&[arguments, &["--config", "countersign.toml"]].concat())
    }

    fn run(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new(self.program)
            .args(arguments)
            .current_dir(self.directory)
            .output();
        let output = output.with_context(|| format!("{} cannot be run", self.program.display()))?;
        ensure!(
            output.status.success(),
            "countersign {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// The first word of 64 hexadecimal digits.
fn hex_of(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter(|word| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit()))
        .map(str::to_owned)
        .next()
}

/// Keys are the same every time: nothing here is secret, and nothing is measured that depends on them.
fn key(number: u8) -> Result<Key> {
    Ok(Key::from_secret(Algorithm::Es256, [number; 32])?)
}

fn with_kid(mut jwk: Value, kid: &str) -> Value {
    jwk["kid"] = kid.into();
    jwk
}

/// Public keys, each under its own id; without one a key's id is its thumbprint.
fn key_set(keys: &[(Option<&str>, u8)]) -> Result<String> {
    let public = |(kid, number): &(Option<&str>, u8)| -> Result<Value> {
        let jwk = key(*number)?.public_jwk();
        Ok(kid.map_or(jwk.clone(), |kid| with_kid(jwk, kid)))
    };
    let keys: Result<Vec<Value>> = keys.iter().map(public).collect();
    Ok(json!({ "keys": keys? }).to_string())
}

fn configuration(address: SocketAddr, admin: SocketAddr, upstream: SocketAddr) -> String {
    format!(
        r#"[listen]
address = "{address}"
public-url = "http://{address}"
plaintext = true

[admin]
address = "{admin}"
token = "keys/admin.token"

[platform]
upstream = "http://{upstream}"
document = "openapi.json"
overlay = "overlay.json"
token = "keys/platform.token"

[ledger]
directory = "ledger"
signing-key = "keys/ledger.key"
details-key = "keys/details.key"

[register]
directory = "register"
signing-key = "keys/register.key"

[policy]
document = "policy.yaml"

[cursor]
key = "keys/cursor.key"

[tokens]
lifetime = "10min"

[limits]
rate-per-partner = 1000000
burst-per-partner = 1000000
head-time = "10min" # or the partner would have to connect anew whenever another way is measured

[telemetry]
log = "warn"
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_read_from_the_metrics() {
        let metrics = "# TYPE countersign_stage_seconds histogram\n\
            countersign_stage_seconds_sum{stage=\"Ledger\"} 0.5\n\
            countersign_stage_seconds_count{stage=\"Ledger\"} 100\n\
            countersign_stage_seconds_bucket{le=\"0.1\",stage=\"Ledger\"} 7\n\
            countersign_requests_total{partner=\"findr\"} 3\n";
        let expected = Stage {
            count: 100.0,
            seconds: 0.5,
        };
        assert_eq!(stages(metrics), [("ledger".to_owned(), expected)]);
    }

    #[test]
    fn a_hash_is_found_among_words() {
        let hash = "0123456789abcdef".repeat(4);
        assert_eq!(hex_of(&format!("power {hash}\tread")), Some(hash));
        assert_eq!(hex_of("nothing here"), None);
    }
}
