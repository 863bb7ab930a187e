//! A town in which everybody has connected Findr and consented to everything, and gateways in front of its platform.

mod founding;
pub(crate) mod tls;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use bytes::Bytes;
use decide::{Bar, ConnectionId, Event, PersonNo, PowerId, Time};
pub(crate) use founding::Terms;
use founding::{connection, connection_of, consent, findr, fresh_key};
pub(crate) use founding::{notice, until};
use gateway::{Clock, Config, Entropy, Gateway, Inside, Server};
use http_body_util::{BodyExt as _, Full};
use ledger::files::{Files, RealFiles};
use ledger::note::Signer;
use partner::{Algorithm, Client, Key, Roots, Surroundings, Token};
use register::{Change, Register};
use release::Api;
use tempfile::TempDir;

/// Noon of the day on which everything here happens.
pub(crate) const NOON: Time = Time(1_795_435_200_000);
pub(crate) const PURPOSE: &str = "dpv:ServiceProvision";

/// A platform's API as its operator describes it, and who is on it.
pub(crate) struct Platform {
    pub document: (&'static str, &'static str),
    pub overlay: (&'static str, &'static str),
    /// The gateway's service token.
    pub token: String,
    /// Further lines of `[platform]`.
    pub more: &'static str,
    /// The platform's ids of everybody.
    pub people: Vec<String>,
}

/// The register and the ledger of a town.
pub(crate) struct Town {
    platform: Platform,
    api: Arc<Api>,
    powers: Vec<PowerId>,
    register: Arc<Register>,
    log: Arc<ledger::Log>,
    /// The connections that took the place of emptied ones, oldest first.
    reconnected: RwLock<Vec<(PersonNo, ConnectionId)>>,
    dir: TempDir,
}

/// A running gateway and a partner's client to it.
pub(crate) struct Door {
    pub client: Client,
    pub upstream: String,
    /// Where partners reach it.
    pub public: String,
    /// Where its operator is.
    pub admin: std::net::SocketAddr,
    _server: Server,
}

