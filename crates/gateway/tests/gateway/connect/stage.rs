//! Sample Social with its login, two partners with agreements, and a gateway where people answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use decide::{Days, Event, OfficerId, PartnerId, Party, PersonNo, PowerId, Time};
use gateway::{Clock, Config, Entropy, Gateway, Inside, Server};
use ledger::note::Signer;
use register::signature::SigningKey;
use register::{Change, Founding, Options, Register, Side};
use release::Api;
use sample::{Seed, World};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::support::{fresh, key_of};

/// Noon of a day in November 2026.
const NOON: i64 = 1_795_608_000_000;

pub(crate) const POLICY: &str = "
categories: [pd:Name, pd:EmailAddress, pd:City, social:Friendship, social:Identifier, social:Profile]
power-lapses-after-days: 90
connection-quiet-after-days: 90
consent-at-most-days: 365
";

pub(crate) const PURPOSE: &str = "dpv:ServicePersonalisation";

/// A power as the tests name it: category, reach (with ` for ` and a purpose, where it is another than [`PURPOSE`]),
/// whether the feature needs it, what it means.
pub(crate) type Granted = (&'static str, &'static str, bool, &'static str);

pub(crate) const FINDR: [Granted; 6] = [
    (
        "social:Identifier",
        "own",
        true,
        "Findr sees who you are on Sample Social.",
    ),
    ("pd:Name", "own", true, "Findr sees your name."),
    (
        "pd:EmailAddress",
        "own",
        false,
        "Findr sees your e-mail address.",
    ),
    (
        "pd:Name",
        "friend",
        true,
        "Findr sees your name, as a friend.",
    ),
    (
        "social:Friendship",
        "friend",
        false,
        "Findr sees that you are friends.",
    ),
    (
        "social:Identifier",
        "friend",
        true,
        "Findr can tell you apart from others, as a friend.",
    ),
];

/// How a stage is set, where it is not as usual.
pub(crate) struct Scene<'a> {
    pub(crate) begins: i64,
    /// What the agreements grant.
    pub(crate) powers: &'static [Granted],
    /// Further configuration.
    pub(crate) more: String,
    /// Who can log in; the first two are ada and bert.
    pub(crate) people: &'a dyn Fn(&World) -> Vec<sample::PersonNo>,
    /// Whom the platform holds no data about; the register knows them.
    pub(crate) absent: Vec<sample::PersonNo>,
}

impl Default for Scene<'_> {
    fn default() -> Self {
        Scene {
            begins: NOON,
            powers: &FINDR,
            more: String::new(),
            people: &|world| world.people().take(6).collect(),
            absent: Vec::new(),
        }
    }
}

/// Everything at work.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) register: Arc<Register>,
    /// Where the gateway is: its issuer, too.
    pub(crate) public: String,
    /// Somebody with friends.
    pub(crate) ada: String,
    /// Somebody else.
    pub(crate) bert: String,
    /// A friend of ada's, who is neither.
    pub(crate) cleo: String,
    /// Where the administration is.
    pub(crate) admin: std::net::SocketAddr,
    moment: Arc<AtomicI64>,
    /// How many days the days of asking are ahead, as a demo lets them go by.
    ahead: Arc<AtomicU32>,
    officers: Officers,
    powers: &'static [Granted],
    config: Config,
    pub(crate) ledger: Arc<ledger::Log>,
    server: Option<Server>,
    _dir: TempDir,
}

struct Officers {
    platform: SigningKey,
    partner: SigningKey,
}

impl Stage {
    pub(crate) async fn new() -> Stage {
        Stage::at(NOON).await
    }

    pub(crate) async fn at(begins: i64) -> Stage {
        Stage::set(Scene {
            begins,
            ..Scene::default()
        })
        .await
    }

