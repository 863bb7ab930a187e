//! From document and overlay to operations.

mod account;
mod body;
mod cursors;
mod envelope;
mod lookup;
mod map;
mod member;
mod parameters;
mod people;
mod problems;
mod record;
mod schema;
mod streams;
mod tree;
mod writes;

use std::collections::HashSet;
use std::sync::Arc;

use decide::{Category, Reach, Verb};
use serde_json::{Map, Value};

pub(crate) use envelope::of_records;
pub(crate) use problems::Problems;
use schema::Document;
use tree::Tree;

use crate::api::{Api, Declared, Unmapped};
use crate::document::step;
use crate::error::LoadError;
use crate::extension::{KEY, OperationNote, RootNote};
use crate::operation::{OnBehalf, Operation};
use crate::parameter::{Parameter, Rule, Segment};
use crate::plan::{Node, Plan, Slot};
use crate::shown::Row;
use crate::stream::StreamForm;
use crate::sweep::Forms;

const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Compiles a document into which the overlay has been merged.
pub(crate) fn compile(root: &Value, file: &str) -> Result<Api, Vec<LoadError>> {
    let mut document = Document {
        root,
        problems: Problems::new(file),
        used: HashSet::new(),
        note: RootNote::default(),
        identifiers: Arc::new(Forms::default()),
    };
    if !version(&mut document) {
        // All that would follow from it says less than this.
        return Err(document.problems.into_list());
    }
    root_note(&mut document);
    let mut api = Api {
        operations: Vec::new(),
        unmapped: Vec::new(),
        declared: Vec::new(),
    };
    let empty = Map::new();
    let paths = root
        .get("paths")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    if paths.is_empty() {
        document.problems.add(
            "/paths",
            "there are no paths",
            "at least one path",
            "is this the platform's OpenAPI document?",
        );
    }
    for (path, item) in paths {
        let at = step("/paths", path);
        let Some(item) = item.as_object() else {
            continue;
        };
        if item.contains_key("$ref") {
            document.problems.add(
                &at,
                "a path item by reference",
                "the path item itself",
                "bundle the document first",
            );
        }
        for (method, operation) in item
            .iter()
            .filter(|(key, _)| METHODS.contains(&key.as_str()))
        {
            one(
                &mut document,
                &mut api,
                (path, method),
                (&at, item),
                operation,
            );
        }
    }
    // While something else is wrong, much is not reached.
    if document.problems.is_empty() {
        unreached(&mut document);
    }
    if document.problems.is_empty() {
        Ok(api)
    } else {
        Err(document.problems.into_list())
    }
}

/// What the note at the root says.
fn root_note(document: &mut Document<'_>) {
    let Some(note) = document.root.get(KEY) else {
        return;
    };
    let at = step("", KEY);
    document.used.insert(at.clone());
    match RootNote::read(note) {
        Ok(note) => document.note = note,
        Err(mistakes) => document.problems.add_all(&at, mistakes),
    }
    match Forms::new(&document.note.addresses) {
        Ok(forms) => document.identifiers = Arc::new(forms),
        Err(wrong) => {
            let at = step(&step(&at, "identifiers"), "addresses");
            document
                .problems
                .add(&at, &wrong.problem, wrong.expected, wrong.remedy);
        }
    }
}

fn version(document: &mut Document<'_>) -> bool {
    let version = document
        .root
        .get("openapi")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let known = version.starts_with("3.0.") || version.starts_with("3.1.");
    if !known {
        document.problems.add(
            "/openapi",
            &format!("the version is {version:?}"),
            "an OpenAPI document of version 3.0 or 3.1, or `swagger: \"2.0\"`",
            "convert the document",
        );
    }
    known
}

