//! From the documents to a case, with everything in it that refers to something else checked.

use std::collections::{BTreeMap, BTreeSet};

use decide::{Policy, PromiseId};
use register::documents::agreement::{self, Agreement};
use register::documents::promise::PromiseDocument;
use register::documents::{policy, promise};
use serde::de::DeserializeOwned;

use crate::record::{Head, Person, RowRecord, Source, SourceId, VersionRecord};
use crate::wrong::Wrong;

/// A case, read and found sound.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is about.
    pub head: Head,
    /// Where its facts were published, in the order in which they are numbered.
    pub sources: Vec<Source>,
    /// The promises, by day.
    pub promises: Vec<PromiseDocument>,
    /// The policy under which it is asked. Ours, not the platform's.
    pub policy: Policy,
    /// The invented notice under which invented people agreed.
    pub notice: String,
    /// The rows, by id.
    pub rows: Vec<Row>,
}

/// A row with its agreement.
#[derive(Clone, Debug)]
pub struct Row {
    /// What is on record.
    pub record: RowRecord,
    /// The versions of its agreement, from 1.
    pub versions: Vec<Version>,
    /// For a document that must not be readable: what reading it said.
    pub refused: Option<String>,
}

/// A version of an agreement with who is taken to have signed it.
#[derive(Clone, Debug)]
pub struct Version {
    /// Who signed.
    pub record: VersionRecord,
    /// What it grants.
    pub agreement: Agreement,
    /// Its exact text.
    pub text: String,
}

type Files = [(&'static str, &'static str)];

impl Case {
    /// Reads the documents, given by their paths.
    ///
    /// # Errors
    /// The first thing found wrong, with its place.
    pub fn read(files: &Files) -> Result<Case, Wrong> {
        let mut sources: Vec<Source> = yaml("sources.yaml", text(files, "sources.yaml")?)?;
        let head: Head = yaml("case.yaml", text(files, "case.yaml")?)?;
        let mut promises = Vec::new();
        for (file, text) in under(files, "promises/") {
            promises.push(promise::parse(file, text)?);
        }
        promises.sort_by_key(|promise| (promise.made, promise.promise.promise.clone()));
        let mut rows = Vec::new();
        for (file, text) in under(files, "rows/") {
            rows.push(row(files, yaml(file, text)?)?);
        }
        let cited = cited(&head, &rows);
        sources.retain(|source| cited.contains(&source.source));
        let case = Case {
            policy: policy::parse("policy.yaml", text(files, "policy.yaml")?)?,
            notice: text(files, "notice.txt")?.to_owned(),
            head,
            sources,
            promises,
            rows,
        };
        case.check(&cited)?;
        Ok(case)
    }

    /// The invented person whom rows call so.
    #[must_use]
    pub fn person(&self, who: &str) -> Option<&Person> {
        self.head.people.iter().find(|person| person.who == who)
    }

    /// The promise by this id.
    #[must_use]
    pub fn promise(&self, id: &PromiseId) -> Option<&PromiseDocument> {
        self.promises
            .iter()
            .find(|document| document.promise.promise == *id)
    }

    /// The number by which a source is cited, from 1.
    #[must_use]
    pub fn number(&self, source: &str) -> Option<usize> {
        let at = self.sources.iter().position(|it| it.source == source)?;
        Some(at.saturating_add(1))
    }

