//! The sample platform behind something that notes what is done there, and a gateway in front of both.

use std::sync::{Arc, Mutex, RwLock};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use bytes::Bytes;
use http::Method;
use ledger::Hash;
use ledger::entry::{Entry, Intents, check};
use ledger::faults::FaultyFiles;
use partner::{Answer, Token};
use sample::{PersonNo, Platform, Thread, World};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::town::{self, Door, Terms, Town};

pub(crate) const OVERLAY: &str = include_str!("../../../../../examples/sample-social/overlay.json");
const TOKEN: &str = "service-token";

/// A world of which everybody has connected Findr and agreed to all that is agreed on.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) town: Town,
    pub(crate) door: Door,
    /// The files of the ledger.
    pub(crate) files: Arc<FaultyFiles>,
    platform: Arc<RwLock<Router>>,
    written: Arc<Mutex<Vec<String>>>,
    /// While it is locked, the platform answers no write.
    pub(crate) busy: Arc<tokio::sync::Mutex<()>>,
}

impl Stage {
    pub(crate) async fn with(terms: Terms) -> Stage {
        let world = World::generate(sample::Seed(2018), 14);
        let files = Arc::new(FaultyFiles::default());
        let described = town::Platform {
            document: ("openapi.json", sample::OPENAPI),
            overlay: ("overlay.json", OVERLAY),
            token: TOKEN.to_owned(),
            more: "idempotency-header = \"x-request-id\"",
            people: world.people().map(|person| world.id_of(person)).collect(),
        };
        let town = Town::with(described, terms, files.clone()).await;
        let platform = Arc::new(RwLock::new(router(&world)));
        let (written, busy) = (Arc::default(), Arc::default());
        let upstream = noting(platform.clone(), Arc::clone(&written), Arc::clone(&busy)).await;
        let door = town.door(upstream).await;
        Stage {
            world,
            town,
            door,
            files,
            platform,
            written,
            busy,
        }
    }

    /// The platform holds no data about these people from here on, and nothing that was done before.
    pub(crate) fn forget(&self, people: &[PersonNo]) {
        *self.platform.write().unwrap() = router(&self.world.without(people));
    }

    /// A thread of two people.
    pub(crate) fn thread_of_two(&self) -> (Thread, PersonNo, PersonNo) {
        let threads = self
            .world
            .people()
            .flat_map(|person| self.world.threads(person));
        let mut of_two = threads.filter(|thread| thread.participants.len() == 2);
        let thread = of_two.next().unwrap();
        let (ada, bert) = (thread.participants[0], thread.participants[1]);
        (thread, ada, bert)
    }

    /// This person, if they have written posts; the test's world is one where they have.
    pub(crate) fn with_posts(&self, person: PersonNo) -> PersonNo {
        assert!(
            !self.world.posts(person).is_empty(),
            "{person:?} has no posts"
        );
        person
    }

    pub(crate) async fn call(
        &self,
        token: &Token,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        self.call_at(&self.door, token, method, path, body, None)
            .await
    }

    pub(crate) async fn call_at(
        &self,
        door: &Door,
        token: &Token,
        method: Method,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Answer {
        let body = body.map(|body| Bytes::from(body.to_string()));
        let call = door.client.call_as(token, method, path, body, key);
        call.await.unwrap()
    }

    /// A gateway that is started after a crash at this moment, in front of the same platform.
    pub(crate) async fn again(&self) -> Door {
        let ledger = self.town.crashed_ledger();
        self.town
            .door_over(self.door.upstream.clone(), ledger, "")
            .await
    }

    /// What the platform was asked to do since this was asked last: method, address and body.
    pub(crate) fn written(&self) -> Vec<String> {
        std::mem::take(&mut *self.written.lock().unwrap())
    }

    /// What the platform itself answers, asked without a gateway.
    pub(crate) async fn at_platform(&self, path: &str) -> String {
        let request = Request::get(path)
            .header("authorization", format!("Bearer {TOKEN}"))
            .body(axum::body::Body::empty());
        let router = self.platform.read().unwrap().clone();
        let answer = router.oneshot(request.unwrap()).await.unwrap();
        let body = to_bytes(answer.into_body(), 1 << 22).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    /// What the ledger says was done, each entry checked as an auditor would.
    pub(crate) fn ledger(&self) -> Vec<String> {
        told_by(self.town.ledger())
    }
}

/// The intents and outcomes of a ledger, in words; refusals and disclosures are left out.
pub(crate) fn told_by(log: &ledger::Log) -> Vec<String> {
    let mut intents = Intents::default();
    let mut told = Vec::new();
    for stored in log.iter(0) {
        let stored = stored.unwrap();
        let record = &stored.record;
        let entry = check(&record.entry, &record.tags, &record.details).unwrap();
        intents
            .take(stored.index, &entry, Hash::leaf(&record.entry))
            .unwrap();
        match entry {
            Entry::Intent(_) => told.push("intent".to_owned()),
            Entry::Outcome(it) => {
                let (became, known) = (it.ending.became(), it.ending.known());
                let words = format!("outcome {} {became:?} {known:?}", it.intent);
                told.push(words.to_lowercase());
            }
            Entry::Disclosure(_) | Entry::Refusals(_) => {}
        }
    }
    told
}

/// The last word of a problem's type.
pub(crate) fn slug(answer: &Answer) -> String {
    let problem = answer.json().unwrap_or_default();
    let kind = problem["type"].as_str().unwrap_or_default().to_owned();
    kind.rsplit(':').next().unwrap_or_default().to_owned()
}

/// Everything of an answer that a partner can see, but for the date.
pub(crate) fn seen(answer: &Answer) -> String {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "date");
    let mut headers: Vec<String> = headers
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    format!(
        "{}\n{}\n{}",
        answer.status,
        headers.join("\n"),
        answer.text()
    )
}

fn router(world: &World) -> Router {
    let mut options = sample::Options::new(TOKEN);
    options.public_url = Some("https://api.sample.example".into());
    Platform::router(world.clone(), options)
}

/// The platform, with a note of everything that it is asked to do; its address.
async fn noting(
    current: Arc<RwLock<Router>>,
    written: Arc<Mutex<Vec<String>>>,
    busy: Arc<tokio::sync::Mutex<()>>,
) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(move |request: Request| {
        let router = current.read().unwrap().clone();
        let (written, busy) = (written.clone(), busy.clone());
        async move {
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, 1 << 20).await.unwrap();
            if parts.method != Method::GET {
                assert!(
                    parts.headers.contains_key("x-request-id"),
                    "the platform's own key"
                );
                let line = format!(
                    "{} {} {}",
                    parts.method,
                    parts.uri,
                    String::from_utf8_lossy(&body)
                );
                written.lock().unwrap().push(line.trim_end().to_owned());
                drop(busy.lock().await);
            }
            router
                .oneshot(Request::from_parts(parts, axum::body::Body::from(body)))
                .await
        }
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}