fn one(
    document: &mut Document<'_>,
    api: &mut Api,
    (path, method): (&str, &str),
    (at, item): (&str, &Map<String, Value>),
    value: &Value,
) {
    let at_operation = step(at, method);
    let id = value
        .get("operationId")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let template = parameters::template(document, at, path);
    let method = method.to_ascii_uppercase();
    let mapped = match value.get(KEY) {
        None => None,
        Some(note) => {
            let at_note = step(&at_operation, KEY);
            document.used.insert(at_note.clone());
            match OperationNote::read(note) {
                Ok(note) => Some(note),
                Err(mistakes) => {
                    document.problems.add_all(&at_note, mistakes);
                    return;
                }
            }
        }
    };
    let Some(note) = mapped else {
        api.declared.push(Declared {
            method: method.clone(),
            template,
            operation: None,
        });
        api.unmapped.push(Unmapped {
            method,
            path: path.to_owned(),
            id,
        });
        return;
    };
    let id = id.unwrap_or_else(|| format!("{method} {path}"));
    if api.operations.iter().any(|known| known.id == id) {
        document.problems.add(
            &step(&at_operation, "operationId"),
            &format!("a second operation {id:?}"),
            "ids that differ",
            "rename one",
        );
    }
    let answer = if note.verb == Verb::Read {
        answer(document, value, &at_operation)
    } else {
        None
    };
    let (mut plan, mut rows, uncovered) = match &answer {
        Some(answer) => {
            let mut tree = Tree::new(document, &note, &at_operation);
            tree.path_names = template.iter().filter_map(Segment::name).collect();
            tree.compile(&answer.schema)
        }
        None => (nothing(document), Vec::new(), Vec::new()),
    };
    let parameters = parameters::compile(
        document,
        &mut plan,
        &note,
        (&at_operation, value),
        (at, item),
        &template,
    );
    if note.verb == Verb::Read {
        named(document, &plan, &parameters, &at_operation);
        cursors::both_ends(document, &plan, &parameters, &at_operation);
        if note.empty_is_nothing.is_none() {
            says_when_empty(document, &plan, &parameters, &at_operation);
        }
    }
    let body = body::compile(document, &mut plan, &note, (&at_operation, &method), value);
    let write = (note.verb != Verb::Read).then(|| {
        let of = writes::Request {
            note: &note,
            template: &template,
            parameters: &parameters,
            body: body.as_ref(),
        };
        let (write, about) = of.compile(document, &mut plan, &at_operation);
        rows = about;
        write
    });
    api.declared.push(Declared {
        method: method.clone(),
        template: template.clone(),
        operation: Some(api.operations.len()),
    });
    let (status, content_type) = answer.map_or((0, String::new()), |answer| {
        (answer.status, answer.content_type)
    });
    let stream = StreamForm::of(&content_type);
    if stream.is_some() {
        streams::check(document, &plan, &note, &at_operation);
    }
    api.operations.push(Arc::new(Operation {
        id,
        method,
        path: path.to_owned(),
        template,
        verb: note.verb,
        on_behalf: note.on_behalf,
        pairs: pairs(&rows, &plan, &note),
        rows,
        uncovered,
        plan,
        parameters,
        body,
        write,
        page: note.page,
        status,
        content_type,
        stream,
        wait: note.wait.unwrap_or(0),
    }));
}

/// People whom the request names and people whom records look for in it have to be the same.
fn named(document: &mut Document<'_>, plan: &Plan, parameters: &[Parameter], at: &str) {
    let asked: Vec<&str> = plan
        .records
        .iter()
        .flat_map(|record| &record.asked)
        .map(|(name, _)| &**name)
        .collect();
    let people = parameters.iter().filter(|it| it.rule == Rule::Any);
    let people: Vec<&str> = people.map(|it| it.name.as_str()).collect();
    for name in people.iter().filter(|name| !asked.contains(name)) {
        document.problems.add(
            at,
            &format!(
                "the parameter `{name}` names a person, and no record of the answer is about them"
            ),
            "`{parameter: NAME}` among the `people` of what is answered about them",
            "add it; without it their data would leave as nobody's",
        );
    }
    for name in asked.iter().filter(|name| !people.contains(name)) {
        document.problems.add(
            at,
            &format!("a record is about whom the parameter `{name}` names, and that names nobody"),
            "`person: any` at the parameter",
            "write the note there",
        );
    }
}

/// Where a request can name what it asks for, an answer of which nothing is left may show that it exists.
fn says_when_empty(document: &mut Document<'_>, plan: &Plan, parameters: &[Parameter], at: &str) {
    if parameters.iter().any(Parameter::names_it) && !of_records(&plan.root) {
        document.problems.add(
            &step(at, KEY),
            "`empty` is missing where the path names what is asked for",
            "`not-found`, if an answer of which nothing is left shall look like an unknown id; `list` if not",
            "add `empty: not-found`, unless everybody may know that it exists",
        );
    }
}

