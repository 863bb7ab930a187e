//! What the operator watches holds no personal data: not in metrics, not in the log, not in spans.

use std::io;
use std::sync::{Arc, Mutex};

use decide::Event;
use tracing::Dispatch;
use tracing::subscriber::NoSubscriber;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::support::calls::{ApiCall, TokenCall, token};
use crate::support::{PUBLIC, World};

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

#[test]
fn metrics_log_and_spans_name_partners_and_operations_and_no_person() {
    let kept = Kept::default();
    let writer = kept.clone();
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .with_span_events(FmtSpan::FULL);
    let subscriber = tracing_subscriber::registry()
        .with(tracing::level_filters::LevelFilter::TRACE)
        .with(layer);
    let log = Dispatch::new(subscriber);
    // While there is but one in the process, tracing lets whichever thread comes first to a line say for all whether anybody
    // hears it: a thread of a test beside this one, that has no log, would say no.
    let _another = Dispatch::new(NoSubscriber::default());
    // All threads of this test's runtime, on which all tasks of its gateway run, and those of no test beside it.
    let kept_here = tracing::dispatcher::set_default(&log);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Until the thread ends.
        .on_thread_start(move || std::mem::forget(tracing::dispatcher::set_default(&log)))
        .build();
    runtime.unwrap().block_on(what_is_watched(&kept));
    drop(kept_here);
}

async fn what_is_watched(kept: &Kept) {
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
        call.proof.claims["htu"] = format!("{PUBLIC}{bare}").into();
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
