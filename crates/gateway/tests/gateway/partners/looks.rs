//! The pages in a real browser, by `scripts/pages/check.mjs`: `scripts/browser-tests` runs it.

use super::partner_side::{link, officer_inside, version};
use super::public::promise;
use super::stage::{PURPOSE, Stage, officer_key};
use crate::support::browser::Browser;
use crate::support::pages::look_at;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a browser: run scripts/browser-tests"]
async fn the_public_pages_are_whole_and_accessible_wide_and_narrow_light_and_dark() {
    let stage = Stage::new().await;
    stage.offer("findr", 2).await;
    stage
        .take(promise(
            "no-contacts",
            "absolute",
            "scope:\n  reaches: [contact]\n",
        ))
        .await;
    stage
        .take(promise("complete-control", "not-judgeable", "scope: {}\n"))
        .await;
    stage
        .take(promise(
            "since-2015",
            "dated",
            "from: 2015-05-01T00:00:00Z\nscope:\n  reaches: [friend]\n  verbs: [read]\n",
        ))
        .await;
    let mut pages = Vec::new();
    for (name, page) in [
        ("public", "/public"),
        ("partners", "/public/partners"),
        ("partner", "/public/partners/findr"),
        ("agreement", "/public/agreements/findr-friends/1"),
        ("promises", "/public/promises"),
        ("ledger", "/public/ledger"),
    ] {
        pages.push((name, stage.get(page).await.body));
    }
    let pages = pages.iter().map(|(name, text)| (*name, text.as_str()));
    look_at(&pages.collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a browser: run scripts/browser-tests"]
async fn the_partners_desk_is_whole_and_accessible_wide_and_narrow_light_and_dark() {
    let stage = Stage::new().await;
    stage.offer("findr", 2).await;
    let enter = link(&stage, "findr", &officer_key("findr")).await;
    let enter = Browser::default().follow(&enter).await;
    let (mut browser, desk) = officer_inside(&stage, "findr").await;
    let to_sign = version(&stage, &mut browser, "findr", 2).await;
    let governs = version(&stage, &mut browser, "findr", 1).await;
    let calls = browser
        .follow(&format!("{}/partner/calls", stage.public))
        .await;
    let sandbox = browser
        .follow(&format!(
            "{}/partner/sandbox?operation=listFriends&purpose={PURPOSE}",
            stage.public
        ))
        .await;
    let outside = Browser::default()
        .follow(&format!("{}/partner", stage.public))
        .await;
    look_at(&[
        ("enter", &enter.told().body),
        ("partner-desk", &desk.told().body),
        ("to-sign", &to_sign.told().body),
        ("governs", &governs.told().body),
        ("calls", &calls.told().body),
        ("sandbox", &sandbox.told().body),
        ("outside", &outside.told().body),
    ]);
}
