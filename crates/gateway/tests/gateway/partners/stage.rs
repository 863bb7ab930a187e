//! Sample Social, two partners whose officers have keys of either kind, and a gateway that can be started again.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use decide::{Connection, Event, OfficerId, PartnerId, Party, Time};
use gateway::{Clock, Config, Entropy, Gateway, Inside, Server};
use ledger::Log;
use ledger::note::Signer;
use partner::{Algorithm, Client, Key, Surroundings};
use register::signature::SigningKey;
use register::{Change, Founding, Options, Register, Side};
use release::Api;
use sample::{Seed, World};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::support::{Told, fresh, key_of, send};

/// Noon of a day in November 2026.
const NOON: i64 = 1_795_608_000_000;
pub(crate) const PURPOSE: &str = "dpv:ServicePersonalisation";
const NOTICE: &str = "Findr may see your friends' names.";

const POLICY: &str = "
categories: [pd:Name, pd:EmailAddress, social:Friendship, social:Identifier]
power-lapses-after-days: 90
connection-quiet-after-days: 180
consent-at-most-days: 365
";

/// Categories and reaches of every version of an agreement here.
pub(crate) const POWERS: [(&str, &str, &str); 5] = [
    ("social:Identifier", "own", "The partner sees who you are."),
    ("pd:Name", "own", "The partner sees your name."),
    (
        "pd:Name",
        "friend",
        "The partner sees your name, as a friend.",
    ),
    (
        "social:Friendship",
        "friend",
        "The partner sees that you are friends.",
    ),
    (
        "social:Identifier",
        "friend",
        "The partner sees which friend you are.",
    ),
];

/// Everything at work.
pub(crate) struct Stage {
    pub(crate) register: Arc<Register>,
    pub(crate) ledger: Arc<Log>,
    /// Where the gateway is: its issuer, too.
    pub(crate) public: String,
    /// Ids of people on the platform; the first has friends.
    pub(crate) people: Vec<String>,
    moment: Arc<AtomicI64>,
    config: Config,
    server: Option<Server>,
    serial: Arc<AtomicU64>,
    _dir: TempDir,
}

impl Stage {
    pub(crate) async fn new() -> Stage {
        let dir = tempfile::tempdir().unwrap();
        let world = World::generate(Seed(7), 60);
        let platform = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = format!("http://{}", platform.local_addr().unwrap());
        tokio::spawn(sample::serve(
            platform,
            world.clone(),
            sample::Options::new("service-token"),
            std::future::pending(),
        ));
        let busiest = world
            .people()
            .max_by_key(|p| world.friends(*p).len())
            .unwrap();
        let others = world.people().filter(|person| *person != busiest);
        let people: Vec<String> = [busiest]
            .into_iter()
            .chain(others)
            .map(|p| world.id_of(p))
            .collect();
        let register = {
            let (path, people) = (dir.path().join("register"), people.clone());
            tokio::task::spawn_blocking(move || found(&path, people))
                .await
                .unwrap()
        };
        // The port was free a moment ago, and nobody else was told of it.
        let port = TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap();
        let public = format!("http://{port}");
        let config = configuration(&dir, &public, &upstream);
        let mut options =
            ledger::Options::new(Signer::read(&dir.path().join("ledger.key")).unwrap());
        options.segment_bytes = 4 << 20; // a test's log is small, and preallocating takes time
        let ledger = Arc::new(Log::create(&dir.path().join("ledger"), options).unwrap());
        let mut stage = Stage {
            register,
            ledger,
            public,
            people,
            moment: Arc::new(AtomicI64::new(NOON)),
            config,
            server: None,
            serial: Arc::new(AtomicU64::new(1)),
            _dir: dir,
        };
        stage.start().await;
        stage
    }

    pub(crate) async fn start(&mut self) {
        let documents = &self.config.platform;
        let api = Api::load(
            &documents.document.bytes,
            "openapi.json",
            &documents.overlay.bytes,
            "overlay.json",
        );
        let (wall, counter) = (self.moment.clone(), self.moment.clone());
        let inside = Inside {
            clock: Clock::new(
                None,
                Box::new(move || Time(wall.load(Ordering::Relaxed))),
                Box::new(move || counter.load(Ordering::Relaxed)),
            ),
            entropy: Entropy::system(),
            register: self.register.clone(),
            ledger: self.ledger.clone(),
            api: Arc::new(api.unwrap_or_else(|errors| panic!("{errors}"))),
            config: self.config.clone(),
        };
        self.server = Some(Server::start(Gateway::new(inside).unwrap()).await.unwrap());
    }

