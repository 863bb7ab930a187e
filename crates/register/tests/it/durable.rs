//! What the register promises: durable and applied together, refused without a trace, once per key, the same after a
//! restart.

use crate::common::*;
use decide::{Bar, Event, PersonNo};
use ledger::faults::{Fault, FaultyFiles, Op};
use register::{Change, IdempotencyKey, Refused, Register};
use std::sync::Arc;

#[test]
fn a_register_reopened_has_the_facts_people_and_book_that_it_had() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("register");
    let register = agreed(&dir);
    let [ada, bert] = ["ada", "bert"].map(|id| number(&register, id));
    fact(&register, start(), consent(&[ada, bert], powers()[1])).unwrap();
    let key_of_ada = *register.people().key(ada).unwrap().expose();
    let (before, book, position) = (image(&register), register.book(), register.position());
    drop(register);

    let again = reopen(&dir);
    assert_eq!(image(&again), before);
    assert_eq!(again.book(), book);
    assert_eq!(again.position(), position);
    assert_eq!(number(&again, "ada"), ada);
    assert_eq!(again.people().id(bert).as_deref(), Some("bert"));
    assert_eq!(*again.people().key(ada).unwrap().expose(), key_of_ada);
}

#[test]
fn a_snapshot_and_the_rest_of_the_log_give_what_the_whole_log_gives() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("register");
    let register = agreed(&dir);
    let ada = number(&register, "ada");
    fact(&register, start(), consent(&[ada], powers()[0])).unwrap();
    let position = register.snapshot().unwrap();
    assert_eq!(position, register.position());
    let left = Event::PersonLeft {
        person: number(&register, "bert"),
    };
    fact(&register, start(), left).unwrap();
    join(&register, &["bert", "fritz"]);
    let (before, book) = (image(&register), register.book());
    drop(register);

    let quick = reopen(&dir);
    assert_eq!(
        (image(&quick), quick.book()),
        (before.clone(), book.clone())
    );
    let bert = number(&quick, "bert");
    drop(quick);

    std::fs::remove_file(dir.join("snapshot")).unwrap();
    let slow = reopen(&dir);
    assert_eq!((image(&slow), slow.book()), (before, book));
    assert_eq!(number(&slow, "bert"), bert);
}

#[test]
fn a_torn_altered_or_foreign_snapshot_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let (home, other) = (dir.path().join("register"), dir.path().join("other"));
    let register = agreed(&home);
    register.snapshot().unwrap();
    let before = image(&register);
    drop(register);
    let foreign = agreed(&other);
    foreign.snapshot().unwrap();
    drop(foreign);

    let snapshot = home.join("snapshot");
    let whole = std::fs::read(&snapshot).unwrap();
    let flipped = |place: usize| {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        bytes
    };
    let mut damaged = vec![
        Vec::new(),
        whole[..50].to_vec(),
        whole[..whole.len() / 2].to_vec(),
        whole[..whole.len() - 1].to_vec(),
        [&whole[..], b"x"].concat(),
        std::fs::read(other.join("snapshot")).unwrap(),
    ];
    damaged.extend([0, 20, 45, 60, 90, whole.len() - 20].map(flipped));
    for bytes in damaged {
        std::fs::write(&snapshot, bytes).unwrap();
        let again = reopen(&home);
        assert_eq!(image(&again), before);
        assert!(again.people().number("ada").is_some());
    }
}

