//! Answers that are streams: where the schema of one record stands, and what holds of streams alone.

use serde_json::Value;

use super::envelope::of_records;
use super::schema::Document;
use crate::document::step;
use crate::extension::{KEY, OperationNote};
use crate::plan::Plan;

/// Where the schema of the answer stands, of a stream the schema of one record: at `schema`, or as OpenAPI 3.2 has it at
/// `itemSchema`. There an event can be described as a whole; what its data hold is then at `contentSchema`.
pub(super) fn schema(document: &mut Document<'_>, at: &str, media: &Value) -> Option<String> {
    if media.get("schema").is_some() {
        return Some(step(at, "schema"));
    }
    let mut here = step(at, "itemSchema");
    let mut item = media.get("itemSchema")?;
    if let Some(map) = item.as_object()
        && let Some(target) = document.reference(&here, map)
    {
        item = document.at(&target)?;
        here = target;
    }
    let data = item.pointer("/properties/data/contentSchema");
    Some(data.map_or(here.clone(), |_| {
        format!("{here}/properties/data/contentSchema")
    }))
}

/// What a stream must have, and cannot.
pub(super) fn check(document: &mut Document<'_>, plan: &Plan, note: &OperationNote, at: &str) {
    let at = step(at, KEY);
    let problems = &mut document.problems;
    if !of_records(&plan.root) {
        problems.add(
            &at,
            "the answer is a stream, and what it is a stream of is no record",
            "`people` at the schema of one record: each is decided by itself",
            "write the note there; the response's schema is that of one record",
        );
    }
    if !note.order_said {
        problems.add(
            &at,
            "`order` is missing",
            "the categories that the order of the records shows, and the moment at which each comes; or `none`",
            "add `order`",
        );
    }
    let unfit = [
        ("page", note.page.is_some()),
        ("empty", note.empty_is_nothing.is_some()),
        ("wait", note.wait.is_some()),
    ];
    for (key, _) in unfit.iter().filter(|(_, is_there)| *is_there) {
        problems.add(
            &step(&at, key),
            &format!("`{key}` at an answer that is a stream"),
            "no such note: a stream ends when the platform ends it, or its time is up",
            "remove it",
        );
    }
}
