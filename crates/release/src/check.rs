//! What `countersign check` shows: per operation whose data goes by which power, and what is not covered.

use std::fmt;

use decide::{Category, Reach, Verb};
use serde::Serialize;

use crate::api::{Api, Unmapped};
use crate::document::step;
use crate::operation::{OnBehalf, Operation};
use crate::parameter::{Holds, Named, Parameter, Rule, in_words};
use crate::plan::{CallPart, LookupPlan, OWN};
use crate::shown::Row;
use crate::stream::StreamForm;
use crate::write::WritePlan;

/// What an API would disclose, under agreements that grant it and with everybody's consent. It says nothing of answers
/// that differ from their document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// Operations with a plan.
    pub operations: Vec<OperationReport>,
    /// Operations without: requests to them are refused.
    pub unmapped: Vec<Unmapped>,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct OperationReport {
    /// The document's `operationId`.
    pub id: String,
    /// `GET`, …
    pub method: String,
    /// With its templates.
    pub path: String,
    /// By which verb.
    pub verb: Verb,
    /// `person` or `nobody`.
    pub on_behalf: OnBehalf,
    /// The answer is a stream of records, told apart in this way. Each is decided by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<StreamForm>,
    /// For how many seconds longer than others the platform may keep the answer back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<u32>,
    /// Everything that leaves, or that the answer shows without holding it.
    pub data: Vec<DatumReport>,
    /// What a request can say.
    pub parameters: Vec<ParameterReport>,
    /// Members that the document declares and the overlay does not cover: they are dropped. So is everything that the
    /// document does not declare.
    pub not_covered: Vec<String>,
}

/// One place in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct DatumReport {
    /// Where.
    pub member: String,
    /// What kind.
    pub category: Category,
    /// For each of the people concerned, how they may be reached; each needs the power with that reach.
    pub people: Vec<Vec<Reach>>,
    /// What happens without it, if anything beyond its absence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without: Option<&'static str>,
}

/// One parameter, one member of a request's body, or what else a write takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ParameterReport {
    /// Its name; in a body its JSON pointer.
    pub name: String,
    /// `path`, `query` or `body`; of a write also `call` (made before it) and `made` (told after it).
    pub place: &'static str,
    /// What it may hold.
    pub takes: String,
}

/// Reports on an API.
#[must_use]
pub fn report(api: &Api) -> Report {
    Report {
        operations: api
            .operations()
            .iter()
            .map(|operation| of(operation))
            .collect(),
        unmapped: api.unmapped().to_vec(),
    }
}

fn of(operation: &Operation) -> OperationReport {
    let uncovered = operation
        .uncovered
        .iter()
        .map(|it| format!("{} ({})", it.member, it.kind));
    OperationReport {
        id: operation.id().to_owned(),
        method: operation.method().to_owned(),
        path: operation.path().to_owned(),
        verb: operation.verb(),
        on_behalf: operation.on_behalf(),
        data: operation
            .rows
            .iter()
            .map(|row| datum(operation, row))
            .collect(),
        stream: operation.stream(),
        wait: Some(operation.wait()).filter(|wait| *wait > 0),
        parameters: parameters(operation),
        not_covered: uncovered.collect(),
    }
}

fn datum(operation: &Operation, row: &Row) -> DatumReport {
    let without = match (operation.verb(), row.identifies, row.leaves) {
        (Verb::Read, true, _) => Some("its record goes"),
        (Verb::Read, false, true) => None,
        (Verb::Read, false, false) => Some("everything goes"),
        _ if row.needed => Some("nothing is done"),
        _ => Some("nothing is done, where it is sent"),
    };
    DatumReport {
        member: row.member.clone(),
        category: row.category.clone(),
        people: row.people.clone(),
        without,
    }
}

fn parameters(operation: &Operation) -> Vec<ParameterReport> {
    let mut all: Vec<ParameterReport> = operation
        .parameters
        .iter()
        .map(|parameter| taken(operation, parameter))
        .collect();
    if let Some(body) = &operation.body {
        members(operation, &body.members, "", &mut all);
    }
    if let Some(write) = &operation.write {
        let calls = operation.plan.lookups.iter();
        all.extend(calls.map(|lookup| called(operation, write, lookup)));
        all.extend(write.made.iter().map(|made| ParameterReport {
            name: made.clone(),
            place: "made",
            takes: "the id of what was made, from the answer: told to the partner, and nothing else of it".to_owned(),
        }));
    }
    all
}

/// A call that is made before, and who is concerned by its answer.
fn called(operation: &Operation, write: &WritePlan, lookup: &LookupPlan) -> ParameterReport {
    let part = |part: &CallPart| match part {
        CallPart::Literal(text) => text.clone(),
        CallPart::Parameter(name) => format!("{{{name}}}"),
        CallPart::Told(number) => {
            let pointer = write.tells.get(usize::from(*number));
            format!("{{body {}}}", pointer.map_or("", String::as_str))
        }
        CallPart::Key => "{key}".to_owned(),
    };
    let whom = if lookup.one {
        "whom it names"
    } else {
        "everybody whom it lists"
    };
    let among = if write.own_among {
        "; whoever connected must be among them"
    } else {
        ""
    };
    let reach = reach_of(operation, lookup.reach);
    ParameterReport {
        name: lookup.call.iter().map(part).collect(),
        place: "call",
        takes: format!("asked before: it is about {whom}, as {reach}{among}"),
    }
}

fn reach_of(operation: &Operation, at: u8) -> &str {
    let reach = operation.plan.reaches.get(usize::from(at));
    reach.map_or("", Reach::as_str)
}

