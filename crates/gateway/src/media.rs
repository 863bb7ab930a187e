//! Media types, as far as both sides' headers are judged by them.

/// Whether a `Content-Type` says JSON in UTF-8, and nothing beside or beyond it such as `application/problem+json`.
pub(crate) fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json") && is_utf8(content_type)
}

/// JSON is UTF-8 (RFC 8259); a `charset` that says otherwise is not believed, and neither is the body.
pub(crate) fn is_utf8(content_type: &str) -> bool {
    content_type
        .split(';')
        .skip(1)
        .all(|parameter| match parameter.trim().split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charset_other_than_utf_8_is_not_json() {
        for right in [
            "application/json",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"; v=1",
        ] {
            assert!(is_utf8(right), "{right}");
        }
        for wrong in [
            "application/json; charset=utf-16",
            "application/json; Charset=iso-8859-1",
            "application/json; charset=latin1",
            "application/json; charset=utf-8; charset=latin1",
            "application/json; charset =latin1",
        ] {
            assert!(!is_utf8(wrong), "{wrong}");
        }
    }
}
