//! Finding the bytes that matter, and undoing what hides an identifier: escapes and characters that nobody sees.

use std::borrow::Cow;

/// Seen in a text: `@`, `:` or `/`, one of which is in every identifier.
pub(super) const FORM: u8 = 1;
/// `%`, `\` or `&`: something may be encoded.
pub(super) const ESCAPE: u8 = 2;
/// The first byte of an invisible or a full-width character, or of some others.
pub(super) const HIDDEN: u8 = 4;

/// Looked at together, without a branch, so that the compiler makes vectors of it.
const CHUNK: usize = 64;

fn class(byte: u8) -> u8 {
    match byte {
        b'@' | b':' | b'/' => FORM,
        b'%' | b'\\' | b'&' => ESCAPE,
        0xC2 | 0xE2 | 0xE3 | 0xEF => HIDDEN,
        _ => 0,
    }
}

fn any_trigger(chunk: &[u8; CHUNK]) -> bool {
    let mut any = 0;
    for &b in chunk {
        let form = u8::from(b == b'@') | u8::from(b == b':') | u8::from(b == b'/');
        let escape = u8::from(b == b'%') | u8::from(b == b'\\') | u8::from(b == b'&');
        let two = u8::from(b == 0xC2) | u8::from(b == 0xE2);
        let hidden = two | u8::from(b == 0xE3) | u8::from(b == 0xEF);
        any |= form | escape | hidden;
    }
    any != 0
}

/// Which kinds of triggers stand in a text.
pub(super) fn triggers(bytes: &[u8]) -> u8 {
    let mut seen = 0;
    each_trigger(bytes, &mut |_, byte| seen |= class(byte));
    seen
}

/// Calls `each` for the place and value of every trigger.
pub(super) fn each_trigger(bytes: &[u8], each: &mut impl FnMut(usize, u8)) {
    let (chunks, rest) = bytes.as_chunks::<CHUNK>();
    let mut at = 0;
    let mut within = |chunk: &[u8], at: usize| {
        for (n, byte) in chunk.iter().enumerate() {
            if class(*byte) != 0 {
                each(at.saturating_add(n), *byte);
            }
        }
    };
    for chunk in chunks {
        if any_trigger(chunk) {
            within(chunk, at);
        }
        at = at.saturating_add(CHUNK);
    }
    within(rest, at);
}

/// Without characters that nobody sees, and with full-width ones as the plain ones that they look like.
///
/// Invisible are the soft hyphen, zero-width spaces and joiners, marks of direction, and the byte order mark.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| plain(c) != Some(c)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter_map(plain).collect())
}

fn plain(c: char) -> Option<char> {
    match c {
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' => None,
        '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}' => None,
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c).wrapping_sub(0xFEE0)),
        '\u{FE6B}' => Some('@'),
        '\u{3002}' | '\u{FF61}' => Some('.'),
        c => Some(c),
    }
}

/// Undoes one layer of encoding, each kind wherever it stands; `None` if there was nothing to undo. What is not encoded
/// well stays as it is.
pub(super) fn once(text: &str) -> Option<String> {
    let mut out = String::new();
    // What is not copied yet, and how much of it has been looked at.
    let (mut rest, mut looked) = (text, 0);
    let mut changed = false;
    while let Some(at) = next_escape(rest, looked) {
        let (before, escape) = rest.split_at_checked(at)?;
        looked = at.saturating_add(1);
        let mut plain = String::new();
        if let Some(length) = undo(escape, &mut plain) {
            out.push_str(before);
            out.push_str(&plain);
            changed = true;
            rest = escape.get(length..)?;
            looked = 0;
        }
    }
    changed.then(|| out + rest)
}

fn next_escape(text: &str, from: usize) -> Option<usize> {
    let mut bytes = text.as_bytes().get(from..)?.iter();
    let at = bytes.position(|byte| matches!(byte, b'%' | b'\\' | b'&'))?;
    Some(from.saturating_add(at))
}

