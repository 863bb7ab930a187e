//! The demo's story, with few people: who got what and why, and that who withdraws is gone.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail loudly"
)]

mod support;

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

/// One run for all tests of this file.
static DEMO: LazyLock<Value> = LazyLock::new(|| {
    let args = ["demo", "--once", "--people", "600", "--format", "json"];
    let ran = support::run(&args, Path::new("."));
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.json()
});

fn row(partner: &str, operation: &str) -> &'static Value {
    let rows = DEMO["rows"].as_array().unwrap();
    let fits = |row: &&Value| row["partner"] == partner && row["operation"] == operation;
    rows.iter().find(fits).unwrap()
}

fn number(row: &Value, pointer: &str) -> u64 {
    row.pointer(pointer).and_then(Value::as_u64).unwrap()
}

fn reasons(row: &Value) -> Vec<String> {
    let reasons = row["why_not_the_rest"].as_array().unwrap();
    let mut names: Vec<String> = reasons
        .iter()
        .map(|it| match &it["reason"] {
            Value::Object(named) => named.keys().next().unwrap().clone(),
            name => name.as_str().unwrap().to_owned(),
        })
        .collect();
    names.sort();
    names
}

#[test]
fn what_left_is_exactly_what_the_rule_lets_pass_when_it_is_asked_again() {
    for row in DEMO["rows"].as_array().unwrap() {
        assert_eq!(
            number(row, "/now/items"),
            number(row, "/rule_asked_again/pass"),
            "{row:#}"
        );
        assert_eq!(
            number(row, "/in_2018/items"),
            number(row, "/rule_asked_again/items"),
            "{row:#}"
        );
        assert!(number(row, "/in_2018/items") > 0, "{row:#}");
    }
}

#[test]
fn the_search_engine_gets_the_names_of_friends_who_agreed_and_of_no_others() {
    let row = row("findr", "listFriends");
    let (then, now) = (number(row, "/in_2018/people"), number(row, "/now/people"));
    assert!(0 < now && now < then, "{now} of {then}");
    assert_eq!(reasons(row), ["barred", "no-consent"]);
}

#[test]
fn a_promise_stands_above_the_search_engines_older_agreement() {
    let row = row("findr", "listFriendContacts");
    assert_eq!(number(row, "/now/items"), 0);
    assert!(reasons(row).contains(&"promised".to_owned()), "{row:#}");
}

#[test]
fn the_film_service_sees_only_threads_in_which_everybody_agreed() {
    for operation in ["listThreads", "listMessages"] {
        let row = row("reelbox", operation);
        let (then, now) = (number(row, "/in_2018/items"), number(row, "/now/items"));
        assert!(0 < now && now < then, "{operation}: {now} of {then}");
    }
}

#[test]
fn the_music_service_signed_for_writing_and_reads_nothing() {
    for operation in ["listThreads", "listMessages"] {
        let row = row("tunely", operation);
        assert_eq!(number(row, "/now/items"), 0);
        assert!(reasons(row).contains(&"not-granted".to_owned()), "{row:#}");
        assert_eq!(row["now"]["refused"], "403 No agreement covers this");
    }
}

#[test]
fn the_shop_whose_officer_never_signed_gets_nothing() {
    let row = row("shopfront", "listFriendContacts");
    assert_eq!(number(row, "/now/items"), 0);
    assert!(
        reasons(row).contains(&"not-signed-by-partner".to_owned()),
        "{row:#}"
    );
}

#[test]
fn the_portals_forgotten_power_has_lapsed() {
    let row = row("portalis", "getFeed");
    assert_eq!(number(row, "/now/items"), 0);
    assert!(reasons(row).contains(&"lapsed".to_owned()), "{row:#}");
}

#[test]
fn who_withdraws_is_gone_from_the_very_next_answer() {
    let withdrawal = &DEMO["withdrawal"];
    assert_eq!(
        number(withdrawal, "/items_before") - number(withdrawal, "/items_after"),
        1
    );
    assert_eq!(withdrawal["still_there"], false);
    assert!(!withdrawal["person"].as_str().unwrap().is_empty());
}

#[test]
fn the_ledger_ends_with_a_signed_checkpoint() {
    let checkpoint = DEMO["checkpoint"].as_str().unwrap();
    let verifier = ledger::note::VerifierKey::parse(DEMO["verifier"].as_str().unwrap()).unwrap();
    let checkpoint = ledger::Checkpoint::open(checkpoint, &verifier).unwrap();
    assert!(checkpoint.size > 0);
}
