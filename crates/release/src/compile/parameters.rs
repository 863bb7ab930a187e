//! An operation's path and its parameters.

use decide::{Category, Reach, Verb};
use serde_json::{Map, Value};

use super::schema::Document;
use crate::document::step;
use crate::extension::{KEY, OperationNote, ParameterNote};
use crate::operation::OnBehalf;
use crate::parameter::{Parameter, Rule, Segment, Values, in_words};
use crate::plan::{NO_CATEGORY, Plan};

/// The path in segments.
pub(super) fn template(document: &mut Document<'_>, at: &str, path: &str) -> Vec<Segment> {
    let segments = path.split('/').skip(1).map(|segment| {
        let name = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        match name {
            Some(name) => Segment::Parameter(name.to_owned()),
            None => Segment::Literal(segment.to_owned()),
        }
    });
    let segments: Vec<Segment> = segments.collect();
    let partial = segments
        .iter()
        .any(|segment| matches!(segment, Segment::Literal(text) if text.contains(['{', '}'])));
    if partial {
        document.problems.add(
            at,
            "a parameter is part of a segment",
            "parameters that are whole segments, as in /people/{person}",
            "leave the operation unmapped",
        );
    }
    segments
}

/// All parameters of an operation, with what a request may put into them.
pub(super) fn compile(
    document: &mut Document<'_>,
    plan: &mut Plan,
    note: &OperationNote,
    (at, operation): (&str, &Value),
    (at_path, item): (&str, &Map<String, Value>),
    template: &[Segment],
) -> Vec<Parameter> {
    let mut out: Vec<Parameter> = Vec::new();
    let lists = [
        (at_path, item.get("parameters")),
        (at, operation.get("parameters")),
    ];
    for (at, list) in lists {
        let list = list.and_then(Value::as_array).into_iter().flatten();
        for (n, value) in list.enumerate() {
            let here = format!("{}/{n}", step(at, "parameters"));
            if let Some(parameter) = one(document, plan, note, &here, value) {
                out.retain(|known| {
                    (&known.name, known.in_path) != (&parameter.name, parameter.in_path)
                });
                out.push(parameter);
            }
        }
    }
    complete(document, note, at, template, &out);
    out
}

fn one(
    document: &mut Document<'_>,
    plan: &mut Plan,
    note: &OperationNote,
    at: &str,
    value: &Value,
) -> Option<Parameter> {
    let mut at = at.to_owned();
    let mut map = value.as_object()?;
    let mut own_note = map.get(KEY).map(|note| (step(&at, KEY), note));
    let here = own_note.is_some() || !map.contains_key("$ref");
    if let Some(target) = document.reference(&at, map) {
        map = document.at(&target)?.as_object()?;
        at = target;
    }
    own_note = own_note.or_else(|| map.get(KEY).map(|note| (step(&at, KEY), note)));
    let name = map.get("name").and_then(Value::as_str)?.to_owned();
    let place = map.get("in").and_then(Value::as_str).unwrap_or_default();
    let required = map
        .get("required")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    let parsed = own_note.and_then(|(at_note, note)| {
        document.used.insert(at_note.clone());
        match ParameterNote::read(note) {
            Ok(parsed) => Some((at_note, parsed)),
            Err(mistakes) => {
                document.problems.add_all(&at_note, mistakes);
                None
            }
        }
    });
    if !matches!(place, "path" | "query") {
        if let Some((at_note, _)) = &parsed {
            document.problems.add(
                at_note,
                &format!("a note at a parameter in {place:?}"),
                "parameters in path or query: others are never passed on",
                "remove the note",
            );
        }
        return None;
    }
    let in_path = place == "path";
    let of_pages = (!in_path).then(|| paging(note, &name)).flatten();
    let rule = match (parsed, of_pages) {
        // A shared parameter can be a part of some other operation's pages only.
        (Some((at_note, _)), Some(rule)) if here => {
            document.problems.add(
                &at_note,
                &format!("a note at `{name}`, which `page` names"),
                "no note: `page` says what it is",
                "remove the note, or correct `page`",
            );
            rule
        }
        (Some((at_note, parsed)), None) => {
            let at_schema = step(&at, "schema");
            let site = Site {
                at: &at_note,
                at_schema: &at_schema,
                in_path,
            };
            site.rule(document, plan, note, parsed)
        }
        (_, Some(rule)) => rule,
        (None, None) => Rule::Refused,
    };
    Some(Parameter {
        name,
        in_path,
        required,
        rule,
    })
}

