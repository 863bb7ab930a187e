//! Pages of a list: limits, cursors and links.
//!
//! A cursor is the base64 of a place in the list and the id of the person at the page's edge, as
//! such cursors are: opaque to look at, and full of people.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// What a caller asked of a list. Parameters that the platform does not know are ignored.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// `http://host:port/path`, for links.
    pub(crate) address: String,
    /// The parameters as they came, decoded.
    pub(crate) parameters: HashMap<String, String>,
    pub(crate) limit: usize,
    /// How many items lie before this page.
    pub(crate) skip: usize,
}

/// One page, and the total (where it is known) for the header.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) body: Value,
    pub(crate) total: Option<u64>,
    pub(crate) next: Option<String>,
}

impl Asked {
    /// Reads the parameters. A limit that is not a number is ignored, one out of bounds is cut to
    /// `most`; the error is a cursor that the platform never gave out.
    pub(crate) fn read(
        address: String,
        parameters: HashMap<String, String>,
        most: usize,
    ) -> Result<Self, String> {
        const LIMIT: usize = 25;
        let limit = parameters
            .get("limit")
            .and_then(|l| l.parse().ok())
            .unwrap_or(LIMIT)
            .clamp(1, most.max(1));
        let skip = match parameters.get("cursor") {
            None => 0,
            Some(cursor) => read_cursor(cursor).ok_or_else(|| cursor.clone())?,
        };
        Ok(Self {
            address,
            parameters,
            limit,
            skip,
        })
    }

    /// The page of `items`, which are all there are.
    pub(crate) fn cut<T>(
        &self,
        items: &[T],
        edge: impl Fn(Option<&T>) -> String,
        write: impl Fn(&T) -> Value,
    ) -> Page {
        let rest = items.get(self.skip..).unwrap_or_default();
        let page = rest.get(..self.limit).unwrap_or(rest);
        self.page(
            page,
            rest.len() > page.len(),
            Some(items.len() as u64),
            edge,
            write,
        )
    }

    /// A page that somebody else cut. `edge` names the person at an item (or, of an empty page, the
    /// one whose list it is) for the cursors.
    pub(crate) fn page<T>(
        &self,
        items: &[T],
        more: bool,
        total: Option<u64>,
        edge: impl Fn(Option<&T>) -> String,
        write: impl Fn(&T) -> Value,
    ) -> Page {
        let before = cursor(self.skip, &edge(items.first()));
        let after = more.then(|| cursor(self.skip + items.len(), &edge(items.last())));
        let next = after.as_ref().map(|after| self.link(after));
        let paging = match (&after, &next) {
            (Some(after), Some(next)) => {
                json!({ "cursors": { "before": before, "after": after }, "next": next })
            }
            _ => json!({ "cursors": { "before": before } }),
        };
        let body = json!({
            "data": items.iter().map(write).collect::<Vec<_>>(),
            "summary": { "total_count": total },
            "paging": paging,
        });
        Page { body, total, next }
    }

    /// The same request from another place on, as an absolute address.
    fn link(&self, cursor: &str) -> String {
        let mut link = format!("{}?limit={}&cursor={cursor}", self.address, self.limit);
        for name in ["name", "city"] {
            if let Some(value) = self.parameters.get(name) {
                link = format!("{link}&{name}={}", percent_encoded(value));
            }
        }
        link
    }
}

fn cursor(place: usize, person: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{place}:{person}"))
}

fn read_cursor(cursor: &str) -> Option<usize> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (place, person) = text.split_once(':')?;
    person.starts_with("u_").then(|| place.parse().ok())?
}

fn percent_encoded(text: &str) -> String {
    let keep = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes()
        .map(|b| {
            if keep(b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(parameters: &[(&str, &str)]) -> Result<Asked, String> {
        let parameters = parameters
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        Asked::read("http://h/v1/people".to_owned(), parameters, 100)
    }

    #[test]
    fn limits_are_cut_and_nonsense_is_ignored() {
        for (limit, expected) in [("7", 7), ("0", 1), ("5000", 100), ("many", 25), ("-3", 25)] {
            assert_eq!(
                asked(&[("limit", limit)]).unwrap().limit,
                expected,
                "{limit}"
            );
        }
        assert_eq!(asked(&[("unheard-of", "x")]).unwrap().limit, 25);
    }

    #[test]
    fn a_cursor_reads_back_and_others_are_refused() {
        let given = cursor(25, "u_abc");
        assert_eq!(asked(&[("cursor", &given)]).unwrap().skip, 25);
        for wrong in [
            "",
            "!",
            "MjU",
            &given[..3],
            &URL_SAFE_NO_PAD.encode("-1:u_a"),
        ] {
            assert_eq!(asked(&[("cursor", wrong)]).unwrap_err(), wrong);
        }
    }

    #[test]
    fn links_carry_the_filter_encoded() {
        let page = asked(&[("city", "Altbrück & x"), ("limit", "1")])
            .unwrap()
            .cut(&[1, 2], |_| "u_a".to_owned(), |n| json!(n));
        let next = page.next.unwrap();
        assert!(
            next.starts_with("http://h/v1/people?limit=1&cursor="),
            "{next}"
        );
        assert!(next.ends_with("&city=Altbr%C3%BCck%20%26%20x"), "{next}");
    }
}
