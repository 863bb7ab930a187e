//! Numbers from a seed.

/// SplitMix64: the same numbers from the same seed on every machine, and nothing to set up.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Less than `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    /// True `of` times in `all`.
    pub fn chance(&mut self, of: u64, all: u64) -> bool {
        self.below(all) < of
    }

    /// One of these.
    pub fn one<'a, T>(&mut self, these: &'a [T]) -> Option<&'a T> {
        if these.is_empty() {
            return None;
        }
        let n = self.below(these.len() as u64) as usize;
        these.get(n)
    }

    /// One of these, of which there is at least one.
    pub fn pick<T: Clone>(&mut self, these: &[T]) -> T {
        self.one(these).expect("at least one").clone()
    }
}
