//! Cursors that members of answers give, and the parameters that take them: each needs the other.

use super::schema::Document;
use crate::document::step;
use crate::extension::KEY;
use crate::parameter::{Parameter, Rule};
use crate::plan::Plan;

/// Complains where one of the two is missing. `at` is the operation.
pub(super) fn both_ends(
    document: &mut Document<'_>,
    plan: &Plan,
    parameters: &[Parameter],
    at: &str,
) {
    let taken = parameters
        .iter()
        .filter(|it| it.rule == Rule::Given && !it.in_path);
    let taken: Vec<&str> = taken.map(|it| it.name.as_str()).collect();
    let given: Vec<&str> = plan.cursors.iter().map(|name| &**name).collect();
    for name in given.iter().filter(|name| !taken.contains(name)) {
        document.problems.add(
            &step(at, KEY),
            &format!("a member of the answer gives cursors for `{name}`, which takes none"),
            "`cursor: true` at the query parameter of this operation that takes them",
            "add the note there, or correct the member's `cursor`",
        );
    }
    for name in taken.iter().filter(|name| !given.contains(name)) {
        document.problems.add(
            &step(at, KEY),
            &format!(
                "the parameter `{name}` takes cursors, and no member of the answer gives them"
            ),
            "`cursor: NAME` at the members that hold them",
            "add the note there; cursors come from answers of the same operation only",
        );
    }
}
