//! A plan: the small tree that an answer is walked along. What it does not name is dropped.

use std::sync::Arc;

use decide::{Category, Reach};

use crate::extension::{IdAt, LeftNote, TimeForm};
use crate::sweep::Forms;

/// No category: the member is looked at and does not leave.
pub(crate) const NO_CATEGORY: u16 = u16::MAX;
/// The number under which an element of a list of ids is kept for calls.
pub(crate) const ELEMENT: u16 = u16::MAX;
/// Index of `own` in [`Plan::reaches`].
pub(crate) const OWN: u8 = 0;

/// What to do with the answers of one operation.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) root: Node,
    pub(crate) categories: Vec<Category>,
    /// `own` first.
    pub(crate) reaches: Vec<Reach>,
    pub(crate) records: Vec<RecordPlan>,
    /// Every member's name as it is written: `"name":`.
    pub(crate) keys: Vec<Box<str>>,
    /// Whether the answer comes in pages.
    pub(crate) paged: bool,
    /// Whether a list of which nothing is left is answered as an unknown id is.
    pub(crate) empty_is_nothing: bool,
    /// Calls that list people of records.
    pub(crate) lookups: Vec<LookupPlan>,
    /// Templates of addresses with a person's id in them: what is before it, and what is behind.
    pub(crate) forms: Vec<(Box<str>, Box<str>)>,
    /// Some member is open: any JSON value.
    pub(crate) open: bool,
    /// What identifies itself on this platform.
    pub(crate) identifiers: Arc<Forms>,
    /// The query parameters whose cursors answers hold, as [`Node::Cursor`] numbers them.
    pub(crate) cursors: Vec<Box<str>>,
}

/// A call that lists the people of a record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LookupPlan {
    /// The call's path, in parts.
    pub(crate) call: Vec<CallPart>,
    pub(crate) items: Vec<String>,
    /// There is one person, and no list.
    pub(crate) one: bool,
    pub(crate) id: IdAt,
    pub(crate) left: Option<LeftNote>,
    pub(crate) reach: u8,
}

/// A part of a call's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CallPart {
    Literal(String),
    /// The request's path parameter.
    Parameter(String),
    /// What the record's member with this number of [`Scalar::tells`] says.
    Told(u16),
    /// The key of the innermost map around.
    Key,
}

/// The smallest thing that goes as a whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct RecordPlan {
    /// Its people are also those of the record around it.
    pub(crate) inherit: bool,
    /// The person who connected is one of its people, wherever the answer does not say so.
    pub(crate) own_too: bool,
    /// The person who connected must be among those that the answer names.
    pub(crate) own_among: bool,
    /// How many people are to be found in it, lists counted once: see `Records::owed`.
    pub(crate) owed: i64,
    /// Its own people are named (or are map keys), so a request that touches a category needs it from them.
    pub(crate) has_people: bool,
    /// How many members identify it and must be there.
    pub(crate) identifiers: u32,
    /// What the order of a list of these shows.
    pub(crate) order: Vec<u16>,
    /// The record around it goes with it.
    pub(crate) required: bool,
    /// Index into [`Plan::lookups`].
    pub(crate) lookup: Option<u16>,
    /// Path parameters that name people of it, with their reaches.
    pub(crate) asked: Vec<(Box<str>, u8)>,
}

/// One place in an answer.
#[derive(Debug)]
pub(crate) enum Node {
    Scalar(Scalar),
    Object(Object),
    List(List),
    Map(Box<Map>),
    /// An object whose schema one of its members decides.
    Cases(Box<Cases>),
    /// A cursor of the platform's: an index into [`Plan::cursors`].
    Cursor(u16),
    /// A record around something that is none by itself.
    Alone(Box<Alone>),
    /// Where the platform's next cursor or link stands, and ours will.
    Slot(Slot),
}

/// A record around something that is none by itself.
#[derive(Debug)]
pub(crate) struct Alone {
    pub(crate) record: u16,
    pub(crate) node: Node,
}

/// A datum: a scalar, or a list of scalars.
#[derive(Debug)]
pub(crate) struct Scalar {
    pub(crate) category: u16,
    /// A list of scalars.
    pub(crate) many: bool,
    pub(crate) nullable: bool,
    /// Without it the record goes.
    pub(crate) identifies: bool,
    /// Says when the record's data were made.
    pub(crate) time: Option<TimeForm>,
    /// Any value at all, as a whole.
    pub(crate) open: bool,
    /// An identifier of the record's one person, with templates of its other forms.
    pub(crate) names: Option<Vec<String>>,
    /// Kept for a call: how many records outwards, and as which number.
    pub(crate) tells: Vec<(usize, u16)>,
    /// The ids are numbers, not text.
    pub(crate) numeric: bool,
    /// Whose id it is.
    pub(crate) taps: Vec<Tap>,
    /// The record of its own in which the person who connected is concerned too.
    pub(crate) also: Option<u16>,
}

/// Makes a value the id of a person of a record around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tap {
    /// How many records outwards; 0 is the innermost.
    pub(crate) up: usize,
    /// Index into [`Plan::reaches`].
    pub(crate) reach: u8,
    /// May be missing.
    pub(crate) optional: bool,
    /// The id is what this template of [`Plan::forms`] has a placeholder for.
    pub(crate) form: Option<u16>,
}

/// An object with fixed members.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) members: Vec<Member>,
    pub(crate) record: Option<u16>,
    /// Looked at for people only.
    pub(crate) hidden: bool,
    /// All categories below, each of which a `null` in this place needs. None: it says nothing about anybody.
    pub(crate) bears: Vec<u16>,
    /// Members that the document declares and the plan does not name.
    pub(crate) dropped: Vec<Box<str>>,
    /// The document allows any other member as well.
    pub(crate) open_ended: bool,
}

/// An object of which one member decides what the others mean.
#[derive(Debug)]
pub(crate) struct Cases {
    pub(crate) by: Box<str>,
    /// By the member's value. Objects with any other are dropped.
    pub(crate) cases: Vec<(Box<str>, Node)>,
    pub(crate) bears: Vec<u16>,
}

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: Box<str>,
    /// Index into [`Plan::keys`].
    pub(crate) key: u16,
    pub(crate) node: Node,
}

#[derive(Debug)]
pub(crate) struct List {
    pub(crate) item: Box<Node>,
    /// With nothing in it, a missing member.
    pub(crate) empty_is_absent: bool,
    pub(crate) hidden: bool,
    /// The list that comes in pages.
    pub(crate) items: bool,
    /// The records (as [`Tap::up`]) that await a person from each element.
    pub(crate) marks: Vec<usize>,
    pub(crate) bears: Vec<u16>,
}

/// An object whose keys are people, or ids of records; each entry is a record.
#[derive(Debug)]
pub(crate) struct Map {
    /// The keys are ids of records, and name nobody.
    pub(crate) of_records: bool,
    /// With nothing in it, a missing member.
    pub(crate) empty_is_absent: bool,
    pub(crate) record: u16,
    /// Of the key itself.
    pub(crate) category: u16,
    pub(crate) reach: u8,
    pub(crate) value: Node,
    pub(crate) bears: Vec<u16>,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The bare cursor.
    After,
    /// A link with the cursor in its query.
    Next,
}
