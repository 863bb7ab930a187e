//! Loading: any document with any overlay is a plan or a list of mistakes, each with its place and what to do.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release::{Api, report};

const DOCUMENT: &[u8] = include_bytes!("../../crates/release/src/tests/hall.yaml");
const NOTHING: &[u8] = br#"{"overlay": "1.1.0", "info": {"title": "None", "version": "1"},
    "actions": [{"target": "$.info", "update": {"description": "nothing"}}]}"#;

// The first byte says what the rest is: a document, an overlay for Hall, or both with a zero between them; JSON or YAML.
fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else {
        return;
    };
    let zero = rest
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(rest.len());
    let (document, overlay) = match kind % 3 {
        0 => (rest, NOTHING),
        1 => (DOCUMENT, rest),
        _ => (&rest[..zero], rest.get(zero + 1..).unwrap_or(NOTHING)),
    };
    let yaml = |own: bool| {
        if own || kind & 64 == 0 {
            "a.yaml"
        } else {
            "a.json"
        }
    };
    match Api::load(document, yaml(kind % 3 == 1), overlay, yaml(false)) {
        Ok(api) => {
            let shown = report(&api);
            assert_eq!(shown.operations.len(), api.operations().len());
        }
        Err(errors) => {
            assert!(!errors.0.is_empty());
            for error in errors.0 {
                assert!(
                    !error.problem.is_empty() && !error.remedy.is_empty(),
                    "{error:?}"
                );
            }
        }
    }
});
