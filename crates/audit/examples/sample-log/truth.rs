//! Holding an audit to the slow way, and both to what was planted.

use std::collections::BTreeMap;
use std::path::Path;

use decide::Reason;
use sample::accesses::AccessLog;

/// The name of the finding that a reason belongs to, told here once more and apart from the audit's own telling.
fn finding(reason: &Reason, own: bool, calendar: bool) -> &'static str {
    match reason {
        Reason::UnknownPartner => "no-agreement",
        Reason::NotGranted if calendar => "wider-than-signed",
        Reason::NotGranted => "no-agreement",
        Reason::NotSignedByPartner => "not-signed-by-partner",
        Reason::Ended => "after-end",
        Reason::Suspended => "while-suspended",
        Reason::Lapsed => "lapsed-used",
        Reason::NoConnection
        | Reason::ConnectionEnded
        | Reason::NotCovered
        | Reason::NotTheirOwn => "person-not-asked",
        Reason::NoConsent if own => "person-not-asked",
        Reason::NoConsent => "bystander-not-asked",
        Reason::ConnectionQuiet => "quiet-polled",
        Reason::Barred(_) => "bar-ignored",
        Reason::Promised(_) => "promise-broken",
        other => panic!("nothing of this kind was planted: {other:?}"),
    }
}

/// Compares; the text says what came of it. Panics where anything differs.
pub fn compare(dir: &Path, log: AccessLog) -> String {
    let mut planted: BTreeMap<&'static str, u64> = BTreeMap::new();
    let (mut clean, mut nobody, mut missed) = (0u64, 0u64, Vec::new());
    // A heading is a line of its own in CSV, and lines count from 1.
    let heading = if dir.join("log-000.csv").exists() {
        2
    } else {
        1
    };
    let compared = audit::plain::compare(&dir.join("audit.toml"), |line, against| {
        let row = log.row(line - heading);
        let truth = log.truth(&row);
        if against.is_empty() {
            nobody += 1;
            return;
        }
        let (own, calendar) = (
            row.named.is_empty() && super::write::act(row.did).1 == "own",
            row.did == sample::accesses::Did::Calendar,
        );
        let mut found: Vec<&str> = against
            .iter()
            .flatten()
            .map(|reason| finding(reason, own, calendar))
            .collect();
        found.sort_unstable();
        found.dedup();
        // Nobody can have agreed to what no agreement has.
        if row.partner == sample::accesses::odd::STRANGER || calendar {
            found.retain(|it| truth.contains(it));
        }
        let mut expected = truth.clone();
        expected.sort_unstable();
        if found != expected && missed.len() < 20 {
            missed.push(format!("{row:?}: planted {expected:?}, found {found:?}"));
        }
        clean += u64::from(truth.is_empty());
        truth
            .into_iter()
            .for_each(|what| *planted.entry(what).or_default() += 1);
    })
    .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        compared.different, 0,
        "the quick way differs, first at line {:?}",
        compared.first
    );
    assert!(
        missed.is_empty(),
        "planted and not found, or found and not planted: {missed:#?}"
    );
    assert_eq!(compared.accesses, log.rows);
    format!("{compared:?}\nclean: {clean}, nobody behind: {nobody}\nplanted and found: {planted:?}")
}
