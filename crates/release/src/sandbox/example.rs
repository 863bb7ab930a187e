//! An answer to begin with, made from an operation's plan alone: three invented people at the places of people, and words
//! at all others. What the plan does not name is not in it, since it would be dropped.

use serde_json::{Map as Members, Value, json};

use crate::document::percent_encoded;
use crate::extension::TimeForm;
use crate::operation::Operation;
use crate::parameter::{Rule, Segment, Values, in_words};
use crate::plan::{Map, NO_CATEGORY, Node, OWN, Object, Plan, Scalar, Tap};

/// Whoever connects, and two others.
const NAMES: [&str; 3] = ["ada", "bert", "cleo"];
/// The same where ids are numbers.
const NUMBERS: [&str; 3] = ["70001", "70002", "70003"];

/// A call to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The path.
    pub request: String,
    /// The platform's answer.
    pub answer: String,
    /// Whoever connects first, and the others in it.
    pub people: Vec<String>,
}

/// Whether the platform is asked for more people: then a trial says who is there.
#[must_use]
pub fn asks_for_people(operation: &Operation) -> bool {
    !operation.plan.lookups.is_empty()
}

/// An example for one operation.
#[must_use]
pub fn example(operation: &Operation) -> Example {
    let plan = &operation.plan;
    let cast = if has_numbers(&plan.root) {
        NUMBERS
    } else {
        NAMES
    };
    let make = Make { plan, cast };
    let [me, other, _] = cast;
    // A list of records is about one after the other; one record is about somebody else than whoever connects.
    let answer = make.value(&plan.root, 1, true);
    Example {
        request: request(operation, me, other),
        answer: serde_json::to_string_pretty(&answer).unwrap_or_default(),
        people: cast.map(str::to_owned).to_vec(),
    }
}

struct Make<'a> {
    plan: &'a Plan,
    cast: [&'static str; 3],
}

impl Make<'_> {
    /// What stands at a place of a record about this one of the cast. `outer`: no list is around it yet.
    fn value(&self, node: &Node, who: usize, outer: bool) -> Value {
        match node {
            Node::Scalar(scalar) if scalar.many => self.many(scalar, who),
            Node::Scalar(scalar) => self.scalar(scalar, who),
            Node::Object(object) => self.object(object, who, outer),
            Node::List(list) if outer => [1, 2]
                .iter()
                .map(|who| self.value(&list.item, *who, false))
                .collect(),
            Node::List(list) if names_people(&list.item) => [0, who]
                .iter()
                .map(|who| self.value(&list.item, *who, false))
                .collect(),
            Node::List(list) => json!([self.value(&list.item, who, false)]),
            Node::Map(map) => self.map(map, who, outer),
            Node::Cases(cases) => {
                let Some((said, node)) = cases.cases.first() else {
                    return Value::Null;
                };
                let mut value = self.value(node, who, outer);
                if let Some(members) = value.as_object_mut() {
                    members.insert(cases.by.to_string(), json!(said));
                }
                value
            }
            Node::Alone(alone) => self.value(&alone.node, who, false),
            // No further page.
            Node::Cursor(_) | Node::Slot(_) => Value::Null,
        }
    }

    fn object(&self, object: &Object, who: usize, outer: bool) -> Value {
        // A list in a record is of what belongs to it, and no list of records.
        let outer = outer && object.record.is_none();
        let members = object.members.iter().map(|member| {
            let value = self.value(&member.node, who, outer);
            (member.name.to_string(), value)
        });
        Value::Object(members.collect())
    }

    fn map(&self, map: &Map, who: usize, outer: bool) -> Value {
        let entries = if outer { vec![1, 2] } else { vec![0, who] };
        let entries = entries.into_iter().map(|who| {
            let key = match map.of_records {
                true => format!("record-{who}"),
                false => self.id(who).to_owned(),
            };
            (key, self.value(&map.value, who, false))
        });
        Value::Object(entries.collect::<Members<String, Value>>())
    }

    fn many(&self, scalar: &Scalar, who: usize) -> Value {
        match scalar.taps.first() {
            Some(tap) => json!([self.person(scalar, tap, 0), self.person(scalar, tap, who)]),
            None => json!([self.word(scalar, who)]),
        }
    }

    fn scalar(&self, scalar: &Scalar, who: usize) -> Value {
        match (scalar.taps.first(), scalar.time) {
            (Some(tap), _) => self.person(scalar, tap, who),
            (None, Some(TimeForm::Text)) => json!("2026-11-01T12:00:00Z"),
            (None, Some(TimeForm::Milliseconds)) => json!(1_793_534_400_000_i64),
            (None, Some(TimeForm::Seconds)) => json!(1_793_534_400_i64),
            (None, None) => json!(self.word(scalar, who)),
        }
    }

    /// An id, as it stands at this place.
    fn person(&self, scalar: &Scalar, tap: &Tap, who: usize) -> Value {
        let id = self.id(if tap.reach == OWN { 0 } else { who });
        let form = tap
            .form
            .and_then(|form| self.plan.forms.get(usize::from(form)));
        match form {
            Some((before, after)) => json!(format!("{before}{id}{after}")),
            None if scalar.numeric => id.parse::<u64>().map_or_else(|_| json!(id), |id| json!(id)),
            None => json!(id),
        }
    }

    /// What kind of datum it is, and whose.
    fn word(&self, scalar: &Scalar, who: usize) -> String {
        let category = self.plan.categories.get(usize::from(scalar.category));
        let category = category.filter(|_| scalar.category != NO_CATEGORY);
        let name = category.map_or("something", |category| category.as_str());
        let name = name.rsplit(':').next().unwrap_or(name);
        format!("{name} of {}", self.id(who))
    }

    fn id(&self, who: usize) -> &'static str {
        self.cast.get(who).copied().unwrap_or_default()
    }
}

/// Whether ids at this place or below are numbers.
fn has_numbers(node: &Node) -> bool {
    any(node, &|scalar| scalar.numeric && !scalar.taps.is_empty())
}

fn names_people(node: &Node) -> bool {
    any(node, &|scalar| !scalar.taps.is_empty())
}

fn any(node: &Node, fits: &dyn Fn(&Scalar) -> bool) -> bool {
    match node {
        Node::Scalar(scalar) => fits(scalar),
        Node::Object(object) => object.members.iter().any(|it| any(&it.node, fits)),
        Node::List(list) => any(&list.item, fits),
        Node::Map(map) => any(&map.value, fits),
        Node::Cases(cases) => cases.cases.iter().any(|(_, node)| any(node, fits)),
        Node::Alone(alone) => any(&alone.node, fits),
        Node::Cursor(_) | Node::Slot(_) => false,
    }
}

/// The path with something at each of its parameters.
fn request(operation: &Operation, me: &str, other: &str) -> String {
    let mut path = String::new();
    for segment in &operation.template {
        path.push('/');
        match segment {
            Segment::Literal(text) => percent_encoded(text, &mut path),
            Segment::Parameter(name) => {
                let mut known = operation.parameters.iter();
                let rule = known.find(|it| it.in_path && it.name == *name);
                percent_encoded(&said(rule.map(|it| &it.rule), me, other), &mut path);
            }
        }
    }
    path
}

fn said(rule: Option<&Rule>, me: &str, other: &str) -> String {
    match rule {
        Some(Rule::Own) => me.to_owned(),
        Some(Rule::Any) => other.to_owned(),
        Some(Rule::Pass(Values::OneOf(values))) => {
            values.first().map_or_else(String::new, in_words)
        }
        Some(Rule::Pass(Values::Integer { min, .. })) => min.to_string(),
        _ => "1".to_owned(),
    }
}
