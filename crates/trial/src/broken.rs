//! Why a trial could not be held. What a trial *finds* is no error of this kind; see [`crate::Findings`].

use std::fmt;

/// Something around the trial is not as it has to be: a process that does not start, a file that cannot be written.
#[derive(Debug)]
pub struct Broken(String);

/// What almost everything here gives back.
pub type Result<T, E = Broken> = std::result::Result<T, E>;

impl Broken {
    pub(crate) fn new(what: impl fmt::Display) -> Broken {
        Broken(what.to_string())
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Broken {}

/// Says where something went wrong.
pub(crate) trait At<T> {
    /// The value, or what was being done together with what is wrong.
    fn at(self, what: impl fmt::Display) -> Result<T>;
}

impl<T, E: fmt::Display> At<T> for std::result::Result<T, E> {
    fn at(self, what: impl fmt::Display) -> Result<T> {
        self.map_err(|error| Broken::new(format_args!("{what}: {error}")))
    }
}

impl<T> At<T> for Option<T> {
    fn at(self, what: impl fmt::Display) -> Result<T> {
        self.ok_or_else(|| Broken::new(format_args!("{what}: not there")))
    }
}
