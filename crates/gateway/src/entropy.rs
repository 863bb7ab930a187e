//! Where random bytes come from: handed in, so that a test can repeat them and no code reaches for a generator.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};

/// The source failed. Nothing that needs unguessable bytes may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system's source of random bytes failed; restart the gateway and look at the host")]
pub struct NoEntropy;

type Fill = dyn Fn(&mut [u8]) -> Result<(), NoEntropy> + Send + Sync;

/// A source of random bytes.
#[derive(Clone)]
pub struct Entropy(Arc<Fill>);

impl Entropy {
    /// The operating system's generator, for production.
    #[must_use]
    pub fn system() -> Self {
        let random = SystemRandom::new();
        Self::from_fill(move |bytes| random.fill(bytes).map_err(|_| NoEntropy))
    }

    /// A source of the caller's own; anything but the system's generator is for tests.
    pub fn from_fill(
        fill: impl Fn(&mut [u8]) -> Result<(), NoEntropy> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(fill))
    }

    /// So many fresh bytes.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], NoEntropy> {
        let mut bytes = [0; N];
        (self.0)(&mut bytes)?;
        Ok(bytes)
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy")
    }
}
