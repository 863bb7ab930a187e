//! What must hold of the case whatever else changes: the verdicts that the record calls for, and no effect of a label.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests may fail loudly"
)]

use std::collections::BTreeSet;
use std::path::Path;

use case::{Asked, Case, Outcome, Verdict, judge, open};
use decide::{ClaimedRole, Reach, Reason, Verb};

fn case() -> Case {
    open("facebook-2018").unwrap()
}

fn outcome() -> Outcome {
    judge(&case(), &Asked::default()).unwrap()
}

/// All verdicts of a row, with their days.
fn of<'a>(outcome: &'a Outcome, row: &str) -> Vec<(String, &'a Verdict)> {
    let mine = outcome.verdicts().filter(|(its, ..)| its.row == row);
    let found: Vec<_> = mine
        .map(|(_, date, verdict)| (date.day.to_string(), verdict))
        .collect();
    assert!(!found.is_empty(), "{row} is asked nothing");
    found
}

fn promised(id: &str) -> Reason {
    Reason::Promised(id.parse().unwrap())
}

/// Every verdict of the row from `since` on that is about somebody not asked is a refusal with these reasons.
fn refused(outcome: &Outcome, row: &str, since: &str, with: &[Reason]) {
    let later = of(outcome, row)
        .into_iter()
        .filter(|(day, _)| day.as_str() >= since);
    let asked: Vec<_> = later
        .filter(|(_, verdict)| !about(verdict, "cleo"))
        .collect();
    assert!(!asked.is_empty(), "{row} is asked nothing since {since}");
    for (day, verdict) in asked {
        assert!(!verdict.passes, "{row} on {day}: {} passes", verdict.ask);
        for reason in with {
            assert!(
                verdict.reasons.contains(reason),
                "{row} on {day}: {}: {reason:?} is missing",
                verdict.ask
            );
        }
    }
}

fn about(verdict: &Verdict, who: &str) -> bool {
    verdict.about.iter().any(|about| about.who == who)
}

#[test]
fn bing_lacked_the_partners_signature_the_friends_consent_and_from_april_2014_a_promise_forbade_it()
{
    let outcome = outcome();
    refused(
        &outcome,
        "r01",
        "2010",
        &[Reason::NotSignedByPartner, Reason::NoConsent],
    );
    refused(&outcome, "r01", "2014-04-30", &[promised("p1")]);
    refused(
        &outcome,
        "r01",
        "2015-05-31",
        &[promised("p1"), promised("p2")],
    );
    let before = of(&outcome, "r01")
        .into_iter()
        .filter(|(day, _)| day.as_str() < "2014-04-30");
    assert!(before.clone().count() > 0);
    assert!(
        before
            .into_iter()
            .all(|(_, verdict)| !verdict.reasons.contains(&promised("p1")))
    );
}

/// "Public" is a claim: both readings are asked, and both are refused; only one of them breaks the promise about
/// public information.
#[test]
fn whether_it_was_public_decides_about_one_promise_and_not_about_the_verdict() {
    let outcome = outcome();
    for row in ["r01", "r19"] {
        let last = outcome
            .rows
            .iter()
            .find(|it| it.row == row)
            .unwrap()
            .dates
            .last()
            .unwrap();
        let reading = |name: &str| {
            last.verdicts
                .iter()
                .find(|it| it.category.as_str() == name && it.reaches_others())
        };
        let public = reading("social:PublicProfile").unwrap();
        let restricted = reading("social:RestrictedProfile").unwrap();
        assert!(!public.passes && !restricted.passes);
        assert!(!public.reasons.contains(&promised("p8")));
        assert!(restricted.reasons.contains(&promised("p8")));
    }
}

#[test]
fn messaging_partners_may_send_to_who_agreed_and_may_not_read_or_delete() {
    let outcome = outcome();
    for row in ["r02", "r03", "r04", "r05"] {
        let all = of(&outcome, row);
        let while_it_ran: Vec<_> = all
            .iter()
            .filter(|(day, _)| day.as_str() < "2016-03-31")
            .collect();
        assert!(!while_it_ran.is_empty());
        for (_, verdict) in &while_it_ran {
            let to_who_agreed = verdict.verb == Verb::Write && about(verdict, "cleo");
            assert_eq!(verdict.passes, to_who_agreed, "{row}: {}", verdict.ask);
            if about(verdict, "bert") {
                assert!(
                    verdict.reasons.contains(&Reason::NoConsent),
                    "{row}: {}",
                    verdict.ask
                );
            }
            if verdict.verb != Verb::Write {
                assert!(
                    verdict.reasons.contains(&Reason::NotSignedByPartner),
                    "{row}: {}",
                    verdict.ask
                );
            }
        }
        let later = all.iter().filter(|(day, _)| day.as_str() >= "2016-03-31");
        assert!(later.clone().count() > 0);
        for (day, verdict) in later {
            assert!(
                verdict.reasons.contains(&Reason::Ended),
                "{row} on {day}: {}",
                verdict.ask
            );
        }
    }
}

