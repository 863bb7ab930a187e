//! A mapping: which column of a log is what. TOML, read strictly.

use std::collections::BTreeMap;

use decide::{Category, PartnerId, Purpose, Reach, Verb};
use serde::Deserialize;

use super::moment::{TimeForm, parse_offset};
use crate::facts::Acts;
use crate::judge::{Kinds, Part, Whose};
use crate::report::Act;

/// What can stand in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Is {
    Time,
    Partner,
    Person,
    People,
    Key,
    Operation,
    Method,
    Path,
    Status,
    Verb,
    Category,
    Reach,
    Purpose,
}

pub(crate) const ALL: [Is; 13] = [
    Is::Time,
    Is::Partner,
    Is::Person,
    Is::People,
    Is::Key,
    Is::Operation,
    Is::Method,
    Is::Path,
    Is::Status,
    Is::Verb,
    Is::Category,
    Is::Reach,
    Is::Purpose,
];

/// A mapping, as a file says it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct MappingForm {
    /// `nginx` or `envoy`: the columns of their JSON access logs, where `columns` says nothing else.
    preset: Option<Preset>,
    #[serde(default)]
    columns: BTreeMap<String, String>,
    #[serde(default)]
    times: Times,
    /// What separates people in one cell.
    separator: Option<char>,
    /// The log's names of partners, and their ids.
    #[serde(default)]
    partners: BTreeMap<String, PartnerId>,
    /// What a row says nothing of.
    #[serde(default)]
    otherwise: Otherwise,
    /// By reach, the list of bystanders that has the people.
    #[serde(default)]
    bystanders: BTreeMap<String, String>,
    #[serde(default, rename = "operation")]
    operations: Vec<OperationForm>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Preset {
    Nginx,
    Envoy,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Times {
    #[serde(default)]
    form: TimeForm,
    without_zone: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Otherwise {
    verb: Option<Verb>,
    category: Option<Category>,
    reach: Option<Reach>,
    purpose: Option<Purpose>,
    partner: Option<PartnerId>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OperationForm {
    name: Option<String>,
    method: Option<String>,
    path: Option<String>,
    acts: Vec<ActForm>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActForm {
    verb: Option<Verb>,
    category: Category,
    reach: Reach,
    purpose: Option<Purpose>,
    /// `own`, `named`, `unknown`, or the name of a list of bystanders.
    people: Option<String>,
}

/// Which column is what, and what an operation does.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The columns that are wanted, with their names.
    pub(crate) columns: Vec<(Is, String)>,
    pub(crate) time: TimeForm,
    /// The offset in minutes of times without zone.
    pub(crate) zone: Option<i32>,
    pub(crate) separator: char,
    partners: BTreeMap<String, PartnerId>,
    otherwise: Otherwise,
    bystanders: BTreeMap<Reach, String>,
    pub(crate) operations: Vec<Operation>,
}

/// What one operation does.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    name: Option<String>,
    method: Option<String>,
    path: Option<Vec<Step>>,
    acts: Vec<(Act, Option<String>)>,
}

#[derive(Clone, Debug)]
enum Step {
    Fixed(String),
    Person,
    Key,
    Any,
}

/// A mapping that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// Not TOML, or not these keys.
    #[error("{file}: {source}")]
    Toml {
        /// The file.
        file: String,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// Sound TOML that says too little or what cannot be.
    #[error("{file}: {wrong}\n  to do: {advice}")]
    Unsound {
        /// The file.
        file: String,
        /// What is wrong.
        wrong: String,
        /// What to do.
        advice: &'static str,
    },
}

/// Why a row has no kind.
pub(crate) type NoKind = &'static str;

/// What of a row tells its kind, as text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Telling<'a> {
    pub(crate) partner: Option<&'a str>,
    pub(crate) operation: Option<usize>,
    pub(crate) verb: Option<&'a str>,
    pub(crate) category: Option<&'a str>,
    pub(crate) reach: Option<&'a str>,
    pub(crate) purpose: Option<&'a str>,
}

impl Mapping {
    /// Reads a mapping. `file` is how errors name it.
    ///
    /// # Errors
    /// It is not TOML, or says what cannot be.
    pub fn parse(file: &str, text: &str) -> Result<Mapping, MappingError> {
        let toml = |source| MappingError::Toml {
            file: file.to_owned(),
            source: Box::new(source),
        };
        let unsound = |wrong: String, advice| MappingError::Unsound {
            file: file.to_owned(),
            wrong,
            advice,
        };
        let form: MappingForm = toml::from_str(text).map_err(toml)?;
        let mut columns: BTreeMap<Is, String> = form.preset.into_iter().flat_map(preset).collect();
        for (is, name) in &form.columns {
            let is = is_of(is).ok_or_else(|| unsound(
                format!("columns: {is:?} is nothing that a log can say"),
                "use time, partner, person, people, key, operation, method, path, status, verb, category, reach, purpose",
            ))?;
            columns.insert(is, name.clone());
        }
        if !columns.contains_key(&Is::Time) {
            return Err(unsound(
                "no column has the time".into(),
                "name it under [columns]: time = \"…\"",
            ));
        }
        if !columns.contains_key(&Is::Partner) && form.otherwise.partner.is_none() {
            return Err(unsound(
                "no column has the partner".into(),
                "name it under [columns], or the one partner of this log under [otherwise]",
            ));
        }
        let zone = match &form.times.without_zone {
            None => None,
            Some(zone) if zone == "UTC" => Some(0),
            Some(zone) => Some(parse_offset(zone.as_bytes()).ok_or_else(|| {
                unsound(
                    format!("times: without-zone {zone:?} is no offset"),
                    "write UTC, or an offset such as +01:00",
                )
            })?),
        };
        let bystanders = form
            .bystanders
            .into_iter()
            .map(|(reach, list)| Ok((reach.parse::<Reach>()?, list)));
        let bystanders: Result<_, String> = bystanders.collect();
        let bystanders =
            bystanders.map_err(|wrong| unsound(wrong, "write reach = \"name of a list\""))?;
        let operations: Result<Vec<_>, String> = form
            .operations
            .into_iter()
            .map(|it| operation(it, &form.otherwise))
            .collect();
        let operations =
            operations.map_err(|wrong| unsound(wrong, "see docs/audit.md for operations"))?;
        Ok(Mapping {
            columns: columns.into_iter().collect(),
            time: form.times.form,
            zone,
            separator: form.separator.unwrap_or(';'),
            partners: form.partners,
            otherwise: form.otherwise,
            bystanders,
            operations,
        })
    }

    /// The column's place among the wanted ones.
    pub(crate) fn place(&self, is: Is) -> Option<usize> {
        self.columns.iter().position(|(column, _)| *column == is)
    }

    /// Whether times and kinds alone need this column.
    pub(crate) fn tells_kind(is: Is) -> bool {
        !matches!(is, Is::Person | Is::People | Is::Key)
    }

    /// The operation by its name.
    pub(crate) fn named(&self, name: &str) -> Option<usize> {
        self.operations
            .iter()
            .position(|it| it.name.as_deref() == Some(name))
    }

    /// The operation of a request, with the person and the key that stand in its path.
    pub(crate) fn requested<'a>(
        &self,
        method: Option<&str>,
        path: &'a str,
    ) -> Option<(usize, Option<&'a str>, Option<&'a str>)> {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        self.operations
            .iter()
            .enumerate()
            .find_map(|(n, operation)| {
                let fits = operation.method.is_none() || operation.method.as_deref() == method;
                let (person, key) = follow(operation.path.as_deref()?, path)?;
                fits.then_some((n, person, key))
            })
    }

    /// The kind of a row.
    pub(crate) fn kind(
        &self,
        telling: Telling<'_>,
        lists: &[String],
        acts: &Acts,
        kinds: &Kinds,
    ) -> Result<u32, NoKind> {
        let partner = match telling.partner {
            None => self
                .otherwise
                .partner
                .clone()
                .ok_or("the row names no partner")?,
            Some(text) => match self.partners.get(text) {
                Some(partner) => partner.clone(),
                None => text.parse().map_err(
                    |_| "the partner's name is no partner id, and the mapping has none for it",
                )?,
            },
        };
        let told = match telling.operation {
            Some(operation) => self
                .operations
                .get(operation)
                .map(|it| it.acts.clone())
                .unwrap_or_default(),
            None => vec![(self.act(telling)?, None)],
        };
        let mut parts = Vec::new();
        for (act, people) in told {
            let whose = self.whose(&act, people.as_deref(), lists)?;
            parts.push(Part {
                act: acts.number(&partner, &act),
                whose,
            });
        }
        Ok(kinds.number(&parts))
    }

    fn act(&self, telling: Telling<'_>) -> Result<Act, NoKind> {
        let verb = match telling.verb {
            None => self.otherwise.verb.unwrap_or(Verb::Read),
            Some("read") => Verb::Read,
            Some("write") => Verb::Write,
            Some("delete") => Verb::Delete,
            Some("import") => Verb::Import,
            Some(_) => return Err("the verb is not read, write, delete or import"),
        };
        fn or<T: std::str::FromStr + Clone>(
            text: Option<&str>,
            otherwise: Option<&T>,
            none: NoKind,
            wrong: NoKind,
        ) -> Result<T, NoKind> {
            match text {
                None => otherwise.cloned().ok_or(none),
                Some(text) => text.parse().map_err(|_| wrong),
            }
        }
        let other = &self.otherwise;
        Ok(Act {
            verb,
            category: or(
                telling.category,
                other.category.as_ref(),
                "the row names no category, and no operation",
                "the category is not of the form prefix:Term",
            )?,
            reach: or(
                telling.reach,
                other.reach.as_ref(),
                "the row names no reach, and no operation",
                "the reach is not one",
            )?,
            purpose: or(
                telling.purpose,
                other.purpose.as_ref(),
                "the row names no purpose",
                "the purpose is not of the form prefix:Term",
            )?,
        })
    }

    fn whose(&self, act: &Act, people: Option<&str>, lists: &[String]) -> Result<Whose, NoKind> {
        let listed = |name: &str| {
            lists
                .iter()
                .position(|list| list == name)
                .map(Whose::Listed)
        };
        match people {
            Some("own") => return Ok(Whose::Own),
            Some("named") => return Ok(Whose::Named),
            Some("unknown") => return Ok(Whose::Unknown),
            Some(name) => {
                return listed(name)
                    .ok_or("the operation names a list of bystanders that was not given");
            }
            None => {}
        }
        if act.reach == Reach::Own {
            return Ok(Whose::Own);
        }
        if let Some(list) = self.bystanders.get(&act.reach) {
            // A list that was not given leaves the question open; the audit says so.
            return Ok(listed(list).unwrap_or(Whose::Unknown));
        }
        Ok(if self.place(Is::People).is_some() {
            Whose::Named
        } else {
            Whose::Unknown
        })
    }
}

