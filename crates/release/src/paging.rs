//! Pages: ours against the platform's.

use crate::cursor::Seal;
use crate::document::{percent_decoded, percent_encoded};

/// Where a page of ours begins in the platform's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The platform's cursor; `None` for its first page.
    pub(crate) cursor: Option<String>,
    /// How many elements of that page come before.
    pub(crate) skip: u32,
}

/// One request's state of paging.
#[derive(Debug)]
pub(crate) struct Paging {
    /// How many records make our page.
    pub(crate) size: usize,
    /// The platform's largest page, by which refills are asked for.
    pub(crate) max_size: u32,
    /// The names of the two query parameters.
    pub(crate) size_name: Option<String>,
    pub(crate) cursor: String,
    /// Path and other parameters, as the platform is to be asked.
    pub(crate) upstream: String,
    /// The same as the partner asked, for links: `me` stays `me`.
    pub(crate) partner: String,
    /// The cursor of the page that is awaited.
    pub(crate) at: Option<String>,
    /// How many elements are still to be passed over.
    pub(crate) skip: u32,
    pub(crate) seal: Seal,
    /// The next page's address is in a header.
    pub(crate) link: bool,
}

impl Paging {
    /// The longest cursor of the platform's that is sealed.
    pub(crate) const CURSOR: usize = 4_000;

    /// The address of the first page to ask for.
    pub(crate) fn opening(&self) -> String {
        let size = u32::try_from(self.size).unwrap_or(u32::MAX);
        let enough = size.saturating_add(self.skip).min(self.max_size);
        self.address(&self.upstream, Some(enough), self.at.as_deref())
    }

    /// The address of a further page.
    pub(crate) fn further(&self, cursor: &str) -> String {
        self.address(&self.upstream, Some(self.max_size), Some(cursor))
    }

    /// A link to the next page of ours.
    pub(crate) fn link(&self, sealed: &str) -> String {
        self.address(&self.partner, None, Some(sealed))
    }

    fn address(&self, base: &str, size: Option<u32>, cursor: Option<&str>) -> String {
        let mut out = base.to_owned();
        let mut add = |name: &str, value: &str| {
            out.push(if out.contains('?') { '&' } else { '?' });
            percent_encoded(name, &mut out);
            out.push('=');
            percent_encoded(value, &mut out);
        };
        if let (Some(name), Some(size)) = (&self.size_name, size) {
            add(name, &size.to_string());
        }
        if let Some(cursor) = cursor {
            add(&self.cursor, cursor);
        }
        out
    }
}

/// The cursor in a link of the platform's; nothing else of the link is believed.
pub(crate) fn cursor_in(link: &str, name: &str) -> Option<String> {
    let (_, query) = link.split_once('?')?;
    let query = query.split('#').next()?;
    let mut found = query.split('&').filter_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (percent_decoded(key)? == name).then(|| percent_decoded(&value.replace('+', " ")))?
    });
    found.next().filter(|cursor| !cursor.is_empty())
}

/// The address with `rel="next"` in a `Link` header (RFC 8288, section 3).
pub(crate) fn next_of(header: &str) -> Option<String> {
    let mut links = header.split('<').skip(1);
    links.find_map(|link| {
        let (address, parameters) = link.split_once('>')?;
        let mut parameters = parameters.split([';', ',']).map(str::trim);
        let next = parameters.any(|it| {
            let value = it.strip_prefix("rel=").map(|value| value.trim_matches('"'));
            value.is_some_and(|value| value.split_ascii_whitespace().any(|rel| rel == "next"))
        });
        next.then(|| address.to_owned())
    })
}