    fn check(&self, cited: &BTreeSet<SourceId>) -> Result<(), Wrong> {
        let wrong = |row: &str, what: String| Wrong::Row {
            row: row.to_owned(),
            what,
        };
        let known: BTreeSet<_> = self.sources.iter().map(|it| it.source.clone()).collect();
        if let Some(missing) = cited.difference(&known).next() {
            return Err(wrong("sources.yaml", format!("has no source {missing:?}")));
        }
        for promise in &self.promises {
            let id = &promise.promise.promise;
            if !self.head.statements.iter().any(|it| it.promise == *id) {
                return Err(wrong(
                    "case.yaml",
                    format!("has no sources for promise {id}"),
                ));
            }
        }
        for row in &self.rows {
            let record = &row.record;
            let name = record.row.as_str();
            let asked = record.asks.iter().flat_map(|ask| {
                let about = ask.about.iter().map(|about| &about.who);
                about.chain([&ask.through])
            });
            let given = record.consents.iter().map(|given| &given.who);
            if let Some(nobody) = asked.chain(given).find(|who| self.person(who).is_none()) {
                return Err(wrong(
                    name,
                    format!("case.yaml knows nobody called {nobody:?}"),
                ));
            }
            let unknown = record
                .statements
                .iter()
                .find(|id| self.promise(id).is_none());
            if let Some(unknown) = unknown {
                return Err(wrong(name, format!("there is no promise {unknown}")));
            }
            if record.beginning().and_then(|moment| moment.day).is_none() {
                return Err(wrong(
                    name,
                    "has neither a day of `from` nor of `known-by`".into(),
                ));
            }
            let unsourced = moments(record).find(|moment| moment.sources.is_empty());
            if unsourced.is_some() || record.sources.is_empty() {
                return Err(wrong(name, "says something without a source".into()));
            }
        }
        Ok(())
    }
}

fn moments(record: &RowRecord) -> impl Iterator<Item = &crate::record::Moment> {
    let all = [
        &record.from,
        &record.known_by,
        &record.claimed_end,
        &record.observed_end,
    ];
    all.into_iter().flatten()
}

/// Every source that anything cites.
fn cited(head: &Head, rows: &[Row]) -> BTreeSet<SourceId> {
    let figures = head.figures.iter().flat_map(|figure| &figure.sources);
    let rows = rows.iter().flat_map(|row| {
        let record = &row.record;
        let moments = moments(record).flat_map(|moment| &moment.sources);
        let mine = record.sources.iter().chain(&record.in_return_sources);
        mine.chain(moments)
    });
    let statements = head.statements.iter().flat_map(|it| &it.sources);
    let all = figures
        .chain(&head.sources)
        .chain(&head.claimed_role.sources)
        .chain(statements)
        .chain(rows);
    all.cloned().collect()
}

fn row(files: &Files, record: RowRecord) -> Result<Row, Wrong> {
    let mut versions = Vec::new();
    for version in &record.versions {
        let file = format!("agreements/{}-v{}.yaml", record.row, version.version);
        let text = text(files, &file)?;
        let agreement = agreement::parse(&file, text)?;
        if agreement.partner != record.partner || agreement.version != version.version {
            return Err(Wrong::Row {
                row: record.row.clone(),
                what: format!(
                    "{file} is version {} with {}",
                    agreement.version, agreement.partner
                ),
            });
        }
        versions.push(Version {
            record: version.clone(),
            agreement,
            text: text.to_owned(),
        });
    }
    let refused = match &record.refused {
        None => None,
        Some(refused) => {
            let file = format!("refused/{}.yaml", refused.document);
            match agreement::parse(&file, text(files, &file)?) {
                Err(problems) => Some(problems.to_string()),
                Ok(_) => {
                    return Err(Wrong::Row {
                        row: record.row.clone(),
                        what: format!("{file} can be read, and must not be"),
                    });
                }
            }
        }
    };
    Ok(Row {
        record,
        versions,
        refused,
    })
}

fn text(files: &Files, path: &str) -> Result<&'static str, Wrong> {
    let found = files.iter().find(|(file, _)| *file == path);
    found.map(|(_, text)| *text).ok_or_else(|| Wrong::File {
        file: path.to_owned(),
        what: "is missing".to_owned(),
    })
}

fn under(files: &Files, directory: &str) -> Vec<(&'static str, &'static str)> {
    let files: BTreeMap<_, _> = files.iter().copied().collect();
    let mine = files
        .into_iter()
        .filter(|(file, _)| file.starts_with(directory));
    mine.collect()
}

fn yaml<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Wrong> {
    serde_saphyr::from_str(text).map_err(|error| Wrong::File {
        file: file.to_owned(),
        what: error.to_string(),
    })
}
