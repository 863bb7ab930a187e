//! The identifiers that look the same on every platform: `@name:server`, `user@host`, `did:…:…`.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use smallvec::{SmallVec, smallvec};

use super::{Forms, Found, Reading, part};

/// Places where an identifier may begin or end, those of the longest reading first.
type Places = SmallVec<[usize; 2]>;

/// What an `@` is a part of: `@name:server`, `user@host`, both or neither.
pub(super) fn at_sign(text: &str, at: usize, forms: &Forms, found: &mut dyn FnMut(Found<'_>)) {
    let ends = user_id(text, at.saturating_add(1));
    if !ends.is_empty() {
        found(spans(text, &[at], &ends));
    }
    let before = part(text, 0, at);
    if !before.ends_with(|c| c == '"' || is_user(c)) {
        return;
    }
    let ends = host(text, at.saturating_add(1), Some(forms));
    if ends.is_empty() {
        return;
    }
    let starts = local_part(text, at);
    if !starts.is_empty() {
        found(spans(text, &starts, &ends));
    }
}

/// What a `:` is a part of: `did:…:…`, or `matrix:u/name:server`. Returns where the former ends.
pub(super) fn colon(text: &str, at: usize, found: &mut dyn FnMut(Found<'_>)) -> usize {
    let behind = at.saturating_add(1);
    if let Some(start) = ends_with_word(part(text, 0, at), "did") {
        let ends = did(text, behind);
        if !ends.is_empty() {
            found(spans(text, &[start], &ends));
        }
        return ends.first().copied().unwrap_or_default();
    }
    if ends_with_word(part(text, 0, at), "matrix").is_some() {
        let words = ["u/", "user/"];
        let rest = part(text, behind, text.len());
        let word = words.iter().find(|word| rest.starts_with(**word));
        let start = behind.saturating_add(word.map_or(0, |word| word.len()));
        let ends = user_id(text, start);
        if word.is_some() && !ends.is_empty() {
            let id = |end: &usize| Cow::Owned(format!("@{}", part(text, start, *end)));
            found(Found {
                readings: ends.iter().map(|end| Reading::plain(id(end))).collect(),
            });
        }
    }
    0
}

/// The text as one identifier, also behind `acct:` and the like, if it is one and nothing else.
pub(super) fn whole<'t>(text: &'t str, forms: &Forms) -> Option<Reading<'t>> {
    let reading = |start: usize| Reading::plain(Cow::Borrowed(part(text, start, text.len())));
    let till_end = |ends: Places| ends.contains(&text.len());
    if text.starts_with('@') && till_end(user_id(text, 1)) {
        return Some(reading(0));
    }
    if starts_with_word(text, "did:") && till_end(did(text, 4)) {
        return Some(reading(0));
    }
    let words = ["acct:", "mailto:", "xmpp:", "@"];
    let word = words.iter().find(|word| starts_with_word(text, word));
    let start = word.map_or(0, |word| word.len());
    let at = text.rfind('@')?;
    let is = local_part(text, at).contains(&start)
        && till_end(host(text, at.saturating_add(1), Some(forms)));
    is.then(|| reading(start))
}

fn spans<'t>(text: &'t str, starts: &[usize], ends: &[usize]) -> Found<'t> {
    let pairs = starts
        .iter()
        .flat_map(|start| ends.iter().map(|end| (*start, *end)));
    Found {
        readings: pairs
            .map(|(start, end)| Reading::plain(Cow::Borrowed(part(text, start, end))))
            .collect(),
    }
}