    pub(crate) async fn stop(&mut self) {
        self.server.take().unwrap().stop().await;
    }

    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        self.start().await;
    }

    /// Something that is never the same twice.
    pub(crate) fn serial(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::Relaxed)
    }

    /// The ids of a version's powers, in the order of [`POWERS`].
    pub(crate) fn powers(&self, partner: &str, version: u32) -> Vec<decide::PowerId> {
        let book = self.register.book();
        let agreement = format!("{partner}-friends").parse().unwrap();
        let offered = book.version(&agreement, version).unwrap();
        offered.offer.powers.iter().map(decide::Power::id).collect()
    }

    pub(crate) fn beside_the_ledger(&self, name: &str) -> std::path::PathBuf {
        self.config.ledger.directory.join(name)
    }

    pub(crate) fn time(&self) -> Time {
        Time(self.moment.load(Ordering::Relaxed))
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.moment.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    pub(crate) async fn take(&self, change: Change) {
        self.register
            .append(self.time(), change, fresh())
            .await
            .unwrap();
    }

    pub(crate) async fn happens(&self, event: Event) {
        self.take(Change::Fact(event)).await;
    }

    pub(crate) async fn get(&self, path: &str) -> Told {
        self.ask("GET", path, &[], "").await
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let told = self.get(path).await;
        assert_eq!(told.status, 200, "{path}: {}", told.body);
        told.json()
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: &str,
    ) -> Told {
        let to = self.public.trim_start_matches("http://").parse().unwrap();
        send(to, method, path, headers, body).await
    }

    /// The partner's next version, offered.
    pub(crate) async fn offer(&self, partner: &str, version: u32) {
        let document = agreement(partner, version);
        self.take(Change::OfferAgreement { document }).await;
    }

    /// An officer's signature over a version.
    pub(crate) fn signature(&self, partner: &str, version: u32, party: Party) -> String {
        let (officer, key) = match party {
            Party::Platform => (
                "steward".to_owned(),
                Key::from_secret(Algorithm::EdDsa, [5; 32]).unwrap(),
            ),
            Party::Partner => (format!("{partner}-officer"), officer_key(partner)),
        };
        signed(
            &agreement(partner, version),
            party,
            &officer,
            &key,
            self.time(),
        )
    }

    pub(crate) async fn sign(&self, partner: &str, version: u32, party: Party) {
        let jws = self.signature(partner, version, party);
        self.take(Change::SignAgreement { jws }).await;
    }

    /// The person connects the partner with everything that its governing version grants.
    pub(crate) async fn connect(&self, person: &str, partner: &str, version: u32) -> String {
        let id = format!(
            "c-{partner}-{}",
            self.serial.fetch_add(1, Ordering::Relaxed)
        );
        let book = self.register.book();
        let offered = book
            .version(&format!("{partner}-friends").parse().unwrap(), version)
            .unwrap();
        let notice = register::Notice {
            language: "en".into(),
            text: NOTICE.into(),
        };
        let connection = Connection {
            connection: id.parse().unwrap(),
            person: self.register.people().number(person).unwrap(),
            partner: partner.parse().unwrap(),
            powers: offered.offer.powers.iter().map(decide::Power::id).collect(),
            notice: notice.hash(),
            until: "2027-06-01".parse().unwrap(),
        };
        self.happens(Event::Connected { connection }).await;
        id
    }

    /// The partner's own client.
    pub(crate) fn client(&self, partner: &str) -> Client {
        self.client_with(partner, key_of(partner))
    }

    pub(crate) fn client_with(&self, partner: &str, key: Key) -> Client {
        let gateway = partner::Gateway {
            base: self.public.clone(),
            issuer: self.public.clone(),
            token_endpoint: format!("{}/oauth/token", self.public),
        };
        let (moment, serial) = (self.moment.clone(), self.serial.clone());
        let surroundings = Surroundings {
            now: Arc::new(move || moment.load(Ordering::Relaxed) / 1000),
            random: Arc::new(move || {
                u128::from(serial.fetch_add(1, Ordering::Relaxed)).to_be_bytes()
            }),
        };
        Client::new(partner, key, gateway, None, surroundings)
    }

    /// What the partner's read of `path` is answered, on behalf of a connection.
    pub(crate) async fn read(&self, partner: &str, connection: &str, path: &str) -> (u16, String) {
        let client = self.client(partner);
        let token = client.token(Some(connection), PURPOSE).await.unwrap();
        let answer = client.get(&token, path).await.unwrap();
        (answer.status.as_u16(), answer.text())
    }
}

/// Findr's officer has a key of one kind, Reelbox's of the other.
pub(crate) fn officer_key(partner: &str) -> Key {
    let (algorithm, seed) = match partner {
        "findr" => (Algorithm::EdDsa, [6; 32]),
        _ => (Algorithm::Es256, [7; 32]),
    };
    let key = Key::from_secret(algorithm, seed).unwrap();
    key.named(&format!("{partner}-officer"))
}

