//! The published JSON Schemas (2020-12), generated from the keys that are read.

use schemars::{JsonSchema, schema_for};

use super::agreement::AgreementForm;
use super::policy::PolicyForm;
use super::promise::PromiseForm;

/// Every schema with its file name under `specs/schema/`, as text that ends in a line break.
#[must_use]
pub fn all() -> [(&'static str, String); 3] {
    [
        ("agreement.json", text::<AgreementForm>()),
        ("policy.json", text::<PolicyForm>()),
        ("promise.json", text::<PromiseForm>()),
    ]
}

fn text<T: JsonSchema>() -> String {
    format!("{:#}\n", schema_for!(T).as_value())
}