#[test]
fn amazon_sony_and_microsoft_lacked_the_friends_consent_and_from_december_2018_an_agreement() {
    let outcome = outcome();
    for row in ["r06", "r07", "r08"] {
        refused(&outcome, row, "2010", &[Reason::NoConsent]);
        let ended = if row == "r06" {
            "2018-12-19"
        } else {
            "2018-12-31"
        };
        refused(&outcome, row, ended, &[Reason::NoConsent, Reason::Ended]);
    }
    assert!(
        of(&outcome, "r07")
            .iter()
            .any(|(day, _)| day == "2019-07-24")
    );
}

#[test]
fn yahoos_power_had_lapsed_long_before_the_stream_was_cut() {
    let outcome = outcome();
    refused(
        &outcome,
        "r09",
        "2014-04-30",
        &[Reason::Lapsed, promised("p1")],
    );
    refused(
        &outcome,
        "r09",
        "2018-06-01",
        &[Reason::Lapsed, promised("p1"), promised("p2")],
    );
}

#[test]
fn apple_is_refused_by_the_persons_own_setting_and_hiding_cannot_be_written_down() {
    let outcome = outcome();
    refused(
        &outcome,
        "r10",
        "2010",
        &[Reason::Barred(decide::Bar::Everything)],
    );
    let row = outcome.rows.iter().find(|row| row.row == "r10").unwrap();
    let said = row.unreadable.as_deref().unwrap();
    assert!(
        said.contains("hide from people that their data is taken"),
        "{said}"
    );
}

#[test]
fn yandex_had_no_live_agreement() {
    refused(
        &outcome(),
        "r11",
        "2010",
        &[Reason::NotSignedByPartner, Reason::NotSignedByPlatform],
    );
}

#[test]
fn friends_of_friends_never_pass() {
    let outcome = outcome();
    let far: Vec<_> = outcome
        .verdicts()
        .map(|(_, _, verdict)| verdict)
        .filter(|it| {
            it.about
                .iter()
                .any(|about| about.reach == Reach::FriendOfFriend)
        })
        .collect();
    assert!(!far.is_empty());
    assert!(
        far.iter()
            .all(|it| !it.passes && it.reasons.contains(&Reason::NoConsent))
    );
    refused(&outcome, "r12", "2010", &[Reason::NoConsent]);
}

/// The promises have no clause for extensions or lists; not even a friend's consent opens what they shut.
#[test]
fn extensions_and_lists_run_into_the_promises() {
    let outcome = outcome();
    for row in ["r15", "r16"] {
        refused(&outcome, row, "2010", &[promised("p1"), promised("p2")]);
        let agreed: Vec<_> = of(&outcome, row)
            .into_iter()
            .filter(|(_, it)| about(it, "cleo"))
            .collect();
        assert!(!agreed.is_empty());
        for (_, verdict) in agreed {
            assert!(!verdict.passes && !verdict.reasons.contains(&Reason::NoConsent));
            assert!(verdict.reasons.contains(&promised("p1")));
        }
    }
}

/// One person's activity must not keep another person's data flowing: not through their own connection, and not
/// through an active friend's.
#[test]
fn data_of_who_has_stopped_using_an_app_does_not_flow() {
    let outcome = outcome();
    refused(&outcome, "r17", "2018", &[]);
    for (day, verdict) in of(&outcome, "r17") {
        let own = verdict.about.iter().all(|about| about.reach == Reach::Own);
        let expected = if own {
            Reason::ConnectionQuiet
        } else {
            Reason::NoConsent
        };
        assert!(
            verdict.reasons.contains(&expected),
            "{day}: {}",
            verdict.ask
        );
    }
}

