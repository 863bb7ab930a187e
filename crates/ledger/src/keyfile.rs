//! Files that hold one key of 32 bytes, on one line: `countersign-key-v1:` and 64 hexadecimal digits. The digits alone
//! are read, too: that is what an operator's own tool writes.

use std::fmt::Write as _;
use thiserror::Error;

const NAME: &str = "countersign-key-v";
const VERSION: u32 = 1;

/// Why a file is not taken for a key. The message does not repeat what is in it: it may be most of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyFileError {
    /// A later form.
    #[error(
        "a key file of format version {found}, this program knows {VERSION}; use a newer program"
    )]
    Newer {
        /// The version found.
        found: u32,
    },
    /// No key.
    #[error(
        "not a key: expected 64 hexadecimal digits on one line, with or without `countersign-key-v1:` before them"
    )]
    Form,
}

/// The line that holds a key, with its end.
pub fn encode(key: &[u8; 32]) -> String {
    let mut line = format!("{NAME}{VERSION}:");
    for byte in key {
        let _ = write!(line, "{byte:02x}"); // into a string, which cannot fail
    }
    line.push('\n');
    line
}

/// Reads the key of a file's text.
pub fn decode(text: &str) -> Result<[u8; 32], KeyFileError> {
    let line = text.trim_end();
    let digits = match line
        .strip_prefix(NAME)
        .and_then(|rest| rest.split_once(':'))
    {
        None => line,
        Some((version, digits)) => match version.parse() {
            Ok(VERSION) => digits,
            Ok(found) if found > VERSION => return Err(KeyFileError::Newer { found }),
            _ => return Err(KeyFileError::Form),
        },
    };
    let is_hex = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hex {
        return Err(KeyFileError::Form);
    }
    let mut key = [0; 32];
    for (at, byte) in key.iter_mut().enumerate() {
        let pair = digits.get(2 * at..2 * at + 2).ok_or(KeyFileError::Form)?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| KeyFileError::Form)?;
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written_and_from_its_digits_alone() {
        let key: [u8; 32] = std::array::from_fn(|at| at as u8 * 7);
        let line = encode(&key);
        assert!(line.starts_with("countersign-key-v1:0007"));
        assert_eq!(decode(&line), Ok(key));
        assert_eq!(decode(line.split_once(':').unwrap().1), Ok(key));
    }

    #[test]
    fn anything_else_is_refused_and_a_newer_form_by_name() {
        let digits = "ab".repeat(32);
        let newer = format!("countersign-key-v2:{digits}");
        assert_eq!(decode(&newer), Err(KeyFileError::Newer { found: 2 }));
        for wrong in [
            "",
            "ab",
            &digits[1..],
            &format!("{digits}ab"),
            &digits.replace("ab", "zz"),
            &format!("countersign-key-v:{digits}"),
            &format!("countersign-key-v0:{digits}"),
            &format!("countersign-key-v1:{}", &digits[2..]),
            &format!("{digits}\n{digits}"),
        ] {
            assert_eq!(decode(wrong), Err(KeyFileError::Form), "{wrong}");
        }
    }
}
