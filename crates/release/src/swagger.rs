//! Documents in Swagger 2.0, brought into OpenAPI 3.0 by a library before anything else is done with them.
//!
//! The overlay is applied to what comes out, so its targets are those of OpenAPI 3.0: `$.components.schemas.Person` for
//! what Swagger calls `$.definitions.Person`, `requestBody` for a parameter in the body. `basePath` is no part of the paths:
//! it belongs to the address at which the gateway finds the platform.

use serde_json::Value;

use crate::error::LoadError;

/// The document in OpenAPI 3.0, if it was in Swagger 2.0; else as it was.
pub(crate) fn converted(document: Value, name: &str) -> Result<Value, LoadError> {
    let Some(version) = document.get("swagger") else {
        return Ok(document);
    };
    let wrong = |at: &str, problem: String| LoadError {
        file: name.to_owned(),
        at: at.to_owned(),
        problem,
        expected: "a document of Swagger 2.0".to_owned(),
        remedy: "correct it there, or convert it to OpenAPI 3 by a tool of your choice".to_owned(),
    };
    if version != "2.0" {
        return Err(wrong("/swagger", format!("the version is {version}")));
    }
    let old: roas::v2::spec::Spec =
        serde_json::from_value(document).map_err(|error| wrong("/", error.to_string()))?;
    let new = roas::v3_0::spec::Spec::from(old);
    serde_json::to_value(new).map_err(|error| wrong("/", error.to_string()))
}
