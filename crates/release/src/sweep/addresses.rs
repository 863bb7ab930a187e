//! The platform's profile addresses, by their templates.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::{Forms, Found, Reading, WrongForm, decode, fold, part, tokens};

/// One template, taken apart.
#[derive(Debug)]
pub(super) struct Address {
    /// In its normal form, with a port that is not the default; `None` for any host.
    host: Option<String>,
    /// The path up to the placeholder, from its first `/` on.
    path: String,
    /// The placeholder stands for the platform's own id.
    id: bool,
}

const EXPECTED: &str = "`https://HOST/PATH{}` or `https://HOST/PATH{id}`: one placeholder, at the end (`{}` for a handle, \
     `{id}` for the platform's own id of a person); HOST may be `{host}`, for any";

impl Address {
    pub(super) fn parse(text: &str) -> Result<Address, WrongForm> {
        let wrong = |problem: &str, remedy| WrongForm {
            problem: format!("`{text}` is not the form of an address: {problem}"),
            expected: EXPECTED,
            remedy,
        };
        let schemes = ["https://", "http://"];
        let Some(rest) = schemes.iter().find_map(|it| text.strip_prefix(it)) else {
            return Err(wrong(
                "it does not begin with https://",
                "write the whole address",
            ));
        };
        let (id, fixed) = if let Some(fixed) = rest.strip_suffix("{id}") {
            (true, fixed)
        } else if let Some(fixed) = rest.strip_suffix("{}") {
            (false, fixed)
        } else {
            let remedy = "end it with {} or {id}; what follows in an address is passed over";
            return Err(wrong("it does not end with a placeholder", remedy));
        };
        let Some(slash) = fixed.find('/') else {
            return Err(wrong("it has no path", "put a / between host and path"));
        };
        let (host, path) = fixed.split_at(slash);
        let any = host == "{host}";
        if path.contains(['{', '}', '%']) || path.contains(char::is_whitespace) {
            let remedy = "write the path as it is read, up to the one placeholder";
            return Err(wrong(
                "its path holds a brace, a percent sign or a space",
                remedy,
            ));
        }
        if any && id {
            let remedy = "use {} for handles at any host, {id} with the platform's own host";
            return Err(wrong(
                "an id of the platform's own cannot be at any host",
                remedy,
            ));
        }
        let (name, port) = authority(host);
        if !any && (name.is_empty() || name.len().saturating_add(port.len()) != host.len()) {
            return Err(wrong(
                "its host is none",
                "write a name, and :PORT where it needs one",
            ));
        }
        Ok(Address {
            host: (!any).then(|| normal_host(host)),
            path: path.to_owned(),
            id,
        })
    }

    /// How much of its path is fixed.
    pub(super) fn fixed(&self) -> usize {
        self.path.len()
    }

    /// Whether it is one of this host's own.
    pub(super) fn is_at(&self, host: &str) -> bool {
        let own = self.host.as_deref().map(|own| own.split(':').next());
        own.flatten().is_some_and(|own| own == fold(host))
    }

    /// Whether its path begins at the slash here.
    fn begins(&self, text: &str, slash: usize) -> bool {
        part(text, slash, slash.saturating_add(self.path.len())).eq_ignore_ascii_case(&self.path)
    }

    /// The readings of an address whose authority ends at the slash here.
    fn readings<'t>(
        &self,
        text: &'t str,
        start: usize,
        slash: usize,
        host: &str,
        forms: &Forms,
        readings: &mut SmallVec<[Reading<'t>; 1]>,
    ) {
        if !self.begins(text, slash) {
            return;
        }
        let host = match self.host.as_deref() {
            Some(own) if is_same(own, host) => own,
            None if part(text, start, slash).contains("://") => host,
            None if tokens::is_domain(host, forms) => host,
            _ => return,
        };
        let at = slash.saturating_add(self.path.len());
        for segment in segments(part(text, at, text.len())) {
            let handle = decode::percent_once(segment);
            let key = if self.id {
                format!("{{id}} {}", fold(&handle))
            } else if let Some(whole) = tokens::whole(&handle, forms) {
                // Somebody of another server, as this one shows them.
                whole.key.into_owned()
            } else {
                format!("//{host}/{}", fold(&handle))
            };
            let exact = if self.id {
                handle
            } else {
                Cow::Borrowed(part(text, start, at.saturating_add(segment.len())))
            };
            let reading = Reading {
                exact,
                key: Cow::Owned(key),
            };
            if !readings.contains(&reading) {
                readings.push(reading);
            }
        }
    }
}

