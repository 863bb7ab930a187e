//! `check`: what an API document with its overlay would disclose, before anything is put into service.

use release::Api;
use serde_json::json;

use crate::args;
use crate::exit::{Exit, Failure};
use crate::output::{Format, Table, print, print_json};
use crate::surroundings::read;

/// Shows it, and says no where there are mistakes.
pub(crate) fn check(args: &args::Check, format: Format) -> Result<Exit, Failure> {
    let (document, overlay) = (read(&args.document)?, read(&args.overlay)?);
    let name = |path: &std::path::Path| path.display().to_string();
    let api = Api::load(
        &document,
        &name(&args.document),
        &overlay,
        &name(&args.overlay),
    )
    .map_err(|errors| Exit::No.because(errors))?;
    if format == Format::Json {
        print_json(&in_json(&api))?;
    } else {
        print(&table(&api).text(format))?;
    }
    Ok(Exit::Done)
}

fn table(api: &Api) -> Table {
    let mut table = Table::new(
        &["operation", "method", "path", "verb", "category", "through"],
        &[],
    );
    for operation in api.operations() {
        for (category, reach) in operation.pairs() {
            table.row(vec![
                operation.id().to_owned(),
                operation.method().to_owned(),
                operation.path().to_owned(),
                operation.verb().to_string(),
                category.to_string(),
                reach.as_str().to_owned(),
            ]);
        }
    }
    for unmapped in api.unmapped() {
        let (id, none) = (
            unmapped.id.clone().unwrap_or_default(),
            "not covered: refused".to_owned(),
        );
        table.row(vec![
            id,
            unmapped.method.clone(),
            unmapped.path.clone(),
            none,
            String::new(),
            String::new(),
        ]);
    }
    table
}

fn in_json(api: &Api) -> serde_json::Value {
    let operations = api.operations().iter().map(|operation| {
        json!({
            "operation": operation.id(),
            "method": operation.method(),
            "path": operation.path(),
            "verb": operation.verb(),
            "discloses": operation.pairs(),
        })
    });
    let unmapped = api
        .unmapped()
        .iter()
        .map(|it| json!({ "method": it.method, "path": it.path }));
    json!({ "operations": operations.collect::<Vec<_>>(), "not_covered": unmapped.collect::<Vec<_>>() })
}
