//! Keyed mixing: the only source of "randomness" in this world, and the same on every machine.
//!
//! Nothing here is cryptography. It spreads numbers so that a world looks grown and its ids look
//! unguessable; nobody's safety rests on it.

/// A key for [`mix`] and [`Shuffle`], derived from the world's seed and from what it is used for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key(u64);

impl Key {
    /// The key for one use (`salt`) of a world's seed: two uses never share their numbers.
    pub(crate) const fn new(seed: u64, salt: u64) -> Self {
        Self(scramble(seed ^ scramble(salt)))
    }

    /// A number that depends on the key and on all `parts`, in order.
    pub(crate) fn mix<const N: usize>(self, parts: [u64; N]) -> u64 {
        parts.iter().fold(self.0, |state, part| {
            scramble(state.rotate_left(23) ^ scramble(*part))
        })
    }
}

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection on 64 bits.
const fn scramble(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A permutation of `0..size` that can be walked both ways without a table.
///
/// A Feistel network over the next even number of bits, repeated until the value falls below
/// `size` (cycle walking, Black and Rogaway 2002): on average fewer than four rounds of walking.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shuffle {
    size: u128,
    half: u32,
    key: Key,
}

const ROUNDS: u64 = 4;

impl Shuffle {
    /// A permutation of `0..size`, where `size` is at most 2^64.
    pub(crate) const fn new(size: u128, key: Key) -> Self {
        let bits = u128::BITS - size.saturating_sub(1).leading_zeros();
        let half = if bits < 2 { 1 } else { bits.div_ceil(2) };
        Self { size, half, key }
    }

    /// Where `x` goes. A value outside `0..size` is returned as it is.
    pub(crate) fn forward(&self, x: u64) -> u64 {
        self.walk(x, Self::encrypt)
    }

    /// Where `y` came from: the inverse of [`Shuffle::forward`].
    pub(crate) fn back(&self, y: u64) -> u64 {
        self.walk(y, Self::decrypt)
    }

    fn walk(&self, start: u64, step: fn(&Self, u64) -> u64) -> u64 {
        if u128::from(start) >= self.size {
            return start;
        }
        let mut value = step(self, start);
        while u128::from(value) >= self.size {
            value = step(self, value);
        }
        value
    }

    fn mask(&self) -> u64 {
        (1 << self.half) - 1
    }

    fn encrypt(&self, x: u64) -> u64 {
        let (mut left, mut right) = (x >> self.half, x & self.mask());
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ (self.key.mix([round, right]) & self.mask()));
        }
        (left << self.half) | right
    }

    fn decrypt(&self, y: u64) -> u64 {
        let (mut left, mut right) = (y >> self.half, y & self.mask());
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ (self.key.mix([round, left]) & self.mask()), left);
        }
        (left << self.half) | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_is_a_permutation_and_walks_back() {
        for size in [1_u64, 2, 3, 7, 64, 65, 1000, 4097] {
            let shuffle = Shuffle::new(u128::from(size), Key::new(7, size));
            let mut seen: Vec<u64> = (0..size).map(|x| shuffle.forward(x)).collect();
            for (x, y) in (0..size).zip(&seen) {
                assert_eq!(shuffle.back(*y), x);
            }
            seen.sort_unstable();
            assert_eq!(seen, (0..size).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_shuffle_of_all_64_bit_numbers_walks_back() {
        let shuffle = Shuffle::new(1 << 64, Key::new(7, 7));
        for x in [0, 1, u64::MAX, 1 << 40] {
            assert_eq!(shuffle.back(shuffle.forward(x)), x);
        }
    }

    #[test]
    fn another_seed_or_another_use_shuffles_differently() {
        let order = |key| {
            let shuffle = Shuffle::new(1000, key);
            (0..1000).map(|x| shuffle.forward(x)).collect::<Vec<_>>()
        };
        assert_ne!(order(Key::new(1, 1)), order(Key::new(2, 1)));
        assert_ne!(order(Key::new(1, 1)), order(Key::new(1, 2)));
    }
}
