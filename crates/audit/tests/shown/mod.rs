//! An invented report with everything in it that a report can have, for looking at its page.
#![allow(dead_code, reason = "each test uses what it needs")]

use audit::report::{
    Act, Against, Finding, Kind, Month, MonthLine, NotJudged, Open, Period, Place, PromiseLine,
    Question, Remark, Report, Role, Side, Source, Totals, Words,
};
use decide::{Form, Reason, Scope, Time, Verb};

fn at(text: &str) -> Time {
    text.parse().unwrap()
}

fn act(verb: Verb, category: &str, reach: &str) -> Act {
    Act {
        verb,
        category: category.parse().unwrap(),
        reach: reach.parse().unwrap(),
        purpose: "dpv:ServicePersonalisation".parse().unwrap(),
    }
}

fn words(promise: &str, made: &str, summary: &str) -> Words {
    Words {
        promise: promise.parse().unwrap(),
        made: made.parse().unwrap(),
        summary: summary.into(),
        address: format!("https://sample.example/{promise}"),
    }
}

const FRIENDS: &str =
    "Apps will no longer be given data about the friends of the person who uses them.";

fn finding(kind: Kind, partner: &str, act: Act, accesses: u64, people: u64) -> Finding {
    let promise =
        (kind == Kind::PromiseBroken).then(|| words("no-friends-data", "2017-04-30", FRIENDS));
    Finding {
        kind,
        partner: partner.parse().unwrap(),
        act,
        powers: Vec::new(),
        reasons: vec![Reason::NoConsent],
        accesses,
        people,
        first: (kind != Kind::NeverUsed).then(|| at("2016-02-03T04:05:06Z")),
        last: (kind != Kind::NeverUsed).then(|| at("2018-11-30T23:59:59Z")),
        words: promise,
    }
}

/// Three partners over three years: one that grows through friends past a promise, one that keeps to its own users, one
/// that fades.
fn months() -> Vec<MonthLine> {
    let mut lines = Vec::new();
    let mut month: Month = "2016-01".parse().unwrap();
    for n in 0..36u64 {
        let line = |partner: &str, own: u64, others: u64| {
            let late = partner != "tunely" && n >= 16;
            let against = Against {
                promise: "no-friends-data".parse().unwrap(),
                accesses: others * 2,
            };
            MonthLine {
                month,
                partner: partner.parse().unwrap(),
                own: Side {
                    accesses: own * 3,
                    people: own,
                },
                through_others: Side {
                    accesses: others * 2,
                    people: others,
                },
                refused: if late { others * 2 } else { 0 },
                against: if late && others > 0 {
                    vec![against]
                } else {
                    Vec::new()
                },
            }
        };
        lines.push(line("findr", 4_000 + n * 120, 60_000 + n * n * 260));
        lines.push(line("tunely", 9_000 + (n % 12) * 900, 0));
        if n < 30 {
            lines.push(line(
                "portalis",
                1_500 - n * 40,
                22_000u64.saturating_sub(n * 700),
            ));
        }
        month = month.next();
    }
    lines.sort_by_key(|line| (line.month, line.partner.clone()));
    lines
}

/// The report.
pub(crate) fn report() -> Report {
    let friend = || act(Verb::Read, "pd:EmailAddress", "friend");
    let thread = || act(Verb::Read, "social:Message", "participant");
    let findings = vec![
        finding(
            Kind::BystanderNotAsked,
            "findr",
            friend(),
            4_812_340,
            311_902,
        ),
        finding(Kind::PromiseBroken, "findr", friend(), 3_902_118, 298_450),
        finding(Kind::BarIgnored, "findr", friend(), 12_004, 871),
        finding(
            Kind::AfterEnd,
            "portalis",
            act(Verb::Read, "social:Post", "friend"),
            40_210,
            9_120,
        ),
        finding(
            Kind::LapsedUsed,
            "portalis",
            act(Verb::Read, "social:Post", "friend"),
            18,
            4,
        ),
        finding(
            Kind::QuietPolled,
            "tunely",
            act(Verb::Read, "pd:Name", "own"),
            2_330,
            640,
        ),
        finding(Kind::NotSignedByPartner, "tunely", thread(), 77, 51),
        finding(
            Kind::NeverUsed,
            "tunely",
            act(Verb::Delete, "social:Message", "participant"),
            0,
            0,
        ),
    ];
    let promise = |words: Words, form: Form, accesses: u64| PromiseLine {
        from: words.made.begins(),
        words,
        form,
        scope: Scope::default(),
        until: None,
        accesses,
    };
    let control = "People have complete control over everything that they share.";
    let place = |file: &str, line| Place {
        file: file.into(),
        line,
    };
    Report {
        form: audit::report::FORM.into(),
        made: at("2026-11-24T12:00:00Z"),
        period: Some(Period {
            first: at("2016-01-01T00:00:12Z"),
            last: at("2018-12-31T23:58:40Z"),
        }),
        totals: Totals {
            rows: 9_204_118,
            permitted: 4_340_902,
            refused: 4_854_644,
            not_judged: 8_572,
            open: 120_332,
            people: 402_118,
            partners: 3,
        },
        findings,
        not_judged: vec![
            NotJudged {
                reason: "the moment has no zone, and the mapping names none".into(),
                rows: 8_572,
                places: vec![
                    place("logs/2018-03.ndjson.gz", Some(88)),
                    place("logs/2018-03.ndjson.gz", Some(91)),
                ],
            },
            NotJudged {
                reason: "the file ends in the middle of a row group".into(),
                rows: 0,
                places: vec![place("logs/2018-04.parquet", None)],
            },
        ],
        open: vec![Open {
            question: Question::Bystanders,
            partner: "tunely".parse().unwrap(),
            act: thread(),
            accesses: 120_332,
            first: at("2016-01-01T00:00:12Z"),
            last: at("2018-12-30T10:00:00Z"),
        }],
        remarks: vec![Remark {
            place: place("logs/2017-10.csv", Some(120_044)),
            what: "the clock jumps back by an hour".into(),
            times: 2,
        }],
        promises: vec![
            promise(
                words("no-friends-data", "2017-04-30", FRIENDS),
                Form::Absolute,
                3_902_118,
            ),
            promise(
                words("complete-control", "2018-04-10", control),
                Form::NotJudgeable,
                0,
            ),
        ],
        months: months(),
        sources: vec![
            source("policy.yaml", Role::Policy, "yaml", 812, 24),
            source(
                "consents.parquet",
                Role::Consents,
                "parquet",
                88_201_442,
                12_004_118,
            ),
            source(
                "friends.csv.zst",
                Role::Bystanders,
                "csv+zstd",
                402_118_002,
                94_220_118,
            ),
            source(
                "logs/2018-03.ndjson.gz",
                Role::Log,
                "ndjson+gzip",
                1_204_118_002,
                9_204_118,
            ),
        ],
    }
}

fn source(file: &str, role: Role, form: &str, bytes: u64, rows: u64) -> Source {
    Source {
        file: file.into(),
        role,
        form: form.into(),
        bytes,
        rows,
        broken: 0,
    }
}