/// The two parameters that `page` names.
fn paging(note: &OperationNote, name: &str) -> Option<Rule> {
    let page = note.page.as_ref()?;
    if page.cursor == name {
        return Some(Rule::Cursor);
    }
    (page.size.as_deref() == Some(name)).then_some(Rule::Size)
}

/// A parameter with a note.
struct Site<'a> {
    /// Where the note stands.
    at: &'a str,
    at_schema: &'a str,
    in_path: bool,
}

impl Site<'_> {
    fn rule(
        &self,
        document: &mut Document<'_>,
        plan: &mut Plan,
        operation: &OperationNote,
        note: ParameterNote,
    ) -> Rule {
        if let Some((problem, expected, remedy)) = self.misplaced(operation, &note) {
            document.problems.add(self.at, problem, expected, remedy);
        }
        match note {
            ParameterNote::PersonOwn => Rule::Own,
            ParameterNote::PersonAny => Rule::Any,
            ParameterNote::Record => Rule::Record,
            ParameterNote::Cursor => Rule::Given,
            ParameterNote::Touches(categories) | ParameterNote::Category(categories) => {
                Rule::Touches(touched(plan, &categories))
            }
            ParameterNote::Pass => self.bounded(document),
            ParameterNote::Always(value) => {
                fits(document, self.at, self.at_schema, &value);
                Rule::Always(in_words(&value))
            }
        }
    }

    fn misplaced(
        &self,
        operation: &OperationNote,
        note: &ParameterNote,
    ) -> Option<(&'static str, &'static str, &'static str)> {
        match note {
            ParameterNote::PersonOwn
                if operation.on_behalf == OnBehalf::Nobody || !self.in_path =>
            {
                Some((
                    "`person: own` where nobody has connected, or not in the path",
                    "a path parameter of an operation on behalf of a person",
                    "remove the note, or correct `on-behalf`",
                ))
            }
            ParameterNote::PersonAny if !self.in_path => Some((
                "`person: any` at a query parameter",
                "a path parameter",
                "use `touches` with what a filter by it shows",
            )),
            ParameterNote::Record if !self.in_path => Some((
                "`record` at a query parameter",
                "a path parameter",
                "use `touches` with what a filter by it shows",
            )),
            ParameterNote::Category(_) if operation.verb == Verb::Read => Some((
                "`category` at a parameter of a read",
                "`touches`, with what a filter by it shows; `category` says what a write, delete or import holds",
                "use `touches`",
            )),
            ParameterNote::Touches(_) if self.in_path => Some((
                "`touches` at a path parameter",
                "a query parameter",
                "use `record`, or `person: own`",
            )),
            ParameterNote::Always(_) if self.in_path => Some((
                "`always` at a path parameter",
                "a query parameter",
                "use `pass` with an `enum` of this one value",
            )),
            ParameterNote::Cursor if self.in_path => Some((
                "`cursor` at a path parameter",
                "a query parameter",
                "remove the note",
            )),
            _ => None,
        }
    }

    fn bounded(&self, document: &mut Document<'_>) -> Rule {
        if let Some(values) = bounds(document, self.at_schema) {
            return Rule::Pass(values);
        }
        document.problems.add(
            self.at,
            "`pass` at a parameter that takes anything",
            BOUNDED,
            "bound it in the overlay, or say what it touches",
        );
        Rule::Refused
    }
}

/// What `pass` needs of a schema.
pub(super) const BOUNDED: &str = "a schema with `enum`, `const`, `type: boolean`, or `type: integer` with `minimum` and `maximum`";

/// The categories' places in the plan.
pub(super) fn touched(plan: &mut Plan, categories: &[Category]) -> Vec<u16> {
    let places = categories.iter().map(|category| {
        let known = plan.categories.iter().position(|known| known == category);
        let at = known.unwrap_or_else(|| {
            plan.categories.push(category.clone());
            plan.categories.len() - 1
        });
        u16::try_from(at).unwrap_or(NO_CATEGORY)
    });
    places.collect()
}

/// The reach's place in the plan.
pub(super) fn reached(plan: &mut Plan, reach: &Reach) -> u8 {
    let known = plan.reaches.iter().position(|known| known == reach);
    let at = known.unwrap_or_else(|| {
        plan.reaches.push(reach.clone());
        plan.reaches.len() - 1
    });
    u8::try_from(at).unwrap_or(u8::MAX)
}

