//! Notes at what a request can say: at its parameters, and at the members of its body.

use decide::{Category, Reach};
use serde_json::{Map, Value};

use super::Mistake;
use super::note::Note;
use super::read::SITE_KEYS;
use super::words::kind;

/// At a parameter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ParameterNote {
    /// The person who connected.
    PersonOwn,
    /// Some person, who thereby is one of the people of the records that say so.
    PersonAny,
    /// Names the record that the answer is about; whose it is the answer says.
    Record,
    /// Filtering or sorting by it shows these categories.
    Touches(Vec<Category>),
    /// What is written, deleted or imported by it is of these categories.
    Category(Vec<Category>),
    /// Says nothing about anybody.
    Pass,
    /// Sent to the platform with this value, never taken from a partner.
    Always(Value),
    /// Takes what a member with `cursor` of the same operation gave.
    Cursor,
}

/// At a property of a request's body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum BodyNote {
    /// An object to go into.
    Structure,
    /// In what is no read: the id of a person who is reached so, or a list of ids.
    Person(Reach),
    /// What a parameter can be, but for a person and a cursor.
    Is(ParameterNote),
}

const PARAMETER_KEYS: &[&str] = &[
    "person", "record", "touches", "category", "pass", "always", "cursor",
];
const BODY_KEYS: &[&str] = &["structure", "record", "touches", "pass", "always"];
const WRITE_KEYS: &[&str] = &[
    "structure",
    "person",
    "record",
    "category",
    "pass",
    "always",
];

impl ParameterNote {
    pub(crate) fn read(value: &Value) -> Result<ParameterNote, Vec<Mistake>> {
        let mut note = Note::open(value, PARAMETER_KEYS)?;
        let person = note.word("person", &["own", "any"]).map(|word| match word {
            "own" => ParameterNote::PersonOwn,
            _ => ParameterNote::PersonAny,
        });
        let cursor = note.flag("cursor", false).then_some(ParameterNote::Cursor);
        if let Some(always @ (Value::Null | Value::Array(_) | Value::Object(_))) =
            note.map.get("always")
        {
            note.wrong(
                "always",
                &format!("`always` is {}", kind(always)),
                "text, a number, true or false",
                "write the value that the platform is to get",
            );
        }
        let categories = note.categories("category");
        let category = (!categories.is_empty()).then_some(ParameterNote::Category(categories));
        let others = common(&mut note);
        let one = only(
            &mut note,
            [person, cursor, category]
                .into_iter()
                .flatten()
                .chain(others),
            "a parameter is one thing",
            "exactly one of `person: own`, `person: any`, `record: true`, `touches: [categories]`, `category: [categories]`, `pass: true`, `always: value`, `cursor: true`",
            "keep the one that is true; without a note the parameter is refused",
        );
        note.close(one.unwrap_or(ParameterNote::Pass))
    }
}

impl BodyNote {
    /// At a member of the body of what is no read.
    pub(crate) fn of_write(value: &Value) -> Result<BodyNote, Vec<Mistake>> {
        let mut note = Note::open(value, WRITE_KEYS)?;
        let structure = note.flag("structure", false).then_some(BodyNote::Structure);
        if note.map.get("person").is_some_and(|it| it == "any") {
            note.wrong(
                "person",
                "`person: any` at a member of a body",
                "how the person is reached: `own`, `friend`, `participant`, …",
                "write the reach",
            );
        }
        let person = note.parsed("person").map(BodyNote::Person);
        let categories = note.categories("category");
        let category = (!categories.is_empty()).then_some(ParameterNote::Category(categories));
        let others = common(&mut note)
            .into_iter()
            .chain(category)
            .map(BodyNote::Is);
        let one = only(
            &mut note,
            structure.into_iter().chain(person).chain(others),
            "a member of a request's body is one thing",
            "exactly one of `structure: true`, `person: REACH`, `record: true`, `category: [categories]`, `pass: true`, `always: value`",
            "keep the one that is true; without a note the member is refused",
        );
        note.close(one.unwrap_or(BodyNote::Structure))
    }

    /// At a member of the body of a read.
    pub(crate) fn read(value: &Value) -> Result<BodyNote, Vec<Mistake>> {
        let of_answers = |map: &Map<String, Value>| {
            map.keys()
                .any(|key| key != "structure" && SITE_KEYS.contains(&key.as_str()))
        };
        if value.as_object().is_some_and(of_answers) {
            return Err(vec![Mistake {
                key: String::new(),
                problem: "a note about answers, at a member of a request's body".to_owned(),
                expected: format!("one of {}", BODY_KEYS.join(", ")),
                remedy: "give the body a schema of its own in the overlay".to_owned(),
            }]);
        }
        let mut note = Note::open(value, BODY_KEYS)?;
        let structure = note.flag("structure", false).then_some(BodyNote::Structure);
        let others = common(&mut note).into_iter().map(BodyNote::Is);
        let one = only(
            &mut note,
            structure.into_iter().chain(others),
            "a member of a request's body is one thing",
            "exactly one of `structure: true`, `record: true`, `touches: [categories]`, `pass: true`, `always: value`",
            "keep the one that is true; without a note the member is refused",
        );
        note.close(one.unwrap_or(BodyNote::Structure))
    }
}

/// What parameters and members of a body have in common.
fn common(note: &mut Note<'_>) -> Vec<ParameterNote> {
    let record = note.flag("record", false);
    let pass = note.flag("pass", false);
    let touches = note.categories("touches");
    [
        record.then_some(ParameterNote::Record),
        pass.then_some(ParameterNote::Pass),
        (!touches.is_empty()).then_some(ParameterNote::Touches(touches)),
        note.map
            .get("always")
            .map(|value| ParameterNote::Always(value.clone())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn only<T>(
    note: &mut Note<'_>,
    mut given: impl Iterator<Item = T>,
    problem: &str,
    expected: &str,
    remedy: &str,
) -> Option<T> {
    let first = given.next();
    if (first.is_none() || given.next().is_some()) && note.mistakes.is_empty() {
        note.wrong("", problem, expected, remedy);
    }
    first
}
