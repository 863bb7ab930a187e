//! Cleo, and two friends of hers who connect partners; the platform with its hook.

use std::time::Duration;

use decide::{Bar, Connection, Event};
use sample::{PersonNo, Seed, World};

use super::hook::Hook;
use crate::connect::partner_side::{Call, log_in, proof};
use crate::connect::stage::{Granted, PURPOSE, Scene, Stage};
use crate::support::browser::{At, Browser};
use crate::support::{Told, send};

/// What findr and reelbox may see, each.
pub(crate) const POWERS: [Granted; 4] = [
    (
        "social:Identifier",
        "own",
        true,
        "Findr sees who you are on Sample Social.",
    ),
    (
        "social:Identifier",
        "friend",
        true,
        "Findr sees who you are, as a friend.",
    ),
    (
        "pd:Name",
        "friend",
        true,
        "Findr sees your name, as a friend.",
    ),
    (
        "pd:City",
        "friend",
        false,
        "Findr sees your town, as a friend.",
    ),
];

pub(crate) const YES: &str = "Yes, to this";
pub(crate) const NO: &str = "No";

/// The stage with a hook, and who is who.
pub(crate) struct Play {
    pub(crate) stage: Stage,
    pub(crate) hook: Hook,
    /// A friend of ada's and of bert's, who has connected nothing.
    pub(crate) cleo: String,
    /// A friend of bert's and not of ada's.
    pub(crate) dora: String,
}

/// Ada, bert, cleo and dora in a world of sixty.
fn cast(world: &World) -> [PersonNo; 4] {
    let everybody: Vec<PersonNo> = world.people().collect();
    for cleo in &everybody {
        let friends = world.friends(*cleo);
        for (ada, bert) in friends.iter().zip(friends.iter().skip(1)) {
            let of_ada = world.friends(*ada);
            let mut of_bert = world.friends(*bert).into_iter();
            let dora = of_bert.find(|dora| {
                dora != ada && dora != cleo && !of_ada.contains(dora) && !friends.contains(dora)
            });
            if let Some(dora) = dora {
                return [*ada, *bert, *cleo, dora];
            }
        }
    }
    panic!("nobody here has two friends, one of whom has another")
}

fn bearer() -> (String, String) {
    (
        "authorization".to_owned(),
        format!("Bearer {}", "a".repeat(40)),
    )
}

/// What the connection of a person with a partner is called.
pub(crate) fn connection_of(person: &str, partner: &str) -> String {
    format!("c-{}-{partner}", person.replace('_', "-"))
}

impl Play {
    pub(crate) async fn new() -> Play {
        Play::with("", false).await
    }

    /// With further lines of the section; or with a platform that holds nothing about cleo.
    pub(crate) async fn with(more: &str, without_cleo: bool) -> Play {
        let hook = Hook::new().await;
        let section = format!(
            "[asking]\nhook = \"http://{}/countersign\"\nsecret = \"hook-secret\"\nstore = \"asking\"\n{more}",
            hook.address
        );
        Play::set(hook, section, without_cleo).await
    }

    /// Where nobody is asked.
    pub(crate) async fn without_asking(without_cleo: bool) -> Play {
        Play::set(Hook::new().await, String::new(), without_cleo).await
    }

    async fn set(hook: Hook, more: String, without_cleo: bool) -> Play {
        let world = World::generate(Seed(7), 60);
        let [_, _, cleo, dora] = cast(&world);
        let stage = Stage::set(Scene {
            powers: &POWERS,
            more,
            people: &|world| cast(world).to_vec(),
            absent: without_cleo.then_some(cleo).into_iter().collect(),
            ..Scene::default()
        })
        .await;
        Play {
            stage,
            hook,
            cleo: world.id_of(cleo),
            dora: world.id_of(dora),
        }
    }

    /// A person connects a partner with all that its agreement grants.
    pub(crate) async fn connects(&self, person: &str, partner: &str) -> String {
        let stage = &self.stage;
        let notice = register::Change::PublishNotice {
            language: "en".to_owned(),
            text: "All of it.".to_owned(),
        };
        stage.take(notice).await;
        let book = stage.register.book();
        let (hash, _) = book.notices.iter().next().unwrap();
        let agreement = format!("{partner}-friends").parse().unwrap();
        let powers = &book.version(&agreement, 1).unwrap().offer.powers;
        let id = connection_of(person, partner);
        let connection = Connection {
            connection: id.parse().unwrap(),
            person: stage.number(person),
            partner: partner.parse().unwrap(),
            powers: powers.iter().map(decide::Power::id).collect(),
            notice: *hash,
            until: "2027-11-01".parse().unwrap(),
        };
        stage.happens(Event::Connected { connection }).await;
        id
    }

    /// All of a person's friends but cleo refuse whatever anybody asks.
    pub(crate) async fn others_refuse(&self, friends_of: &str) {
        let (stage, world) = (&self.stage, &self.stage.world);
        let person = world.person_with_id(friends_of).unwrap();
        let friends = world.friends(person).into_iter().map(|it| world.id_of(it));
        for friend in friends.filter(|friend| *friend != self.cleo) {
            let person = stage.number(&friend);
            let bar = Bar::Everything;
            stage.happens(Event::BarSet { person, bar }).await;
        }
    }