/// Where the answer of a read is described.
struct Answer {
    schema: String,
    status: u16,
    content_type: String,
}

fn answer(document: &mut Document<'_>, operation: &Value, at: &str) -> Option<Answer> {
    let at_responses = step(at, "responses");
    let responses = operation.get("responses").and_then(Value::as_object);
    let fitting = responses
        .into_iter()
        .flatten()
        .filter(|(code, _)| code.starts_with('2'));
    for (code, response) in fitting {
        let mut here = step(&at_responses, code);
        let mut response = response;
        if let Some(map) = response.as_object()
            && let Some(target) = document.reference(&here, map)
        {
            response = document.at(&target)?;
            here = target;
        }
        let content = response.get("content").and_then(Value::as_object);
        let media: Vec<(&String, &Value)> = content.into_iter().flatten().collect();
        let json = media.iter().find(|(name, _)| is_json(name));
        let stream = media
            .iter()
            .find(|(name, _)| StreamForm::of(name).is_some());
        if let Some((name, media)) = json.or(stream) {
            let at_media = step(&step(&here, "content"), name);
            let Some(schema) = streams::schema(document, &at_media, media) else {
                break;
            };
            let status = code.parse().unwrap_or(200);
            return Some(Answer {
                schema,
                status,
                content_type: (*name).clone(),
            });
        }
    }
    document.problems.add(
        &at_responses,
        "no answer in JSON is described",
        "a 2xx response with a schema for application/json, or for a stream of it",
        "describe the answer in the overlay, or leave the operation unmapped",
    );
    None
}

fn is_json(name: &str) -> bool {
    name == "application/json" || (name.starts_with("application/") && name.ends_with("+json"))
}

/// The plan of an operation whose answer is not walked.
fn nothing(document: &Document<'_>) -> Plan {
    Plan {
        root: Node::Slot(Slot::After),
        categories: Vec::new(),
        reaches: vec![Reach::Own],
        records: Vec::new(),
        keys: Vec::new(),
        paged: false,
        empty_is_nothing: false,
        lookups: Vec::new(),
        forms: Vec::new(),
        identifiers: Arc::clone(&document.identifiers),
        cursors: Vec::new(),
        open: false,
    }
}

/// Every category by every reach that an answer could ask for.
fn pairs(rows: &[Row], plan: &Plan, note: &OperationNote) -> Vec<(Category, Reach)> {
    let mut pairs: Vec<(Category, Reach)> = Vec::new();
    let mut add = |category: &Category, reach: &Reach| {
        let pair = (category.clone(), reach.clone());
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    };
    for row in rows {
        let own = (note.on_behalf == OnBehalf::Person).then_some(&Reach::Own);
        for reach in row.people.iter().flatten().chain(own) {
            add(&row.category, reach);
        }
    }
    // A parameter can touch any category of anybody in the answer.
    for category in &plan.categories {
        for reach in &plan.reaches {
            if *reach != Reach::Own || note.on_behalf == OnBehalf::Person {
                add(category, reach);
            }
        }
    }
    pairs
}

/// Notes that nothing led to: misplaced, or cut off by a missing one.
fn unreached(document: &mut Document<'_>) {
    let mut notes = Vec::new();
    find_notes(document.root, String::new(), &mut notes);
    for at in notes {
        if !document.used.contains(&at) {
            document.problems.add(
                &at,
                "nothing leads to this note from an annotated operation",
                "notes at operations, their parameters, and what their answers hold",
                "is `structure: true` missing on the way, or the operation's own note? else remove it",
            );
        }
    }
}

fn find_notes(value: &Value, at: String, notes: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let here = step(&at, key);
                if key == KEY {
                    notes.push(here);
                } else {
                    find_notes(inner, here, notes);
                }
            }
        }
        Value::Array(list) => {
            for (n, inner) in list.iter().enumerate() {
                find_notes(inner, format!("{at}/{n}"), notes);
            }
        }
        _ => {}
    }
}
