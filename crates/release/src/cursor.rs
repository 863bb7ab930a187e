//! Cursors as partners see them: sealed, bound to their list, all of a few lengths.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, UnboundKey};
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::paging::Place;

/// Twelve random bytes, for the cursors of one answer and never for another.
#[derive(Clone, Copy)]
pub struct Nonce(pub [u8; NONCE_LEN]);

/// The nonces of one answer's cursors, as many as it takes and no two alike.
#[derive(Debug)]
pub(crate) struct Nonces {
    from: Nonce,
    drawn: u64,
}

/// Good for one sealing: it is used up by it.
pub(crate) struct Unused([u8; NONCE_LEN]);

/// The key under which cursors are sealed (AES-256-GCM). It never prints.
///
/// Nonces are random, so one key is good for 2^32 cursors (NIST SP 800-38D, 8.3); a new key only ends the lists that
/// partners are in the middle of.
#[derive(Clone)]
pub struct CursorKey(Arc<[u8; 32]>);

/// A key, with what its cursors are bound to.
#[derive(Clone, Debug)]
pub(crate) struct Seal {
    pub(crate) key: CursorKey,
    /// Operation, partner, connection and all parameters but the cursor and the size.
    pub(crate) bound_to: Vec<u8>,
}

/// Lengths of a sealed place: what is longer goes into the next, so that a length says almost nothing.
const LENGTHS: [usize; 4] = [64, 256, 1_024, 4_096];
const VERSION: u8 = 1;

impl CursorKey {
    /// A key of 32 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> CursorKey {
        CursorKey(Arc::new(bytes))
    }

    fn aead(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &*self.0)
            .ok()
            .map(LessSafeKey::new)
    }
}

impl Nonces {
    pub(crate) fn of(from: Nonce) -> Nonces {
        Nonces { from, drawn: 0 }
    }

    /// A hash of the answer's own and a number: as hard to meet again as twelve random bytes.
    pub(crate) fn draw(&mut self) -> Unused {
        self.drawn = self.drawn.saturating_add(1);
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(b"countersign/cursor-nonce/v1");
        hash.update(&self.from.0);
        hash.update(&self.drawn.to_be_bytes());
        let mut out = [0; NONCE_LEN];
        let digest = hash.finish();
        out.iter_mut()
            .zip(digest.as_ref())
            .for_each(|(to, from)| *to = *from);
        Unused(out)
    }
}

impl Seal {
    /// `None` only if the place is too long to seal, or the cipher fails.
    pub(crate) fn seal(&self, place: &Place, Unused(nonce): Unused) -> Option<String> {
        let mut sealed = padded(place)?;
        let unique = aws_lc_rs::aead::Nonce::assume_unique_for_key(nonce);
        self.key
            .aead()?
            .seal_in_place_append_tag(unique, Aad::from(&self.bound_to), &mut sealed)
            .ok()?;
        let mut out = nonce.to_vec();
        out.append(&mut sealed);
        Some(URL_SAFE_NO_PAD.encode(out))
    }

    /// `None` for anything that was not sealed by this key for this very list.
    pub(crate) fn open(&self, cursor: &str) -> Option<Place> {
        let mut bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk_mut::<NONCE_LEN>()?;
        let unique = aws_lc_rs::aead::Nonce::assume_unique_for_key(*nonce);
        let plain = self
            .key
            .aead()?
            .open_in_place(unique, Aad::from(&self.bound_to), sealed)
            .ok()?;
        unpadded(plain)
    }
}

/// Version, skip, whether there is a cursor, its length, itself, zeros.
fn padded(place: &Place) -> Option<Vec<u8>> {
    let cursor = place.cursor.as_deref().unwrap_or_default();
    let mut out = vec![VERSION];
    out.extend(place.skip.to_be_bytes());
    out.push(u8::from(place.cursor.is_some()));
    out.extend(u16::try_from(cursor.len()).ok()?.to_be_bytes());
    out.extend(cursor.as_bytes());
    let length = LENGTHS.into_iter().find(|length| out.len() <= *length)?;
    out.resize(length, 0);
    Some(out)
}

fn unpadded(plain: &[u8]) -> Option<Place> {
    let (version, rest) = plain.split_first()?;
    let (skip, rest) = rest.split_first_chunk::<4>()?;
    let (has_cursor, rest) = rest.split_first()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let cursor = rest.get(..usize::from(u16::from_be_bytes(*length)))?;
    let cursor = std::str::from_utf8(cursor).ok()?.to_owned();
    (*version == VERSION).then(|| Place {
        cursor: (*has_cursor == 1).then_some(cursor),
        skip: u32::from_be_bytes(*skip),
    })
}

impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey(…)")
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(key: u8, bound_to: &str) -> Seal {
        Seal {
            key: CursorKey::new([key; 32]),
            bound_to: bound_to.as_bytes().to_vec(),
        }
    }

    fn nonce() -> Unused {
        Nonces::of(Nonce([3; 12])).draw()
    }

    #[test]
    fn the_cursors_of_one_answer_have_different_nonces() {
        let mut nonces = Nonces::of(Nonce([3; 12]));
        let drawn: std::collections::HashSet<[u8; NONCE_LEN]> =
            (0..1_000).map(|_| nonces.draw().0).collect();
        assert_eq!(drawn.len(), 1_000);
        let other = Nonces::of(Nonce([4; 12])).draw().0;
        assert!(!drawn.contains(&other));
    }

    fn place(cursor: Option<&str>, skip: u32) -> Place {
        Place {
            cursor: cursor.map(str::to_owned),
            skip,
        }
    }

    #[test]
    fn a_sealed_place_opens_to_itself() {
        for place in [
            place(None, 7),
            place(Some("MjU6dV9hYmM"), 0),
            place(Some(&"x".repeat(4_000)), 9),
        ] {
            let sealed = seal(1, "friends").seal(&place, nonce()).unwrap();
            assert_eq!(seal(1, "friends").open(&sealed), Some(place));
        }
    }

    #[test]
    fn a_cursor_of_another_list_key_or_with_any_bit_turned_does_not_open() {
        let sealed = seal(1, "friends")
            .seal(&place(Some("abc"), 2), nonce())
            .unwrap();
        assert_eq!(seal(2, "friends").open(&sealed), None);
        assert_eq!(seal(1, "threads").open(&sealed), None);
        let bytes = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut turned = bytes.clone();
            turned[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                seal(1, "friends").open(&URL_SAFE_NO_PAD.encode(turned)),
                None,
                "bit {bit}"
            );
        }
        for wrong in ["", "!", "abc", &sealed[..20]] {
            assert_eq!(seal(1, "friends").open(wrong), None);
        }
    }

    #[test]
    fn the_length_does_not_follow_the_cursor() {
        let length = |cursor: &str, skip| {
            seal(1, "l")
                .seal(&place(Some(cursor), skip), nonce())
                .unwrap()
                .len()
        };
        assert_eq!(
            length("a", 0),
            length("a-rather-longer-cursor-with-an-id-in-it", 99)
        );
        assert!(
            seal(1, "l")
                .seal(&place(Some(&"x".repeat(5_000)), 0), nonce())
                .is_none()
        );
    }

    #[test]
    fn keys_do_not_print() {
        assert_eq!(format!("{:?}", seal(9, "l").key), "CursorKey(…)");
    }
}
