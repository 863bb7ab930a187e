//! A table of attacks on the gateway's two edges, each sent over the wire byte for byte: by a partner that has a token
//! and by a platform that has gone mad. `docs/attacks.md` is this table; a test holds it to what happens here.

mod answered;
mod asked;
mod framed;
pub(crate) mod frames;
mod table;
mod wire;

use http::Method;
use partner::Token;

use crate::edge::platform::DOCUMENT;
use crate::town::{self, Door, Town};
use wire::{Platform, Says};

/// Where attacks go.
const CARD: &str = "/people/bert/card";

/// Small, so that attacks on time and memory end soon.
const LIMITS: &str = "head-time = \"700ms\"\nbody-time = \"700ms\"\nupstream-time = \"900ms\"\nrequest-time = \"5s\"\n\
                      answer-time = \"1s\"\n\
                      upstream-body = \"256KiB\"\nstop-time = \"1s\"\n";

/// A gateway between a platform and a partner that both may do anything; ada has connected Findr, all have agreed.
struct Stage {
    platform: Platform,
    town: Town,
    door: Door,
    token: Token,
}

impl Stage {
    async fn new() -> Stage {
        Stage::with(None).await
    }

    /// The same behind TLS, by this certificate and its key.
    async fn with(tls: Option<(&str, &str)>) -> Stage {
        let (platform, upstream) = Platform::new().await;
        let town = Town::new(town::Platform {
            document: ("edge.yaml", DOCUMENT),
            overlay: ("overlay.json", NO_OVERLAY),
            token: "service-token".to_owned(),
            more: "",
            people: ["ada", "bert", "cleo", "dora"].map(str::to_owned).to_vec(),
        })
        .await;
        let door = match tls {
            None => town.door_within(upstream, LIMITS).await,
            Some(tls) => town.door_by_tls(upstream, tls, LIMITS).await,
        };
        let token = town.token(&door, Some("ada")).await;
        Stage {
            platform,
            town,
            door,
            token,
        }
    }

    fn address(&self) -> &str {
        self.door.public.strip_prefix("http://").unwrap()
    }

    /// The header lines by which the partner may make this request.
    fn passport(&self, method: &Method, path: &str) -> String {
        let headers = self.door.client.headers(&self.token, method, path);
        let [(one, first), (other, second)] = headers.unwrap();
        format!("{one}: {first}\r\n{other}: {second}\r\n")
    }

    /// Sends it, with the passport of a good request in the place of `{AUTH}`.
    async fn send(&self, method: &Method, path: &str, pieces: &[Vec<u8>]) -> String {
        let passport = self.passport(method, path);
        let put = |piece: &Vec<u8>| match String::from_utf8(piece.clone()) {
            Ok(text) => text.replace("{AUTH}", &passport).into_bytes(),
            Err(_) => piece.clone(),
        };
        let pieces: Vec<Vec<u8>> = pieces.iter().map(put).collect();
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        wire::exchange(self.address(), &pieces).await
    }

    /// An ordinary request, and what comes back. It shows that the gateway still stands.
    async fn ordinary(&self) -> String {
        let request =
            format!("GET {CARD} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{{AUTH}}\r\n");
        self.send(&Method::GET, CARD, &[request.into_bytes()]).await
    }
}

const NO_OVERLAY: &str = r#"{"overlay": "1.1.0", "info": {"title": "None", "version": "1"},
    "actions": [{"target": "$.info", "update": {"description": "nothing"}}]}"#;

/// Without the date, which differs from answer to answer.
fn undated(came: &str) -> String {
    let lines = came.split("\r\n");
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with("date: ")).collect();
    lines.join("\n")
}

