//! Two gateways over one register and one ledger: the first in front of the whole sample platform, the second in front
//! of the same platform without the data of whoever refuses.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use axum::Router;
use decide::{
    Bar, Category, Connection, ConnectionId, Day, Days, Event, LegalBasis, NoticeHash, OfficerId,
    PartnerId, PersonNo, Power, PowerId, Purpose, Reach, Time, Verb,
};
use gateway::{Clock, Config, Entropy, Gateway, Inside, Server};
use ledger::note::Signer;
use partner::{Algorithm, Client, Key, Surroundings, Token};
use register::{Change, Founding, IdempotencyKey, Options, Register, Side};
use release::Api;
use sample::{Platform, World};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tower::ServiceExt as _;

/// Noon of the day on which everything here happens.
pub(crate) const NOON: Time = Time(1_795_435_200_000);
const PURPOSE: &str = "dpv:ServiceProvision";
const NOTICE: &str = "Findr may see what you agreed to here.";
const OVERLAY: &[u8] = include_bytes!("../../../../examples/sample-social/overlay.json");

/// The world, and everything in front of it.
pub(crate) struct Stage {
    pub world: World,
    /// In front of the whole platform.
    pub gate: Door,
    /// In front of a platform that never heard of whoever [`Stage::forget`] named.
    pub other: Door,
    pub powers: Vec<PowerId>,
    register: Arc<Register>,
    forgetful: Arc<RwLock<Router>>,
    /// The connections that took the place of emptied ones, oldest first.
    reconnected: RwLock<Vec<(PersonNo, ConnectionId)>>,
    _dir: TempDir,
}

/// A running gateway and a partner's client to it.
pub(crate) struct Door {
    pub client: Client,
    pub upstream: String,
    _server: Server,
}

impl Stage {
    /// So many people, all connected to Findr, all consenting to every power that the overlay can ask for.
    pub(crate) async fn with(people: u32) -> Stage {
        let world = World::generate(sample::Seed(2018), people);
        let dir = tempfile::tempdir().unwrap();
        let api = Arc::new(
            Api::load(
                sample::OPENAPI.as_bytes(),
                "openapi.json",
                OVERLAY,
                "overlay.json",
            )
            .unwrap(),
        );
        let findr = Key::from_secret(Algorithm::Es256, [3; 32]).unwrap();
        let (register, powers) = tokio::task::spawn_blocking({
            let (dir, api, world, key) = (
                dir.path().join("register"),
                api.clone(),
                world.clone(),
                findr.public_jwk(),
            );
            move || found(&dir, &api, &world, &key)
        })
        .await
        .unwrap();
        let signer = Signer::from_seed("law.example/ledger", [9; 32]).unwrap();
        let log = Arc::new(
            ledger::Log::create(&dir.path().join("ledger"), ledger::Options::new(signer)).unwrap(),
        );
        let forgetful = Arc::new(RwLock::new(platform(&world)));
        let whole = upstream(Arc::new(RwLock::new(platform(&world)))).await;
        let without = upstream(forgetful.clone()).await;
        let door = |upstream: String| door(dir.path(), upstream, &api, &register, &log);
        let (gate, other) = (door(whole).await, door(without).await);
        Stage {
            world,
            gate,
            other,
            powers,
            register,
            forgetful,
            reconnected: RwLock::default(),
            _dir: dir,
        }
    }

