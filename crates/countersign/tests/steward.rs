//! A steward's way from nothing to an agreement that both have signed and people have consented to.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail loudly"
)]

mod support;

use support::{Desk, HERE};

fn offer(desk: &Desk) -> support::Ran {
    let offer = [
        "agreement",
        "offer",
        "findr.yaml",
        "--signature",
        "greta.jws",
        "--signature",
        "frida.jws",
    ];
    desk.run(&[&offer[..], &HERE].concat())
}

#[test]
fn an_agreement_that_both_have_signed_is_taken_in_and_again_without_effect() {
    let (desk, _) = Desk::signed();
    let first = offer(&desk);
    assert_eq!(first.code, 0, "{}", first.err);
    let second = offer(&desk);
    assert_eq!((second.code, second.out), (0, first.out), "{}", second.err);
}

#[test]
fn a_document_changed_after_the_signature_is_refused() {
    let (desk, _) = Desk::signed();
    desk.write(
        "findr.yaml",
        &desk
            .read("findr.yaml")
            .replace("retention-days: 30", "retention-days: 31"),
    );
    let refused = offer(&desk);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("another document"), "{}", refused.err);
}

#[test]
fn a_signature_by_a_key_that_is_not_the_officers_is_refused() {
    let (desk, _) = Desk::signed();
    desk.ok(&["key", "new", "--out", "other.jwk"]);
    let sign = [
        "agreement",
        "sign",
        "findr.yaml",
        "--key",
        "other.jwk",
        "--officer",
        "frida",
        "--partner",
        "findr",
    ];
    desk.write("frida.jws", &desk.ok(&sign));
    assert_eq!(offer(&desk).code, 1);
}

#[test]
fn people_consent_connect_and_withdraw() {
    let (desk, power) = Desk::signed();
    offer(&desk);
    desk.ok(&[&["policy", "set", "policy.yaml"][..], &HERE].concat());
    desk.write("notice.txt", "Findr sees your name.\n");
    let published = desk.ok(&[&["notice", "publish", "notice.txt"][..], &HERE].concat());
    let notice = published.split_whitespace().nth(2).unwrap().to_owned();
    desk.write("people.txt", "ada\nbert\n");
    let loaded = desk.ok(&[&["load", "people", "people.txt"][..], &HERE].concat());
    assert!(
        loaded.starts_with("2 taken in, 0 were there already"),
        "{loaded}"
    );
    let again = desk.ok(&[&["load", "people", "people.txt"][..], &HERE].concat());
    assert!(
        again.starts_with("0 taken in, 2 were there already"),
        "{again}"
    );

    let until = until_next_year();
    let of = ["--partner", "findr", "--power", &power];
    let give = [
        &[
            "consent", "give", "--person", "bert", "--notice", &notice, "--until", &until,
        ][..],
        &of,
        &HERE,
    ];
    desk.ok(&give.concat());
    let connect = [
        "connection",
        "add",
        "c-1",
        "--person",
        "ada",
        "--notice",
        &notice,
        "--until",
        &until,
    ];
    desk.ok(&[&connect[..], &of, &HERE].concat());
    desk.ok(&[&["consent", "withdraw", "--person", "bert"][..], &of, &HERE].concat());
    desk.ok(&[&["connection", "end", "c-1"][..], &HERE].concat());
    desk.ok(&[&["agreement", "suspend", "findr-search"][..], &HERE].concat());
    desk.ok(&[&["agreement", "resume", "findr-search"][..], &HERE].concat());
    desk.ok(&[&["agreement", "end", "findr-search"][..], &HERE].concat());
    let resumed = desk.run(&[&["agreement", "resume", "findr-search"][..], &HERE].concat());
    assert_eq!(resumed.code, 1, "an ended agreement does not come back");
}

#[test]
fn a_log_verifies_until_a_byte_of_it_is_changed() {
    let (desk, _) = Desk::signed();
    offer(&desk);
    let key = desk.read("register.vkey");
    let verify = ["verify", "--ledger", "register/log", "--key", &key];
    let verified = desk.run(&verify);
    assert_eq!(verified.code, 0, "{}", verified.err);
    let above = desk.run(&["verify", "--ledger", "register", "--key", &key]);
    assert_eq!(above.code, 66, "{}", above.err);
    assert!(
        above.err.contains("its log is register/log"),
        "{}",
        above.err
    );
    let checkpoint = desk.path().join("register/log/checkpoint");
    let text = std::fs::read_to_string(&checkpoint).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1] = "999";
    std::fs::write(&checkpoint, lines.join("\n") + "\n").unwrap();
    assert_eq!(desk.run(&verify).code, 1);
}

fn until_next_year() -> String {
    let days = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() / 86_400 + 100;
    decide::Day(i32::try_from(days).unwrap()).to_string()
}
