//! The extension `x-countersign` as typed notes. `specs/x-countersign.md` is its description for people.

mod note;
mod parameter;
mod parts;
mod read;
mod words;

use decide::{Category, Reach, Verb};

use crate::operation::OnBehalf;

pub(crate) use parameter::{BodyNote, ParameterNote};
pub(crate) use read::read_schema;
pub(crate) use words::{kind, nearest};

/// The member under which notes stand.
pub(crate) const KEY: &str = "x-countersign";

/// A mistake in a note: the key below the note, what is wrong, what was expected, what to do.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(crate) key: String,
    pub(crate) problem: String,
    pub(crate) expected: String,
    pub(crate) remedy: String,
}

/// At an operation.
#[derive(Debug)]
pub(crate) struct OperationNote {
    pub(crate) verb: Verb,
    pub(crate) reach: Option<Reach>,
    pub(crate) on_behalf: OnBehalf,
    pub(crate) page: Option<PageNote>,
    pub(crate) order: Vec<Category>,
    /// What a write, delete or import is about.
    pub(crate) concerns: Vec<Category>,
    pub(crate) empty_is_nothing: bool,
}

/// How the operation's answer comes in pages.
#[derive(Clone, Debug)]
pub(crate) struct PageNote {
    pub(crate) items: String,
    pub(crate) size: Option<String>,
    pub(crate) default_size: u32,
    pub(crate) max_size: u32,
    pub(crate) cursor: String,
    pub(crate) after: Option<String>,
    pub(crate) next: Option<String>,
}

/// At a property, for its value.
#[derive(Debug, Default)]
pub(crate) struct SiteNote {
    pub(crate) structure: bool,
    pub(crate) category: Option<Category>,
    pub(crate) identifies: bool,
    pub(crate) also_own: bool,
    pub(crate) nullable: bool,
    pub(crate) time: bool,
}

/// At an object schema, wherever it is used.
#[derive(Clone, Debug)]
pub(crate) struct ObjectNote {
    pub(crate) record: bool,
    pub(crate) people: Vec<PersonNote>,
    pub(crate) inherit: bool,
    pub(crate) own_among: bool,
    pub(crate) keys: Option<KeysNote>,
}

/// Where a record names one of its people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PersonNote {
    /// The person who connected, whom the answer does not name.
    Own,
    /// A pointer from the object.
    At { at: String, reach: Option<Reach> },
}

/// People as keys of a map.
#[derive(Clone, Debug)]
pub(crate) struct KeysNote {
    pub(crate) category: Category,
    pub(crate) reach: Option<Reach>,
}
