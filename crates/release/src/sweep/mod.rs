//! The sweep: which self-identifying identifiers stand in a text that is about to leave.
//!
//! The plan says where people are expected; this finds them where nobody expected them, in free text and in addresses
//! as well. It knows `@name:server`, `did:…:…`, `user@host` and the platform's profile addresses, also behind
//! percent-encoding, JSON in a string and HTML entities, and reads upper and lower case alike. It rather sees an identifier
//! too many than one too few: what is found and belongs to nobody who is permitted makes a record go.
//!
//! Known and accepted: an identifier that its author spelt out ("ana at host"), split by markup or encoded more than
//! [`ROUNDS`] times is not seen; `@name:word` is taken for an identifier even where a sentence merely lacks a space;
//! domain names in punycode and in letters are two names.

mod addresses;
mod decode;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod plain;
mod tokens;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use smallvec::SmallVec;

use addresses::Address;

/// How often a text is decoded before the sweep stops looking.
pub(crate) const ROUNDS: usize = 3;

/// What self-identifying identifiers look like on this platform.
#[derive(Debug, Default)]
pub(crate) struct Forms {
    /// Those with the longest fixed beginning first.
    addresses: Vec<Address>,
}

/// What is wrong with a template of a profile address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WrongForm {
    pub(crate) problem: String,
    pub(crate) expected: &'static str,
    pub(crate) remedy: &'static str,
}

impl Forms {
    /// The built-in forms, and profile addresses such as `https://social.example/@{}` or
    /// `https://social.example/users/{id}`.
    ///
    /// The placeholder stands last and for the rest of its path segment: `{}` for a handle, `{id}` for the platform's own
    /// id of the person. `{host}` as the whole host stands for any host (`https://{host}/@{}`). `http` and `https`, and a
    /// host with and without `www.`, are alike; upper and lower case too.
    pub(crate) fn new(addresses: &[String]) -> Result<Forms, WrongForm> {
        let parsed: Result<Vec<Address>, WrongForm> =
            addresses.iter().map(|text| Address::parse(text)).collect();
        let mut addresses = parsed?;
        addresses.sort_by_key(|address| std::cmp::Reverse(address.fixed()));
        Ok(Forms { addresses })
    }

    /// Whether `ana@name` is a handle although the name has no dot.
    fn knows_host(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case("localhost") || self.addresses.iter().any(|one| one.is_at(name))
    }
}

/// One occurrence, in all the ways in which it can be read, longest first.
///
/// `@ana:host:8448` may be Ana's id with a port in it, or without and a number behind it. Judge by the longest reading that
/// somebody is known by. If nobody is known by any of them, it is the identifier of a stranger.
#[derive(Debug)]
pub(crate) struct Found<'t> {
    pub(crate) readings: SmallVec<[Reading<'t>; 1]>,
}

/// One way to read an occurrence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading<'t> {
    /// As written, after decoding: what to look up as the platform's id. For an address with `{id}` that id alone.
    pub(crate) exact: Cow<'t, str>,
    /// The normal form: equal for two spellings of one identifier. Not an identifier itself.
    pub(crate) key: Cow<'t, str>,
}

impl<'t> Reading<'t> {
    fn plain(exact: Cow<'t, str>) -> Self {
        let key = match &exact {
            Cow::Borrowed(text) => fold(text),
            Cow::Owned(text) => Cow::Owned(fold(text).into_owned()),
        };
        Reading { exact, key }
    }
}

/// Calls `found` for every occurrence in `text`, which is a string's text: JSON's own escapes are resolved already.
///
/// Looks at the text as it is, and again each time after percent-encoding, JSON's escapes and HTML's character references
/// have been resolved, up to [`ROUNDS`] times. So one occurrence can be told more than once.
pub(crate) fn scan(text: &str, forms: &Forms, found: &mut dyn FnMut(Found<'_>)) {
    layers(text, &mut |layer| look(layer, forms, found));
}

/// The normal forms of a value that is declared to be an identifier: an e-mail address, a handle with its host, a profile
/// address, an `@name:server`. They are equal to [`Reading::key`] wherever this identifier occurs.
///
/// Only the value as a whole counts: what merely holds an identifier somewhere has no normal form.
pub(crate) fn keys_of(text: &str, forms: &Forms) -> Vec<String> {
    let mut keys = Vec::new();
    layers(text.trim(), &mut |layer| {
        let whole = tokens::whole(layer, forms).or_else(|| addresses::whole(layer, forms));
        keys.extend(whole.map(|reading| reading.key.into_owned()));
    });
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The text, and what it becomes when it is decoded; nothing at all where no trigger stands in it.
fn layers(text: &str, each: &mut dyn FnMut(&str)) {
    let seen = decode::triggers(text.as_bytes());
    if seen == 0 {
        return;
    }
    let mut layer = if seen & decode::HIDDEN == 0 {
        Cow::Borrowed(text)
    } else {
        decode::visible(text)
    };
    each(&layer);
    if seen & decode::ESCAPE == 0 {
        return;
    }
    for _ in 0..ROUNDS {
        let Some(decoded) = decode::once(&layer) else {
            return;
        };
        layer = match decode::visible(&decoded) {
            Cow::Borrowed(_) => Cow::Owned(decoded),
            Cow::Owned(text) => Cow::Owned(text),
        };
        each(&layer);
    }
}

/// Every occurrence in a text as it is.
fn look(text: &str, forms: &Forms, found: &mut dyn FnMut(Found<'_>)) {
    // Where the last `did:` ended: those within it are a part of it, and reading each of them would take quadratic time.
    let mut past = 0;
    decode::each_trigger(text.as_bytes(), &mut |at, byte| match byte {
        b'@' => tokens::at_sign(text, at, forms, found),
        b':' if at >= past => past = tokens::colon(text, at, found),
        b'/' if !forms.addresses.is_empty() => addresses::slash(text, at, forms, found),
        _ => {}
    });
}

/// One text for all spellings that differ in case only. Both ways, since some letters have two small ones.
fn fold(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        let both = text.to_lowercase().to_uppercase();
        return Cow::Owned(both.chars().flat_map(char::to_lowercase).collect());
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    Cow::Borrowed(text)
}

/// A part of a text; nothing where the bounds are no bounds of characters.
fn part(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or_default()
}
