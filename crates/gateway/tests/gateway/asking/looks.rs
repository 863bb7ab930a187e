//! The pages in a real browser, by `scripts/pages/check.mjs`, as `connect` does it: `scripts/browser-tests` runs it.

use super::scene::Play;
use crate::support::browser::Browser;
use crate::support::pages::look_at;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a browser: run scripts/browser-tests"]
async fn the_pages_are_whole_and_accessible_wide_and_narrow_light_and_dark() {
    let play = Play::new().await;
    play.connects_and_is_read(&play.stage.ada, "findr").await;
    play.connects_and_is_read(&play.stage.bert, "reelbox").await;
    play.days(31).await;
    let mut browser = Browser::default();
    let all = play.asked(&mut browser, &play.cleo).await;
    let one = browser.follow(&play.address("findr", 2)).await;
    let muted = play
        .answers(&mut browser, 2, "Never ask me about Findr")
        .await;
    play.agreed(&[&play.cleo], 20).await;
    let desk = browser.follow(&format!("{}/desk", play.stage.public)).await;
    let renew = browser.follow(&play.renewal(2)).await;
    let no = browser.press(&renew, "No, let it end", &[]).await;
    assert!(desk.text().contains("Renew it, or let it end"));
    assert_eq!(renew.status(), 200);
    for page in [&all, &one, &muted, &desk, &renew, &no] {
        let body = &page.told().body;
        assert!(body.len() < 100_000, "{} bytes", body.len());
        assert!(!body.contains("<script"));
    }

    look_at(&[
        ("asked", &all.told().body),
        ("asks", &one.told().body),
        ("muted", &muted.told().body),
        ("desk-ending", &desk.told().body),
        ("renew", &renew.told().body),
        ("renew-no", &no.told().body),
    ]);
}