    /// The second platform holds no data about these people from here on.
    pub(crate) fn forget(&self, people: &[sample::PersonNo]) {
        *self.forgetful.write().unwrap() = platform(&self.world.without(people));
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

    fn connection(&self, person: PersonNo) -> ConnectionId {
        let reconnected = self.reconnected.read().unwrap();
        let latest = reconnected.iter().rfind(|(of, _)| *of == person);
        latest.map_or_else(|| connection_of(person), |(_, id)| id.clone())
    }

    pub(crate) fn number(&self, person: &str) -> PersonNo {
        self.register.people().number(person).unwrap()
    }

    async fn fact(&self, event: Event) {
        self.register
            .append(NOON, Change::Fact(event), fresh_key())
            .await
            .unwrap();
    }
}

fn fresh_key() -> IdempotencyKey {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut key = [0; 16];
    key[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    IdempotencyKey(key)
}

fn findr() -> PartnerId {
    "findr".parse().unwrap()
}

fn connection_of(person: PersonNo) -> ConnectionId {
    format!("c-{}", person.0).parse().unwrap()
}

fn until() -> Day {
    NOON.day().plus(Days(200))
}

fn notice() -> NoticeHash {
    NoticeHash(ledger::Hash::of(NOTICE.as_bytes()).0)
}

fn consent(people: Vec<PersonNo>, power: PowerId) -> Event {
    Event::ConsentGiven {
        people,
        partner: findr(),
        power,
        notice: notice(),
        until: until(),
    }
}

fn connection(id: ConnectionId, person: PersonNo, powers: &[PowerId]) -> Connection {
    let powers = powers.iter().copied().collect();
    Connection {
        connection: id,
        person,
        partner: findr(),
        powers,
        notice: notice(),
        until: until(),
    }
}

/// Every power that some read operation can ask for.
fn powers(api: &Api) -> Vec<Power> {
    let reads = api
        .operations()
        .iter()
        .filter(|operation| operation.verb() == Verb::Read);
    let mut pairs: Vec<(Category, Reach)> = reads
        .flat_map(|operation| operation.pairs().to_vec())
        .collect();
    pairs.sort();
    pairs.dedup();
    let power = |(category, reach)| Power {
        verb: Verb::Read,
        category,
        reach,
        purpose: PURPOSE.parse::<Purpose>().unwrap(),
        window: None,
        frequency: None,
        retention: Days(30),
        legal_basis: LegalBasis::Consent,
    };
    pairs.into_iter().map(power).collect()
}

/// A register in which everybody has connected Findr and consented to everything.
fn found(
    dir: &std::path::Path,
    api: &Api,
    world: &World,
    findr_key: &serde_json::Value,
) -> (Arc<Register>, Vec<PowerId>) {
    let platform_key = register::signature::SigningKey::ed25519(&[5; 32]).unwrap();
    let officer_key = register::signature::SigningKey::ed25519(&[6; 32]).unwrap();
    let officers = jsonwebtoken::jwk::JwkSet {
        keys: vec![platform_key.public("steward").unwrap()],
    };
    let founding = Founding {
        at: NOON,
        platform_officers: officers,
    };
    let signer = Signer::from_seed("law.example/register", [8; 32]).unwrap();
    let fill = Arc::new(|bytes: &mut [u8]| {
        use aws_lc_rs::rand::SecureRandom as _;
        aws_lc_rs::rand::SystemRandom::new()
            .fill(bytes)
            .map_err(|_| register::NoRandomness)
    });
    let register = Register::create(dir, Options::new(signer, fill), founding).unwrap();
    let append = |change| register.append_blocking(NOON, change, fresh_key()).unwrap();
    let client_key: jsonwebtoken::jwk::Jwk = serde_json::from_value(findr_key.clone()).unwrap();
    let officer_jwk = officer_key.public("findr-officer").unwrap();
    let jwks = jsonwebtoken::jwk::JwkSet {
        keys: vec![client_key, officer_jwk.clone()],
    };
    append(Change::EnrolPartner {
        partner: findr(),
        name: "Findr".into(),
        jwks,
    });
    let officer: OfficerId = "findr-officer".parse().unwrap();
    append(Change::EnrolOfficer {
        side: Side::Partner(findr()),
        officer: officer.clone(),
        key: officer_jwk,
    });
    let powers = powers(api);
    append(Change::SetPolicy {
        document: policy(&powers),
    });
    append(Change::PublishNotice {
        language: "en".into(),
        text: NOTICE.into(),
    });
    let document = agreement(&powers);
    let steward: OfficerId = "steward".parse().unwrap();
    let sign = |party, officer: &OfficerId, key| {
        register::signature::sign("agreement.yaml", &document, party, officer, key, NOON).unwrap()
    };
    let signatures = [
        sign(decide::Party::Platform, &steward, &platform_key),
        sign(decide::Party::Partner, &officer, &officer_key),
    ];
    let signatures: Vec<&str> = signatures.iter().map(String::as_str).collect();
    register::take_in(
        &register,
        "agreement.yaml",
        document.as_bytes(),
        &signatures,
        NOON,
    )
    .unwrap();
    append(Change::Join {
        ids: world.people().map(|person| world.id_of(person)).collect(),
    });
    let everybody: Vec<PersonNo> = world
        .people()
        .map(|person| register.people().number(&world.id_of(person)).unwrap())
        .collect();
    let ids: Vec<PowerId> = powers.iter().map(Power::id).collect();
    for power in &ids {
        append(Change::Fact(consent(everybody.clone(), *power)));
    }
    for person in everybody {
        let connection = connection(connection_of(person), person, &ids);
        append(Change::Fact(Event::Connected { connection }));
    }
    (Arc::new(register), ids)
}

fn policy(powers: &[Power]) -> String {
    let mut categories: Vec<_> = powers
        .iter()
        .map(|power| format!("  - {}\n", power.category))
        .collect();
    categories.sort();
    categories.dedup();
    let categories = categories.concat();
    format!(
        "categories:\n{categories}power-lapses-after-days: 90\nconnection-quiet-after-days: 180\nconsent-at-most-days: 365\n"
    )
}

fn agreement(powers: &[Power]) -> String {
    let mut text = format!(
        "agreement: findr-all\nversion: 1\npartner: findr\nclaimed-role: third-party\nin-return: Nothing; this is a test.\n\
         term:\n  from: 2026-01-01T00:00:00Z\n  until: 2028-01-01T00:00:00Z\n\
         officers:\n  platform:\n    - officer: steward\n      name: Sten Ward\n      title: Steward\n\
         \x20 partner:\n    - officer: findr-officer\n      name: Finn Offer\n      title: Head of Data\n\
         approvals:\n  - by: privacy review\n    on: 2026-01-01\nnotices:\n  - {}\npowers:\n",
        notice()
    );
    for power in powers {
        text += &format!(
            "  - verb: read\n    category: {}\n    reach: {}\n    purpose: {PURPOSE}\n    retention-days: 30\n\
             \x20   legal-basis: consent\n    feature: Everything\n    needed: true\n    in-words: Findr sees it.\n",
            power.category, power.reach
        );
    }
    text
}

fn platform(world: &World) -> Router {
    let mut options = sample::Options::new("service-token");
    options.public_url = Some("https://api.sample.example".into());
    Platform::router(world.clone(), options)
}

/// A platform that can be exchanged while it runs; its address.
async fn upstream(current: Arc<RwLock<Router>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(move |request: axum::extract::Request| {
        let router = current.read().unwrap().clone();
        async move { router.oneshot(request).await }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn door(
    dir: &std::path::Path,
    upstream: String,
    api: &Arc<Api>,
    register: &Arc<Register>,
    log: &Arc<ledger::Log>,
) -> Door {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let public = format!("http://127.0.0.1:{port}");
    let config = configuration(dir, port, &public, &upstream);
    let inside = Inside {
        config,
        clock: Clock::new(None, Box::new(|| NOON), Box::new(|| 0)),
        entropy: Entropy::system(),
        register: register.clone(),
        ledger: log.clone(),
        api: api.clone(),
    };
    let server = Server::start(Gateway::new(inside).unwrap()).await.unwrap();
    let serial = Arc::new(AtomicU64::new(1));
    let surroundings = Surroundings {
        now: Arc::new(|| NOON.0 / 1000),
        random: Arc::new(move || u128::from(serial.fetch_add(1, Ordering::Relaxed)).to_be_bytes()),
    };
    let called = partner::Gateway {
        base: public.clone(),
        issuer: public.clone(),
        token_endpoint: format!("{public}/oauth/token"),
    };
    let key = Key::from_secret(Algorithm::Es256, [3; 32]).unwrap();
    let client = Client::new("findr", key, called, None, surroundings);
    Door {
        client,
        upstream,
        _server: server,
    }
}

fn configuration(dir: &std::path::Path, port: u16, public: &str, upstream: &str) -> Config {
    let dir = dir.join(format!("door-{port}"));
    std::fs::create_dir_all(&dir).unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.join(name), text).unwrap();
    write("admin-token", &"a".repeat(40));
    write("platform-token", "service-token");
    write("details.key", &"ab".repeat(32));
    write("cursor.key", &"cd".repeat(32));
    write("openapi.json", sample::OPENAPI);
    write("overlay.json", std::str::from_utf8(OVERLAY).unwrap());
    write("policy.yaml", "");
    Signer::from_seed("law.example/ledger", [9; 32])
        .unwrap()
        .write(&dir.join("ledger.key"))
        .unwrap();
    Signer::from_seed("law.example/register", [8; 32])
        .unwrap()
        .write(&dir.join("register.key"))
        .unwrap();
    let text = format!(
        r#"
[listen]
address = "127.0.0.1:{port}"
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
[limits]
rate-per-partner = 1000000
burst-per-partner = 1000000
"#
    );
    Config::parse(&dir.join("countersign.toml"), &text).unwrap()
}