/// As `countersign agreement sign` makes it.
pub(crate) fn signed(document: &str, party: Party, officer: &str, key: &Key, at: Time) -> String {
    let key = SigningKey::from_pem(key.to_pem().unwrap().as_bytes()).unwrap();
    let officer: OfficerId = officer.parse().unwrap();
    register::signature::sign("a.yaml", document, party, &officer, &key, at).unwrap()
}

fn configuration(dir: &TempDir, public: &str, upstream: &str) -> Config {
    let dir = dir.path();
    let file = |name: &str, text: &str| std::fs::write(dir.join(name), text).unwrap();
    file("admin-token", &"a".repeat(40));
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
    let address = public.trim_start_matches("http://");
    let text = format!(
        r#"
        [listen]
        address = "{address}"
        public-url = "{public}"
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
        "#
    );
    Config::parse(&dir.join("countersign.toml"), &text).unwrap_or_else(|error| panic!("{error}"))
}

/// Both partners are known with their officers; the first version of each agreement is signed by both sides.
fn found(dir: &std::path::Path, ids: Vec<String>) -> Arc<Register> {
    let signer = Signer::from_seed("countersign.sample.example/register", [7; 32]).unwrap();
    let random = crate::support::entropy("register");
    let fill = move |bytes: &mut [u8]| {
        for chunk in bytes.chunks_mut(32) {
            let fresh: [u8; 32] = random.bytes().map_err(|_| register::NoRandomness)?;
            chunk.copy_from_slice(&fresh[..chunk.len()]);
        }
        Ok(())
    };
    let mut options = Options::new(signer, Arc::new(fill));
    options.log.segment_bytes = 4 << 20;
    let steward = Key::from_secret(Algorithm::EdDsa, [5; 32])
        .unwrap()
        .named("steward");
    let platform_officers =
        serde_json::from_value(json!({ "keys": [steward.public_jwk()] })).unwrap();
    let at = Time(NOON - 3_600_000);
    let register = Register::create(
        dir,
        options,
        Founding {
            at,
            platform_officers,
        },
    )
    .unwrap();
    let append = |change| register.append_blocking(at, change, fresh()).unwrap();
    append(Change::SetPolicy {
        document: POLICY.to_owned(),
    });
    append(Change::Join { ids });
    append(Change::PublishNotice {
        language: "en".into(),
        text: NOTICE.into(),
    });
    for partner in ["findr", "reelbox"] {
        let id: PartnerId = partner.parse().unwrap();
        let officer = officer_key(partner).public_jwk();
        let jwks = json!({ "keys": [key_of(partner).public_jwk(), officer] });
        append(Change::EnrolPartner {
            partner: id.clone(),
            name: format!("{}{}", partner[..1].to_uppercase(), &partner[1..]),
            jwks: serde_json::from_value(jwks).unwrap(),
        });
        append(Change::EnrolOfficer {
            side: Side::Partner(id),
            officer: format!("{partner}-officer").parse().unwrap(),
            key: serde_json::from_value(officer).unwrap(),
        });
        let document = agreement(partner, 1);
        let signatures = [
            signed(&document, Party::Platform, "steward", &steward, at),
            signed(
                &document,
                Party::Partner,
                &format!("{partner}-officer"),
                &officer_key(partner),
                at,
            ),
        ];
        let signatures: Vec<&str> = signatures.iter().map(String::as_str).collect();
        register::take_in(&register, "a.yaml", document.as_bytes(), &signatures, at).unwrap();
    }
    Arc::new(register)
}

/// An agreement; each version grants a day more of retention, so that its powers are others.
pub(crate) fn agreement(partner: &str, version: u32) -> String {
    let mut text = format!(
        "agreement: {partner}-friends\nversion: {version}\npartner: {partner}\nclaimed-role: service-provider\n\
         in-return: It shows Sample Social first.\n\
         term:\n  from: 2026-01-01T00:00:00Z\n  until: 2030-01-01T00:00:00Z\n\
         officers:\n  platform:\n    - officer: steward\n      name: Sten Ward\n      title: Steward\n\
         \x20 partner:\n    - officer: {partner}-officer\n      name: Finn Offer\n      title: Head of Data\n\
         approvals:\n  - by: privacy review\n    on: 2026-01-01\n    note: between us\nnotices: []\npowers:\n"
    );
    for (category, reach, in_words) in POWERS {
        text += &format!(
            "  - verb: read\n    category: {category}\n    reach: {reach}\n    purpose: {PURPOSE}\n    retention-days: {}\n\
             \x20   legal-basis: consent\n    feature: People you know\n    needed: true\n    in-words: {in_words}\n",
            29 + version
        );
    }
    text
}
