//! Parameters: what a request may put into path and query.

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

/// What it may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Nothing: it has no note.
    Refused,
    /// The id of the person who connected, or `me`.
    Own,
    /// The name of a record; whose it is the answer says.
    Record,
    /// Anything, if everybody in the answer agrees to these categories.
    Touches(Vec<u16>),
    /// One of these values.
    Pass(Values),
    /// How many records make a page.
    Size,
    /// A cursor of ours.
    Cursor,
}

/// Values that say nothing about anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    Words(Vec<String>),
    Integer { min: i64, max: i64 },
}

impl Values {
    pub(crate) fn have(&self, value: &str) -> bool {
        match self {
            Values::Words(words) => words.iter().any(|word| word == value),
            Values::Integer { min, max } => value
                .parse::<i64>()
                .is_ok_and(|n| (*min..=*max).contains(&n) && n.to_string() == value),
        }
    }

    /// For messages.
    pub(crate) fn shown(&self) -> String {
        match self {
            Values::Words(words) => words.join(", "),
            Values::Integer { min, max } => format!("a number from {min} to {max}"),
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
