//! The desk's pages in a real browser, by `scripts/pages/check.mjs`: wide and narrow, light and dark, nothing loaded, nothing
//! over the edge, nothing serious found by axe-core. `scripts/browser-tests` runs it.

use super::stage::{NAMES, Stage, Visitor, agreement};
use crate::support::pages::look_at;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a browser: run scripts/browser-tests"]
async fn the_pages_are_whole_and_accessible_wide_and_narrow_light_and_dark() {
    let stage = Stage::new().await;
    let promise = "promise: no-friends\nmade: 2015-04-30\nsummary: Apps no longer see your friends.\n\
        address: https://sample.example/news\nform: absolute\nscope:\n  reaches: [friend]\n";
    stage.sign(1, &NAMES).await;
    stage.ok("stella", "POST", "/promises", promise).await;
    let next = [
        ("pd:Name", "own"),
        ("pd:Name", "friend"),
        ("pd:EmailAddress", "own"),
    ];
    stage
        .ok("stella", "POST", "/drafts", &agreement(2, &next))
        .await;
    let (mut stella, mut rhea) = (
        Visitor::new(&stage, "stella").await,
        Visitor::new(&stage, "rhea").await,
    );
    let mut pages = Vec::new();
    for (name, path) in PAGES {
        pages.push((name, stella.open(path).await));
    }
    let proposal = super::proposals::propose(&stage, super::proposals::WORDS).await;
    let digest = super::proposals::receipt(&proposal);
    let path = format!("/desk/proposals/{digest}");
    pages.push(("steward-proposal", stella.open(&path).await));
    let mut nobody = crate::support::browser::Browser::default();
    let public = format!("http://{}/public/promises/propose", stage.world.address);
    pages.push(("propose", nobody.follow(&public).await));
    let reviewing = rhea.open("/desk/agreements/findr-friends").await;
    pages.push(("steward-review", reviewing));
    let sheet = stella.open("/desk/draft").await;
    let wrong = stella
        .fill(&sheet, "/desk/draft", &[("document", "x")])
        .await;
    pages.push(("steward-wrong", wrong));

    let pages = pages
        .iter()
        .map(|(name, at)| (*name, at.told().body.as_str()));
    look_at(&pages.collect::<Vec<_>>());
}

const PAGES: [(&str, &str); 8] = [
    ("steward-login", "/login"),
    ("steward-overview", "/desk"),
    ("steward-agreement", "/desk/agreements/findr-friends"),
    ("steward-draft", "/desk/draft"),
    ("steward-history", "/desk/history"),
    ("steward-renewals", "/desk/renewals"),
    ("steward-promises", "/desk/promises"),
    ("steward-weaken", "/desk/promises/no-friends/weaken"),
];
