//! What came of it, as a table and as JSON.

use decide::Reason;
use serde_json::{Value, json};

use super::ask::Got;
use super::cast::{Ask, PARTNERS, Partner};
use super::why::{Why, in_words};
use crate::output::{Format, Table, thousands};

/// How many reasons stand in the table.
const REASONS: usize = 3;

/// One request of one partner, on behalf of everybody who connected it.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) partner: &'static Partner,
    pub(super) ask: &'static Ask,
    /// What the platform would have handed out in 2018: people and records.
    pub(super) then: (u64, u64),
    pub(super) now: Got,
    pub(super) why: Why,
}

impl Row {
    /// Before anybody has asked.
    pub(super) fn new(partner: &'static Partner, ask: &'static Ask) -> Row {
        Row {
            partner,
            ask,
            then: (0, 0),
            now: Got::default(),
            why: Why::default(),
        }
    }
}

/// All rows.
pub(super) fn text(rows: &[Row], format: Format) -> String {
    let headings = [
        "partner",
        "asked for",
        "2018\npeople",
        "2018\nitems",
        "now\npeople",
        "now\nitems",
        "why not the rest",
    ];
    let mut table = Table::new(&headings, &[2, 3, 4, 5]);
    let number = |number: u64| match format {
        Format::Human => thousands(number),
        Format::Plain | Format::Json => number.to_string(),
    };
    let mut last = "";
    for row in rows {
        let repeated = last == row.partner.id && format == Format::Human;
        last = row.partner.id;
        let name = if repeated {
            String::new()
        } else {
            format!("{}\n{}", row.partner.name, row.partner.what)
        };
        table.row(vec![
            name,
            row.ask.what.to_owned(),
            number(row.then.0),
            number(row.then.1),
            number(row.now.people.len() as u64),
            number(row.now.items),
            reasons(row, number).join("\n"),
        ]);
    }
    table.text(format)
}

fn reasons(row: &Row, number: impl Fn(u64) -> String) -> Vec<String> {
    let top = top_reasons(row);
    let lines = top
        .iter()
        .map(|(text, count)| format!("{}: {text}", number(*count)));
    lines.collect()
}

/// The reasons that stand against most records, in plain words.
fn top_reasons(row: &Row) -> Vec<(String, u64)> {
    let mut reasons: Vec<(String, u64)> = Vec::new();
    let not_granted = row.why.reasons.contains_key(&Reason::NotGranted);
    for (reason, count) in &row.why.reasons {
        // Nothing can cover what nobody granted: saying both would say one thing twice.
        if not_granted && *reason == Reason::NotCovered {
            continue;
        }
        reasons.push((in_words(reason, row.partner.name), *count));
    }
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    reasons.truncate(REASONS);
    reasons
}

/// A row for machines.
pub(super) fn json(row: &Row) -> Value {
    let reasons = row.why.reasons.iter().map(|(reason, count)| {
        json!({ "reason": reason, "text": in_words(reason, row.partner.name), "items": count })
    });
    json!({
        "partner": row.partner.id,
        "name": row.partner.name,
        "asked_for": row.ask.what,
        "operation": row.ask.operation,
        "in_2018": { "people": row.then.0, "items": row.then.1 },
        "now": { "people": row.now.people.len(), "items": row.now.items, "refused": row.now.refused },
        "rule_asked_again": { "items": row.why.records, "pass": row.why.pass },
        "why_not_the_rest": reasons.collect::<Vec<_>>(),
    })
}

/// What was made up, in one sentence: nobody should take the shares for measured ones.
pub(super) fn invented() -> String {
    let shares = PARTNERS.map(|partner| format!("{} {} %", partner.name, partner.agreed_of_100));
    format!(
        "Invented: the people, the partners, and how many people agreed ({}).",
        shares.join(", ")
    )
}