#[test]
fn a_snapshot_holds_keys_so_it_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("register");
    let register = furnished(&dir);
    register.snapshot().unwrap();
    register.snapshot().unwrap();
    for file in ["snapshot", "register.key"] {
        let mode = std::fs::metadata(dir.join(file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn a_refused_change_leaves_nothing_anywhere() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("register");
    let register = agreed(&dir);
    let (before, book, size) = (image(&register), register.book(), register.log().size());
    let stranger = decide::PersonNo(99);
    let refused: Vec<Change> = vec![
        Change::Fact(Event::PersonLeft { person: stranger }),
        Change::Fact(consent(&[], powers()[0])),
        Change::Fact(consent(&[stranger], powers()[0])),
        Change::Fact(Event::PartnerEnrolled { partner: findr() }),
        Change::Fact(Event::PeopleJoined {
            first: decide::PersonNo(5),
            count: 1,
        }),
        Change::Join { ids: vec![] },
        Change::Join {
            ids: vec!["gina".to_owned(), "ada".to_owned()],
        },
        Change::Join {
            ids: vec!["gina".to_owned(), "gina".to_owned()],
        },
        Change::Join {
            ids: vec!["new\nline".to_owned()],
        },
        Change::EnrolPartner {
            partner: findr(),
            name: "Findr".to_owned(),
            jwks: key_set(&[]),
        },
        Change::OfferAgreement {
            document: "agreement: x".to_owned(),
        },
        Change::SignAgreement {
            jws: "a.b.c".to_owned(),
        },
        Change::SetPolicy {
            document: String::new(),
        },
    ];
    for change in refused {
        let said = append(&register, start(), change.clone());
        assert!(said.is_err(), "{change:?}");
    }
    let too_early = time("2026-11-23T08:00:00Z");
    assert!(
        append(
            &register,
            too_early,
            Change::Join {
                ids: vec!["gina".to_owned()]
            }
        )
        .is_err()
    );
    assert_eq!(register.log().size(), size);
    assert_eq!((image(&register), register.book()), (before, book));
    assert_eq!(register.people().number("gina"), None);
}

#[test]
fn a_change_asked_for_again_under_its_key_is_the_first_also_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("register");
    let register = furnished(&dir);
    let key = IdempotencyKey([0xaa; 16]);
    let gina = || Change::Join {
        ids: vec!["gina".to_owned()],
    };
    let first = register.append_blocking(start(), gina(), key).unwrap();
    let size = register.log().size();
    assert_eq!(
        register.append_blocking(start(), gina(), key).unwrap(),
        first
    );
    drop(register);
    let again = reopen(&dir);
    assert_eq!(again.append_blocking(start(), gina(), key).unwrap(), first);
    again.snapshot().unwrap();
    drop(again);
    let third = reopen(&dir);
    assert_eq!(third.append_blocking(start(), gina(), key).unwrap(), first);
    assert_eq!(third.log().size(), size);
    let other = Change::Join {
        ids: vec!["hugo".to_owned()],
    };
    let said = third.append_blocking(start(), other, key);
    assert!(matches!(said, Err(Refused::KeyUsed(position)) if position == first));
}

#[test]
fn an_id_that_the_platform_uses_again_is_a_new_person_who_inherits_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let register = agreed(&dir.path().join("register"));
    let ada = number(&register, "ada");
    let key_of_ada = *register.people().key(ada).unwrap().expose();
    fact(&register, start(), consent(&[ada], powers()[1])).unwrap();
    let bar = Event::BarSet {
        person: ada,
        bar: Bar::Everything,
    };
    fact(&register, start(), bar).unwrap();
    fact(&register, start(), Event::PersonLeft { person: ada }).unwrap();
    join(&register, &["ada"]);

    let new = number(&register, "ada");
    assert_ne!(new, ada);
    assert_ne!(*register.people().key(new).unwrap().expose(), key_of_ada);
    let facts = serde_json::to_value(register.facts().image()).unwrap();
    let grants = facts["grants"].as_array().unwrap();
    assert!(
        grants
            .iter()
            .all(|grant| grant["consents"].as_array().unwrap().is_empty())
    );
    assert_eq!(register.people().id(ada), None);
}

#[test]
fn activity_is_written_at_most_once_a_day_a_person_and_use_once_a_day_a_power() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("register");
    let register = agreed(&dir);
    let [ada, bert] = ["ada", "bert"].map(|id| number(&register, id));
    let active = |people: &[_]| Event::PeopleActive {
        people: people.to_vec(),
    };
    let used = || Event::PowerUsed {
        partner: findr(),
        power: powers()[0],
    };
    let size = |register: &Register| register.log().size();

    fact(&register, start(), active(&[ada])).unwrap();
    fact(&register, start(), used()).unwrap();
    let after = size(&register);
    fact(&register, start(), active(&[ada, ada])).unwrap();
    fact(&register, start(), used()).unwrap();
    assert_eq!(size(&register), after);
    fact(&register, start(), active(&[ada, bert])).unwrap();
    assert_eq!(size(&register), after + 1);
    register.snapshot().unwrap();
    drop(register);

    let again = reopen(&dir);
    fact(&again, start(), active(&[ada, bert])).unwrap();
    fact(&again, start(), used()).unwrap();
    assert_eq!(size(&again), after + 1);
    let tomorrow = time("2026-11-24T00:00:00Z");
    fact(&again, tomorrow, active(&[ada])).unwrap();
    fact(&again, tomorrow, used()).unwrap();
    assert_eq!(size(&again), after + 3);
}

