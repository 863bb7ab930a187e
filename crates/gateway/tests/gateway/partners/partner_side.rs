//! How a partner's officer comes in: an assertion, a link, a button.

use partner::Key;
use serde_json::{Value, json};

use super::stage::{Stage, officer_key};
use crate::support::browser::{At, Browser};
use crate::support::{Told, key_of};

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What asking for a link is answered, by an assertion for this audience.
pub(crate) async fn asked(stage: &Stage, partner: &str, key: &Key, audience: &str) -> Told {
    let id = format!("an-assertion-{}", stage.serial());
    let now = stage.time().0 / 1000;
    let assertion = partner::assertion(key, partner, audience, now, &id).unwrap();
    sent(stage, &assertion).await
}

pub(crate) async fn sent(stage: &Stage, assertion: &str) -> Told {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_assertion_type", ASSERTION)
        .append_pair("client_assertion", assertion)
        .finish();
    let form = "application/x-www-form-urlencoded".to_owned();
    let headers = [("content-type".to_owned(), form)];
    stage.ask("POST", "/partner/link", &headers, &body).await
}

/// A link for whoever holds this key.
pub(crate) async fn link(stage: &Stage, partner: &str, key: &Key) -> String {
    let told = asked(
        stage,
        partner,
        key,
        &format!("{}/partner/link", stage.public),
    )
    .await;
    assert_eq!(told.status, 200, "{}", told.body);
    assert_eq!(told.json()["expires_in"], json!(60));
    told.json()["link"].as_str().unwrap().to_owned()
}

/// A browser that is in, and its desk.
pub(crate) async fn inside(stage: &Stage, partner: &str, key: &Key) -> (Browser, At) {
    let mut browser = Browser::default();
    let page = browser.follow(&link(stage, partner, key).await).await;
    let desk = browser.press(&page, "Open the desk", &[]).await;
    assert_eq!(desk.status(), 200, "{desk:?}");
    (browser, desk)
}

/// In by the partner's officer's key.
pub(crate) async fn officer_inside(stage: &Stage, partner: &str) -> (Browser, At) {
    inside(stage, partner, &officer_key(partner)).await
}

/// In by the partner's client's key.
pub(crate) async fn engineer_inside(stage: &Stage, partner: &str) -> (Browser, At) {
    inside(stage, partner, &key_of(partner)).await
}

/// The page of one version of the partner's agreement.
pub(crate) async fn version(
    stage: &Stage,
    browser: &mut Browser,
    partner: &str,
    version: u32,
) -> At {
    let page = format!(
        "{}/partner/agreements/{partner}-friends/{version}",
        stage.public
    );
    browser.follow(&page).await
}

/// Hands a signature in on the page of a version.
pub(crate) async fn hand_in(browser: &mut Browser, page: &At, jws: &str) -> At {
    let forms = page.forms();
    let form = forms.iter().find(|form| form.action.ends_with("/sign"));
    let form = form.unwrap_or_else(|| panic!("nothing to sign: {}", page.text()));
    let mut fields = form.fields.clone();
    fields.push(("jws".to_owned(), jws.to_owned()));
    browser
        .send_form(&page.resolve(&form.action), &fields)
        .await
}

/// The desk as data.
pub(crate) async fn data(stage: &Stage, browser: &mut Browser) -> Value {
    let told = browser
        .follow(&format!("{}/partner/desk.json", stage.public))
        .await;
    assert_eq!(told.status(), 200, "{}", told.told().body);
    told.told().json()
}
