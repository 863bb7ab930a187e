//! What is wrong in a document: where, what was expected, what to do.

use std::fmt;

/// One thing wrong in a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Line, counted from 1; 0 when the problem has no place.
    pub line: u64,
    /// Column, counted from 1.
    pub column: u64,
    /// What is wrong.
    pub wrong: String,
    /// What was expected there.
    pub expected: String,
    /// What to do.
    pub advice: String,
}

/// Everything found wrong in one document; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problems {
    /// The file as the caller named it.
    pub file: String,
    /// In the order of their places.
    pub problems: Vec<Problem>,
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.problems.iter().enumerate() {
            if n > 0 {
                writeln!(f)?;
            }
            let Problem {
                line,
                column,
                wrong,
                expected,
                advice,
            } = problem;
            match line {
                0 => writeln!(f, "{}: {wrong}", self.file)?,
                _ => writeln!(f, "{}:{line}:{column}: {wrong}", self.file)?,
            }
            writeln!(f, "  expected: {expected}")?;
            write!(f, "  to do: {advice}")?;
        }
        Ok(())
    }
}