#[test]
fn no_id_no_number_and_no_key_of_a_person_lies_in_any_file_in_the_clear() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("register");
    let register = agreed(&home);
    join(&register, &["person-zebra-4711"]);
    let zebra = number(&register, "person-zebra-4711");
    fact(&register, start(), consent(&[zebra], powers()[1])).unwrap();
    fact(
        &register,
        start(),
        Event::PeopleActive {
            people: vec![zebra],
        },
    )
    .unwrap();
    let key = register.people().key(zebra).unwrap();
    let salt = register.people().enrolment_salt(zebra).unwrap();
    let change = Change::Join {
        ids: vec!["zebra".to_owned()],
    };
    assert!(!format!("{register:?} {:?} {change:?}", register.people()).contains("zebra"));
    register.snapshot().unwrap();
    register.log().publish_now().unwrap();
    drop(register);

    let bytes = all_bytes(&home);
    let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(has(b"findr-search"), "public documents are there");
    assert!(!has(b"zebra"));
    assert!(!has(key.expose()) && !has(key.tag_key().expose()) && !has(&salt.0));
    assert!(!has(br#""people":["#) && !has(br#""person":"#));
}

#[test]
fn a_person_can_check_that_the_register_holds_the_key_they_were_given() {
    let dir = tempfile::tempdir().unwrap();
    let register = furnished(&dir.path().join("register"));
    let ada = number(&register, "ada");
    let key = register.people().key(ada).unwrap();
    let commitment = key.commitment(register.people().enrolment_salt(ada).unwrap());
    let entry = register.position().0 - 1;
    let tags = register.log().read(entry).unwrap().record.tags;
    assert!(tags.as_chunks::<32>().0.contains(&commitment.0.0));
}

#[test]
fn a_log_that_cannot_write_stops_the_register_and_nothing_is_applied() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("register");
    let files = Arc::new(FaultyFiles::default());
    let mut faulty = options(1);
    faulty.log.files = files.clone();
    let register = furnish(create_with(&home, faulty));
    let (before, book) = (image(&register), register.book());
    files.fail_next(Op::SyncData, "", Fault::NotDone);
    let gina = || Change::Join {
        ids: vec!["gina".to_owned()],
    };
    for _ in 0..2 {
        assert!(matches!(
            append(&register, start(), gina()),
            Err(Refused::Stopped(_))
        ));
    }
    assert_eq!((image(&register), register.book()), (before, book));
    assert_eq!(register.people().number("gina"), None);
    drop(register);
    // The entry may have become durable after all; either way log and facts agree, and life goes on.
    let again = reopen(&home);
    assert_eq!(again.log().size(), again.facts().position());
    join(&again, &["hugo"]);
}

#[test]
fn a_register_is_not_made_where_one_is_or_over_another_ones_key() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("register");
    drop(create(&home));
    let key = std::fs::read(home.join("register.key")).unwrap();
    let founding = || register::Founding {
        at: start(),
        platform_officers: key_set(&[]),
    };
    let said = Register::create(&home, options(1), founding()).unwrap_err();
    assert!(matches!(said, register::OpenError::KeyExists { .. }));
    assert_eq!(std::fs::read(home.join("register.key")).unwrap(), key);
    let mut elsewhere = options(1);
    elsewhere.key_file = Some(dir.path().join("other.key"));
    assert!(Register::create(&home, elsewhere, founding()).is_err());
    assert!(!dir.path().join("other.key").exists());
    assert!(Register::open(&dir.path().join("nowhere"), options(1)).is_err());
}

#[test]
fn another_key_file_does_not_open_the_register() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("register");
    drop(furnished(&home));
    std::fs::write(home.join("register.key"), "11".repeat(32)).unwrap();
    let said = Register::open(&home, options(3)).unwrap_err().to_string();
    assert!(
        said.contains("check that the key file is this register's"),
        "{said}"
    );
}

