//! Exit codes, and the one form in which the program fails. `docs/exit-codes.md` is the table for operators.

use std::fmt;

/// What the program ends with. Numbers from 64 on are those of sysexits.h, so that init systems know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, and nothing to object to.
    Done = 0,
    /// Done, and the outcome is a no: findings, a refusal, something that does not verify.
    No = 1,
    /// The command line is wrong (clap ends with the same number).
    Usage = 2,
    /// Done, and nothing was found, but some of it could not be judged.
    NotJudged = 3,
    /// A document, list or key is wrong in itself.
    Document = 65,
    /// A file cannot be read.
    NoInput = 66,
    /// The gateway or the platform cannot be reached, or did not answer as expected.
    Unavailable = 69,
    /// A fault of the program's own, or of the system beneath it.
    Internal = 70,
    /// Something exists already, and nothing is ever overwritten.
    Exists = 73,
    /// A file cannot be written, or a log has stopped.
    Io = 74,
    /// The configuration is wrong.
    Config = 78,
}

/// Why a command did not do what it was asked: for people, with what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What the program ends with.
    pub(crate) exit: Exit,
    what: String,
}

impl Exit {
    /// A failure with this code. The text says what, where, what was expected and what to do.
    pub(crate) fn because(self, what: impl fmt::Display) -> Failure {
        Failure {
            exit: self,
            what: what.to_string(),
        }
    }

    /// A failure over a file.
    pub(crate) fn at(self, path: &std::path::Path, what: impl fmt::Display) -> Failure {
        self.because(format_args!("{}: {what}", path.display()))
    }

    /// All codes with their meaning, as `--help` and the document show them.
    #[cfg(test)]
    pub(crate) const TABLE: &[(Exit, &str)] = &[
        (Exit::Done, "done, and nothing to object to"),
        (
            Exit::No,
            "done, and the outcome is a no: findings, a refusal, a proof that does not hold",
        ),
        (Exit::Usage, "the command line is wrong"),
        (
            Exit::NotJudged,
            "done, and nothing was found, but some of it could not be judged",
        ),
        (Exit::Document, "a document, list or key is wrong in itself"),
        (Exit::NoInput, "a file cannot be read"),
        (
            Exit::Unavailable,
            "the gateway or the platform cannot be reached",
        ),
        (
            Exit::Internal,
            "a fault of the program's own, or of the system beneath it",
        ),
        (
            Exit::Exists,
            "something exists already; nothing is ever overwritten",
        ),
        (Exit::Io, "a file cannot be written, or a log has stopped"),
        (Exit::Config, "the configuration is wrong"),
    ];
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Failure {}
