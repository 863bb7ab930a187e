//! The ids that the platform gives out: arbitrary to look at, and readable without a table.

use crate::mix::Shuffle;

/// In ascending order, so that texts of one length sort like their numbers.
const DIGITS: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";

/// Ids of one kind: a prefix and a number, shuffled and written in 32 letters, so that ids look
/// arbitrary and can still be read back without a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ids {
    prefix: &'static str,
    letters: u32,
    shuffle: Shuffle,
}

impl Ids {
    /// Ids for numbers below the size of `shuffle`, which `letters` of five bits can write.
    pub(crate) const fn new(prefix: &'static str, letters: u32, shuffle: Shuffle) -> Self {
        Self {
            prefix,
            letters,
            shuffle,
        }
    }

    /// The id of a number.
    pub(crate) fn write(&self, number: u64) -> String {
        format!(
            "{}{}",
            self.prefix,
            letters(self.shuffle.forward(number), self.letters)
        )
    }

    /// The number whose id this is, if it is one of this kind.
    pub(crate) fn read(&self, id: &str) -> Option<u64> {
        let number = self.shuffle.back(number(id.strip_prefix(self.prefix)?)?);
        (self.write(number) == id).then_some(number)
    }
}

/// `value` in 32 letters, the most significant first.
pub(crate) fn letters(value: u64, how_many: u32) -> String {
    (0..how_many)
        .rev()
        .map(|place| {
            let digit = value.checked_shr(5 * place).unwrap_or(0) & 31;
            DIGITS
                .get(usize::try_from(digit).unwrap_or(0))
                .map_or('2', |d| char::from(*d))
        })
        .collect()
}

/// The value that [`letters`] wrote; `None` for other characters or more than 64 bits.
pub(crate) fn number(text: &str) -> Option<u64> {
    text.bytes().try_fold(0_u64, |value, byte| {
        let digit = DIGITS.iter().position(|d| *d == byte)?;
        value
            .checked_mul(32)?
            .checked_add(u64::try_from(digit).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mix::Key;

    #[test]
    fn an_id_reads_back_and_everything_else_is_nobody() {
        let ids = Ids::new("p_", 9, Shuffle::new(1 << 45, Key::new(1, 1)));
        let id = ids.write(12_345);
        assert_eq!(id.len(), 11);
        assert_eq!(ids.read(&id), Some(12_345));
        for wrong in [
            "",
            "p_",
            "u_abcabcabc",
            "p_abc",
            "p_ABCABCABC",
            &format!("{id}a"),
            &format!("p_a{}", &id[2..]),
        ] {
            assert_eq!(ids.read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn letters_keep_the_order_of_numbers() {
        assert!(letters(41, 4) < letters(42, 4) && letters(63, 4) < letters(64, 4));
        assert_eq!(number(&letters(987_654_321, 12)), Some(987_654_321));
    }
}