impl Door {
    /// What the administration answers its operator: status and body.
    pub(crate) async fn administer(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.admin))
            .header("authorization", format!("Bearer {}", "a".repeat(40)))
            .body(Full::new(Bytes::copy_from_slice(body.as_bytes())));
        let executor = hyper_util::rt::TokioExecutor::new();
        let client = hyper_util::client::legacy::Client::builder(executor).build_http();
        let answer = client.request(request.unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

impl Town {
    pub(crate) async fn new(platform: Platform) -> Town {
        Town::with(platform, Some, Arc::new(RealFiles)).await
    }

    /// With these terms of the agreement, and the ledger's files behind this.
    pub(crate) async fn with(platform: Platform, terms: Terms, files: Arc<dyn Files>) -> Town {
        let dir = tempfile::tempdir().unwrap();
        let ((document, text), (overlay, notes)) = (platform.document, platform.overlay);
        let api = Api::load(text.as_bytes(), document, notes.as_bytes(), overlay);
        let api = Arc::new(api.unwrap_or_else(|errors| panic!("{errors}")));
        let key = findr_key().public_jwk();
        // Founding a register blocks, so it has a thread of its own.
        let (register, powers) = tokio::task::spawn_blocking({
            let (dir, api, people) = (
                dir.path().join("register"),
                api.clone(),
                platform.people.clone(),
            );
            move || founding::found(&dir, &api, people, &key, terms)
        })
        .await
        .unwrap();
        let mut options = log_options();
        options.files = files;
        let log = Arc::new(ledger::Log::create(&dir.path().join("ledger"), options).unwrap());
        Town {
            platform,
            api,
            powers,
            register,
            log,
            reconnected: RwLock::default(),
            dir,
        }
    }

    /// The ledger as its disk has it at this moment: what a gateway would find that is started after a crash now.
    pub(crate) fn crashed_ledger(&self) -> Arc<ledger::Log> {
        let copies = std::fs::read_dir(self.dir.path()).unwrap().count();
        let to = self.dir.path().join(format!("crashed-{copies}"));
        copy(&self.dir.path().join("ledger"), &to);
        Arc::new(ledger::Log::open(&to, log_options()).unwrap())
    }

    /// The ledger.
    pub(crate) fn ledger(&self) -> &Arc<ledger::Log> {
        &self.log
    }

    /// A public promise, as its document in YAML.
    pub(crate) async fn promise(&self, document: &str) {
        let document = document.to_owned();
        self.register
            .append(NOON, Change::MakePromise { document }, fresh_key())
            .await
            .unwrap();
    }

    /// The person refuses everything to every partner.
    pub(crate) async fn bar(&self, person: &str) {
        self.fact(Event::BarSet {
            person: self.number(person),
            bar: Bar::Everything,
        })
        .await;
    }

    pub(crate) async fn lift(&self, person: &str) {
        self.fact(Event::BarLifted {
            person: self.number(person),
            bar: Bar::Everything,
        })
        .await;
    }

    /// The person withdraws every consent they have given as a bystander.
    pub(crate) async fn withdraw(&self, person: &str) {
        for power in &self.powers {
            let (person, partner) = (self.number(person), findr());
            self.fact(Event::ConsentWithdrawn {
                person,
                partner,
                power: *power,
            })
            .await;
        }
    }

    pub(crate) async fn consent_again(&self, person: &str) {
        for power in &self.powers {
            self.fact(consent(vec![self.number(person)], *power)).await;
        }
    }

    pub(crate) async fn token(&self, door: &Door, person: Option<&str>) -> Token {
        let connection = person.map(|person| self.connection(self.number(person)));
        let connection = connection.as_ref().map(ConnectionId::as_str);
        door.client.token(connection, PURPOSE).await.unwrap()
    }

    /// A fresh connection for somebody whose own withdrawal has emptied the former one.
    pub(crate) async fn reconnect(&self, person: &str) {
        let person = self.number(person);
        let serial = self.reconnected.read().unwrap().len();
        let id: ConnectionId = format!("again-{serial}").parse().unwrap();
        let connection = connection(id.clone(), person, &self.powers);
        self.fact(Event::Connected { connection }).await;
        self.reconnected.write().unwrap().push((person, id));
    }

    /// The connection by which a partner acts for them.
    pub(crate) fn connection_name(&self, person: &str) -> String {
        self.connection(self.number(person)).to_string()
    }

    fn connection(&self, person: PersonNo) -> ConnectionId {
        let reconnected = self.reconnected.read().unwrap();
        let latest = reconnected.iter().rfind(|(of, _)| *of == person);
        latest.map_or_else(|| connection_of(person), |(_, id)| id.clone())
    }

    fn number(&self, person: &str) -> PersonNo {
        self.register.people().number(person).unwrap()
    }

    async fn fact(&self, event: Event) {
        self.register
            .append(NOON, Change::Fact(event), fresh_key())
            .await
            .unwrap();
    }

    /// How many entries the ledger has.
    pub(crate) fn ledger_size(&self) -> u64 {
        self.log.size()
    }

    /// A gateway in front of the platform that is at this address.
    pub(crate) async fn door(&self, upstream: String) -> Door {
        self.door_over(upstream, self.log.clone(), "").await
    }

    /// The same, with further lines of `[limits]`.
    pub(crate) async fn door_within(&self, upstream: String, limits: &str) -> Door {
        self.door_over(upstream, self.log.clone(), limits).await
    }

    /// The same, over another ledger.
    pub(crate) async fn door_over(
        &self,
        upstream: String,
        ledger: Arc<ledger::Log>,
        limits: &str,
    ) -> Door {
        self.open(upstream, ledger, limits, None).await
    }

    /// A gateway that partners reach by TLS, with this certificate and its key in PEM, and further lines of `[limits]`.
    pub(crate) async fn door_by_tls(
        &self,
        upstream: String,
        tls: (&str, &str),
        limits: &str,
    ) -> Door {
        self.open(upstream, self.log.clone(), limits, Some(tls))
            .await
    }

    async fn open(
        &self,
        upstream: String,
        ledger: Arc<ledger::Log>,
        limits: &str,
        tls: Option<(&str, &str)>,
    ) -> Door {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let public = format!("{scheme}://127.0.0.1:{port}");
        let config = configuration(
            self.dir.path(),
            &self.platform,
            (port, &public, &upstream),
            limits,
            tls,
        );
        let inside = Inside {
            config,
            clock: Clock::new(None, Box::new(|| NOON), Box::new(|| 0)),
            entropy: Entropy::system(),
            register: self.register.clone(),
            ledger,
            api: self.api.clone(),
        };
        let server = Server::start(Gateway::new(inside).unwrap()).await.unwrap();
        let serial = Arc::new(AtomicU64::new(1));
        let surroundings = Surroundings {
            now: Arc::new(|| NOON.0 / 1000),
            random: Arc::new(move || {
                u128::from(serial.fetch_add(1, Ordering::Relaxed)).to_be_bytes()
            }),
        };
        let roots = tls.map(|(certificate, _)| Roots::from_pem(certificate.as_bytes()).unwrap());
        let called = partner::Gateway {
            base: public.clone(),
            issuer: public.clone(),
            token_endpoint: format!("{public}/oauth/token"),
        };
        Door {
            client: Client::new("findr", findr_key(), called, roots, surroundings),
            upstream,
            public,
            admin: server.admin_address(),
            _server: server,
        }
    }
}

fn log_options() -> ledger::Options {
    let signer = Signer::from_seed("law.example/ledger", [9; 32]).unwrap();
    ledger::Options::new(signer)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

impl Door {
    /// The same, of a change that is taken in.
    pub(crate) async fn changes(&self, path: &str, body: serde_json::Value) {
        let (status, said) = self.administer("POST", path, &body.to_string()).await;
        assert_eq!(status, 200, "{path}: {said}");
    }
}

/// The power to read this, as the agreement grants it.
pub(crate) fn power(category: &str, reach: &str) -> PowerId {
    founding::power((
        decide::Verb::Read,
        category.parse().unwrap(),
        reach.parse().unwrap(),
    ))
    .id()
}

fn findr_key() -> Key {
    Key::from_secret(Algorithm::Es256, [3; 32]).unwrap()
}

fn configuration(
    dir: &Path,
    platform: &Platform,
    (port, public, upstream): (u16, &str, &str),
    limits: &str,
    tls: Option<(&str, &str)>,
) -> Config {
    // Not named after the port, which may be one that an earlier door had.
    let dir = tempfile::tempdir_in(dir).unwrap().keep();
    let write = |name: &str, text: &str| std::fs::write(dir.join(name), text).unwrap();
    write("admin-token", &"a".repeat(40));
    write("platform-token", &platform.token);
    write("details.key", &"ab".repeat(32));
    write("cursor.key", &"cd".repeat(32));
    write(platform.document.0, platform.document.1);
    write(platform.overlay.0, platform.overlay.1);
    write("policy.yaml", "");
    for (log, seed) in [("ledger", [9; 32]), ("register", [8; 32])] {
        let signer = Signer::from_seed(&format!("law.example/{log}"), seed).unwrap();
        signer.write(&dir.join(format!("{log}.key"))).unwrap();
    }
    let (document, overlay, more) = (platform.document.0, platform.overlay.0, platform.more);
    let guarded = if let Some((certificate, key)) = tls {
        write("certificate.pem", certificate);
        write("key.pem", key);
        "certificate = \"certificate.pem\"\nkey = \"key.pem\""
    } else {
        "plaintext = true"
    };
    let text = format!(
        r#"
[listen]
address = "127.0.0.1:{port}"
public-url = "{public}"
{guarded}
[admin]
address = "127.0.0.1:0"
token = "admin-token"
[platform]
upstream = "{upstream}"
document = "{document}"
overlay = "{overlay}"
token = "platform-token"
{more}
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
[limits]
rate-per-partner = 1000000
burst-per-partner = 1000000
{limits}
"#
    );
    Config::parse(&dir.join("countersign.toml"), &text).unwrap()
}