/// A flow towards the platform is a flow: the people in it are asked, too.
#[test]
fn contact_lists_that_flow_in_need_the_consent_of_who_stands_in_them() {
    let outcome = outcome();
    refused(&outcome, "r20", "2018", &[Reason::NoConsent]);
    assert!(
        of(&outcome, "r20")
            .iter()
            .all(|(_, verdict)| verdict.verb == Verb::Import)
    );
}

/// A case in which everything is refused would show nothing.
#[test]
fn the_rule_refuses_for_its_reasons_and_not_always() {
    let outcome = outcome();
    let passes: BTreeSet<_> = outcome
        .verdicts()
        .filter(|(_, _, it)| it.passes)
        .map(|(row, ..)| row.row.as_str())
        .collect();
    assert_eq!(passes, ["r02", "r03", "r04", "r05", "r13", "r14"].into());
    for (row, _, verdict) in outcome.verdicts() {
        assert_eq!(
            verdict.passes,
            verdict.reasons.is_empty(),
            "{}: {}",
            row.row,
            verdict.ask
        );
    }
}

#[test]
fn the_label_changes_nothing() {
    let said = outcome();
    for role in [
        ClaimedRole::ServiceProvider,
        ClaimedRole::JointController,
        ClaimedRole::ThirdParty,
    ] {
        let labelled = judge(
            &case(),
            &Asked {
                role: Some(role),
                basis: None,
            },
        )
        .unwrap();
        assert!(labelled.rows.iter().all(|row| row.claimed_role == role));
        let compared = said.verdicts().zip(labelled.verdicts());
        let mut about_others = 0;
        for ((row, date, before), (_, _, after)) in compared {
            assert_eq!(before, after, "{} on {}", row.row, date.day);
            about_others += usize::from(before.reaches_others());
        }
        assert!(
            about_others > 80,
            "only {about_others} verdicts are about friends, threads and contacts"
        );
    }
    let roles: BTreeSet<_> = said.rows.iter().map(|row| row.claimed_role).collect();
    assert!(
        roles.len() > 1,
        "the rows as they are must differ, or the label would be on already"
    );
}

/// Even with all that the label was said to bring, that nobody needed to be asked, no verdict about friends, threads or
/// contacts changes: the rule accepts another ground than consent for the person's own data only.
#[test]
fn a_ground_other_than_consent_opens_nobody_elses_data() {
    let said = outcome();
    let asked = Asked {
        role: Some(ClaimedRole::ServiceProvider),
        basis: Some("eu-gdpr:A6-1-f".parse().unwrap()),
    };
    let labelled = judge(&case(), &asked).unwrap();
    let mut opened = BTreeSet::new();
    for ((row, date, before), (_, _, after)) in said.verdicts().zip(labelled.verdicts()) {
        let others = before
            .about
            .iter()
            .zip(&after.about)
            .filter(|(it, _)| it.reach != Reach::Own);
        for (before, after) in others {
            assert!(
                after.against.contains(&Reason::BasisNotAccepted),
                "{} on {}",
                row.row,
                date.day
            );
            assert!(
                !before.against.is_empty() || before.who == "cleo",
                "{} on {}",
                row.row,
                date.day
            );
        }
        if before.reaches_others() {
            assert!(!after.passes, "{} on {}: {}", row.row, date.day, after.ask);
        }
        if after.passes && !before.passes {
            opened.insert(row.row.as_str());
        }
    }
    assert!(
        opened.iter().all(|row| ["r13", "r14", "r19"].contains(row)),
        "{opened:?}"
    );
}

/// The documents are embedded one by one; one that is forgotten would be missing from the program.
#[test]
fn every_document_of_the_directory_is_in_the_program() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/facebook-2018");
    let listed =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/files.rs"))
            .unwrap();
    let mut missing = Vec::new();
    let mut open = vec![directory.clone()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&directory).unwrap().display().to_string();
            if path.is_dir() {
                open.push(path);
            } else if name != "README.md" && !listed.contains(&format!("\"{name}\"")) {
                missing.push(name);
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn an_unknown_case_is_told_with_those_there_are() {
    let error = open("myspace-2006").unwrap_err().to_string();
    assert!(
        error.contains("myspace-2006") && error.contains("facebook-2018"),
        "{error}"
    );
}

/// Granted is not used: no row says of a messaging partner that it read anything.
#[test]
fn no_row_says_that_a_messaging_partner_read_messages() {
    for row in case().rows {
        if row.record.deal == case::Deal::Messaging {
            assert_ne!(
                row.record.used.answer,
                case::Used::Used,
                "{}",
                row.record.row
            );
        }
    }
}
