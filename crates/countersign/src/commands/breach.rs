//! `breach`: whose data of which categories left to whom between two moments, and under which agreement.

use std::time::Instant;

use ledger::Look;
use ledger::entry::LedgerKey;
use register::Seen;
use serde_json::json;

use crate::args;
use crate::breach::{Asked, BreachError, Line, Report, breach as add_up};
use crate::exit::{Exit, Failure};
use crate::output::{Format, Table, print, print_json, thousands, write_whole};
use crate::progress::Progress;
use crate::wiring::{configuration, seen_register};

/// Reads the ledger beside the gateway, or while none runs, and reports. Changes nothing.
pub(crate) fn breach(args: &args::Breach, format: Format) -> Result<Exit, Failure> {
    if args.until <= args.from {
        return Err(
            Exit::Usage.because("--until is not after --from, so nothing lies between them")
        );
    }
    let config = configuration(&args.config)?;
    // The ledger first: whoever is in it has then joined the register that is looked at after it.
    let ledger = Look::open(
        &config.ledger.directory,
        config.ledger.signer.verifier(),
        None,
    )
    .map_err(|error| Exit::Io.because(error))?;
    let register: Seen = seen_register(&config, false)?;
    let key = LedgerKey::from_random(*config.ledger.details_key.reveal());
    let asked = Asked {
        from: args.from,
        until: args.until,
        partner: args.partner.clone(),
        category: args.category.clone(),
        by_person: args.name_people,
    };
    let mut progress = Progress::new(false);
    let began = Instant::now();
    let mut read = 0;
    let report = add_up(&ledger, &register, &key, &asked, &mut |at, of| {
        read = at + 1;
        progress.at(format_args!("entry {} of {}", thousands(at), thousands(of)));
    });
    let report = report.map_err(|error| match error {
        BreachError::Key(_) => Exit::Config.because(error),
        BreachError::Read(_) | BreachError::Entry(..) => Exit::Io.because(error),
    })?;
    progress.done(format_args!(
        "{} entries read in {:.1} s",
        thousands(read),
        began.elapsed().as_secs_f32()
    ));
    if let Some(path) = &args.csv {
        write_whole(path, &csv(&report)?)?;
    }
    match format {
        Format::Json => print_json(&json!({
            "from": args.from,
            "until": args.until,
            "ledger-entries": ledger.size(),
            "report": report,
        }))?,
        Format::Plain => print(&table(&report).text(format))?,
        Format::Human => print(&human(args, &report))?,
    }
    Ok(Exit::Done)
}

const HEADINGS: [&str; 10] = [
    "partner",
    "category",
    "reach",
    "purpose",
    "agreement",
    "person",
    "people",
    "answers",
    "first",
    "last",
];

fn cells(line: &Line) -> [String; 10] {
    let person = line.person.as_ref();
    let person = person.map(|person| match &person.id {
        Some(id) => id.clone(),
        None => format!("(left; number {})", person.number),
    });
    [
        line.partner.to_string(),
        line.category.clone(),
        line.reach.clone(),
        line.purpose.clone(),
        line.agreement.clone(),
        person.unwrap_or_default(),
        line.people.to_string(),
        line.answers.to_string(),
        line.first.to_string(),
        line.last.to_string(),
    ]
}

fn table(report: &Report) -> Table {
    let mut table = Table::new(&HEADINGS, &[6, 7]);
    for line in &report.lines {
        table.row(cells(line).to_vec());
    }
    table
}

fn csv(report: &Report) -> Result<Vec<u8>, Failure> {
    let failed = |error: &dyn std::fmt::Display| Exit::Internal.because(error);
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(HEADINGS).map_err(|error| failed(&error))?;
    for line in &report.lines {
        out.write_record(cells(line))
            .map_err(|error| failed(&error))?;
    }
    out.into_inner().map_err(|error| failed(&error))
}

fn human(args: &args::Breach, report: &Report) -> String {
    let mut out = format!(
        "Between {} and {}, data about {} people may have left in {} answers.\n",
        args.from,
        args.until,
        thousands(report.people),
        thousands(report.answers)
    );
    if !report.lines.is_empty() {
        out.push('\n');
        out.push_str(&table(report).text(Format::Human));
    }
    if report.answers_with_erased > 0 {
        out.push_str(&format!(
            "\nIn {} answers there were people whose keys are destroyed since: at least {}, taken answer by answer. Who they were cannot be told.\n",
            thousands(report.answers_with_erased),
            thousands(report.erased_at_least)
        ));
    }
    if report.answers_without_details > 0 {
        out.push_str(&format!(
            "\nOf {} answers the details are erased: when and to whom is on the ledger, what is not.\n",
            thousands(report.answers_without_details)
        ));
    }
    out.push_str(
        "\nAn entry is written before its answer leaves, so this is what may have left, never less than what did.\n",
    );
    out
}
