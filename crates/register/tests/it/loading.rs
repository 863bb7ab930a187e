//! Bulk load: idempotent, in batches, stopped at the first broken line with everything before it in.

use crate::common::*;
use decide::Event;
use register::load::{self, LoadError, PeopleForm};
use register::{Register, load::Progress};

fn people(register: &Register, text: &str, form: PeopleForm) -> Result<Progress, LoadError> {
    load::people(register, "people", text.as_bytes(), form, start(), |_| {})
}

fn crowd(n: usize) -> String {
    (0..n).map(|n| format!("person-{n}\n")).collect()
}

fn consents(n: usize, until: &str) -> String {
    let power = powers()[1];
    let row = |n| {
        format!(
            "{{\"person\":\"person-{n}\",\"partner\":\"findr\",\"power\":\"{power}\",\"notice\":\"{}\",\"until\":\"{until}\"}}\n",
            notice()
        )
    };
    (0..n).map(row).collect()
}

fn load_consents(register: &Register, text: &str) -> Result<Progress, LoadError> {
    load::consents(
        register,
        "consents.ndjson",
        text.as_bytes(),
        start(),
        |_| {},
    )
}

#[test]
fn people_are_loaded_in_batches_with_progress_and_loading_again_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("register");
    let register = agreed(&home);
    let text = crowd(10_000);
    let mut told = Vec::new();
    let done = load::people(
        &register,
        "people",
        text.as_bytes(),
        PeopleForm::Plain,
        start(),
        |p| told.push(p.taken),
    )
    .unwrap();
    assert_eq!((done.taken, done.known, done.lines), (10_000, 0, 10_000));
    assert_eq!(told, [4096, 8192, 10_000]);
    let size = register.log().size();
    let again = people(&register, &text, PeopleForm::Plain).unwrap();
    assert_eq!((again.taken, again.known), (0, 10_000));
    assert_eq!(register.log().size(), size);
    drop(register);
    assert!(reopen(&home).people().number("person-9999").is_some());
}

#[test]
fn the_three_forms_of_a_file_name_the_same_people() {
    let dir = tempfile::tempdir().unwrap();
    let register = agreed(&dir.path().join("register"));
    let csv = "id,name\nperson-1,One\n\"person-2\",Two\n\"per\"\"son,3\",Three\n";
    assert_eq!(people(&register, csv, PeopleForm::Csv).unwrap().taken, 3);
    let ndjson = "{\"id\":\"person-1\"}\n\n{\"name\":\"Two\",\"id\":\"person-2\"}\n";
    let done = people(&register, ndjson, PeopleForm::Ndjson).unwrap();
    assert_eq!((done.taken, done.known), (0, 2));
    assert_eq!(
        people(&register, "per\"son,3\r\n", PeopleForm::Plain)
            .unwrap()
            .known,
        1
    );
}

#[test]
fn a_broken_line_stops_the_load_and_says_what_is_in_and_the_rest_follows_when_corrected() {
    let dir = tempfile::tempdir().unwrap();
    let register = agreed(&dir.path().join("register"));
    let good: Vec<String> = (0..6_000)
        .map(|n| format!("{{\"id\":\"person-{n}\"}}"))
        .collect();
    let mut bad = good.clone();
    bad[5_000] = "{\"id\":17}".to_owned();
    let error = people(&register, &bad.join("\n"), PeopleForm::Ndjson).unwrap_err();
    insta::assert_snapshot!(error, @r#"
    people:5001: not a person (column 8)
      expected: an object with the member id, a text: {"id":"…"}
      to do: correct the line and load the file again; lines 1 to 4096 are in, and are passed over then
    "#);
    assert!(register.people().number("person-4095").is_some());
    assert!(
        register.people().number("person-4096").is_none(),
        "the broken batch is not in, not in part"
    );
    let done = people(&register, &good.join("\n"), PeopleForm::Ndjson).unwrap();
    assert_eq!((done.taken, done.known), (1_904, 4_096));
}

#[test]
fn an_id_that_cannot_be_one_is_told_without_repeating_it() {
    let dir = tempfile::tempdir().unwrap();
    let register = agreed(&dir.path().join("register"));
    let error = people(&register, "ada\nbe\u{7}rt-secret\n", PeopleForm::Plain)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("people:2: the id is not plain text") && !error.contains("secret"),
        "{error}"
    );
    let error = people(&register, "ada\n\"be\n", PeopleForm::Csv)
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("people:2: a quoted column"), "{error}");
}

