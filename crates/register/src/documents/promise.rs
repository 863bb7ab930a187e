//! A public promise as a steward writes it down: what was said, when, where, and what it forbids.

use std::collections::BTreeSet;
use std::str::FromStr;

use decide::{Day, Form, Promise, Scope, Time, Verb};
use schemars::JsonSchema;
use serde::Deserialize;

use super::problem::Problems;
use super::sheet::{At, Sheet};
use super::terms;

/// A promise's document, read and found sound in itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromiseDocument {
    /// What of it the rule sees.
    pub promise: Promise,
    /// The day on which it was made in public.
    pub made: Day,
    /// What it says, in the steward's own words. Not a quotation: the address leads to the wording.
    pub summary: String,
    /// Where it can be read.
    pub address: String,
}

/// A public statement by the platform, compiled to a prohibition that no agreement can override.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "Promise")]
pub(super) struct PromiseForm {
    /// The promise's id. 1 to 64 of a-z, 0-9, '-', beginning with a letter.
    #[schemars(with = "String", regex(pattern = "^[a-z][a-z0-9-]{0,63}$"))]
    promise: At<String>,
    /// The day on which it was made in public.
    #[schemars(with = "String", extend("format" = "date"))]
    made: At<String>,
    /// What it says, in own words.
    #[schemars(with = "String")]
    summary: At<String>,
    /// Where it can be read (https).
    #[schemars(with = "String", extend("format" = "uri"))]
    address: At<String>,
    /// absolute; unless-consented (everybody concerned has consented); dated (absolute from and until);
    /// not-judgeable (listed, never counted as enforced).
    #[schemars(with = "String", extend("enum" = ["absolute", "unless-consented", "dated", "not-judgeable"]))]
    form: At<String>,
    /// For form dated: the first moment; left out: from when the register takes it in.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    from: Option<At<String>>,
    /// For form dated: the first moment no longer covered; left out: no end.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    until: Option<At<String>>,
    /// What it covers.
    scope: ScopeForm,
}

/// What a promise covers. A key that is left out covers everything of its kind.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ScopeForm {
    /// read, write, delete, import.
    #[schemars(with = "Option<Vec<String>>")]
    verbs: Option<At<Vec<At<String>>>>,
    /// Categories of data.
    #[schemars(with = "Option<Vec<String>>")]
    categories: Option<At<Vec<At<String>>>>,
    /// Reaches.
    #[schemars(with = "Option<Vec<String>>")]
    reaches: Option<At<Vec<At<String>>>>,
    /// Purposes.
    #[schemars(with = "Option<Vec<String>>")]
    purposes: Option<At<Vec<At<String>>>>,
    /// Partners.
    #[schemars(with = "Option<Vec<String>>")]
    partners: Option<At<Vec<At<String>>>>,
}

/// Reads a document. `file` is how errors name it.
///
/// # Errors
/// Everything found wrong, with places.
pub fn parse(file: &str, text: &str) -> Result<PromiseDocument, Problems> {
    let (mut sheet, form) = Sheet::read::<PromiseForm>(file, text, "promise")?;
    let promise = read(&mut sheet, &form);
    sheet.finish(promise)
}

fn read(sheet: &mut Sheet<'_>, form: &PromiseForm) -> Option<PromiseDocument> {
    let promise = sheet.parse(
        "promise",
        &form.promise,
        "choose a short id that never changes",
    );
    let made = sheet.parse(
        "made",
        &form.made,
        "write the day on which the promise was made in public",
    );
    let summary = sheet.words(
        "summary",
        &form.summary,
        "say in own words what was promised",
    );
    let address = address(sheet, &form.address);
    let its_form = its_form(sheet, form);
    let scope = scope(sheet, &form.scope);
    Some(PromiseDocument {
        promise: Promise {
            promise: promise?,
            form: its_form?,
            scope: scope?,
        },
        made: made?,
        summary,
        address: address?,
    })
}

fn address(sheet: &mut Sheet<'_>, text: &At<String>) -> Option<String> {
    if text.value.starts_with("https://") && text.value.len() > 8 {
        return Some(text.value.clone());
    }
    sheet.add(
        text.referenced,
        format!("address: {:?} is not where people can read it", text.value),
        "an address beginning with https://",
        "write where the promise was published; a copy in an archive will do",
    );
    None
}

