//! Reading one YAML document, collecting what is wrong with the places.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde_saphyr::{Error, Location, Spanned};

use super::problem::{Problem, Problems};

/// A value with its place.
pub(super) type At<T> = Spanned<T>;

/// Documents above this are refused unread; nobody reviews more.
const BYTES_AT_MOST: usize = 1 << 20;

/// What has been found wrong so far.
pub(super) struct Sheet<'a> {
    file: &'a str,
    problems: Vec<Problem>,
}

impl<'a> Sheet<'a> {
    /// Reads the form. Its errors end the reading; errors of meaning are collected afterwards.
    pub(super) fn read<T: DeserializeOwned>(
        file: &'a str,
        text: &str,
        template: &str,
    ) -> Result<(Sheet<'a>, T), Problems> {
        let mut sheet = Sheet {
            file,
            problems: Vec::new(),
        };
        if text.len() > BYTES_AT_MOST {
            sheet.add(
                Location::UNKNOWN,
                format!("the document has {} bytes", text.len()),
                format!("at most {BYTES_AT_MOST} bytes"),
                "keep long texts (notices, annexes) in files of their own",
            );
            return Err(sheet.problems());
        }
        match serde_saphyr::from_str(text) {
            Ok(form) => Ok((sheet, form)),
            Err(error) => {
                sheet.of_form(&error, template);
                Err(sheet.problems())
            }
        }
    }

    pub(super) fn add(
        &mut self,
        place: Location,
        wrong: impl Into<String>,
        expected: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.problems.push(Problem {
            line: place.line(),
            column: place.column(),
            wrong: wrong.into(),
            expected: expected.into(),
            advice: advice.into(),
        });
    }

    /// Reads a value out of its text; the nouns' own errors say what they expected.
    pub(super) fn parse<T: FromStr>(
        &mut self,
        key: &str,
        text: &At<String>,
        advice: &str,
    ) -> Option<T>
    where
        T::Err: Display,
    {
        text.value
            .parse()
            .map_err(|error: T::Err| {
                let said = error.to_string();
                let (wrong, expected) = said
                    .split_once(": expected ")
                    .unwrap_or((&said, "another value"));
                self.add(text.referenced, format!("{key}: {wrong}"), expected, advice);
            })
            .ok()
    }

    /// A text that says something.
    pub(super) fn words(&mut self, key: &str, text: &At<String>, advice: &str) -> String {
        if text.value.trim().is_empty() {
            self.add(
                text.referenced,
                format!("{key} is empty"),
                "a sentence",
                advice,
            );
        }
        text.value.trim().to_owned()
    }

    /// The value, unless something was wrong.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, Problems> {
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(self.problems()),
        }
    }

    fn problems(self) -> Problems {
        let mut problems = self.problems;
        problems.sort();
        Problems {
            file: self.file.to_owned(),
            problems,
        }
    }

    /// What the reader of YAML says, in our form.
    fn of_form(&mut self, error: &Error, template: &str) {
        let place = error.location().unwrap_or(Location::UNKNOWN);
        let template =
            format!("write it as the template does: `countersign {template} draft` prints one");
        match error.without_snippet() {
            Error::SerdeUnknownField {
                field, expected, ..
            } => self.add(
                place,
                format!("unknown key {field:?}"),
                format!("one of {}", expected.join(", ")),
                format!("correct its spelling, or remove it; {}", hint(field)),
            ),
            Error::SerdeMissingField { field, .. } => self.add(
                place,
                format!("the key {field:?} is missing from the mapping whose last key stands here"),
                format!("a value for {field}"),
                template,
            ),
            Error::DuplicateMappingKey { key, .. } => self.add(
                place,
                format!(
                    "the key {:?} stands here a second time",
                    key.as_deref().unwrap_or("?")
                ),
                "each key once",
                "remove one of the two: a reader could not tell which holds",
            ),
            Error::SerdeInvalidType {
                unexpected,
                expected,
                ..
            }
            | Error::SerdeInvalidValue {
                unexpected,
                expected,
                ..
            } => self.add(
                place,
                format!("{unexpected} cannot stand here"),
                expected.as_str(),
                template,
            ),
            Error::InvalidScalar { ty, .. } => self.add(
                place,
                "this value is not of the kind that belongs here",
                kind(ty),
                template,
            ),
            Error::Unexpected { expected, .. } => {
                self.add(place, "something else stands here", *expected, template);
            }
            other => {
                let said = other.to_string();
                let said = said.lines().next().unwrap_or("it cannot be read");
                self.add(
                    place,
                    format!("not YAML: {said}"),
                    "a YAML document",
                    template,
                );
            }
        }
    }
}

/// A kind of value in words.
fn kind(ty: &str) -> &str {
    match ty {
        "u8" | "u16" | "u32" | "u64" => "a whole number, not below 0",
        "bool" => "true or false",
        other => other,
    }
}

/// A word about keys that people look for and that are left out on purpose.
fn hint(field: &str) -> &'static str {
    match field {
        "hidden" | "hide" | "conceal" | "secret" => {
            "hiding from people that their data is taken cannot be granted"
        }
        "bystanders" | "consent" => {
            "everybody in an answer consents for themselves, no agreement can say otherwise"
        }
        _ => "unknown keys are errors, so that no limit is lost by a slip",
    }
}