    pub(crate) async fn set(scene: Scene<'_>) -> Stage {
        let Scene { begins, powers, .. } = scene;
        let dir = tempfile::tempdir().unwrap();
        let world = World::generate(Seed(7), 60);
        let moment = Arc::new(AtomicI64::new(begins));
        let platform = listener().await;
        let login = listener().await;
        let gateway = listener().await;
        let [upstream, issuer, public] =
            [&platform, &login, &gateway].map(|it| format!("http://{}", it.local_addr().unwrap()));
        let options = sample::Options::new("service-token");
        tokio::spawn(sample::serve(
            platform,
            world.without(&scene.absent),
            options,
            std::future::pending(),
        ));
        let mut people = (scene.people)(&world);
        let mut friends = world.friends(people[0]).into_iter();
        let cleo = friends
            .find(|friend| !people[..2].contains(friend))
            .unwrap();
        if !people.contains(&cleo) {
            people.push(cleo);
        }
        let provider = provider(&issuer, &public, people.clone(), moment.clone());
        let router = provider.router(world.clone()).unwrap();
        tokio::spawn(async move { axum::serve(login, router).await });
        let officers = Officers {
            platform: SigningKey::ed25519(&[5; 32]).unwrap(),
            partner: SigningKey::ed25519(&[6; 32]).unwrap(),
        };
        // Founding a register blocks, so it has a thread of its own.
        let (register, officers) = {
            let (path, ids) = (
                dir.path().join("register"),
                world.people().map(|p| world.id_of(p)),
            );
            let ids: Vec<String> = ids.collect();
            tokio::task::spawn_blocking(move || {
                (found(&path, &officers, powers, ids, begins), officers)
            })
            .await
            .unwrap()
        };
        // The port was free a moment ago, and nobody else was told of it.
        drop(gateway);
        let config = configuration(&dir, &public, &upstream, &issuer, &scene.more);
        let signer = Signer::read(&dir.path().join("ledger.key")).unwrap();
        let mut options = ledger::Options::new(signer);
        options.segment_bytes = 4 << 20; // a test's log is small, and preallocating takes time
        let ledger = ledger::Log::create(&dir.path().join("ledger"), options).unwrap();
        let ledger = Arc::new(ledger);
        let ahead = Arc::<AtomicU32>::default();
        let clock = clock(&moment, &ahead);
        let server = serve(config.clone(), &register, &ledger, clock).await;
        Stage {
            cleo: world.id_of(cleo),
            ada: world.id_of(people[0]),
            bert: world.id_of(people[1]),
            world,
            register,
            public,
            moment,
            ahead,
            officers,
            powers,
            config,
            ledger,
            admin: server.admin_address(),
            server: Some(server),
            _dir: dir,
        }
    }

    /// The gateway stops, and another one begins with what it left.
    pub(crate) async fn restart(&mut self) {
        self.server.take().unwrap().stop().await;
        let (config, clock) = (self.config.clone(), clock(&self.moment, &self.ahead));
        let server = serve(config, &self.register, &self.ledger, clock).await;
        self.admin = server.admin_address();
        self.server = Some(server);
    }