#[tokio::test]
async fn whatever_a_partner_sends_the_platform_hears_the_gateways_own_words_or_nothing() {
    let stage = Stage::new().await;
    let good = undated(&stage.ordinary().await);
    assert!(good.ends_with("{\"name\":\"Bert\"}"), "{good}");
    let own_words = stage.platform.heard().concat();
    let mut wrong = Vec::new();
    for attack in asked::attacks() {
        let came = stage
            .send(&attack.method, attack.path, &attack.pieces)
            .await;
        let heard = stage.platform.heard();
        let got = (wire::statuses(&came).join(" "), heard.len());
        if got != (attack.told.to_owned(), attack.heard) {
            wrong.push(format!(
                "{}: {got:?}, not {:?}",
                attack.name,
                (attack.told, attack.heard)
            ));
        }
        if attack.path == CARD && heard.iter().any(|request| *request != own_words) {
            wrong.push(format!("{}: the platform heard {heard:?}", attack.name));
        }
        if got.0 == "200" && undated(&came) != good {
            wrong.push(format!("{}: another answer: {came}", attack.name));
        }
        if came.matches("cache-control: no-store").count() != wire::statuses(&came).len() {
            // Answers to what is no HTTP come from the library, without a body and without a header of ours.
            let bare = came.contains("content-length: 0") && got.0 == "400" || got.0 == "431";
            if !bare && !came.is_empty() {
                wrong.push(format!("{}: may be kept by a cache: {came}", attack.name));
            }
        }
        for planted in ["evil.example", "smuggled", "cleo"] {
            if heard.concat().contains(planted) && attack.path == CARD || came.contains(planted) {
                wrong.push(format!("{}: {planted} came through", attack.name));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "\n{}", wrong.join("\n"));
    assert_eq!(
        undated(&stage.ordinary().await),
        good,
        "and it still stands"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn by_http_2_too_the_platform_hears_the_gateways_own_words_or_nothing() {
    let (certificate, key) = town::tls::certificate();
    let stage = Stage::with(Some((&certificate, &key))).await;
    let send = async |attack: &framed::Framed| {
        let (method, path) = &attack.asks;
        let passport = stage.door.client.headers(&stage.token, method, path);
        let connection = stage.door.connect(&certificate, "h2").await;
        let pieces = (attack.pieces)(&passport.unwrap());
        let came = frames::exchange(connection, &pieces, attack.last).await;
        (came, stage.platform.heard())
    };
    let (_, own_words) = send(&framed::ordinary()).await;
    let mut wrong = Vec::new();
    for attack in framed::attacks() {
        let (came, heard) = send(&attack).await;
        let got = (came.told.join(" "), heard.len());
        if got != (attack.told.to_owned(), attack.heard) {
            wrong.push(format!(
                "{}: {got:?}, not {:?}",
                attack.name,
                (attack.told, attack.heard)
            ));
        }
        if heard.iter().any(|request| *request != own_words[0]) {
            wrong.push(format!("{}: the platform heard {heard:?}", attack.name));
        }
        if attack.name.contains("never any room") && !came.bodies.is_empty() {
            wrong.push(format!("{}: {:?}", attack.name, came.bodies));
        }
        let said = String::from_utf8_lossy(&came.bytes);
        for planted in ["evil.example", "smuggled", "cleo"] {
            if said.contains(planted) {
                wrong.push(format!("{}: {planted} came through", attack.name));
            }
        }
        let (came, heard) = send(&framed::ordinary()).await;
        let stands = came.told == ["200"] && came.bodies == br#"{"name":"Bert"}"#;
        if !stands || heard != own_words {
            wrong.push(format!("{}: and then {:?}", attack.name, came.told));
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn whatever_the_platform_answers_a_partner_learns_nothing_of_it() {
    let stage = Stage::new().await;
    let good = undated(&stage.ordinary().await);
    let mut wrong = Vec::new();
    let mut told = std::collections::BTreeMap::new();
    for attack in answered::attacks() {
        stage.platform.says(attack.says.clone());
        let came = stage.ordinary().await;
        let got = wire::statuses(&came).join(" ");
        if got != attack.told {
            wrong.push(format!("{}: {got}, not {}", attack.name, attack.told));
        }
        if got != "200" && (came.contains("Bert") || came.contains("evil.example")) {
            wrong.push(format!("{}: something came through: {came}", attack.name));
        }
        if got == "200" && undated(&came) != good {
            wrong.push(format!("{}: another answer: {came}", attack.name));
        }
        told.entry(got)
            .or_insert_with(Vec::new)
            .push(undated(&came));
    }
    assert_eq!(wrong, Vec::<String>::new(), "\n{}", wrong.join("\n"));
    for (status, mut answers) in told {
        answers.dedup();
        assert_eq!(
            answers.len(),
            1,
            "one and the same for {status}: {answers:#?}"
        );
    }
    stage.platform.says(Says::json(r#"{"name":"Bert"}"#));
    assert_eq!(
        undated(&stage.ordinary().await),
        good,
        "and it still stands"
    );
}

#[tokio::test]
async fn errors_of_the_platforms_are_the_same_for_who_refuses_and_who_agrees() {
    let stage = Stage::new().await;
    let mut agreed = Vec::new();
    for attack in answered::attacks() {
        stage.platform.says(attack.says);
        agreed.push((attack.name, undated(&stage.ordinary().await)));
    }
    stage.town.bar("bert").await;
    stage.platform.says(Says::json(r#"{"name":"Bert"}"#));
    let refused = undated(&stage.ordinary().await);
    for (attack, (name, agreed)) in answered::attacks().into_iter().zip(agreed) {
        stage.platform.says(attack.says);
        let barred = undated(&stage.ordinary().await);
        let expected = if agreed.starts_with("HTTP/1.1 200") {
            &refused
        } else {
            &agreed
        };
        assert_eq!(&barred, expected, "{name}");
    }
}

#[test]
fn the_table_in_the_documents_is_this_one() {
    table::check();
}
