//! `case`: a public case told with its own records, and what the rule says of it.

use case::{Asked, Mark, Outcome, RowOutcome, Verdict, html, in_words, judge, open};
use decide::ClaimedRole;
use serde_json::{Value, json};

use crate::args;
use crate::exit::{Exit, Failure};
use crate::output::{Format, Table, print, print_json, thousands, write_whole};

/// Tells it: on standard output, or as a page.
pub(crate) fn case(args: &args::Case, format: Format) -> Result<Exit, Failure> {
    let case = open(&args.case).map_err(|wrong| Exit::Usage.because(wrong))?;
    let ask = |role: Option<ClaimedRole>| {
        let asked = Asked { role, basis: None };
        judge(&case, &asked).map_err(|wrong| Exit::Internal.because(wrong))
    };
    let outcome = ask(args.role.map(ClaimedRole::from))?;
    if let Some(path) = &args.html {
        // With a label on, it is compared with the case as it is; without, with the label that was claimed.
        let other = match args.role {
            Some(_) => ask(None)?,
            None => ask(Some(ClaimedRole::ServiceProvider))?,
        };
        let page = html(&case, &outcome, &other);
        let page = page.map_err(|error| Exit::Internal.because(error))?;
        write_whole(path, page.as_bytes())?;
        if format == Format::Human {
            print(&format!("wrote {}\n", path.display()))?;
        }
        return Ok(Exit::Done);
    }
    match format {
        Format::Json => print_json(&document(&case, &outcome))?,
        Format::Plain => print(&table(&case, &outcome.rows).text(format))?,
        Format::Human => print(&told(&case, &outcome, &ask(None)?))?,
    }
    Ok(Exit::Done)
}

fn document(case: &case::Case, outcome: &Outcome) -> Value {
    let promises = case.promises.iter().map(|document| {
        json!({
            "promise": document.promise.promise,
            "made": document.made,
            "summary": document.summary,
            "address": document.address,
            "form": document.promise.form,
            "scope": document.promise.scope,
        })
    });
    let rows = case.rows.iter().zip(&outcome.rows).map(|(row, said)| {
        let in_return = row.versions.first().map(|it| &it.agreement.in_return);
        json!({ "record": row.record, "in-return": in_return, "said": said })
    });
    json!({
        "form": "countersign-case/1",
        "case": case.head,
        "asked-as": outcome.asked_as,
        "policy": case.policy,
        "promises": promises.collect::<Vec<_>>(),
        "rows": rows.collect::<Vec<_>>(),
        "sources": case.sources,
    })
}

/// For people: a heading and a table for each row, and what it comes to.
fn told(case: &case::Case, outcome: &Outcome, plain: &Outcome) -> String {
    let mut text = format!("{}\n{}\n", case.head.title, wrapped(&case.head.about, 110));
    for (row, said) in case.rows.iter().zip(&outcome.rows) {
        let record = &row.record;
        text.push_str(&format!(
            "\n{}  {}\n{}\n",
            record.row,
            record.title,
            wrapped(&record.record, 110)
        ));
        let cited: Vec<String> = record.sources.iter().map(|id| cite(case, id)).collect();
        text.push_str(&format!("sources: {}\n", cited.join(" ")));
        text.push_str(&of_row(case, said).text(Format::Human));
        if let Some(unreadable) = &said.unreadable {
            text.push_str(&format!("not to be written down at all:\n{unreadable}\n"));
        }
    }
    text.push_str("\nSources\n");
    for source in &case.sources {
        let cited = cite(case, &source.source);
        text.push_str(&format!(
            "{cited:>5} {}\n      {}\n",
            source.title, source.address
        ));
    }
    text + &comes_to(outcome, plain)
}

fn comes_to(outcome: &Outcome, plain: &Outcome) -> String {
    let all = || outcome.verdicts().map(|(_, _, verdict)| verdict);
    let count = |number: usize| thousands(number as u64);
    let passed = count(all().filter(|it| it.passes).count());
    let mut text = format!(
        "\n{passed} of {} answers are a yes. Granted is not used; the people are invented.\n",
        count(all().count())
    );
    if outcome.asked_as.is_some() {
        let pairs = outcome.verdicts().zip(plain.verdicts());
        let others = pairs.filter(|((_, _, after), _)| after.reaches_others());
        let others: Vec<bool> = others
            .map(|((_, _, after), (_, _, before))| after != before)
            .collect();
        let changed = others.iter().filter(|changed| **changed).count();
        text.push_str(&format!(
            "With the label on every partner, {} of {} answers about friends, threads and contacts changed.\n",
            count(changed),
            count(others.len())
        ));
    }
    text
}

fn cite(case: &case::Case, id: &str) -> String {
    case.number(id)
        .map_or(String::new(), |number| format!("[{number}]"))
}

/// A row's dates and questions, with the record beside the rule.
fn of_row(case: &case::Case, row: &RowOutcome) -> Table {
    let mut table = Table::new(&["date", "record", "asked", "rule", "because"], &[]);
    for date in &row.dates {
        let marks: Vec<String> = date.marks.iter().map(mark).collect();
        let mut when = format!("{}\n{}", date.day, marks.join("\n"));
        let mut record = wrapped(date.standing.words(), 20);
        for verdict in &date.verdicts {
            let because = because(case, verdict);
            let because: Vec<String> = because.iter().map(|it| wrapped(it, 60)).collect();
            table.row(vec![
                std::mem::take(&mut when),
                std::mem::take(&mut record),
                wrapped(&verdict.ask, 36),
                says(verdict).to_owned(),
                because.join("\n"),
            ]);
        }
    }
    table
}

/// For scripts: a line for every answer.
fn table(case: &case::Case, rows: &[RowOutcome]) -> Table {
    let mut table = Table::new(
        &["row", "date", "why", "record", "asked", "rule", "because"],
        &[],
    );
    for row in rows {
        for date in &row.dates {
            let marks: Vec<String> = date.marks.iter().map(mark).collect();
            for verdict in &date.verdicts {
                table.row(vec![
                    row.row.clone(),
                    date.day.to_string(),
                    marks.join(", "),
                    date.standing.words().to_owned(),
                    verdict.ask.clone(),
                    says(verdict).to_owned(),
                    because(case, verdict).join("\n"),
                ]);
            }
        }
    }
    table
}

fn says(verdict: &Verdict) -> &'static str {
    if verdict.passes {
        "may pass"
    } else {
        "refused"
    }
}

/// Person by person, what stands against it.
fn because(case: &case::Case, verdict: &Verdict) -> Vec<String> {
    let against = verdict
        .about
        .iter()
        .filter(|about| !about.against.is_empty());
    let line = |about: &case::About| {
        let name = case
            .person(&about.who)
            .map_or(about.who.as_str(), |it| it.name.as_str());
        let reasons: Vec<String> = about.against.iter().map(in_words).collect();
        format!("{name} ({}): {}", about.reach, reasons.join("; "))
    };
    against.map(line).collect()
}

fn mark(mark: &Mark) -> String {
    match mark {
        Mark::Began => "begins".to_owned(),
        Mark::KnownBy => "known by".to_owned(),
        Mark::Said(id) => format!("said: {id}"),
        Mark::ClaimedEnd => "claimed end".to_owned(),
        Mark::ObservedEnd => "last seen".to_owned(),
    }
}

/// Lines of at most so many characters, broken between words.
fn wrapped(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}