/// What a `/` is a part of: a profile address whose host ends here.
pub(super) fn slash(text: &str, at: usize, forms: &Forms, found: &mut dyn FnMut(Found<'_>)) {
    let (_, readings) = address(text, at, forms);
    if !readings.is_empty() {
        found(Found { readings });
    }
}

/// The text as a profile address, if it begins as one; what follows the person is passed over.
pub(super) fn whole<'t>(text: &'t str, forms: &Forms) -> Option<Reading<'t>> {
    let scheme = text.find("://").map_or(0, |at| at.saturating_add(3));
    let slash = scheme.saturating_add(part(text, scheme, text.len()).find('/')?);
    let (start, readings) = address(text, slash, forms);
    readings.into_iter().next().filter(|_| start == 0)
}

/// Where the address begins whose authority ends at this slash, and its readings.
fn address<'t>(text: &'t str, slash: usize, forms: &Forms) -> (usize, SmallVec<[Reading<'t>; 1]>) {
    let mut readings = SmallVec::new();
    if !forms.addresses.iter().any(|one| one.begins(text, slash)) {
        return (0, readings);
    }
    let before = part(text, 0, slash);
    let (name, port) = authority(before);
    if name.is_empty() {
        return (0, readings);
    }
    let host_at = slash.saturating_sub(name.len().saturating_add(port.len()));
    let before = part(text, 0, host_at);
    let schemes = ["https://", "http://"];
    let scheme = schemes.iter().find(|scheme| {
        let start = before.len().saturating_sub(scheme.len());
        before
            .get(start..)
            .is_some_and(|it| it.eq_ignore_ascii_case(scheme))
    });
    let start = host_at.saturating_sub(scheme.map_or(0, |scheme| scheme.len()));
    let host = normal_host(part(text, host_at, slash));
    for address in &forms.addresses {
        address.readings(text, start, slash, &host, forms, &mut readings);
    }
    (start, readings)
}

/// Whether a host as written is this one; a script without spaces may touch it.
fn is_same(own: &str, host: &str) -> bool {
    host.strip_suffix(own)
        .is_some_and(|before| before.is_empty() || before.ends_with(tokens::is_unspaced))
}

/// The host at the end of a text, and the `:port` behind it.
fn authority(before: &str) -> (&str, &str) {
    let digits = before.trim_end_matches(|c: char| c.is_ascii_digit());
    let end = match digits.strip_suffix(':') {
        Some(host) if digits.len() < before.len() => host.len(),
        _ => before.len(),
    };
    let (host, port) = before.split_at_checked(end).unwrap_or((before, ""));
    let is_host = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c) || !c.is_ascii();
    let start = host.trim_end_matches(is_host).len();
    (part(host, start, host.len()), port)
}

/// Without `www.` and the ports that go without saying, in one case.
fn normal_host(host: &str) -> String {
    let host = fold(host);
    let bare = host.strip_prefix("www.").unwrap_or(&host);
    let ports = [":443", ":80"];
    let port = ports.iter().find_map(|port| bare.strip_suffix(port));
    port.unwrap_or(bare).to_owned()
}

/// The rest of the path segment at the text's beginning, and shorter readings of it where text follows an address.
fn segments(text: &str) -> SmallVec<[&str; 2]> {
    let closes = |c: char| c.is_whitespace() || c.is_control() || "/?#\"<>\\`".contains(c);
    let all = part(text, 0, text.find(closes).unwrap_or(text.len()));
    let marks = |c: char| c.is_ascii_punctuation() && !"-._~%+@".contains(c);
    let plain = part(all, 0, all.find(marks).unwrap_or(all.len()));
    let ended = plain.trim_end_matches('.');
    let bare = plain.trim_end_matches(|c: char| c.is_ascii_punctuation());
    let apart = part(
        bare,
        0,
        bare.find(tokens::is_unspaced).unwrap_or(bare.len()),
    );
    let mut segments: SmallVec<[&str; 2]> = SmallVec::new();
    for segment in [all, plain, ended, bare, apart] {
        if !segment.is_empty() && !segments.contains(&segment) {
            segments.push(segment);
        }
    }
    segments
}
