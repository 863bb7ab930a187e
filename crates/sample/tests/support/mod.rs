//! What the tests share: a caller who knows the token and reads every page.
#![allow(
    dead_code,
    reason = "every test file compiles its own copy and uses a part of it"
)]

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::BodyExt;
use sample::{Options, Platform, World};
use serde_json::Value;
use tower::ServiceExt;

/// An answer as it came.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Body, headers and what the cursors hold, to be searched.
    pub(crate) fn everything(&self) -> String {
        let headers: Vec<String> = self
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        let mut all = format!("{}\n{}", headers.join("\n"), self.body);
        let body: Value = serde_json::from_str(&self.body).unwrap_or(Value::Null);
        for which in ["before", "after"] {
            if let Some(cursor) = body["paging"]["cursors"][which].as_str() {
                all.push('\n');
                all.push_str(&String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap());
            }
        }
        all
    }
}

/// The platform over one world.
#[derive(Clone)]
pub(crate) struct Api {
    router: Router,
}

pub(crate) const TOKEN: &str = "a-service-token";

impl Api {
    pub(crate) fn of(world: &World) -> Self {
        Self {
            router: Platform::router(world.clone(), Options::new(TOKEN)),
        }
    }

    pub(crate) fn with(world: &World, options: Options) -> Self {
        Self {
            router: Platform::router(world.clone(), options),
        }
    }

    pub(crate) async fn call(&self, method: &str, path: &str, token: &str, body: &str) -> Answer {
        let path = path.strip_prefix("http://sample.test").unwrap_or(path);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "sample.test")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(body.to_owned()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, mut body) = response.into_parts();
        // A stream of events has no end: its first part is enough.
        let bytes = if parts
            .headers
            .get("content-type")
            .is_some_and(|kind| kind == "text/event-stream")
        {
            let frame = body.frame().await.unwrap().unwrap();
            frame.into_data().unwrap()
        } else {
            body.collect().await.unwrap().to_bytes()
        };
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, TOKEN, "").await
    }

    /// All pages of a list, following `next` as callers do.
    pub(crate) async fn pages(&self, path: &str) -> Vec<Answer> {
        let mut pages = vec![self.get(path).await];
        while let Some(next) = pages.last().unwrap().json()["paging"]["next"].as_str() {
            let page = self.get(next).await;
            pages.push(page);
        }
        pages
    }

    /// The records of all pages of a list.
    pub(crate) async fn list(&self, path: &str) -> Vec<Value> {
        let pages = self.pages(path).await;
        let data = |page: &Answer| page.json()["data"].as_array().unwrap().clone();
        pages.iter().flat_map(data).collect()
    }
}

/// The addresses of the lists that are about one person, with their `operationId`s.
pub(crate) fn lists_of(id: &str) -> [(&'static str, String); 5] {
    [
        ("listFriends", "friends"),
        ("listFriendContacts", "friends/contacts"),
        ("listContactBook", "contact-book"),
        ("getFeed", "feed"),
        ("listThreads", "threads"),
    ]
    .map(|(operation, list)| (operation, format!("/v1/people/{id}/{list}")))
}