fn ends_with_word(text: &str, word: &str) -> Option<usize> {
    let start = text.len().checked_sub(word.len())?;
    text.get(start..)?
        .eq_ignore_ascii_case(word)
        .then_some(start)
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// Where a Matrix user id ends whose name begins here. Names as they were once given out count too, so all that is
/// printable may stand in one, but what closes an id in text.
fn user_id(text: &str, start: usize) -> Places {
    let rest = part(text, start, text.len());
    let name = run(rest, is_name_byte, is_letter);
    if name == 0 || !part(rest, name, rest.len()).starts_with(':') {
        return Places::new();
    }
    host(text, start.saturating_add(name).saturating_add(1), None)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(byte, b':' | b'@' | b'"' | b'<' | b'>' | b'(' | b')' | b',')
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// How much of the text's beginning is of these ASCII characters and of those others. Nearly all text is ASCII.
fn run(text: &str, ascii: impl Fn(u8) -> bool, other: impl Fn(char) -> bool) -> usize {
    let fast = text.bytes().position(|byte| !ascii(byte));
    let fast = fast.unwrap_or(text.len());
    let is = |c: char| {
        u8::try_from(c)
            .ok()
            .filter(u8::is_ascii)
            .map_or_else(|| other(c), &ascii)
    };
    match text.as_bytes().get(fast) {
        Some(128..) => text.find(|c| !is(c)).unwrap_or(text.len()),
        _ => fast,
    }
}

/// Beyond ASCII: all but spaces, controls and the common marks of punctuation.
fn is_letter(c: char) -> bool {
    let mark = match c {
        'ª' | 'µ' | 'º' => false,
        '\u{80}'..='\u{BF}' | '×' | '÷' | '\u{FFFD}' => true,
        '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{303F}' | '\u{FE10}'..='\u{FE6F}' => true,
        c => c.is_whitespace() || c.is_control(),
    };
    !c.is_ascii() && !mark
}

/// Written without spaces between words, so that an identifier may touch the words around it.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{2E80}'..)
}

/// Where a host ends that begins here; none where there is none.
///
/// For a handle (with the platform's forms) it has a dot, or is `localhost` or a host of the platform's; letters of any
/// language count. For a Matrix server any name with a letter in it will do.
fn host(text: &str, start: usize, handle: Option<&Forms>) -> Places {
    let rest = part(text, start, text.len());
    if rest.starts_with('[') {
        return with_port(text, start, literal(rest).unwrap_or_default());
    }
    let length = run(rest, is_host_byte, |c| handle.is_some() && is_letter(c));
    let run = part(rest, 0, length);
    let run = run.split_once("..").map_or(run, |(before, _)| before);
    let run = run.trim_end_matches(['.', '-', '_']);
    if run.starts_with(['.', '-']) {
        return Places::new();
    }
    let Some(forms) = handle else {
        let named = run.bytes().any(|byte| byte.is_ascii_alphabetic());
        let is = named || run.parse::<Ipv4Addr>().is_ok();
        return with_port(text, start, if is { run.len() } else { 0 });
    };
    let mut ends = with_port(text, start, domain(run, forms));
    if let Some((before, _)) = run.split_once(is_unspaced) {
        let before = before.trim_end_matches(['.', '-', '_']);
        ends.extend(with_port(text, start, domain(before, forms)));
    }
    ends.dedup();
    ends
}

/// The end of a host so long, before that with a port if one follows; none if the length is 0.
fn with_port(text: &str, start: usize, length: usize) -> Places {
    if length == 0 {
        return Places::new();
    }
    let end = start.saturating_add(length);
    let port = part(text, end, text.len()).strip_prefix(':');
    let digits = port.map_or(0, |port| {
        port.bytes().take_while(u8::is_ascii_digit).count()
    });
    if (1..=5).contains(&digits) {
        return smallvec![end.saturating_add(1).saturating_add(digits), end];
    }
    smallvec![end]
}

/// The length of an address in brackets.
fn literal(text: &str) -> Option<usize> {
    let end = text.find(']').filter(|end| *end < 60)?;
    let inner = part(text, 1, end);
    let address = match starts_with_word(inner, "IPv6:") {
        true => part(inner, 5, inner.len()),
        false => inner,
    };
    let is = address.parse::<Ipv6Addr>().is_ok() || address.parse::<Ipv4Addr>().is_ok();
    is.then(|| end.saturating_add(1))
}

/// How much of this is the domain of a handle. It ends in letters; labels and characters behind those are the text's.
fn domain(run: &str, forms: &Forms) -> usize {
    if run.parse::<Ipv4Addr>().is_ok() {
        return run.len();
    }
    let mut name = run;
    while let Some((before, last)) = name.rsplit_once('.') {
        let letters = last.trim_start_matches(|c: char| !c.is_ascii() || c.is_ascii_alphabetic());
        let tail = if starts_with_word(last, "xn--") {
            0
        } else {
            letters.len()
        };
        if last.len().saturating_sub(tail) > 1 && !is_picture(before, last) {
            return name.len().saturating_sub(tail);
        }
        name = before.trim_end_matches(['-', '_']);
    }
    let known = !name.is_empty() && forms.knows_host(name);
    if known { name.len() } else { 0 }
}

/// Whether this is a host by which a handle can be told from other text.
pub(super) fn is_domain(name: &str, forms: &Forms) -> bool {
    let name = name.split_once(':').map_or(name, |(name, _)| name);
    !name.is_empty() && domain(name, forms) == name.len()
}

/// `icon@2x.png` is a picture for dense screens and nobody's address.
fn is_picture(before: &str, last: &str) -> bool {
    let kinds = ["png", "jpg", "jpeg", "gif", "webp", "svg", "avif"];
    matches!(before.as_bytes(), [b'1'..=b'9', b'x' | b'X'])
        && kinds.iter().any(|kind| last.eq_ignore_ascii_case(kind))
}

/// Where the user of a handle may begin that ends before the `@` here; none where there is none.
///
/// From the longest reading (all that RFC 5322 calls an atom) to shorter ones: behind what separates in addresses, behind
/// an escape that a later round will resolve, without marks of punctuation in front, behind a script without spaces.
fn local_part(text: &str, at: usize) -> Places {
    let before = part(text, 0, at);
    let start_of = |is: fn(char) -> bool| before.trim_end_matches(is).len();
    let narrow = start_of(is_user);
    if narrow == at {
        return quoted(before).into_iter().collect();
    }
    let mut starts: Places = smallvec![start_of(is_atom), narrow];
    let behind = behind_escape(before, narrow);
    starts.push(behind);
    let bare = part(before, behind, at).trim_start_matches(|c: char| c.is_ascii_punctuation());
    starts.push(at.saturating_sub(bare.len()));
    if let Some((last, c)) = bare.char_indices().rfind(|(_, c)| is_unspaced(*c)) {
        let tail = bare.len().saturating_sub(last).saturating_sub(c.len_utf8());
        starts.push(at.saturating_sub(tail));
    }
    starts.retain(|start| *start < at);
    starts.dedup();
    starts
}

fn is_atom(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c) || is_letter(c)
}

