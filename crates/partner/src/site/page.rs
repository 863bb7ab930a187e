//! The shop's one page.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;

use super::Shop;
use crate::answer::Answer;
use crate::grant::Granted;

/// Of an answer no more than so many characters are shown.
const SHOWN: usize = 40_000;

#[derive(Template)]
#[template(path = "front.html")]
pub(super) struct Front<'a> {
    pub(super) platform: &'a str,
    pub(super) shops: &'a [Shop],
}

#[derive(Template)]
#[template(path = "shop.html")]
pub(super) struct Page<'a> {
    pub(super) platform: &'a str,
    pub(super) shop: &'a Shop,
    pub(super) connected: Option<Connected>,
    pub(super) said: Option<Said>,
}

/// What a visitor has granted.
pub(super) struct Connected {
    granted: usize,
    of: usize,
}

impl Connected {
    pub(super) fn of(shop: &Shop, granted: &Granted) -> Connected {
        Connected {
            granted: granted.powers.len(),
            of: shop.powers.len(),
        }
    }
}

/// What came of the button that was pressed.
pub(super) struct Said {
    title: String,
    lead: String,
    text: String,
}

impl Said {
    pub(super) fn wrong(text: String) -> Said {
        Said {
            title: "That did not work".to_owned(),
            lead: text,
            text: String::new(),
        }
    }

    pub(super) fn answer(words: &str, path: &str, answer: &Answer) -> Said {
        let json = answer.json().ok();
        let text = json.as_ref().map_or_else(|| answer.text(), pretty);
        let cut: String = text.chars().take(SHOWN).collect();
        let more = if cut.len() < text.len() {
            ", cut here"
        } else {
            ""
        };
        Said {
            title: format!("{words}: {}", answer.status),
            lead: format!("GET {path}, {} bytes{more}", answer.body.len()),
            text: cut,
        }
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

impl IntoResponse for Front<'_> {
    fn into_response(self) -> Response {
        html(&self)
    }
}

impl IntoResponse for Page<'_> {
    fn into_response(self) -> Response {
        html(&self)
    }
}

fn html(page: &impl Template) -> Response {
    let Ok(text) = page.render() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ),
    ];
    (headers, Html(text)).into_response()
}