    /// The moment that it is, in seconds.
    pub(crate) fn now(&self) -> i64 {
        self.moment.load(Ordering::Relaxed) / 1000
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.moment.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    /// The days of asking go by, and nothing else does.
    pub(crate) fn pass_days_of_asking(&self, days: u32) {
        self.ahead.fetch_add(days, Ordering::Relaxed);
    }

    /// From now on it is what this clock says, for clients that read it, too, and may take their time.
    pub(crate) fn go_by(&self, clock: fn() -> i64) {
        let moment = self.moment.clone();
        tokio::spawn(async move {
            loop {
                moment.store(clock(), Ordering::Relaxed);
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        });
    }

    pub(crate) async fn take(&self, change: Change) {
        let at = Time(self.moment.load(Ordering::Relaxed));
        self.register.append(at, change, fresh()).await.unwrap();
    }

    pub(crate) async fn happens(&self, event: Event) {
        self.take(Change::Fact(event)).await;
    }

    pub(crate) fn number(&self, person: &str) -> PersonNo {
        self.register.people().number(person).unwrap()
    }

    /// The connections that this person has now.
    pub(crate) fn connections(&self, person: &str) -> Vec<decide::Connection> {
        let today = Time(self.moment.load(Ordering::Relaxed)).day();
        self.register
            .facts()
            .connections_of(self.number(person), today)
    }

    /// The ids of Findr's powers, in the order of [`FINDR`].
    pub(crate) fn powers(&self) -> Vec<PowerId> {
        let book = self.register.book();
        let version = book.version(&"findr-friends".parse().unwrap(), 1).unwrap();
        version.offer.powers.iter().map(decide::Power::id).collect()
    }

    /// Both sides sign the second version of Findr's agreement.
    pub(crate) async fn sign_second(&self) {
        let document = agreement("findr", 2, self.powers);
        let at = Time(self.moment.load(Ordering::Relaxed));
        for (party, officer, key) in [
            (Party::Platform, "steward", &self.officers.platform),
            (Party::Partner, "findr-officer", &self.officers.partner),
        ] {
            let officer: OfficerId = officer.parse().unwrap();
            let jws =
                register::signature::sign("a.yaml", &document, party, &officer, key, at).unwrap();
            self.take(Change::SignAgreement { jws }).await;
        }
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn provider(
    issuer: &str,
    public: &str,
    people: Vec<sample::PersonNo>,
    moment: Arc<AtomicI64>,
) -> sample::login::Login {
    let random = crate::support::entropy("login");
    sample::login::Login {
        issuer: issuer.to_owned(),
        client_id: "countersign".to_owned(),
        client_secret: "a secret".to_owned(),
        redirect_uri: format!("{public}/login/callback"),
        people,
        now: Arc::new(move || moment.load(Ordering::Relaxed) / 1000),
        random: Arc::new(move || random.bytes().unwrap()),
    }
}

fn clock(moment: &Arc<AtomicI64>, ahead: &Arc<AtomicU32>) -> Clock {
    let (wall, counter, ahead) = (moment.clone(), moment.clone(), ahead.clone());
    Clock::new(
        None,
        Box::new(move || Time(wall.load(Ordering::Relaxed))),
        Box::new(move || counter.load(Ordering::Relaxed)),
    )
    .asking_ahead(Box::new(move || Days(ahead.load(Ordering::Relaxed))))
}

async fn serve(
    config: Config,
    register: &Arc<Register>,
    ledger: &Arc<ledger::Log>,
    clock: Clock,
) -> Server {
    let overlay = &config.platform.overlay.bytes;
    let api = Api::load(
        &config.platform.document.bytes,
        "openapi.json",
        overlay,
        "overlay.json",
    );
    let inside = Inside {
        clock,
        entropy: Entropy::system(),
        register: register.clone(),
        ledger: ledger.clone(),
        api: Arc::new(api.unwrap_or_else(|errors| panic!("{errors}"))),
        config,
    };
    Server::start(Gateway::new(inside).unwrap()).await.unwrap()
}

fn configuration(dir: &TempDir, public: &str, upstream: &str, issuer: &str, more: &str) -> Config {
    let dir = dir.path();
    let file = |name: &str, text: &str| std::fs::write(dir.join(name), text).unwrap();
    file("admin-token", &"a".repeat(40));
    file("platform-token", "service-token");
    file("login-secret", "a secret");
    file("hook-secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    file("details.key", &"01".repeat(32));
    file("cursor.key", &"02".repeat(32));
    file("openapi.json", sample::OPENAPI);
    let overlay = include_str!("../../../../../examples/sample-social/overlay.json");
    file("overlay.json", overlay);
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
        [login]
        platform = "Sample Social"
        issuer = "{issuer}"
        client-id = "countersign"
        client-secret = "login-secret"
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

fn found(
    dir: &std::path::Path,
    officers: &Officers,
    powers: &[Granted],
    ids: Vec<String>,
    begins: i64,
) -> Arc<Register> {
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
    let steward = officers.platform.public("steward").unwrap();
    let platform_officers = serde_json::from_value(json!({ "keys": [steward] })).unwrap();
    let at = Time(begins - 3_600_000);
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
    for partner in ["findr", "reelbox"] {
        enrol(&register, partner, officers, powers, at);
    }
    append(Change::OfferAgreement {
        document: agreement("findr", 2, powers),
    });
    Arc::new(register)
}

fn enrol(register: &Register, partner: &str, officers: &Officers, powers: &[Granted], at: Time) {
    let append = |change| register.append_blocking(at, change, fresh()).unwrap();
    let officer: OfficerId = format!("{partner}-officer").parse().unwrap();
    let key = officers.partner.public(officer.as_str()).unwrap();
    let id: PartnerId = partner.parse().unwrap();
    let jwks = json!({ "keys": [key_of(partner).public_jwk(), key] });
    append(Change::EnrolPartner {
        partner: id.clone(),
        name: format!("{}{}", partner[..1].to_uppercase(), &partner[1..]),
        jwks: serde_json::from_value(jwks).unwrap(),
    });
    append(Change::EnrolOfficer {
        side: Side::Partner(id),
        officer: officer.clone(),
        key,
    });
    let document = agreement(partner, 1, powers);
    let steward: OfficerId = "steward".parse().unwrap();
    let sign = |party, officer: &OfficerId, key| {
        register::signature::sign("a.yaml", &document, party, officer, key, at).unwrap()
    };
    let signatures = [
        sign(Party::Platform, &steward, &officers.platform),
        sign(Party::Partner, &officer, &officers.partner),
    ];
    let signatures: Vec<&str> = signatures.iter().map(String::as_str).collect();
    register::take_in(register, "a.yaml", document.as_bytes(), &signatures, at).unwrap();
}

/// An agreement; each version grants a day more of retention, so that its powers are others.
fn agreement(partner: &str, version: u32, powers: &[Granted]) -> String {
    let mut text = format!(
        "agreement: {partner}-friends\nversion: {version}\npartner: {partner}\nclaimed-role: service-provider\n\
         in-return: It shows Sample Social first.\n\
         term:\n  from: 2026-01-01T00:00:00Z\n  until: 2030-01-01T00:00:00Z\n\
         officers:\n  platform:\n    - officer: steward\n      name: Sten Ward\n      title: Steward\n\
         \x20 partner:\n    - officer: {partner}-officer\n      name: Finn Offer\n      title: Head of Data\n\
         approvals:\n  - by: privacy review\n    on: 2026-01-01\nnotices: []\npowers:\n"
    );
    for (category, reach, needed, in_words) in powers {
        let (reach, purpose) = reach.split_once(" for ").unwrap_or((reach, PURPOSE));
        text += &format!(
            "  - verb: read\n    category: {category}\n    reach: {reach}\n    purpose: {purpose}\n    retention-days: {}\n\
             \x20   legal-basis: consent\n    feature: People you know\n    needed: {needed}\n    in-words: {in_words}\n",
            29 + version
        );
    }
    text
}

impl Stage {
    /// A further version of Findr's agreement, with the powers of the first and a term of its own, signed by both.
    pub(crate) async fn sign_with_term(&self, version: u32, from: &str, until: &str) {
        self.sign_for(version, from, until, self.powers).await;
    }

    /// The same, with these powers.
    pub(crate) async fn sign_for(&self, version: u32, from: &str, until: &str, powers: &[Granted]) {
        let document = agreement("findr", 1, powers)
            .replace("\nversion: 1\n", &format!("\nversion: {version}\n"))
            .replace("from: 2026-01-01", &format!("from: {from}"))
            .replace("until: 2030-01-01", &format!("until: {until}"));
        let offer = Change::OfferAgreement {
            document: document.clone(),
        };
        self.take(offer).await;
        let at = Time(self.moment.load(Ordering::Relaxed));
        for (party, officer, key) in [
            (Party::Platform, "steward", &self.officers.platform),
            (Party::Partner, "findr-officer", &self.officers.partner),
        ] {
            let officer: OfficerId = officer.parse().unwrap();
            let jws =
                register::signature::sign("a.yaml", &document, party, &officer, key, at).unwrap();
            self.take(Change::SignAgreement { jws }).await;
        }
    }
}