    /// A partner reads the friends of whoever this connection is with.
    pub(crate) async fn friends(&self, partner: &str, connection: &str) -> Told {
        let stage = &self.stage;
        let form = [
            ("grant_type", "client_credentials"),
            ("connection", connection),
            ("purpose", PURPOSE),
        ];
        let told = Call::to(stage, partner, "/oauth/token", &form)
            .send(stage)
            .await;
        assert_eq!(told.status, 200, "{}", told.body);
        let token = told.json()["access_token"].as_str().unwrap().to_owned();
        let path = "/v1/people/me/friends";
        let dpop = proof(stage, partner, "GET", path, Some(&token)).signed();
        let headers = [
            ("authorization".to_owned(), format!("DPoP {token}")),
            ("dpop".to_owned(), dpop),
        ];
        let to = stage.public.trim_start_matches("http://").parse().unwrap();
        send(to, "GET", &format!("{path}?limit=100"), &headers, "").await
    }

    /// A person connects a partner, which reads their friends; what it found is written down when this returns.
    pub(crate) async fn connects_and_is_read(&self, person: &str, partner: &str) -> String {
        let connection = self.connects(person, partner).await;
        let before = self.counted("noticed").await;
        let told = self.friends(partner, &connection).await;
        assert_eq!(told.status, 200, "{}", told.body);
        self.until_counted("noticed", before + 1).await;
        connection
    }

    /// A change by the administration.
    pub(crate) async fn administer(&self, path: &str, body: &serde_json::Value) {
        let told = send(
            self.stage.admin,
            "POST",
            path,
            &[bearer()],
            &body.to_string(),
        )
        .await;
        assert_eq!(told.status, 200, "{}", told.body);
    }

    /// How often something has happened, as the operator is told.
    pub(crate) async fn counted(&self, what: &str) -> u64 {
        self.number(&format!("countersign_asking_total{{what=\"{what}\"}}"))
            .await
    }

    /// How many requests and answers are kept.
    pub(crate) async fn kept(&self) -> u64 {
        self.number("countersign_asking_kept").await
    }

    async fn number(&self, name: &str) -> u64 {
        let told = send(self.stage.admin, "GET", "/metrics", &[bearer()], "").await;
        let line = told.body.lines().find_map(|line| line.strip_prefix(name));
        line.map_or(0, |count| count.trim().parse().unwrap())
    }

    pub(crate) async fn until_counted(&self, what: &str, many: u64) {
        for _ in 0..1200 {
            if self.counted(what).await >= many {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{what} was not counted {many} times");
    }

    /// Some days go by, in which ada and bert are there.
    pub(crate) async fn days(&self, days: i64) {
        self.stage.pass(days * 86_400);
        let people = [&self.stage.ada, &self.stage.bert].map(|id| self.stage.number(id));
        let people = people.to_vec();
        self.stage.happens(Event::PeopleActive { people }).await;
    }

    /// A person logs in on the page of what they are asked.
    pub(crate) async fn asked(&self, browser: &mut Browser, person: &str) -> At {
        let page = log_in(browser, &format!("{}/asked", self.stage.public), person).await;
        assert_eq!(page.status(), 200, "{page:?}");
        page
    }

    /// The address of one request.
    pub(crate) fn address(&self, partner: &str, power: usize) -> String {
        let agreement = format!("{partner}-friends").parse().unwrap();
        let book = self.stage.register.book();
        let power = book.version(&agreement, 1).unwrap().offer.powers[power].id();
        format!("{}/asked/{partner}/{power}", self.stage.public)
    }

    /// A person answers the request for one of findr's powers.
    pub(crate) async fn answers(&self, browser: &mut Browser, power: usize, button: &str) -> At {
        let page = browser.follow(&self.address("findr", power)).await;
        assert_eq!(page.status(), 200, "{page:?}");
        browser.press(&page, button, &[]).await
    }
}

impl Play {
    /// These people have agreed to what findr may see through friends; it ends in so many days.
    pub(crate) async fn agreed(&self, people: &[&str], days: u32) {
        let stage = &self.stage;
        let book = stage.register.book();
        let (notice, _) = book.notices.iter().next().unwrap();
        for power in &stage.powers()[1..] {
            let given = Event::ConsentGiven {
                people: people.iter().map(|id| stage.number(id)).collect(),
                partner: "findr".parse().unwrap(),
                power: *power,
                notice: *notice,
                until: self.today().plus(decide::Days(days)),
            };
            stage.happens(given).await;
        }
    }

    pub(crate) fn today(&self) -> decide::Day {
        decide::Time(self.stage.now() * 1000).day()
    }

    /// A person logs in at their desk.
    pub(crate) async fn desk(&self, browser: &mut Browser, person: &str) -> At {
        let page = log_in(browser, &format!("{}/desk", self.stage.public), person).await;
        assert_eq!(page.status(), 200, "{page:?}");
        page
    }

    /// Where a person renews one of findr's powers.
    pub(crate) fn renewal(&self, power: usize) -> String {
        self.address("findr", power)
            .replace("/asked/", "/desk/renew/")
    }
}