fn is_of(text: &str) -> Option<Is> {
    let names = [
        "time",
        "partner",
        "person",
        "people",
        "key",
        "operation",
        "method",
        "path",
        "status",
        "verb",
        "category",
        "reach",
        "purpose",
    ];
    names
        .iter()
        .position(|name| *name == text)
        .and_then(|n| ALL.get(n).copied())
}

/// The members that nginx (`log_format … escape=json`, named after its variables) and Envoy (its documented JSON format)
/// write. Who the partner and the person are, each platform logs in its own way.
fn preset(preset: Preset) -> Vec<(Is, String)> {
    let columns: &[(Is, &str)] = match preset {
        Preset::Nginx => &[
            (Is::Time, "time_iso8601"),
            (Is::Method, "request_method"),
            (Is::Path, "request_uri"),
            (Is::Status, "status"),
            (Is::Key, "request_id"),
        ],
        Preset::Envoy => &[
            (Is::Time, "start_time"),
            (Is::Method, "method"),
            (Is::Path, "path"),
            (Is::Status, "response_code"),
            (Is::Key, "request_id"),
        ],
    };
    columns
        .iter()
        .map(|(is, name)| (*is, (*name).to_owned()))
        .collect()
}

fn operation(form: OperationForm, otherwise: &Otherwise) -> Result<Operation, String> {
    let called = form.name.clone().or(form.path.clone()).unwrap_or_default();
    if form.name.is_none() && form.path.is_none() {
        return Err("an operation has neither name nor path".into());
    }
    if form.acts.is_empty() {
        return Err(format!("operation {called:?} has no acts"));
    }
    let act = |it: ActForm| {
        let purpose = it.purpose.or(otherwise.purpose.clone());
        let purpose = purpose.ok_or_else(|| format!("operation {called:?} names no purpose"))?;
        let verb = it.verb.or(otherwise.verb).unwrap_or(Verb::Read);
        Ok::<_, String>((
            Act {
                verb,
                category: it.category,
                reach: it.reach,
                purpose,
            },
            it.people,
        ))
    };
    let step = |text: &str| match text {
        "{person}" => Step::Person,
        "{key}" => Step::Key,
        _ if text.starts_with('{') && text.ends_with('}') => Step::Any,
        _ => Step::Fixed(text.to_owned()),
    };
    let acts = form.acts.into_iter().map(act).collect::<Result<_, _>>()?;
    let path = form.path.map(|path| path.split('/').map(step).collect());
    Ok(Operation {
        name: form.name,
        method: form.method,
        path,
        acts,
    })
}

