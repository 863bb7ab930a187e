//! The administration API's document: made from the code, and checked in as it is.

use std::path::Path;

use serde_json::Value;

#[test]
fn the_document_that_is_checked_in_is_the_one_that_the_code_makes() {
    let made = format!("{:#}\n", gateway::admin_openapi());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/admin-api.json");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        made == kept,
        "docs/admin-api.json is out of date: run this test with UPDATE_DOCS=1"
    );
}

#[test]
fn every_endpoint_of_the_api_is_in_the_document_with_its_roles_and_what_can_go_wrong() {
    let document = gateway::admin_openapi();
    let mut seen = 0;
    for (method, path) in gateway::admin_endpoints() {
        if path.starts_with("/desk") || ["/", "/login", "/logout"].contains(path) {
            continue; // pages, for people
        }
        let operation = &document["paths"][path][method.as_str().to_lowercase()];
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{path}");
        assert!(
            !operation["x-roles"].as_array().unwrap().is_empty(),
            "{path}"
        );
        for status in ["200", "401", "403", "429"] {
            assert!(
                operation["responses"][status].is_object(),
                "{method} {path} {status}"
            );
        }
        seen += 1;
    }
    assert!(seen >= 35, "{seen}");
}

#[test]
fn every_reference_of_the_document_leads_somewhere_and_every_name_is_used_once() {
    let document = gateway::admin_openapi();
    let mut references = Vec::new();
    walk(&document, &mut |key, value| {
        if key == "$ref" {
            references.push(value.as_str().unwrap().to_owned());
        }
    });
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let mut names = Vec::new();
    walk(&document["paths"], &mut |key, value| {
        if key == "operationId" {
            names.push(value.as_str().unwrap().to_owned());
        }
    });
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
}

fn walk(value: &Value, see: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                see(key, value);
                walk(value, see);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, see)),
        _ => {}
    }
}
