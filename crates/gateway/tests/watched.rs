//! What the operator watches holds no personal data: not in metrics, not in the log, not in spans.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly, their helpers too"
)]

mod support;

use std::io;
use std::sync::{Arc, Mutex};

use decide::Event;
use support::World;
use support::calls::{ApiCall, TokenCall, token};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything that could name a person of the cast, or whoever is asked about below.
const PERSONAL: &[&str] = &[
    "ada",
    "bert",
    "cleo",
    "dora",
    "emil",
    "person-17",
    "secret-name",
    "0.example",
];

fn assert_names_nobody(what: &str, text: &str) {
    // Connections are named after people here, so that one that is printed is found, too.
    for name in PERSONAL {
        assert!(!text.contains(name), "{name} stands in the {what}:\n{text}");
    }
}

#[tokio::test]
async fn metrics_log_and_spans_name_partners_and_operations_and_no_person() {
    let kept = Kept::default();
    let writer = kept.clone();
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .with_span_events(FmtSpan::FULL);
    let subscriber = tracing_subscriber::registry()
        .with(tracing::level_filters::LevelFilter::TRACE)
        .with(layer);
    // The whole process: the gateway's tasks run on other threads' behalf, too. One test in this file, therefore.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let mut world = World::new().await;
    let token = token(&world, "findr").await;
    let api = sample_paths();
    for path in api
        .iter()
        .chain(&["/v1/secret-name?q=person-17&email=x%400.example"])
    {
        let mut call = ApiCall::right(&world, "findr", &token);
        call.path = path;
        let bare = path.split('?').next().unwrap();
        call.proof.claims["htu"] = format!("{}{bare}", support::PUBLIC).into();
        call.send(&world).await;
        call.authorization[0].push('x');
        call.send(&world).await;
    }
    let mut refused = TokenCall::right(&world, "findr");
    refused.set("connection", "ada-reelbox");
    assert_eq!(refused.send(&world).await.status, 400);

    let metrics = world.administer("GET", "/metrics", "").await.body;
    world.stop().await;
    assert!(metrics.contains(r#"countersign_requests_total{partner="findr",operation="-",outcome="unknown-operation"}"#), "{metrics}");
    assert!(metrics.contains("countersign_strangers_total"), "{metrics}");
    assert_names_nobody("metrics", &metrics);

    let log = kept.text();
    assert!(
        log.contains("request{partner=\"findr\""),
        "spans are there: {log}"
    );
    let own: String = log
        .lines()
        .filter(|line| line.contains("gateway"))
        .collect::<Vec<_>>()
        .join("\n");
    assert_names_nobody("log", &own);
}

/// A path of every operation that the sample platform has, asked about somebody.
fn sample_paths() -> [&'static str; 5] {
    [
        "/v1/people/person-17",
        "/v1/people/person-17/friends?limit=2",
        "/v1/people?q=secret-name",
        "/v1/threads/person-17",
        "/v1/people/person-17/contacts",
    ]
}

#[tokio::test]
async fn refusals_of_known_partners_reach_the_ledger_and_those_of_strangers_do_not() {
    let mut world = World::new().await;
    let token = token(&world, "findr").await;
    for _ in 0..3 {
        assert_eq!(
            ApiCall::right(&world, "findr", &token)
                .send(&world)
                .await
                .status,
            404
        );
    }
    for _ in 0..3 {
        let mut stranger = ApiCall::right(&world, "findr", &token);
        stranger.authorization.clear();
        assert_eq!(stranger.send(&world).await.status, 401);
    }
    assert_eq!(
        world.ledger.size(),
        0,
        "counted by the minute, which is not over"
    );
    world.stop().await;
    assert_eq!(
        world.ledger.size(),
        1,
        "one entry for the three of the known partner's"
    );
}

#[tokio::test]
async fn a_partner_whose_connection_has_ended_is_no_stranger() {
    let mut world = World::new().await;
    let token = token(&world, "findr").await;
    let connection = "ada-findr".parse().unwrap();
    world.happens(Event::Disconnected { connection }).await;
    let told = ApiCall::right(&world, "findr", &token).send(&world).await;
    assert_eq!(told.status, 401);
    let metrics = world.administer("GET", "/metrics", "").await.body;
    let counted =
        r#"countersign_requests_total{partner="findr",operation="-",outcome="bad-token"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
    assert!(
        metrics.contains("countersign_strangers_total 0"),
        "{metrics}"
    );
    world.stop().await;
    assert_eq!(world.ledger.size(), 1, "its refusal is in the ledger");
}
