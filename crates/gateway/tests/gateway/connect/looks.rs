//! People's pages in a real browser, by `scripts/pages/check.mjs`: wide and narrow, light and dark, nothing loaded, nothing
//! over the edge, nothing serious found by axe-core. `scripts/browser-tests` runs it.

use super::desk::consented;
use super::partner_side::{asked, connected, log_in, read};
use super::stage::Stage;
use crate::support::browser::Browser;
use crate::support::pages::look_at;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a browser: run scripts/browser-tests"]
async fn the_pages_are_whole_and_accessible_wide_and_narrow_light_and_dark() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let asks = asked(&stage, &mut browser, &stage.ada).await;
    // Somebody of whom much can be told: as themselves and through a friend, with something new, refused and closed.
    let of_ada = connected(&stage, &stage.ada).await;
    connected(&stage, &stage.cleo).await;
    consented(&stage, &stage.cleo).await;
    let token = of_ada["access_token"].as_str().unwrap();
    read(&stage, token, "/v1/people/me/friends?limit=100").await;
    stage.pass(86_400);
    let of_cleo = connected(&stage, &stage.cleo).await;
    let token = of_cleo["access_token"].as_str().unwrap();
    for _ in 0..3 {
        read(&stage, token, "/v1/people/me").await;
    }
    let mut cleo = Browser::saying("sec-gpc", "1");
    let desk = log_in(&mut cleo, &format!("{}/desk", stage.public), &stage.cleo).await;
    let disclosed = cleo
        .follow(&format!("{}/desk/disclosed", stage.public))
        .await;
    let record = cleo.follow(&format!("{}/desk/record", stage.public)).await;
    let lost = browser
        .follow(&format!("{}/oauth/authorize", stage.public))
        .await;

    look_at(&[
        ("consent", &asks.told().body),
        ("desk", &desk.told().body),
        ("disclosed", &disclosed.told().body),
        ("record", &record.told().body),
        ("lost", &lost.told().body),
    ]);
}