#[test]
fn consents_are_loaded_and_loading_again_changes_nothing_also_in_another_order() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("register");
    let register = agreed(&home);
    people(&register, &crowd(6_000), PeopleForm::Plain).unwrap();
    let text = consents(6_000, "2027-06-01");
    assert_eq!(load_consents(&register, &text).unwrap().taken, 6_000);
    let before = image(&register);
    drop(register);
    let register = reopen(&home);
    let mut lines: Vec<&str> = text.lines().collect();
    lines.reverse();
    let done = load_consents(&register, &lines.join("\n")).unwrap();
    assert_eq!((done.taken, done.known), (0, 6_000));
    assert_eq!(image(&register), before);
}

#[test]
fn a_consent_that_was_loaded_and_withdrawn_stays_withdrawn_when_the_file_is_loaded_again() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("register");
    let register = agreed(&home);
    people(&register, &crowd(3), PeopleForm::Plain).unwrap();
    let text = consents(3, "2027-06-01");
    load_consents(&register, &text).unwrap();
    let person = number(&register, "person-1");
    let withdrawn = Event::ConsentWithdrawn {
        person,
        partner: findr(),
        power: powers()[1],
    };
    fact(&register, start(), withdrawn).unwrap();
    register.snapshot().unwrap();
    let before = image(&register);
    drop(register);
    let register = reopen(&home);
    assert_eq!(load_consents(&register, &text).unwrap().taken, 0);
    assert_eq!(image(&register), before);
    // A new statement is a new consent.
    assert_eq!(
        load_consents(&register, &consents(3, "2027-07-01"))
            .unwrap()
            .taken,
        3
    );
}

#[test]
fn broken_consents_are_told_with_the_line_and_what_was_expected() {
    let dir = tempfile::tempdir().unwrap();
    let register = agreed(&dir.path().join("register"));
    people(&register, &crowd(2), PeopleForm::Plain).unwrap();
    let good = consents(2, "2027-06-01");
    let row = |from: &str, to: &str| {
        let error = load_consents(&register, &good.replace(from, to))
            .unwrap_err()
            .to_string();
        assert_eq!(register.log().size(), register.facts().position());
        error
    };
    let all = [
        row("person-1", "person-77"),
        row("\"partner\":\"findr\"", "\"partner\":\"Findr Inc\""),
        row("\"until\":\"2027-06-01\"", "\"until\":\"2026-01-01\""),
        row("\"until\":\"2027-06-01\"", "\"until\":\"2040-01-01\""),
        row("\"until\"", "\"untill\""),
        row("}", ""),
    ];
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn connections_are_loaded_once_each() {
    let dir = tempfile::tempdir().unwrap();
    let register = agreed(&dir.path().join("register"));
    let row = |id: &str, person: &str| {
        format!(
            "{{\"connection\":\"{id}\",\"person\":\"{person}\",\"partner\":\"findr\",\"powers\":[\"{}\"],\"notice\":\"{}\",\"until\":\"2027-06-01\"}}\n",
            powers()[0],
            notice()
        )
    };
    let load = |text: &str| {
        load::connections(
            &register,
            "connections.ndjson",
            text.as_bytes(),
            start(),
            |_| {},
        )
    };
    let text = row("c-ada", "ada") + &row("c-bert", "bert");
    assert_eq!(load(&text).unwrap().taken, 2);
    let ended = Event::Disconnected {
        connection: "c-ada".parse().unwrap(),
    };
    fact(&register, start(), ended).unwrap();
    let before = image(&register);
    assert_eq!(load(&text).unwrap().known, 2);
    assert_eq!(image(&register), before);
    let error = load(&row("c-ada", "bert")).unwrap_err().to_string();
    assert!(
        error.contains("connections.ndjson:1: the connection's id is known, for another person"),
        "{error}"
    );
}