fn taken(operation: &Operation, parameter: &Parameter) -> ParameterReport {
    let takes = match &parameter.rule {
        Rule::Refused => "refused: it has no note".to_owned(),
        Rule::Own => OWN_ID.to_owned(),
        Rule::Any => "the id of a person".to_owned(),
        Rule::Record => record(operation).to_owned(),
        Rule::Touches(categories) => format!("anything; {}", needed(operation, categories)),
        Rule::Pass(values) => values.shown(),
        Rule::Always(value) => always(value),
        Rule::Size => operation.page.as_ref().map_or_else(String::new, |page| {
            format!(
                "records on a page: {} unless asked, {} at most",
                page.default_size, page.max_size
            )
        }),
        Rule::Cursor => "a cursor of ours".to_owned(),
        Rule::Given => "a cursor of ours that a member gave".to_owned(),
    };
    let place = if parameter.in_path { "path" } else { "query" };
    ParameterReport {
        name: parameter.name.clone(),
        place,
        takes,
    }
}

fn members(operation: &Operation, named: &[Named], at: &str, all: &mut Vec<ParameterReport>) {
    for member in named {
        let name = step(at, &member.name);
        let takes = match &member.holds {
            Holds::Members(inner) => {
                members(operation, inner, &name, all);
                continue;
            }
            Holds::Items(inner) => {
                members(operation, inner, &format!("{name}/*"), all);
                continue;
            }
            Holds::Pass {
                values,
                many: false,
            } => values.shown(),
            Holds::Pass { values, many: true } => format!("a list of {}", values.shown()),
            Holds::Touches { categories, kind } => {
                format!("{}; {}", kind.shown(), needed(operation, categories))
            }
            Holds::Record { many: false } => record(operation).to_owned(),
            Holds::Record { many: true } => {
                "ids of records; whose they are the answer says".to_owned()
            }
            Holds::Person { reach: OWN, .. } => OWN_ID.to_owned(),
            Holds::Person { reach, many } => {
                let of = if *many {
                    "ids of people"
                } else {
                    "the id of a person"
                };
                format!(
                    "{of}, reached as {}: it is about them",
                    reach_of(operation, *reach)
                )
            }
            Holds::Always(value) => always(&in_words(value)),
        };
        all.push(ParameterReport {
            name,
            place: "body",
            takes,
        });
    }
}

const OWN_ID: &str = "the person who connected, by id or as `me`";

fn record(operation: &Operation) -> &'static str {
    match operation.verb() {
        Verb::Read => "the id of a record; whose it is the answer says",
        _ => "the id of a record; whose it is a call before says",
    }
}

fn needed(operation: &Operation, categories: &[u16]) -> String {
    let names = categories
        .iter()
        .filter_map(|at| operation.plan.categories.get(usize::from(*at)));
    let names: Vec<&str> = names.map(Category::as_str).collect();
    let whom = match operation.verb() {
        Verb::Read => "of everybody in the answer",
        _ => "of everybody whom it is about",
    };
    format!("needs {} {whom}", names.join(" and "))
}

fn always(value: &str) -> String {
    format!("nothing: the platform always gets {value}")
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for operation in &self.operations {
            writeln!(f, "{operation}")?;
        }
        let missing: usize = self
            .operations
            .iter()
            .map(|operation| operation.not_covered.len())
            .sum();
        if self.unmapped.is_empty() {
            writeln!(f, "Every operation of the document has a plan.")?;
        } else {
            writeln!(f, "Operations without a plan, refused:")?;
            for unmapped in &self.unmapped {
                writeln!(
                    f,
                    "  {} {}{}",
                    unmapped.method,
                    unmapped.path,
                    named(unmapped.id.as_deref())
                )?;
            }
        }
        write!(
            f,
            "{missing} declared members are not covered and dropped; so is every undeclared one."
        )
    }
}

fn named(id: Option<&str>) -> String {
    id.map_or_else(String::new, |id| format!(" ({id})"))
}

impl OperationReport {
    /// How its answers come, where not at once and as a whole.
    fn pace(&self) -> String {
        match (self.stream, self.wait) {
            (Some(StreamForm::Lines), _) => ", a stream of lines".to_owned(),
            (Some(StreamForm::Events), _) => ", a stream of events".to_owned(),
            (None, Some(wait)) => format!(", kept back for up to {wait} s"),
            (None, None) => String::new(),
        }
    }
}

impl fmt::Display for OperationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let behalf = match self.on_behalf {
            OnBehalf::Person => "for the person who connected",
            OnBehalf::Nobody => "for nobody",
        };
        writeln!(
            f,
            "{} {} ({}): {}, {behalf}{}",
            self.method,
            self.path,
            self.id,
            self.verb,
            self.pace()
        )?;
        let wide = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
        let member = wide(&mut self.data.iter().map(|d| d.member.chars().count()));
        let category = wide(&mut self.data.iter().map(|d| d.category.as_str().len()));
        for datum in &self.data {
            let mut people: Vec<String> =
                datum.people.iter().map(|reaches| either(reaches)).collect();
            people.dedup();
            let line = format!(
                "  {:member$}  {:category$}  {}",
                datum.member,
                datum.category.as_str(),
                people.join(" and "),
            );
            let without = datum
                .without
                .map_or_else(String::new, |what| format!(" (refused: {what})"));
            writeln!(f, "{}{without}", line.trim_end())?;
        }
        let name = wide(&mut self.parameters.iter().map(|p| p.name.chars().count()));
        for parameter in &self.parameters {
            writeln!(
                f,
                "  {:5} {:name$}  {}",
                parameter.place, parameter.name, parameter.takes
            )?;
        }
        for member in &self.not_covered {
            writeln!(f, "  dropped {member}")?;
        }
        Ok(())
    }
}

fn either(reaches: &[Reach]) -> String {
    reaches
        .iter()
        .map(Reach::as_str)
        .collect::<Vec<_>>()
        .join(" or ")
}
