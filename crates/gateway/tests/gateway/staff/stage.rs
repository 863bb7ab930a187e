//! A gateway with its staff, and Findr with an officer who can sign.

use decide::{OfficerId, Party, Time};
use register::signature::{SigningKey, sign};
use serde_json::json;

use crate::support::browser::{At, Browser};
use crate::support::{ADMIN_TOKEN, Told, World, key_of, send, staffed, token_of};

/// The gateway, and the keys of both officers.
pub(crate) struct Stage {
    pub(crate) world: World,
    platform: SigningKey,
    partner: SigningKey,
}

impl Stage {
    pub(crate) async fn new() -> Stage {
        let world = World::with(&staffed(), "http://127.0.0.1:9").await;
        let stage = Stage {
            world,
            platform: SigningKey::ed25519(&[5; 32]).unwrap(),
            partner: SigningKey::ed25519(&[6; 32]).unwrap(),
        };
        stage.enrol().await;
        stage
    }

    async fn enrol(&self) {
        let platform = self.platform.public("nora").unwrap();
        let partner = self.partner.public("finn").unwrap();
        let keys = json!({ "keys": [key_of("findr").public_jwk(), partner] });
        self.ok("stella", "PUT", "/partners/findr/keys", &keys.to_string())
            .await;
        for (side, officer, key) in [
            (json!("platform"), "nora", &platform),
            (json!({ "partner": "findr" }), "finn", &partner),
        ] {
            let body = json!({ "side": side, "officer": officer, "key": key });
            self.ok("stella", "POST", "/officers", &body.to_string())
                .await;
        }
    }

    /// Asks the administration API as one of the staff, or as the program.
    pub(crate) async fn ask(&self, who: &str, method: &str, path: &str, body: &str) -> Told {
        let token = match who {
            "program" => ADMIN_TOKEN.to_owned(),
            who => token_of(who),
        };
        let headers = [("authorization".to_owned(), format!("Bearer {token}"))];
        send(self.world.admin, method, path, &headers, body).await
    }

    /// As [`Stage::ask`], for what must be done.
    pub(crate) async fn ok(&self, who: &str, method: &str, path: &str, body: &str) -> Told {
        let told = self.ask(who, method, path, body).await;
        assert_eq!(told.status, 200, "{who} {method} {path}: {}", told.body);
        told
    }

    /// What an officer signs with the command line.
    pub(crate) fn signature(&self, party: Party, document: &str) -> String {
        let (officer, key) = match party {
            Party::Platform => ("nora", &self.platform),
            Party::Partner => ("finn", &self.partner),
        };
        let officer: OfficerId = officer.parse().unwrap();
        let now = Time(self.world.now() * 1000);
        sign("findr.yaml", document, party, &officer, key, now).unwrap()
    }

    /// A version drafted, approved, offered, and signed by both.
    pub(crate) async fn sign(&self, version: u32, powers: &[(&str, &str)]) {
        let text = agreement(version, powers);
        self.ok("stella", "POST", "/drafts", &text).await;
        self.sign_draft(version, powers).await;
    }

    /// The same, from a draft that is there.
    pub(crate) async fn sign_draft(&self, version: u32, powers: &[(&str, &str)]) {
        self.sign_text(&agreement(version, powers)).await;
    }

    /// The same, whatever it says.
    pub(crate) async fn sign_text(&self, text: &str) {
        assert_eq!(self.review("rhea", "approved", "").await.status, 200);
        self.ok("stella", "POST", "/agreements", text).await;
        for party in [Party::Platform, Party::Partner] {
            let jws = self.signature(party, text);
            self.ok("stella", "POST", "/agreements/signatures", &jws)
                .await;
        }
    }

    /// The draft of Findr's agreement as the API tells it.
    pub(crate) async fn drafted(&self) -> serde_json::Value {
        let told = self.ok("axel", "GET", "/drafts", "").await;
        told.json()["drafts"][0].clone()
    }

    /// Rhea approves the present draft, or sends it back.
    pub(crate) async fn review(&self, who: &str, verdict: &str, note: &str) -> Told {
        let digest = self.drafted().await["digest"].clone();
        let body = json!({ "digest": digest, "verdict": verdict, "note": note });
        let path = "/drafts/findr-friends/review";
        self.ask(who, "POST", path, &body.to_string()).await
    }
}

/// Findr's agreement, with these (category, reach).
pub(crate) fn agreement(version: u32, powers: &[(&str, &str)]) -> String {
    let mut text = format!(
        "agreement: findr-friends\nversion: {version}\npartner: findr\nclaimed-role: service-provider\n\
         in-return: It shows Sample Social first.\n\
         term:\n  from: 2026-01-01T00:00:00Z\n  until: 2026-12-31T00:00:00Z\n\
         officers:\n  platform:\n    - officer: nora\n      name: Nora Platt\n      title: Head of Partnerships\n\
         \x20 partner:\n    - officer: finn\n      name: Finn Offer\n      title: Head of Data\n\
         approvals:\n  - by: privacy review\n    on: 2026-01-01\nnotices: []\npowers:\n"
    );
    for (category, reach) in powers {
        text += &format!(
            "  - verb: read\n    category: {category}\n    reach: {reach}\n    purpose: dpv:ServicePersonalisation\n\
             \x20   retention-days: 30\n    legal-basis: consent\n    feature: People you know\n    needed: true\n\
             \x20   in-words: Findr sees your {category} through {reach}.\n"
        );
    }
    text
}

/// Own and friends' names.
pub(crate) const NAMES: [(&str, &str); 2] = [("pd:Name", "own"), ("pd:Name", "friend")];

/// Somebody of the staff in their own browser.
pub(crate) struct Visitor {
    pub(crate) browser: Browser,
    host: String,
}

impl Visitor {
    /// Logs in with their token; the desk is what comes next.
    pub(crate) async fn new(stage: &Stage, who: &str) -> Visitor {
        let mut visitor = Visitor {
            browser: Browser::default(),
            host: format!("http://{}", stage.world.admin),
        };
        let token = match who {
            "program" => ADMIN_TOKEN.to_owned(),
            who => token_of(who),
        };
        let at = visitor.send("/login", &[("key", &token)]).await;
        assert_eq!(at.status(), 200, "{who}");
        assert!(at.address.ends_with("/desk"), "{who}: {}", at.address);
        visitor
    }

    /// Opens a page.
    pub(crate) async fn open(&mut self, path: &str) -> At {
        let address = format!("{}{path}", self.host);
        self.browser.follow(&address).await
    }

    /// Sends a form as it stands.
    pub(crate) async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> At {
        let fields: Vec<(String, String)> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let address = format!("{}{path}", self.host);
        self.browser.send_form(&address, &fields).await
    }

    /// Fills in the form of the page that is sent to where `end` says, with its hidden fields and these.
    pub(crate) async fn fill(&mut self, at: &At, end: &str, fields: &[(&str, &str)]) -> At {
        let forms = at.forms();
        let form = forms.iter().find(|form| form.action.ends_with(end));
        let form = form.unwrap_or_else(|| panic!("no form to {end} in {}", at.text()));
        let hidden = form.fields.iter();
        let mut all: Vec<(&str, &str)> = hidden.map(|(n, v)| (n.as_str(), v.as_str())).collect();
        all.extend(fields);
        let action = form.action.clone();
        let all: Vec<(&str, &str)> = all;
        self.send(&action, &all).await
    }
}

/// Where the page has a form that goes there.
pub(crate) fn has_form(at: &At, end: &str) -> bool {
    at.forms().iter().any(|form| form.action.ends_with(end))
}