/// Follows a path; `None` where it leads elsewhere.
fn follow<'a>(steps: &[Step], path: &'a str) -> Option<(Option<&'a str>, Option<&'a str>)> {
    let mut parts = path.split('/');
    let (mut person, mut key) = (None, None);
    for step in steps {
        let part = parts.next()?;
        match step {
            Step::Fixed(fixed) if fixed != part => return None,
            Step::Person if !part.is_empty() => person = Some(part),
            Step::Key if !part.is_empty() => key = Some(part),
            Step::Person | Step::Key => return None,
            Step::Fixed(_) | Step::Any => {}
        }
    }
    parts.next().is_none().then_some((person, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NGINX: &str = r#"
preset = "nginx"
[columns]
partner = "client_id"
person = "user"
[otherwise]
purpose = "dpv:ServicePersonalisation"
[[operation]]
method = "GET"
path = "/v1/people/{person}/friends"
acts = [{ category = "pd:Name", reach = "friend", people = "friends" }]
[[operation]]
path = "/v1/threads/{key}"
acts = [{ category = "social:Message", reach = "own" }, { category = "social:Message", reach = "participant", people = "members" }]
"#;

    #[test]
    fn a_request_is_told_by_its_method_and_path() {
        let mapping = Mapping::parse("m.toml", NGINX).unwrap_or_else(|error| panic!("{error}"));
        let asked = |method, path| mapping.requested(Some(method), path);
        assert_eq!(
            asked("GET", "/v1/people/7/friends?page=2"),
            Some((0, Some("7"), None))
        );
        assert_eq!(asked("POST", "/v1/people/7/friends"), None);
        assert_eq!(asked("POST", "/v1/threads/t9"), Some((1, None, Some("t9"))));
        assert_eq!(asked("GET", "/v1/threads"), None);
        assert_eq!(asked("GET", "/v1/threads/"), None);
    }

    #[test]
    fn one_operation_can_be_several_acts_of_different_people() {
        let mapping = Mapping::parse("m.toml", NGINX).unwrap_or_else(|error| panic!("{error}"));
        let (acts, kinds) = (Acts::default(), Kinds::default());
        let lists = ["friends".to_owned(), "members".to_owned()];
        let telling = Telling {
            partner: Some("findr"),
            operation: Some(1),
            ..Telling::default()
        };
        let kind = mapping.kind(telling, &lists, &acts, &kinds);
        assert_eq!(kind, Ok(0));
        let whose: Vec<Whose> = kinds.all()[0].iter().map(|part| part.whose).collect();
        assert_eq!(whose, [Whose::Own, Whose::Listed(1)]);
        let stranger = Telling {
            partner: Some("App 7"),
            ..telling
        };
        assert!(mapping.kind(stranger, &lists, &acts, &kinds).is_err());
    }

    #[test]
    fn a_mapping_that_says_too_little_says_what_to_do() {
        for (text, expected) in [
            ("", "no column has the time"),
            ("[columns]\ntime = \"t\"", "no column has the partner"),
            ("[columns]\nwhen = \"t\"", "nothing that a log can say"),
            ("[colums]", "unknown field"),
            (
                "preset = \"nginx\"\n[columns]\npartner=\"p\"\n[times]\nwithout-zone = \"CET\"",
                "no offset",
            ),
        ] {
            let error = Mapping::parse("m.toml", text)
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
