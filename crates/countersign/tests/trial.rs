//! The program killed under load, and people withdrawing while partners read: the harness's own trials, made short. The
//! long ones are commands of `trial`; see docs/trials.md.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::path::PathBuf;

use trial::{Common, Findings, kills, withdrawals};

fn small() -> Common {
    Common {
        program: Some(PathBuf::from(env!("CARGO_BIN_EXE_countersign"))),
        seed: 2018,
        people: 200,
        connected: 2,
        wavering: 9,
        dir: None,
    }
}

/// Everything that must not be, and what must have happened for that to mean something.
fn stood(findings: &Findings, happened: &[&str]) {
    assert!(findings.wrong.is_empty(), "{findings:#?}");
    for name in happened {
        assert!(
            findings.count(name) > 0,
            "{name}: 0, so nothing was shown; {findings:#?}"
        );
    }
}

#[test]
fn after_every_kill_what_clients_received_is_on_the_ledger_and_what_was_acknowledged_is_in_force() {
    let plan = kills::Plan {
        common: small(),
        kills: 3,
        at_most: 1500,
    };
    let findings = kills::run(&plan).unwrap();
    stood(
        &findings,
        &[
            "found on the ledger",
            "withdrawals acknowledged",
            "withdrawals looked up after kills",
            "consents looked up after kills",
            "wavering people in answers",
            "wavering people rightly kept out",
            "writes that partners were told are done",
            "intents done",
            "of them records of streams",
        ],
    );
    assert_eq!(findings.count("kills"), 3);
}

#[test]
fn nobody_is_in_an_answer_that_was_begun_after_their_withdrawal_had_returned() {
    // A machine that is busy with other things gives fewer answers in this time, and takes longer: some will do, and how
    // long a withdrawal takes is for the long trial on a quiet machine to say.
    let plan = withdrawals::Plan {
        common: small(),
        answers: 3000,
        stalled: 1,
        at_most: 1.0,
        slowest: 60_000,
        enough: Some(100),
    };
    let findings = withdrawals::run(&plan).unwrap();
    stood(
        &findings,
        &[
            "found on the ledger",
            "withdrawals acknowledged",
            "wavering people rightly kept out",
        ],
    );
}