#[test]
fn callers_whose_clocks_overtake_each_other_a_little_are_served() {
    let dir = tempfile::tempdir().unwrap();
    let register = furnished(&dir.path().join("register"));
    let later = time("2026-11-23T10:00:03Z");
    append(
        &register,
        later,
        Change::Join {
            ids: vec!["gina".to_owned()],
        },
    )
    .unwrap();
    let earlier = time("2026-11-23T10:00:00Z");
    append(
        &register,
        earlier,
        Change::Join {
            ids: vec!["hugo".to_owned()],
        },
    )
    .unwrap();
    let much_earlier = time("2026-11-23T09:59:00Z");
    let said = append(
        &register,
        much_earlier,
        Change::Join {
            ids: vec!["ina".to_owned()],
        },
    );
    assert!(matches!(
        said,
        Err(Refused::Invalid(decide::Invalid::Earlier { .. }))
    ));
    // Whoever takes something back is not refused for being late.
    let (person, bar) = (PersonNo(0), Bar::Everything);
    let set = Event::BarSet { person, bar };
    append(&register, much_earlier, Change::Fact(set)).unwrap();
    assert!(register.facts().bars_of(person).contains(&Bar::Everything));
    let lifted = Event::BarLifted {
        person,
        bar: Bar::Everything,
    };
    let said = append(&register, much_earlier, Change::Fact(lifted));
    assert!(matches!(
        said,
        Err(Refused::Invalid(decide::Invalid::Earlier { .. }))
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_goes_away_leaves_facts_and_log_agreeing() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("register");
    let path = home.clone();
    let register = tokio::task::spawn_blocking(move || furnished(&path))
        .await
        .unwrap();
    let register = Arc::new(register);
    let tasks: Vec<_> = (0..50)
        .map(|n| {
            let register = register.clone();
            tokio::spawn(async move {
                let change = Change::Join {
                    ids: vec![format!("guest-{n}")],
                };
                register.append(start(), change, key()).await
            })
        })
        .collect();
    for (n, task) in tasks.into_iter().enumerate() {
        if n % 2 == 0 {
            task.abort();
        } else {
            task.await.unwrap().unwrap();
        }
    }
    tokio::task::spawn_blocking(move || {
        let register = Arc::into_inner(register).unwrap();
        drop(register);
        let again = reopen(&home);
        assert_eq!(again.log().size(), again.facts().position());
        assert!(
            (0..50)
                .filter(|n| n % 2 == 1)
                .all(|n| again.people().number(&format!("guest-{n}")).is_some())
        );
    })
    .await
    .unwrap();
}

#[test]
fn what_changed_nothing_and_is_sent_again_later_does_not_undo_what_came_in_between() {
    let dir = tempfile::tempdir().unwrap();
    let register = agreed(&dir.path().join("register"));
    let ada = number(&register, "ada");
    let event = |set: bool| {
        let (person, bar) = (ada, Bar::Everything);
        Change::Fact(match set {
            true => Event::BarSet { person, bar },
            false => Event::BarLifted { person, bar },
        })
    };
    let late = key();
    let first = register
        .append_blocking(start(), event(false), late)
        .unwrap();
    register
        .append_blocking(start(), event(true), key())
        .unwrap();
    let again = register.append_blocking(start(), event(false), late);
    assert_eq!(again.unwrap(), first);
    assert!(register.facts().bars_of(ada).contains(&Bar::Everything));
    let other = register.append_blocking(start(), event(true), late);
    assert!(matches!(other, Err(Refused::KeyUsed(at)) if at == first));
}

#[test]
fn what_is_taken_away_already_is_not_written_again_and_is_acknowledged_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let register = agreed(&dir.path().join("register"));
    let [ada, bert] = ["ada", "bert"].map(|id| number(&register, id));
    let [own, friend, directory] = <[_; 3]>::try_from(powers()).unwrap();
    let connection = "ada-findr".parse().unwrap();
    let connected = Event::Connected {
        connection: decide::Connection {
            connection,
            person: ada,
            partner: findr(),
            powers: [own, friend].into(),
            notice: notice(),
            until: "2027-06-01".parse().unwrap(),
        },
    };
    let agreement = || "findr-search".parse().unwrap();
    let withdrawn = |person, power| Event::ConsentWithdrawn {
        person,
        partner: findr(),
        power,
    };
    fact(&register, start(), consent(&[bert], friend)).unwrap();
    fact(&register, start(), connected).unwrap();
    let taken = [
        withdrawn(bert, friend),
        withdrawn(ada, own), // out of her connection
        Event::BarSet {
            person: ada,
            bar: Bar::GlobalPrivacyControl,
        },
        Event::Disconnected {
            connection: "ada-findr".parse().unwrap(),
        },
        Event::PowerHandedBack {
            partner: findr(),
            power: directory,
        },
        Event::AgreementSuspended {
            agreement: agreement(),
        },
    ];
    for event in taken.clone() {
        let before = register.log().size();
        let key = key();
        let change = || Change::Fact(event.clone());
        let first = register.append_blocking(start(), change(), key).unwrap();
        assert_eq!(register.log().size(), before + 1, "{event:?}");
        let facts = image(&register);
        for _ in 0..3 {
            let again = fact(&register, start(), event.clone()).unwrap();
            assert_eq!(again, register.position());
        }
        assert_eq!(register.log().size(), before + 1, "{event:?} again");
        assert_eq!(image(&register), facts);
        // The key of the one that was written gives that one, and fits nothing else.
        let same = register.append_blocking(start(), change(), key).unwrap();
        assert_eq!(same, first);
        let other = Change::Fact(Event::PersonLeft { person: bert });
        let refused = register.append_blocking(start(), other, key);
        assert!(matches!(refused, Err(Refused::KeyUsed(position)) if position == first));
    }
    // Lifting is no different, and what was given since can be taken away anew.
    let lifted = || Event::BarLifted {
        person: ada,
        bar: Bar::GlobalPrivacyControl,
    };
    let resumed = Event::AgreementResumed {
        agreement: agreement(),
    };
    fact(&register, start(), consent(&[bert], friend)).unwrap();
    for event in [lifted(), resumed] {
        fact(&register, start(), event).unwrap();
    }
    let before = register.log().size();
    fact(&register, start(), lifted()).unwrap();
    assert_eq!(register.log().size(), before);
    for n in [0, 2, 5] {
        fact(&register, start(), taken[n].clone()).unwrap();
    }
    assert_eq!(register.log().size(), before + 3);
    // What cannot be is refused as ever, also where there is nothing to take away.
    let nobody = fact(&register, start(), withdrawn(decide::PersonNo(99), friend));
    assert!(matches!(nobody, Err(Refused::Invalid(_))), "{nobody:?}");
}

#[test]
fn a_consent_is_renewed_while_it_is_in_force_and_a_withdrawal_that_came_first_stands() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("register");
    let register = agreed(&home);
    let [ada, bert] = ["ada", "bert"].map(|id| number(&register, id));
    let friend = powers()[1];
    fact(&register, start(), consent(&[ada], friend)).unwrap();
    let later = time("2027-05-20T09:00:00Z");
    let until: decide::Day = "2028-05-01".parse().unwrap();
    let renew = |person| Change::RenewConsent {
        person,
        partner: findr(),
        power: friend,
        notice: notice(),
        until,
    };
    let refused = append(&register, later, renew(bert));
    assert!(matches!(refused, Err(Refused::NotGiven)), "{refused:?}");
    append(&register, later, renew(ada)).unwrap();
    let until_when = |register: &Register, person| {
        let facts = register.facts();
        facts.consent_until(person, &findr(), friend, later.day())
    };
    assert_eq!(until_when(&register, ada), Some(until));
    drop(register);

    let register = reopen(&home);
    assert_eq!(
        until_when(&register, ada),
        Some(until),
        "as any other consent"
    );
    let withdrawn = Event::ConsentWithdrawn {
        person: ada,
        partner: findr(),
        power: friend,
    };
    fact(&register, later, withdrawn).unwrap();
    let position = register.position();
    let refused = append(&register, later, renew(ada));
    assert!(matches!(refused, Err(Refused::NotGiven)), "{refused:?}");
    assert_eq!(register.position(), position);
    assert_eq!(until_when(&register, ada), None);

    // What has ended by itself is given anew or not at all.
    fact(&register, later, consent(&[bert], friend)).unwrap();
    let over = time("2027-06-01T00:00:00Z");
    let refused = append(&register, over, renew(bert));
    assert!(matches!(refused, Err(Refused::NotGiven)), "{refused:?}");
}
