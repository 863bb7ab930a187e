//! Every row's verdicts and reasons, as they are; a change of the rule that moves one is seen here.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests may fail loudly"
)]

use case::{Asked, Outcome, RowOutcome, in_words, judge, open};

fn told(row: &RowOutcome) -> String {
    let mut text = String::new();
    for date in &row.dates {
        text += &format!("{} {:?}: {}\n", date.day, date.marks, date.standing.words());
        for verdict in &date.verdicts {
            let says = if verdict.passes {
                "may pass"
            } else {
                "refused"
            };
            text += &format!("  {}: {says}\n", verdict.ask);
            for about in &verdict.about {
                let against: Vec<_> = about.against.iter().map(in_words).collect();
                text += &format!(
                    "    {} ({}): {}\n",
                    about.who,
                    about.reach,
                    against.join("; ")
                );
            }
        }
    }
    if let Some(unreadable) = &row.unreadable {
        text += &format!("unreadable: {unreadable}\n");
    }
    text
}

fn outcome() -> Outcome {
    judge(&open("facebook-2018").unwrap(), &Asked::default()).unwrap()
}

#[test]
fn the_rule_says_of_every_row_what_it_said_before() {
    for row in &outcome().rows {
        insta::assert_snapshot!(row.row.as_str(), told(row));
    }
}
