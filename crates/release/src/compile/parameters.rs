//! An operation's path and its parameters.

use serde_json::{Map, Value};

use super::schema::Document;
use crate::document::step;
use crate::extension::{KEY, OperationNote, ParameterNote};
use crate::operation::OnBehalf;
use crate::parameter::{Parameter, Rule, Segment, Values};
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
    let rule = match parsed {
        Some((at_note, parsed)) => rule(document, plan, note, (&at_note, parsed), map, in_path),
        None => paging(note, &name).unwrap_or(Rule::Refused),
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

fn rule(
    document: &mut Document<'_>,
    plan: &mut Plan,
    operation: &OperationNote,
    (at, note): (&str, ParameterNote),
    map: &Map<String, Value>,
    in_path: bool,
) -> Rule {
    match note {
        ParameterNote::PersonOwn => {
            if operation.on_behalf == OnBehalf::Nobody || !in_path {
                document.problems.add(
                    at,
                    "`person: own` where nobody has connected, or not in the path",
                    "a path parameter of an operation on behalf of a person",
                    "remove the note, or correct `on-behalf`",
                );
            }
            Rule::Own
        }
        ParameterNote::Record => {
            if !in_path {
                document.problems.add(
                    at,
                    "`record` at a query parameter",
                    "a path parameter",
                    "use `touches` with what a filter by it shows",
                );
            }
            Rule::Record
        }
        ParameterNote::Touches(categories) => {
            if in_path {
                document.problems.add(
                    at,
                    "`touches` at a path parameter",
                    "a query parameter",
                    "use `record`, or `person: own`",
                );
            }
            Rule::Touches(
                categories
                    .iter()
                    .map(|category| touched(plan, category))
                    .collect(),
            )
        }
        ParameterNote::Pass => match values(map) {
            Some(values) => Rule::Pass(values),
            None => {
                document.problems.add(at, "`pass` at a parameter that takes anything", "a schema with `enum`, `type: boolean`, or `type: integer` with `minimum` and `maximum`", "bound it in the overlay, or say what it touches");
                Rule::Refused
            }
        },
    }
}

fn touched(plan: &mut Plan, category: &decide::Category) -> u16 {
    let known = plan.categories.iter().position(|known| known == category);
    let at = known.unwrap_or_else(|| {
        plan.categories.push(category.clone());
        plan.categories.len() - 1
    });
    u16::try_from(at).unwrap_or(NO_CATEGORY)
}

fn values(map: &Map<String, Value>) -> Option<Values> {
    let schema = map.get("schema")?;
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        let words = words.iter().map(|word| {
            word.as_str()
                .map_or_else(|| word.to_string(), str::to_owned)
        });
        return Some(Values::Words(words.collect()));
    }
    match schema.get("type").and_then(Value::as_str)? {
        "boolean" => Some(Values::Words(vec!["true".to_owned(), "false".to_owned()])),
        "integer" => Some(Values::Integer {
            min: schema.get("minimum")?.as_i64()?,
            max: schema.get("maximum")?.as_i64()?,
        }),
        _ => None,
    }
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
        if known.is_none_or(|parameter| {
            matches!(parameter.rule, Rule::Refused | Rule::Size | Rule::Cursor)
        }) {
            document.problems.add(
                &step(at, "parameters"),
                &format!("nothing says what the path parameter `{name}` is"),
                "a note at the parameter: `person: own`, `record: true`, or `pass: true` with an enum",
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
                "a note: `touches` or `pass`",
                "annotate it, or leave the operation unmapped",
            );
        }
    }
}