/// What does not separate one thing from another in an address or in text.
fn is_user(c: char) -> bool {
    is_atom(c) && !"#&*/=?{|}".contains(c)
}

/// The first place from here on that is not part of an escape: `\nana` is JSON for Ana on a new line.
fn behind_escape(before: &str, start: usize) -> usize {
    let user = part(before, start, before.len());
    let mut behind = 0;
    if part(before, 0, start).ends_with('\\') {
        behind = match user.as_bytes().first() {
            Some(b'n' | b'r' | b't' | b'b' | b'f') => 1,
            Some(b'u') => 5,
            _ => 0,
        };
    }
    let hex = |at: usize| {
        let digits = user.get(at..at.saturating_add(2)).unwrap_or_default();
        digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let percent = user.rmatch_indices('%').map(|(n, _)| n.saturating_add(1));
    if let Some(digits) = percent.filter(|digits| hex(*digits)).max() {
        behind = behind.max(digits.saturating_add(2));
    }
    start.saturating_add(behind)
}

/// Where a user in quotes begins: `"ana b"@host.example`.
fn quoted(before: &str) -> Option<usize> {
    let inner = before.strip_suffix('"')?;
    let length = inner.bytes().rev().take(64).position(|byte| byte == b'"')?;
    let start = inner.len().checked_sub(length.checked_add(1)?)?;
    let opens = part(before, 0, start).chars().next_back();
    let free = opens.is_none_or(|c| c.is_whitespace() || "<(,;:".contains(c));
    (length > 0 && free).then_some(start)
}

/// Where a DID ends (W3C DID Core, section 3.1) whose method begins here. A dot or colon at its end is the sentence's, a
/// hyphen or underline may be.
fn did(text: &str, start: usize) -> Places {
    let rest = part(text, start, text.len());
    let run = rest.find(|c: char| !c.is_ascii_alphanumeric() && !".-_:%".contains(c));
    let run = part(rest, 0, run.unwrap_or(rest.len())).trim_end_matches(['.', ':']);
    let Some((method, id)) = run.split_once(':') else {
        return Places::new();
    };
    let is = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let bare = id.trim_end_matches(['.', ':', '-', '_', '%']);
    if !is || bare.is_empty() {
        return Places::new();
    }
    let end = start.saturating_add(run.len());
    let trimmed = id.len().saturating_sub(bare.len());
    let mut ends: Places = smallvec![end, end.saturating_sub(trimmed)];
    ends.dedup();
    ends
}
