//! Parameters and bodies: what a request may say to the platform.

use serde_json::Value;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    Literal(String),
    Parameter(String),
}

impl Segment {
    /// The parameter's name, if it is one.
    pub(crate) fn name(&self) -> Option<String> {
        match self {
            Segment::Parameter(name) => Some(name.clone()),
            Segment::Literal(_) => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// Otherwise in the query.
    pub(crate) in_path: bool,
    pub(crate) required: bool,
    pub(crate) rule: Rule,
}

impl Parameter {
    /// Whether it names by the path what is asked for, whosever it is.
    pub(crate) fn names_it(&self) -> bool {
        self.in_path && matches!(self.rule, Rule::Record | Rule::Any)
    }
}

/// What it may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Nothing: it has no note.
    Refused,
    /// The id of the person who connected, or `me`.
    Own,
    /// The id of some person.
    Any,
    /// The name of a record; whose it is the answer says.
    Record,
    /// Anything, if everybody in the answer, or whom a write is about, agrees to these categories.
    Touches(Vec<u16>),
    /// One of these values.
    Pass(Values),
    /// Nothing: the platform gets this, whoever asks.
    Always(String),
    /// How many records make a page.
    Size,
    /// A cursor of ours for the next page.
    Cursor,
    /// A cursor of ours that a member of an answer gave.
    Given,
}

/// Values that say nothing about anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    OneOf(Vec<Value>),
    Integer { min: i64, max: i64 },
}

impl Values {
    /// Whether a query or a path may say this.
    pub(crate) fn have_text(&self, text: &str) -> bool {
        match self {
            Values::OneOf(values) => values.iter().any(|value| in_words(value) == text),
            Values::Integer { min, max } => text
                .parse::<i64>()
                .is_ok_and(|n| (*min..=*max).contains(&n) && n.to_string() == text),
        }
    }

    /// Whether a body may say this.
    pub(crate) fn have(&self, value: &Value) -> bool {
        match self {
            Values::OneOf(values) => values.contains(value),
            Values::Integer { min, max } => value
                .as_i64()
                .is_some_and(|number| (*min..=*max).contains(&number)),
        }
    }

    /// For messages.
    pub(crate) fn shown(&self) -> String {
        match self {
            Values::OneOf(values) => {
                let words: Vec<String> = values.iter().map(in_words).collect();
                words.join(", ")
            }
            Values::Integer { min, max } => format!("a number from {min} to {max}"),
        }
    }
}

/// A value as a query writes it: text without quotes.
pub(crate) fn in_words(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The body of a request: an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Body {
    /// There is no request without one.
    pub(crate) required: bool,
    pub(crate) members: Vec<Named>,
}

/// A member that a body may have, or always has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) holds: Holds,
}

/// What a member may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Members of its own.
    Members(Vec<Named>),
    /// A list of objects with these members.
    Items(Vec<Named>),
    /// One of these values, or a list of them.
    Pass { values: Values, many: bool },
    /// Anything of this kind, if everybody in the answer agrees to these categories.
    Touches { categories: Vec<u16>, kind: Kind },
    /// The name of a record, or a list of names; whose they are the answer says, or a call before a write.
    Record { many: bool },
    /// The id of a person reached so (an index into the plan's reaches), or a list of ids. Not in reads.
    Person { reach: u8, many: bool },
    /// Nothing: the platform gets this, whoever asks.
    Always(Value),
}

/// What kind of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A scalar of this sort.
    One(Sort),
    /// A list of such scalars.
    Many(Sort),
    /// A scalar or a list of scalars.
    Either,
}

/// What sort of scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Text,
    Integer,
    Number,
    Boolean,
    Any,
}

impl Holds {
    /// Whether the platform gets it even when the partner says nothing of it.
    pub(crate) fn is_always_sent(&self) -> bool {
        match self {
            Holds::Always(_) => true,
            Holds::Members(members) => members.iter().any(|member| member.holds.is_always_sent()),
            Holds::Items(_)
            | Holds::Pass { .. }
            | Holds::Touches { .. }
            | Holds::Record { .. }
            | Holds::Person { .. } => false,
        }
    }
}

impl Kind {
    /// For messages.
    pub(crate) fn shown(self) -> String {
        match self {
            Kind::One(sort) => sort.shown().to_owned(),
            Kind::Many(sort) => format!("a list, of each element {}", sort.shown()),
            Kind::Either => "text, a number, true or false, or a list of these".to_owned(),
        }
    }
}

impl Sort {
    pub(crate) fn is_of(self, value: &Value) -> bool {
        match self {
            Sort::Text => value.is_string(),
            Sort::Integer => value.is_i64() || value.is_u64(),
            Sort::Number => value.is_number(),
            Sort::Boolean => value.is_boolean(),
            Sort::Any => value.is_string() || value.is_number() || value.is_boolean(),
        }
    }

    fn shown(self) -> &'static str {
        match self {
            Sort::Text => "text",
            Sort::Integer => "a whole number",
            Sort::Number => "a number",
            Sort::Boolean => "true or false",
            Sort::Any => "text, a number, true or false",
        }
    }
}

/// The values of a path's parameters, decoded, if the path is of this form.
pub(crate) fn matches(template: &[Segment], path: &str) -> Option<Vec<String>> {
    let mut sent = path.strip_prefix('/')?.split('/');
    let mut values = Vec::new();
    for segment in template {
        let text = crate::document::percent_decoded(sent.next()?)?;
        match segment {
            Segment::Literal(literal) if *literal == text => {}
            Segment::Literal(_) => return None,
            Segment::Parameter(_) => values.push(text),
        }
    }
    sent.next().is_none().then_some(values)
}
