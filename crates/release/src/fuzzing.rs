//! Doors for `fuzz/`, behind the feature `fuzzing`: the sweep by itself, and an answer's bytes without a ledger.
//!
//! Nothing in service has the feature. What comes out here must never be sent to anybody.
#![allow(missing_docs, reason = "for fuzz/ only, where each is used once")]

use bytes::Bytes;

use crate::judged::Judged;
use crate::sweep::{Forms, keys_of, scan};

pub use crate::sweep::plain::{find, is_identifier};

/// What would be written if the ledger had recorded it.
#[must_use]
pub fn written(judged: &Judged) -> Option<Bytes> {
    crate::reduce::write(judged).map(|written| written.body)
}

/// All occurrences in a text, each with its readings, each of these as (exact text, normal form). `None` if a template is
/// wrong.
#[must_use]
pub fn occurrences(text: &str, addresses: &[String]) -> Option<Vec<Vec<(String, String)>>> {
    let forms = Forms::new(addresses).ok()?;
    let mut all = Vec::new();
    scan(text, &forms, &mut |found| {
        let readings = found.readings.iter();
        all.push(
            readings
                .map(|one| (one.exact.to_string(), one.key.to_string()))
                .collect(),
        );
    });
    Some(all)
}

/// The normal forms of a declared identifier.
#[must_use]
pub fn keys(text: &str, addresses: &[String]) -> Option<Vec<String>> {
    Some(keys_of(text, &Forms::new(addresses).ok()?))
}
