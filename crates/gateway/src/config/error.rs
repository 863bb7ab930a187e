//! What is wrong with a configuration: where, what was expected, what to do.

use std::fmt;
use std::path::PathBuf;

/// One mistake. The gateway does not start with a configuration that has one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// The configuration file.
    pub file: PathBuf,
    /// The line in it, counted from 1; `None` when the mistake has no line.
    pub line: Option<usize>,
    /// What is wrong.
    pub wrong: String,
    /// What was expected.
    pub expected: String,
    /// What to do.
    pub advice: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        writeln!(f, ": {}", self.wrong)?;
        writeln!(f, "  expected: {}", self.expected)?;
        write!(f, "  to do: {}", self.advice)
    }
}
