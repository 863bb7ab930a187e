//! A slow and plain finder: every substring is asked whether it is an identifier.
//!
//! It knows the grammars, in the words of their specifications, and nothing of encodings, of punctuation around an
//! identifier, or of shorter readings. What it finds the sweep must find too.

#![allow(
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "for tests and fuzzing only, where failing loudly is right"
)]

use std::net::{Ipv4Addr, Ipv6Addr};

/// From every place the longest substring that is an identifier. A number does not end in front of a digit.
pub fn find(text: &str) -> Vec<String> {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let ends = places.iter().copied().skip(1).chain([text.len()]);
    let ends: Vec<usize> = ends.collect();
    let mut found = Vec::new();
    for &start in &places {
        for is in [is_user_id, is_handle, is_did] {
            let longest = ends.iter().rev().filter(|end| **end > start);
            let ends =
                longest.filter(|end| !text[**end..].starts_with(|c: char| c.is_ascii_digit()));
            let longest = ends.map(|end| &text[start..*end]).find(|it| is(it));
            found.extend(longest.map(str::to_lowercase));
        }
    }
    found
}

/// Whether a text is one identifier and nothing else.
#[cfg(feature = "fuzzing")]
pub fn is_identifier(text: &str) -> bool {
    is_user_id(text) || is_handle(text) || is_did(text)
}

/// `@localpart:server_name` (Matrix specification, appendix 4.2).
fn is_user_id(text: &str) -> bool {
    let inner = text.strip_prefix('@').and_then(|text| text.split_once(':'));
    inner.is_some_and(|(name, server)| {
        let plain = |b: u8| b.is_ascii_graphic() && !b"@\"<>(),".contains(&b);
        !name.is_empty() && name.bytes().all(plain) && is_server(server)
    })
}

fn is_server(text: &str) -> bool {
    let port = |port: &str| {
        (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit())
    };
    match text.rsplit_once(':') {
        Some((host, digits)) if port(digits) && is_host(host) => true,
        _ => is_host(text),
    }
}

fn is_host(text: &str) -> bool {
    let literal = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    if let Some(literal) = literal {
        return literal.parse::<Ipv6Addr>().is_ok();
    }
    let name = text.split('.').all(is_label) && text.bytes().any(|b| b.is_ascii_alphabetic());
    name || text.parse::<Ipv4Addr>().is_ok()
}

/// A label of a domain name (RFC 1123).
fn is_label(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// `user@host.tld`, the user a dot-atom (RFC 5322), the host with a dot in it.
fn is_handle(text: &str) -> bool {
    let Some((user, host)) = text.split_once('@') else {
        return false;
    };
    let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'+' || b == b'-';
    let user = user
        .split('.')
        .all(|atom| !atom.is_empty() && atom.bytes().all(letter));
    let last = host.rsplit_once('.').map(|(_, last)| last);
    let last =
        last.is_some_and(|last| last.len() > 1 && last.bytes().all(|b| b.is_ascii_alphabetic()));
    user && last && host.split('.').all(is_label) && !is_picture(host)
}

/// `2x.png`, in the names of pictures for dense screens.
fn is_picture(host: &str) -> bool {
    host.split_once("x.").is_some_and(|(digit, kind)| {
        let kinds = ["png", "jpg", "jpeg", "gif", "webp", "svg", "avif"];
        matches!(digit.as_bytes(), [b'1'..=b'9']) && kinds.contains(&kind)
    })
}

/// `did:method-name:method-specific-id` (W3C DID Core, section 3.1), but for a dot at the end.
fn is_did(text: &str) -> bool {
    let inner = text.strip_prefix("did:").and_then(|it| it.split_once(':'));
    inner.is_some_and(|(method, id)| {
        let method = !method.is_empty() && method.bytes().all(|b| b.is_ascii_alphanumeric());
        let id_char = |b: u8| b.is_ascii_alphanumeric() || b".-_:".contains(&b);
        method && id.bytes().all(id_char) && id.ends_with(|c: char| c.is_ascii_alphanumeric())
    })
}
