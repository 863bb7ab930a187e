//! Global Privacy Control: what a browser says for its person with every request (<https://www.w3.org/TR/gpc/>).

use decide::{Bar, Event, PersonNo};
use http::{HeaderMap, HeaderValue, Response, header};
use register::Change;

use super::Visit;
use super::page::Failure;
use crate::body::Body;

/// Where a site says that it honours the signal.
pub(super) const SUPPORT_PATH: &str = "/.well-known/gpc.json";

/// The day on which what follows from the signal last changed.
const SUPPORT: &str = "{\"gpc\":true,\"lastUpdate\":\"2026-11-28\"}\n";

/// Whether the browser says so. Anything but the one value that the specification has is no signal.
pub(super) fn sent(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all("sec-gpc").iter();
    values.any(|value| value.as_bytes() == b"1")
}

/// Sets the bar of this person if their browser says so and it does not stand. One that stands stays as it is, so that
/// a repeated signal does not undo what the person has explicitly agreed to since.
pub(super) async fn honour(visit: &Visit<'_>, person: PersonNo) -> Result<(), Failure> {
    let facts = visit.gateway.register.facts();
    let bar = Bar::GlobalPrivacyControl;
    if !visit.signal || !facts.is_member(person) || facts.bars_of(person).contains(&bar) {
        return Ok(());
    }
    let set = Change::Fact(Event::BarSet { person, bar });
    Ok(visit.gateway.write_down(set).await?)
}

/// The support resource.
pub(super) fn support() -> Response<Body> {
    let mut response = Response::new(Body::from(SUPPORT));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signal_is_the_one_value_and_nothing_else() {
        let with = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("sec-gpc", HeaderValue::from_static(value));
            }
            sent(&headers)
        };
        assert!(with(&["1"]) && with(&["0", "1"]));
        for no in [&[][..], &["0"], &["true"], &["1, 1"], &[""], &["01"]] {
            assert!(!with(no), "{no:?}");
        }
    }
}
