//! The extension `x-countersign` as typed notes. `specs/x-countersign.md` is its description for people.

mod lookup;
mod note;
mod parameter;
mod parts;
mod read;
mod root;
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
    /// Empty: the order shows nothing (or there is none).
    pub(crate) order: Vec<Category>,
    /// Whether anything was said about the order.
    pub(crate) order_said: bool,
    /// What a write, delete or import is about.
    pub(crate) concerns: Vec<Category>,
    /// `None`: not said.
    pub(crate) empty_is_nothing: Option<bool>,
    /// Whom a write, delete or import is about, beside those whom its body names.
    pub(crate) people: Vec<PersonNote>,
    /// Who else it is about, by calls made before it.
    pub(crate) people_from: Vec<PeopleFromNote>,
    /// The person who connected must be among those whom each of these calls lists.
    pub(crate) own_among: bool,
    /// Where the answer to a write has the id of what it made: a pointer.
    pub(crate) made: Option<String>,
    /// For how many seconds longer than others the platform may keep its answer back.
    pub(crate) wait: Option<u32>,
}

/// At the document's root.
#[derive(Debug, Default)]
pub(crate) struct RootNote {
    /// By which `format` the document marks ids of people.
    pub(crate) formats: Vec<String>,
    /// Templates of profile addresses.
    pub(crate) addresses: Vec<String>,
    /// What must hold of each category. `None`: nothing is said, and any category may be used.
    pub(crate) categories: Option<Vec<(Category, Vec<Must>)>>,
}

/// What must hold wherever a datum of a category stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Must {
    /// A record around it has `people-from`.
    PeopleFrom,
    /// A record around it has `own-among`.
    OwnAmong,
    /// It identifies its record.
    Identifies,
    /// The person who connected is concerned too.
    AlsoOwn,
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
    /// The next page's address is in the `Link` header (RFC 8288).
    pub(crate) link: bool,
}

/// At a property, for its value.
#[derive(Debug, Default)]
pub(crate) struct SiteNote {
    pub(crate) structure: bool,
    pub(crate) category: Option<Category>,
    pub(crate) identifies: bool,
    pub(crate) also_own: bool,
    pub(crate) nullable: bool,
    pub(crate) time: Option<TimeForm>,
    /// Any JSON value, as a whole.
    pub(crate) open: bool,
    /// An identifier of the one person whom the record names, with templates of the other forms in which it is written.
    pub(crate) names: Option<Vec<String>>,
    /// A record of its own, of one datum.
    pub(crate) alone: bool,
    /// An object, list or map of which nothing is left is a missing member.
    pub(crate) empty_is_absent: bool,
    /// A cursor of the platform's for this query parameter.
    pub(crate) cursor: Option<String>,
}

/// How a moment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeForm {
    /// RFC 3339, or a date.
    Text,
    /// Milliseconds since 1970.
    Milliseconds,
    /// Seconds since 1970.
    Seconds,
}

/// At an object schema, wherever it is used.
#[derive(Clone, Debug)]
pub(crate) struct ObjectNote {
    pub(crate) record: bool,
    pub(crate) people: Vec<PersonNote>,
    pub(crate) inherit: bool,
    pub(crate) own_among: bool,
    pub(crate) keys: Option<KeysNote>,
    pub(crate) people_from: Option<PeopleFromNote>,
    /// Members that have to be `identifies`: said twice, so that it cannot be forgotten once.
    pub(crate) identified_by: Vec<String>,
}

impl Default for ObjectNote {
    fn default() -> ObjectNote {
        ObjectNote {
            record: false,
            people: Vec::new(),
            inherit: true,
            own_among: false,
            keys: None,
            people_from: None,
            identified_by: Vec::new(),
        }
    }
}

/// Where a record names one of its people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PersonNote {
    /// The person who connected, whom the answer does not name.
    Own,
    /// A pointer from the object.
    At {
        at: String,
        reach: Option<Reach>,
        /// May be missing.
        optional: bool,
        /// The id is what stands for the placeholder of this template.
        form: Option<String>,
    },
    /// Named by a path parameter of the request.
    Parameter { name: String, reach: Option<Reach> },
}

/// What the keys of a map are.
#[derive(Clone, Debug)]
pub(crate) struct KeysNote {
    pub(crate) category: Category,
    pub(crate) reach: Option<Reach>,
    /// Ids of records, not of people.
    pub(crate) of_records: bool,
    /// The person who connected is concerned by each entry too.
    pub(crate) also_own: bool,
}

/// The people of a record whom another call to the platform lists.
#[derive(Clone, Debug)]
pub(crate) struct PeopleFromNote {
    /// The path to ask for, with placeholders, and a query if need be.
    pub(crate) call: String,
    /// For each placeholder where its value may come from: the first source that there is.
    pub(crate) with: Vec<(String, Vec<With>)>,
    /// The steps to the list, or to the object whose keys are the ids; with `one`, to the one person.
    pub(crate) items: Vec<String>,
    /// There is one person, and no list.
    pub(crate) one: bool,
    pub(crate) id: IdAt,
    pub(crate) left: Option<LeftNote>,
    pub(crate) reach: Option<Reach>,
}

/// Where a placeholder's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum With {
    /// A path parameter of the request.
    Parameter(String),
    /// A member of the record.
    At(String),
    /// The key of the map around it.
    Key,
    /// The element itself, in a list of ids.
    Element,
}

/// Where a listed person's id stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IdAt {
    /// The elements are ids.
    Element,
    /// The keys are ids.
    Key,
    /// A member of each element.
    Member(Vec<String>),
}

/// Who of those listed has left, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LeftNote {
    pub(crate) at: Vec<String>,
    pub(crate) is: Vec<String>,
    pub(crate) when: Vec<String>,
    pub(crate) form: TimeForm,
    /// A record without a time is of now: who has left does not count for it. Otherwise they do.
    pub(crate) undated_is_now: bool,
}
