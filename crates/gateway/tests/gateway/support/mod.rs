//! A gateway on loopback with the cast: ada and the others; Findr and Reelbox; no platform behind unless a test
//! brings one. Requests are written byte by byte, so that a test can send what no client library would.

pub(crate) mod browser;
pub(crate) mod calls;
pub(crate) mod pages;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use decide::{
    Connection, Days, Event, LegalBasis, NoticeHash, OfficerId, PersonNo, Power, PowerId, Reach,
    Time, Verb,
};
use gateway::{Clock, Config, Entropy, Gateway, Inside, Server};
use ledger::note::Signer;
use ledger::{IdempotencyKey, Log};
use partner::{Algorithm, Key};
use register::signature::SigningKey;
use register::{Change, Founding, Register, Side};
use release::Api;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What partners call the gateway, whatever port it has in a test.
pub(crate) const PUBLIC: &str = "https://partners.sample.example";
pub(crate) const ADMIN_TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// The people at the administration, where a test has them, with their roles.
pub(crate) const STAFF: [(&str, &str); 5] = [
    ("stella", r#""steward""#),
    ("rhea", r#""reviewer""#),
    ("axel", r#""auditor""#),
    ("otto", r#""operator""#),
    ("mona", r#""steward", "reviewer""#),
];
/// Noon of a day in November.
const NOON: i64 = 1_795_608_000_000;
const NOTICE: &str = "Findr may see your friends' names.";

/// A gateway at work.
pub(crate) struct World {
    pub(crate) server: Option<Server>,
    pub(crate) address: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) register: Arc<Register>,
    pub(crate) ledger: Arc<Log>,
    wall: Arc<AtomicI64>,
    _dir: TempDir,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Told {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    /// Everything but the date, for snapshots.
    pub(crate) fn shown(&self) -> String {
        let mut text = format!("{}\n", self.status);
        for (name, value) in &self.headers {
            if name != "date" && name != "connection" && name != "content-length" {
                text.push_str(&format!("{name}: {value}\n"));
            }
        }
        text.push_str(&self.body);
        text
    }
}

/// The client key of a partner; each of its own.
pub(crate) fn key_of(partner: &str) -> Key {
    Key::from_secret(Algorithm::Es256, Sha256::digest(partner).into()).unwrap()
}

/// The token of one of the staff.
pub(crate) fn token_of(name: &str) -> String {
    format!("{name}-{}", "0123456789abcdef".repeat(3))
}

/// The lines of configuration that have them all.
pub(crate) fn staffed() -> String {
    let lines = STAFF.map(|(name, roles)| {
        format!("[[admin.staff]]\nname = \"{name}\"\nroles = [{roles}]\ntoken = \"{name}.token\"\n")
    });
    lines.concat()
}

/// Bytes that repeat from run to run, and differ between two seeds: register and gateway must not draw the same.
pub(crate) fn entropy(seed: &'static str) -> Entropy {
    let next = AtomicU64::new(1);
    Entropy::from_fill(move |bytes| {
        let n = next.fetch_add(1, Ordering::Relaxed);
        for (at, chunk) in bytes.chunks_mut(32).enumerate() {
            let digest: [u8; 32] = Sha256::digest(format!("{seed} {n} {at}")).into();
            chunk.copy_from_slice(&digest[..chunk.len()]);
        }
        Ok(())
    })
}

pub(crate) fn fresh() -> IdempotencyKey {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    IdempotencyKey(bytes)
}

impl World {
    pub(crate) async fn new() -> World {
        World::with("", "http://127.0.0.1:9").await
    }

    /// With further lines of configuration, and a platform at this address.
    pub(crate) async fn with(more: &str, upstream: &str) -> World {
        let dir = tempfile::tempdir().unwrap();
        let config = configuration(dir.path(), more, upstream);
        let wall = Arc::new(AtomicI64::new(NOON));
        let clock = {
            let wall = wall.clone();
            Clock::new(
                None,
                Box::new(move || Time(wall.load(Ordering::Relaxed))),
                Box::new(|| 0),
            )
        };
        // Founding a register blocks, so it has a thread of its own.
        let register = {
            let config = config.clone();
            let founded = move || {
                let register = found(&config);
                populate(&register);
                Arc::new(register)
            };
            tokio::task::spawn_blocking(founded).await.unwrap()
        };
        let ledger = Log::create(&config.ledger.directory, log_options(&config)).unwrap();
        let ledger = Arc::new(ledger);
        let api = Api::load(
            &config.platform.document.bytes,
            "openapi.json",
            &config.platform.overlay.bytes,
            "overlay.json",
        );
        let inside = Inside {
            clock,
            entropy: entropy("gateway"),
            register: register.clone(),
            ledger: ledger.clone(),
            api: Arc::new(api.unwrap_or_else(|errors| panic!("{errors}"))),
            config,
        };
        let server = Server::start(Gateway::new(inside).unwrap()).await.unwrap();
        World {
            address: server.address(),
            admin: server.admin_address(),
            server: Some(server),
            register,
            ledger,
            wall,
            _dir: dir,
        }
    }

    /// The moment that it is, in seconds.
    pub(crate) fn now(&self) -> i64 {
        self.wall.load(Ordering::Relaxed) / 1000
    }

    /// Lets time go by.
    pub(crate) fn pass(&self, seconds: i64) {
        self.wall.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    /// An event of the register's.
    pub(crate) async fn happens(&self, event: Event) {
        let at = Time(self.wall.load(Ordering::Relaxed));
        self.register
            .append(at, Change::Fact(event), fresh())
            .await
            .unwrap();
    }

    /// Sends a request to the partners' listener.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: &str,
    ) -> Told {
        send(self.address, method, path, headers, body).await
    }

    /// Sends a request to the administration, as the operator.
    pub(crate) async fn administer(&self, method: &str, path: &str, body: &str) -> Told {
        let headers = [("authorization".to_owned(), format!("Bearer {ADMIN_TOKEN}"))];
        send(self.admin, method, path, &headers, body).await
    }

    pub(crate) async fn stop(&mut self) {
        self.server.take().unwrap().stop().await;
    }
}

/// One request on a connection of its own, written as it stands.
pub(crate) async fn send(
    to: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(String, String)],
    body: &str,
) -> Told {
    let mut text = format!(
        "{method} {path} HTTP/1.1\r\nhost: partners.sample.example\r\nconnection: close\r\n"
    );
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    read_answer(&mut stream).await
}

pub(crate) async fn read_answer(stream: &mut TcpStream) -> Told {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap_or("0")
        .parse()
        .unwrap();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_ascii_lowercase(), value.to_owned())
    });
    Told {
        status,
        headers: headers.collect(),
        body: body.to_owned(),
    }
}

/// Says that something outside is missing; an error where it must not be.
pub(crate) fn did_not_run(what: &str) {
    use std::io::Write as _;

    let required = std::env::var("COUNTERSIGN_CLIENTS").is_ok_and(|value| value == "required");
    assert!(!required, "did not run: {what}");
    // Not `println!`: cargo shows what a test prints only where it fails, and this has to be seen where it does not.
    let _ = writeln!(std::io::stderr(), "DID NOT RUN: {what}");
}

fn configuration(dir: &Path, more: &str, upstream: &str) -> Config {
    let file = |name: &str, text: &str| fs::write(dir.join(name), text).unwrap();
    file("admin-token", ADMIN_TOKEN);
    for (name, _) in STAFF {
        file(&format!("{name}.token"), &token_of(name));
    }
    file("platform-token", "service-token");
    file("details.key", &"01".repeat(32));
    file("cursor.key", &"02".repeat(32));
    file("openapi.json", sample::OPENAPI);
    file(
        "overlay.json",
        include_str!("../../../../../examples/sample-social/overlay.json"),
    );
    file("policy.yaml", POLICY);
    for log in ["ledger", "register"] {
        let signer = Signer::from_seed(&format!("countersign.sample.example/{log}"), [7; 32]);
        signer
            .unwrap()
            .write(&dir.join(format!("{log}.key")))
            .unwrap();
    }
    let text = format!(
        r#"
        [listen]
        address = "127.0.0.1:0"
        public-url = "{PUBLIC}"
        plaintext = true
        [admin]
        address = "127.0.0.1:0"
        token = "admin-token"
        [platform]
        upstream = "{upstream}"
        document = "openapi.json"
        overlay = "overlay.json"
        token = "platform-token"
        [ledger]
        directory = "ledger"
        signing-key = "ledger.key"
        details-key = "details.key"
        [register]
        directory = "register"
        signing-key = "register.key"
        [policy]
        document = "policy.yaml"
        [cursor]
        key = "cursor.key"
        {more}
        "#
    );
    Config::parse(&dir.join("countersign.toml"), &text).unwrap_or_else(|error| panic!("{error}"))
}

const POLICY: &str = "
categories: [pd:Name, pd:EmailAddress]
power-lapses-after-days: 90
connection-quiet-after-days: 90
consent-at-most-days: 365
";

fn log_options(config: &Config) -> ledger::Options {
    let signer = Signer::read(&config.ledger.directory.with_file_name("ledger.key")).unwrap();
    let mut options = ledger::Options::new(signer);
    options.segment_bytes = 4 << 20; // a test's log is small, and preallocating takes time
    options
}

fn found(config: &Config) -> Register {
    let signer = Signer::read(&config.register.directory.with_file_name("register.key")).unwrap();
    let random = entropy("register");
    let fill = move |bytes: &mut [u8]| {
        let fresh: [u8; 32] = random.bytes().map_err(|_| register::NoRandomness)?;
        bytes
            .iter_mut()
            .zip(fresh.iter().cycle())
            .for_each(|(to, from)| *to = *from);
        Ok(())
    };
    let mut options = register::Options::new(signer, Arc::new(fill));
    options.log.segment_bytes = 4 << 20;
    let officer = Key::from_secret(Algorithm::EdDsa, [9; 32]).unwrap();
    let mut jwk = officer.public_jwk();
    jwk["kid"] = "platform-officer".into();
    let founding = Founding {
        at: Time(NOON - 3_600_000),
        platform_officers: serde_json::from_value(json!({ "keys": [jwk] })).unwrap(),
    };
    Register::create(&config.register.directory, options, founding).unwrap()
}

fn populate(register: &Register) {
    let at = Time(NOON - 1000);
    let take = |change| {
        register.append_blocking(at, change, fresh()).unwrap();
    };
    take(Change::SetPolicy {
        document: POLICY.to_owned(),
    });
    let cast = ["ada", "bert", "cleo", "dora", "emil"];
    take(Change::Join {
        ids: cast.map(str::to_owned).to_vec(),
    });
    for partner in ["findr", "reelbox"] {
        let officer = officer_key().public("partner-officer").unwrap();
        let jwks = json!({ "keys": [key_of(partner).public_jwk(), officer] });
        take(Change::EnrolPartner {
            partner: partner.parse().unwrap(),
            name: partner.to_owned(),
            jwks: serde_json::from_value(jwks).unwrap(),
        });
    }
    take(Change::PublishNotice {
        language: "en".to_owned(),
        text: NOTICE.to_owned(),
    });
    for partner in ["findr", "reelbox"] {
        sign(register, partner);
        let ada = register.people().number("ada").unwrap();
        let connection = connection_of(&format!("ada-{partner}"), partner, ada);
        take(Change::Fact(Event::Connected { connection }));
    }
}

fn officer_key() -> SigningKey {
    SigningKey::ed25519(&[6; 32]).unwrap()
}

/// Both sides sign for one power: to see the name of whoever connects.
fn sign(register: &Register, partner: &str) {
    let at = Time(NOON - 1000);
    let key = officer_key();
    let officer: OfficerId = "partner-officer".parse().unwrap();
    let enrolled = Change::EnrolOfficer {
        side: Side::Partner(partner.parse().unwrap()),
        officer: officer.clone(),
        key: key.public("partner-officer").unwrap(),
    };
    register.append_blocking(at, enrolled, fresh()).unwrap();
    let document = agreement(partner);
    let signed = |party, officer: &OfficerId, key| {
        register::signature::sign("agreement.yaml", &document, party, officer, key, at).unwrap()
    };
    let platform = SigningKey::ed25519(&[9; 32]).unwrap();
    let signatures = [
        signed(
            decide::Party::Platform,
            &"platform-officer".parse().unwrap(),
            &platform,
        ),
        signed(decide::Party::Partner, &officer, &key),
    ];
    let signatures: Vec<&str> = signatures.iter().map(String::as_str).collect();
    register::take_in(
        register,
        "agreement.yaml",
        document.as_bytes(),
        &signatures,
        at,
    )
    .unwrap();
}

fn agreement(partner: &str) -> String {
    let notice = hex::encode(Sha256::digest(NOTICE));
    format!(
        "
agreement: {partner}-names
version: 1
partner: {partner}
claimed-role: third-party
in-return: Nothing; this is a test.
term: {{ from: 2026-01-01T00:00:00Z, until: 2028-01-01T00:00:00Z }}
officers:
  platform: [{{ officer: platform-officer, name: Sten Ward, title: Steward }}]
  partner: [{{ officer: partner-officer, name: Finn Offer, title: Head of Data }}]
approvals: [{{ by: privacy review, on: 2026-01-01 }}]
notices: [{notice}]
powers:
  - verb: read
    category: pd:Name
    reach: own
    purpose: dpv:ServiceProvision
    retention-days: 30
    legal-basis: consent
    feature: Greeting
    needed: true
    in-words: It sees what you are called.
"
    )
}

/// What both partners signed for.
pub(crate) fn power() -> PowerId {
    let power = Power {
        verb: Verb::Read,
        category: "pd:Name".parse().unwrap(),
        reach: Reach::Own,
        purpose: "dpv:ServiceProvision".parse().unwrap(),
        window: None,
        frequency: None,
        retention: Days(30),
        legal_basis: LegalBasis::Consent,
    };
    power.id()
}

pub(crate) fn connection_of(id: &str, partner: &str, person: PersonNo) -> Connection {
    Connection {
        connection: id.parse().unwrap(),
        person,
        partner: partner.parse().unwrap(),
        powers: std::iter::once(power()).collect(),
        notice: NoticeHash(Sha256::digest(NOTICE).into()),
        until: "2027-06-01".parse().unwrap(),
    }
}