/// The values that a schema allows, if it bounds them. Where several schemas hold, one that bounds is enough.
pub(super) fn bounds(document: &mut Document<'_>, pointer: &str) -> Option<Values> {
    let all = holding(document, pointer);
    all.iter().find_map(|schema| {
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return Some(Values::OneOf(values.clone()));
        }
        if let Some(value) = schema.get("const") {
            return Some(Values::OneOf(vec![value.clone()]));
        }
        match schema.get("type").and_then(Value::as_str)? {
            "boolean" => Some(Values::OneOf(vec![true.into(), false.into()])),
            "integer" => Some(Values::Integer {
                min: schema.get("minimum")?.as_i64()?,
                max: schema.get("maximum")?.as_i64()?,
            }),
            _ => None,
        }
    })
}

/// Complains where a value that is always sent is none that the schema allows.
pub(super) fn fits(document: &mut Document<'_>, at: &str, pointer: &str, value: &Value) {
    let bounded = bounds(document, pointer);
    let declared = document.shape(&[pointer.to_owned()]).types;
    let kinds: &[&str] = match value {
        Value::Null => &["null"],
        Value::Bool(_) => &["boolean"],
        Value::Number(number) if number.is_f64() => &["number"],
        Value::Number(_) => &["integer", "number"],
        Value::String(_) => &["string"],
        Value::Array(_) => &["array"],
        Value::Object(_) => &["object"],
    };
    let expected = match (bounded, declared) {
        (Some(values), _) if !values.have(value) => values.shown(),
        (None, Some(types)) if !types.iter().any(|name| kinds.contains(&name.as_str())) => {
            types.into_iter().collect::<Vec<_>>().join(" or ")
        }
        _ => return,
    };
    document.problems.add(
        &step(at, "always"),
        &format!("{value} is not what the schema allows"),
        &expected,
        "correct the value, or the schema",
    );
}

/// The schemas that hold where this one does: itself, what it refers to, and all parts of `allOf`.
fn holding<'d>(document: &mut Document<'d>, pointer: &str) -> Vec<&'d Map<String, Value>> {
    let mut found = Vec::new();
    let mut known: Vec<String> = Vec::new();
    let mut open = vec![pointer.to_owned()];
    while let Some(pointer) = open.pop() {
        if known.contains(&pointer) {
            continue;
        }
        if let Some(map) = document.at(&pointer).and_then(Value::as_object) {
            found.push(map);
            open.extend(document.reference(&pointer, map));
            let parts = map.get("allOf").and_then(Value::as_array);
            let count = parts.map_or(0, Vec::len);
            open.extend((0..count).map(|n| format!("{pointer}/allOf/{n}")));
        }
        known.push(pointer);
    }
    found
}

/// Every parameter of the path has a rule, and those that `page` names exist.
fn complete(
    document: &mut Document<'_>,
    note: &OperationNote,
    at: &str,
    template: &[Segment],
    all: &[Parameter],
) {
    for segment in template {
        let Segment::Parameter(name) = segment else {
            continue;
        };
        let known = all
            .iter()
            .find(|parameter| parameter.in_path && parameter.name == *name);
        if known.is_none_or(|parameter| matches!(parameter.rule, Rule::Refused)) {
            document.problems.add(
                &step(at, "parameters"),
                &format!("nothing says what the path parameter `{name}` is"),
                if note.verb == Verb::Read {
                    "a note at the parameter: `person: own`, `person: any`, `record: true`, or `pass: true` with an enum"
                } else {
                    "a note at the parameter: `person: own`, `person: any`, `record: true`, `category`, or `pass: true` with an enum"
                },
                "annotate it",
            );
        }
    }
    let page = note.page.as_ref();
    let named = [
        page.map(|page| ("cursor", page.cursor.as_str())),
        page.and_then(|page| Some(("size", page.size.as_deref()?))),
    ];
    for (key, name) in named.into_iter().flatten() {
        if !all
            .iter()
            .any(|parameter| !parameter.in_path && parameter.name == name)
        {
            document.problems.add(
                &format!("{at}/{KEY}/page/{key}"),
                &format!("there is no query parameter `{name}`"),
                "the name of a declared query parameter",
                "correct the name",
            );
        }
    }
    for parameter in all
        .iter()
        .filter(|parameter| parameter.required && !parameter.in_path)
    {
        if parameter.rule == Rule::Refused {
            document.problems.add(
                &step(at, "parameters"),
                &format!(
                    "the query parameter `{}` is required, and refused for want of a note",
                    parameter.name
                ),
                "a note: `touches`, `pass` or `always`",
                "annotate it, or leave the operation unmapped",
            );
        }
    }
}
