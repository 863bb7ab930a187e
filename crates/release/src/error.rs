//! Everything that can be refused here, each with what was expected and what to do.

use std::fmt;

/// One mistake in a document or an overlay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// Which file.
    pub file: String,
    /// Where in it: a JSON pointer (RFC 6901), `actions[3]`, or `line 4, column 2`.
    pub at: String,
    /// What is wrong.
    pub problem: String,
    /// What was expected.
    pub expected: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.file, self.at)?;
        writeln!(f, "  {}", self.problem)?;
        writeln!(f, "  expected: {}", self.expected)?;
        write!(f, "  to do: {}", self.remedy)
    }
}

/// All mistakes at once, in the order of the document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct LoadErrors(pub Vec<LoadError>);

impl fmt::Display for LoadErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, error) in self.0.iter().enumerate() {
            if n > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

/// Why a request is not made. Depends on nothing that the platform holds, so it tells a partner nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestRefused {
    /// A parameter that the plan does not name.
    #[error("the parameter `{name}` is not among those this operation accepts")]
    UnnamedParameter {
        /// Its name, as it was sent.
        name: String,
    },
    /// A parameter twice: two readers could understand two things.
    #[error("the parameter `{name}` is given more than once")]
    RepeatedParameter {
        /// Its name.
        name: String,
    },
    /// A parameter without which there is no request.
    #[error("the parameter `{name}` is missing")]
    MissingParameter {
        /// Its name.
        name: String,
    },
    /// A value that cannot be accepted.
    #[error("the parameter `{name}` is not acceptable: expected {expected}")]
    BadValue {
        /// Its name.
        name: String,
        /// What would have been.
        expected: String,
    },
    /// Somebody other than the person who connected, in a parameter that is for them.
    #[error(
        "the parameter `{name}` names somebody other than the person who connected: expected their id or `me`"
    )]
    NotTheirOwn {
        /// Its name.
        name: String,
    },
    /// A cursor that was not given out for this very list to this very partner and connection.
    #[error("the parameter `{name}` is not a cursor that was given out for this list")]
    BadCursor {
        /// Its name.
        name: String,
    },
    /// A body where the operation takes none.
    #[error("this operation takes no body")]
    BodyNotTaken,
    /// No body where there is no request without one.
    #[error("the body is missing")]
    BodyMissing,
    /// A body that cannot be read; where, without quoting any of it.
    #[error("the body is not JSON in UTF-8 (line {line}, column {column})")]
    BodyNotJson {
        /// Counted from 1; 0 before the first.
        line: usize,
        /// Counted from 1; 0 before the first.
        column: usize,
    },
    /// A member of the body that the plan does not name.
    #[error("the body's member `{at}` is not among those this operation accepts")]
    UnnamedMember {
        /// Its JSON pointer.
        at: String,
    },
    /// A member twice in one object: two readers could understand two things.
    #[error("the body's member `{at}` is given more than once")]
    RepeatedMember {
        /// Its JSON pointer.
        at: String,
    },
    /// A member without which there is no request.
    #[error("the body's member `{at}` is missing")]
    MissingMember {
        /// Its JSON pointer.
        at: String,
    },
    /// A value in the body that cannot be accepted.
    #[error("the body's member `{at}` is not acceptable: expected {expected}")]
    BadMember {
        /// Its JSON pointer; empty for the body itself.
        at: String,
        /// What would have been.
        expected: String,
    },
    /// Percent-encoding or UTF-8 that cannot be read.
    #[error("the query cannot be decoded")]
    BadEncoding,
    /// The operation acts for a person, and none has connected.
    #[error(
        "this operation acts for a person who has connected the partner, and the token names none"
    )]
    NobodyConnected,
    /// A read was asked of an operation that is none, or the other way round. The caller's mistake.
    #[error("the operation is prepared by its verb, and this is another one's way")]
    NotARead,
}

/// Why an answer of the platform's is refused whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerRefused {
    /// Not UTF-8.
    #[error("the platform's answer is not UTF-8")]
    NotUtf8,
    /// Not JSON; where, without quoting any of it.
    #[error("the platform's answer is not JSON (line {line}, column {column})")]
    NotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// Nested more deeply than [`crate::Walk::DEPTH`].
    #[error("the platform's answer is nested too deeply")]
    TooDeep,
    /// A mapped member twice in one object: readers differ in which of them counts.
    #[error("the platform's answer has the member `{member}` twice in one object")]
    Twice {
        /// The member's name in the plan; for a map with people as keys `*`.
        member: String,
    },
    /// A string that no reader can decode, such as half a surrogate pair.
    #[error("the platform's answer has a string that cannot be decoded")]
    BadString,
    /// Its outermost value, or the list that comes in pages, is not what the document declares.
    #[error("the platform's answer is not of the declared form")]
    NotAsDeclared,
    /// More than can be numbered.
    #[error("the platform's answer is too large")]
    TooLarge,
    /// More pages than were asked for.
    #[error("another page was handed in than the one that was missing")]
    UnexpectedPage,
}

/// A permit for another question than the one that was asked here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the permit is for another question")]
pub struct NotThisQuestion;
