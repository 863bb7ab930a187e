//! An audit's plan: one TOML file that names documents, lists and logs.

mod documents;
mod files;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use decide::Time;
use serde::Deserialize;

use crate::facts::{Lists, Material, People, Unsound};
use crate::read::{self as reading, Faults, LogFile, Mapping, MappingError};
use crate::report::{Role, Source};
use crate::run::Audit;
use files::{Named, named};

/// A plan, as its file says it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanForm {
    policy: PathBuf,
    #[serde(default, rename = "agreement")]
    agreements: Vec<documents::AgreementForm>,
    #[serde(default, rename = "promise")]
    promises: Vec<documents::PromiseForm>,
    /// For lists of role `people`, `consents`, `bars`, `connections`, `activity`.
    #[serde(default, rename = "list")]
    lists: Vec<ListForm>,
    #[serde(default)]
    bystanders: Vec<BystandersForm>,
    #[serde(default, rename = "log")]
    logs: Vec<LogForm>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListForm {
    role: Role,
    files: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BystandersForm {
    name: String,
    file: String,
    /// `people`: pairs of people who know each other (columns person, other). `keys`: threads or requests and who is
    /// behind them (columns key, person).
    by: By,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum By {
    People,
    Keys,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogForm {
    files: Vec<String>,
    mapping: PathBuf,
}

/// A plan that cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A file cannot be read.
    #[error("{}: {why}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The plan or a document is wrong in itself.
    #[error("{0}")]
    Document(String),
    /// The documents contradict each other.
    #[error(transparent)]
    Unsound(#[from] Unsound),
    /// A mapping is wrong.
    #[error(transparent)]
    Mapping(#[from] MappingError),
}

pub(crate) fn read_text(path: &Path) -> Result<String, PlanError> {
    let why = |why: std::io::Error| PlanError::Unreadable {
        path: path.to_owned(),
        why: why.to_string(),
    };
    std::fs::read_to_string(path).map_err(why)
}

/// Reads a plan with all documents and lists that it names; the logs are only looked up. Paths are meant from where the
/// plan lies.
///
/// # Errors
/// The first thing that is wrong, with its file. Broken rows of lists are no error: the report has them.
pub fn open(path: &Path) -> Result<Audit, PlanError> {
    let plan = read(path)?;
    let lists = plan
        .bystanders
        .iter()
        .map(|list| list.name.clone())
        .collect();
    let Plan {
        standing,
        words,
        people,
        lists: rows,
        bystanders,
        logs,
        sources,
        faults,
    } = plan;
    let material = Material::new(standing, words, rows, bystanders)?;
    Ok(Audit {
        material,
        people,
        lists,
        logs,
        sources,
        faults,
    })
}

/// A plan with all that it names, before it is compiled.
pub(crate) struct Plan {
    pub(crate) standing: Vec<decide::Happened>,
    pub(crate) words: BTreeMap<decide::PromiseId, crate::report::Words>,
    pub(crate) people: People,
    pub(crate) lists: Lists,
    pub(crate) bystanders: Vec<crate::bystanders::Bystanders>,
    pub(crate) logs: Vec<LogFile>,
    pub(crate) sources: Vec<Source>,
    pub(crate) faults: Faults,
}

pub(crate) fn read(path: &Path) -> Result<Plan, PlanError> {
    let text = read_text(path)?;
    let name = path.display().to_string();
    let plan: PlanForm =
        toml::from_str(&text).map_err(|error| PlanError::Document(format!("{name}: {error}")))?;
    let home = path.parent().unwrap_or(Path::new(""));
    let mut sources = Vec::new();
    let documents = documents::read(
        home,
        &plan.policy,
        &plan.agreements,
        &plan.promises,
        &mut sources,
    )?;
    let people = People::default();
    let (mut lists, mut faults) = (Lists::default(), Faults::default());
    for list in &plan.lists {
        if !matches!(
            list.role,
            Role::People | Role::Consents | Role::Bars | Role::Connections | Role::Activity
        ) {
            return Err(PlanError::Document(format!(
                "{name}: a list of {:?} is none: write people, consents, bars, connections or activity",
                list.role
            )));
        }
        for file in named(home, &list.files)? {
            let into = reading::Reading {
                people: &people,
                powers: &documents.powers,
                lists: &mut lists,
                faults: &mut faults,
            };
            let count = read_list(&file, list.role, &mut sources, |form| {
                reading::lists(list.role, &file.path, &file.name, form, into)
            });
            count?;
        }
    }
    let mut bystanders = Vec::new();
    let mut keys: Option<Arc<People>> = None;
    for list in &plan.bystanders {
        let keys = (list.by == By::Keys).then(|| keys.get_or_insert_default().clone());
        for file in named(home, std::slice::from_ref(&list.file))? {
            read_list(&file, Role::Bystanders, &mut sources, |form| {
                let read = reading::bystanders(
                    &list.name,
                    &file.path,
                    &file.name,
                    form,
                    &people,
                    keys.clone(),
                    &mut faults,
                );
                read.map(|(list, rows)| {
                    bystanders.push(list);
                    rows
                })
            })?;
        }
    }
    let mut logs = Vec::new();
    for log in &plan.logs {
        let mapping = home.join(&log.mapping);
        let mapping = Arc::new(Mapping::parse(
            &mapping.display().to_string(),
            &read_text(&mapping)?,
        )?);
        for Named {
            path,
            name,
            form: (form, packing),
            bytes,
        } in named(home, &log.files)?
        {
            logs.push(LogFile {
                path,
                name,
                form,
                packing,
                bytes,
                mapping: mapping.clone(),
            });
        }
    }
    let (standing, words) = (documents.standing, documents.words);
    Ok(Plan {
        standing,
        words,
        people,
        lists,
        bystanders,
        logs,
        sources,
        faults,
    })
}

fn read_list(
    file: &Named,
    role: Role,
    sources: &mut Vec<Source>,
    read: impl FnOnce((reading::Form, reading::Packing)) -> Result<u64, String>,
) -> Result<(), PlanError> {
    let rows = read(file.form).map_err(|why| PlanError::Unreadable {
        path: file.path.clone(),
        why,
    })?;
    sources.push(Source {
        file: file.name.clone(),
        role,
        form: reading::name_of(file.form.0, file.form.1),
        bytes: file.bytes,
        rows,
        broken: 0,
    });
    Ok(())
}

/// Documents, as dated events.
struct Documents {
    standing: Vec<decide::Happened>,
    words: BTreeMap<decide::PromiseId, crate::report::Words>,
    powers: Vec<reading::Known>,
}

/// Before everything else: 1900-01-01.
pub(crate) const ANCIENT: Time = Time(-2_208_988_800_000);
