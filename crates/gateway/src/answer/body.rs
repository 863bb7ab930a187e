//! The body of a partner's request, read whole before anything is asked of the platform.

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use hyper::body::{Body as _, Incoming};
use release::Operation;

use crate::config::Limits;
use crate::media::is_json;
use crate::problem::Problem;
use crate::server::read_body;

/// The body, if there is one. Whether the operation takes it, and what of it, its plan says.
///
/// # Errors
/// It is too long or too slow, or of another type than the plan could read.
pub(super) async fn read(
    operation: &Operation,
    headers: &HeaderMap,
    body: Incoming,
    limits: &Limits,
) -> Result<Option<Bytes>, Problem> {
    if body.is_end_stream() {
        return Ok(None);
    }
    let body = read_body(body, limits).await?;
    if body.is_empty() {
        return Ok(None);
    }
    if operation.takes_body() && !is_plain_json(headers) {
        return Err(Problem::BodyType);
    }
    Ok(Some(body))
}

fn is_plain_json(headers: &HeaderMap) -> bool {
    let encoded = |value: &http::HeaderValue| !value.as_bytes().eq_ignore_ascii_case(b"identity");
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(one), None) = (types.next(), types.next()) else {
        return false;
    };
    let one = one.to_str().unwrap_or_default();
    is_json(one) && !headers.get_all(CONTENT_ENCODING).iter().any(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;

    fn is(headers: &[(&str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            map.append(name, http::HeaderValue::from_static(value));
        }
        is_plain_json(&map)
    }

    #[test]
    fn a_body_is_json_by_its_one_type_and_not_encoded() {
        for right in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;charset=\"utf-8\"",
        ] {
            assert!(is(&[("content-type", right)]), "{right}");
            assert!(is(&[
                ("content-type", right),
                ("content-encoding", "identity")
            ]));
        }
        for wrong in [
            "",
            "text/json",
            "application/json-patch+json",
            "application/x-ndjson",
            "application/json, text/plain",
            "application/json; charset=latin1",
        ] {
            assert!(!is(&[("content-type", wrong)]), "{wrong}");
        }
        assert!(!is(&[]));
        let json = ("content-type", "application/json");
        assert!(!is(&[json, ("content-type", "text/plain")]), "two types");
        for encoding in ["gzip", "br", "deflate", "zstd", "identity, gzip"] {
            assert!(!is(&[json, ("content-encoding", encoding)]), "{encoding}");
        }
    }
}