/// One layer of percent-encoding only, and leniently.
pub(super) fn percent_once(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, _)) = rest.split_once('%') {
        let escape = rest.get(before.len()..).unwrap_or_default();
        out.push_str(before);
        let length = percent(escape, &mut out).unwrap_or_else(|| {
            out.push('%');
            1
        });
        rest = escape.get(length..).unwrap_or_default();
    }
    if out.is_empty() {
        return Cow::Borrowed(rest);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Writes what an escape at the text's beginning stands for; how many bytes it takes.
fn undo(escape: &str, out: &mut String) -> Option<usize> {
    match escape.as_bytes().first()? {
        b'%' => percent(escape, out),
        b'\\' => backslash(escape, out),
        _ => reference(escape, out),
    }
}

/// A run of `%40`, together, since a character can take several.
fn percent(text: &str, out: &mut String) -> Option<usize> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [b'%', high, low, after @ ..] = rest
        && let (Some(high), Some(low)) = (hex(*high), hex(*low))
    {
        bytes.push(high << 4 | low);
        rest = after;
    }
    out.push_str(&String::from_utf8_lossy(&bytes));
    (!bytes.is_empty()).then(|| text.len().saturating_sub(rest.len()))
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// JSON's own escapes (RFC 8259, section 7).
fn backslash(text: &str, out: &mut String) -> Option<usize> {
    let plain = match text.as_bytes().get(1)? {
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'b' => '\u{8}',
        b'f' => '\u{C}',
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'u' => return unit(text, out),
        _ => return None,
    };
    out.push(plain);
    Some(2)
}

/// `\u0040`, or two of them that make one character.
fn unit(text: &str, out: &mut String) -> Option<usize> {
    let one = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        let digits = Some(digits).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u16::from_str_radix(digits, 16).ok()
    };
    let first = one(0)?;
    if let Some(c) = char::from_u32(u32::from(first)) {
        out.push(c);
        return Some(6);
    }
    let pair = [first, one(6)?];
    let mut decoded = char::decode_utf16(pair);
    out.push(decoded.next()?.ok()?);
    Some(12)
}

/// The character references that can stand in or beside an identifier; others are not decoded.
const NAMES: [(&str, char); 23] = [
    ("amp;", '&'),
    ("AMP;", '&'),
    ("commat;", '@'),
    ("colon;", ':'),
    ("period;", '.'),
    ("sol;", '/'),
    ("lowbar;", '_'),
    ("hyphen;", '-'),
    ("dash;", '-'),
    ("plus;", '+'),
    ("equals;", '='),
    ("percnt;", '%'),
    ("bsol;", '\\'),
    ("num;", '#'),
    ("quest;", '?'),
    ("quot;", '"'),
    ("apos;", '\''),
    ("lt;", '<'),
    ("gt;", '>'),
    ("nbsp;", ' '),
    ("NewLine;", '\n'),
    ("shy;", '\u{AD}'),
    ("ZeroWidthSpace;", '\u{200B}'),
];

/// `&commat;`, `&#64;` or `&#x40;`, the numbers also without their semicolon, as browsers read them.
fn reference(text: &str, out: &mut String) -> Option<usize> {
    let body = text.get(1..)?;
    let Some(number) = body.strip_prefix('#') else {
        let (name, c) = NAMES.iter().find(|(name, _)| body.starts_with(name))?;
        out.push(*c);
        return Some(name.len().saturating_add(1));
    };
    let (radix, digits) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (16, digits),
        None => (10, number),
    };
    let end = digits.find(|c: char| !c.is_digit(radix));
    let (digits, after) = digits.split_at(end.unwrap_or(digits.len()));
    out.push(char::from_u32(u32::from_str_radix(digits, radix).ok()?)?);
    let after = after.strip_prefix(';').unwrap_or(after);
    Some(text.len().saturating_sub(after.len()))
}