fn its_form(sheet: &mut Sheet<'_>, form: &PromiseForm) -> Option<Form> {
    let advice = "write a moment with its zone";
    let moment = |sheet: &mut Sheet<'_>, key: &str, text: &Option<At<String>>| match text {
        Some(text) => sheet.parse::<Time>(key, text, advice).map(Some),
        None => Some(None),
    };
    let from = moment(sheet, "from", &form.from);
    let until = moment(sheet, "until", &form.until);
    let dated = form.from.as_ref().or(form.until.as_ref());
    let its = match form.form.value.as_str() {
        "dated" => dated_form(sheet, form, from?, until?),
        "absolute" => Some(Form::Absolute),
        "unless-consented" => Some(Form::UnlessConsented),
        "not-judgeable" => Some(Form::NotJudgeable),
        other => {
            sheet.add(
                form.form.referenced,
                format!("form: {other:?} is not a form"),
                "absolute, unless-consented, dated or not-judgeable",
                "choose not-judgeable when nobody could tell whether it is kept: it is listed, and not counted as enforced",
            );
            None
        }
    };
    if let (Some(moment), Some(Form::Absolute | Form::UnlessConsented | Form::NotJudgeable)) =
        (dated, its)
    {
        sheet.add(
            moment.referenced,
            format!("form {} has no from and no until", form.form.value),
            "from and until only with form: dated",
            "write form: dated, or remove the moment",
        );
    }
    its
}

fn dated_form(
    sheet: &mut Sheet<'_>,
    form: &PromiseForm,
    from: Option<Time>,
    until: Option<Time>,
) -> Option<Form> {
    match (from, until) {
        (None, None) => sheet.add(
            form.form.referenced,
            "form dated without a date",
            "from, until, or both",
            "write the moments, or form: absolute",
        ),
        (Some(from), Some(until)) if until <= from => sheet.add(
            form.until
                .as_ref()
                .map_or(form.form.referenced, |until| until.referenced),
            format!("the promise ends ({until}) before it begins ({from})"),
            "an end after the beginning",
            "correct one of the two moments",
        ),
        _ => {}
    }
    Some(Form::Dated { from, until })
}

fn scope(sheet: &mut Sheet<'_>, form: &ScopeForm) -> Option<Scope> {
    Some(Scope {
        verbs: set(sheet, "verbs", &form.verbs, verb)?,
        categories: set(sheet, "categories", &form.categories, terms::category)?,
        reaches: set(sheet, "reaches", &form.reaches, |sheet, text| {
            plain(sheet, "reaches", text)
        })?,
        purposes: set(sheet, "purposes", &form.purposes, |sheet, text| {
            terms::purpose(sheet, "purpose", text)
        })?,
        partners: set(sheet, "partners", &form.partners, |sheet, text| {
            plain(sheet, "partners", text)
        })?,
    })
}

/// A set that is left out covers everything, an empty one nothing: hardly what somebody promised.
fn set<T: Ord>(
    sheet: &mut Sheet<'_>,
    key: &str,
    all: &Option<At<Vec<At<String>>>>,
    mut read: impl FnMut(&mut Sheet<'_>, &At<String>) -> Option<T>,
) -> Option<Option<BTreeSet<T>>> {
    let Some(all) = all else {
        return Some(None);
    };
    if all.value.is_empty() {
        sheet.add(
            all.referenced,
            format!("{key} is empty, so the promise would cover nothing"),
            "at least one, or the key left out (which covers everything)",
            "name what is covered, or remove the key",
        );
    }
    let read: Vec<Option<T>> = all.value.iter().map(|text| read(sheet, text)).collect();
    Some(Some(read.into_iter().collect::<Option<_>>()?))
}

fn plain<T: FromStr>(sheet: &mut Sheet<'_>, key: &str, text: &At<String>) -> Option<T>
where
    T::Err: std::fmt::Display,
{
    sheet.parse(key, text, "correct its spelling")
}

fn verb(sheet: &mut Sheet<'_>, text: &At<String>) -> Option<Verb> {
    match text.value.as_str() {
        "read" => Some(Verb::Read),
        "write" => Some(Verb::Write),
        "delete" => Some(Verb::Delete),
        "import" => Some(Verb::Import),
        other => {
            let wrong = format!("verbs: {other:?} is not a verb");
            sheet.add(
                text.referenced,
                wrong,
                "read, write, delete or import",
                "correct its spelling",
            );
            None
        }
    }
}

/// A commented template to begin from; sound as it stands.
#[must_use]
pub fn draft(promise: &decide::PromiseId) -> String {
    TEMPLATE.replace("PROMISE", promise.as_str())
}

const TEMPLATE: &str = r#"# A public promise of the platform. From the moment the register takes it in, no agreement, person in the company or
# label can override it. Weakening it is a public event that takes effect 30 days later at the earliest.
promise: PROMISE                  # never changes
made: 2026-11-01                  # the day on which it was made in public
summary: >-
  What was promised, in own words.
address: https://sample.example/where-it-can-be-read

# absolute:          what it covers does not happen
# unless-consented:  it does not happen unless every person concerned has consented
# dated:             absolute between two moments (from, until)
# not-judgeable:     nobody could tell whether it is kept; listed, never counted as enforced
form: unless-consented

scope:                            # a key that is left out covers everything of its kind
  verbs: [read]
  reaches: [friend, contact]
"#;
