//! Notice texts by their digest: what somebody agreed to, word for word, for whoever has the digest.
//!
//! A text is the same for everybody who was asked it, and stands in the register for every auditor, so no session is asked
//! for. It never changes: its address is its SHA-256.

use decide::NoticeHash;
use http::{HeaderName, HeaderValue, Response, header};

use super::page::Failure;
use crate::body::Body;
use crate::gateway::Gateway;

const UNDER: &str = "/notices/";

/// The digest in an address of a notice.
pub(super) fn digest(path: &str) -> Option<NoticeHash> {
    path.strip_prefix(UNDER)?.parse().ok()
}

/// Answers with the text.
pub(super) fn show(gateway: &Gateway, path: &str) -> Result<Response<Body>, Failure> {
    let book = gateway.register.book();
    let notice = digest(path).and_then(|digest| book.notices.get(&digest).cloned());
    let notice = notice.ok_or(Failure::NoPage)?;
    let mut response = Response::new(Body::from(notice.text.clone()));
    let headers = response.headers_mut();
    let language = HeaderValue::from_str(&notice.language).map_err(|_| Failure::Internal)?;
    headers.insert(header::CONTENT_LANGUAGE, language);
    for (name, value) in [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}
