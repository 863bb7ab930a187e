//! Signed notes and keys, against the example of the specification and against damage.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{ORIGIN, signer, verifier};
use ledger::Checkpoint;
use ledger::Hash;
use ledger::note::{KeyError, Note, NoteError, Signer, VerifierKey};

/// The example that Go's note package documents (golang.org/x/mod/sumdb/note), by which every
/// implementation of the form is measured.
const GO_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\n\
    \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

#[test]
fn the_example_note_of_the_go_implementation_opens() {
    let key = VerifierKey::parse(GO_KEY).unwrap();
    assert_eq!(key.to_string(), GO_KEY);
    assert!(
        Note::open(GO_NOTE, &key)
            .unwrap()
            .starts_with("If you think")
    );
    let altered = GO_NOTE.replace("answer", "question");
    assert_eq!(
        Note::open(&altered, &key),
        Err(NoteError::BadSignature("PeterNeumann".into()))
    );
}

#[test]
fn a_note_opens_with_its_key_beside_signatures_of_others() {
    let witness = Signer::from_seed("witness.example", [9; 32]).unwrap();
    let body = "portalis\n5\n";
    let note = Note::sign(body, &signer());
    let signatures = Note::sign(body, &witness);
    let both = format!(
        "{note}{}",
        signatures.strip_prefix("portalis\n5\n\n").unwrap()
    );
    assert_eq!(Note::open(&both, &verifier()).as_deref(), Ok(body));
    assert_eq!(Note::open(&both, witness.verifier()).as_deref(), Ok(body));
    assert!(matches!(
        Note::open(&note, witness.verifier()),
        Err(NoteError::NotSigned(_))
    ));
}

#[test]
fn malformed_notes_are_refused() {
    let note = Note::sign("a\n", &signer());
    for bad in [
        "".to_owned(),
        "a\n".to_owned(),
        note.trim_end().to_owned(),
        note.replace('\u{2014}', "-"),
        note.replace("\n\n", "\n"),
        format!("{note}{}", "\u{2014} x AAAAAAAA\n".repeat(101)),
    ] {
        assert!(
            matches!(Note::open(&bad, &verifier()), Err(NoteError::Malformed(_))),
            "{bad:?}"
        );
    }
}

#[test]
fn a_checkpoint_is_three_lines_in_canonical_form_and_of_the_keys_origin() {
    let checkpoint = Checkpoint {
        origin: ORIGIN.to_owned(),
        size: 7,
        root: Hash::leaf(b"x"),
    };
    assert_eq!(
        Checkpoint::open(&checkpoint.sign(&signer()), &verifier()).unwrap(),
        checkpoint
    );
    let body = checkpoint.body();
    for bad in [
        body.replace("\n7\n", "\n07\n"),
        body.replace("\n7\n", "\n+7\n"),
        format!("{body}more\n"),
        "a\n7\n".into(),
    ] {
        assert!(
            Checkpoint::open(&Note::sign(&bad, &signer()), &verifier()).is_err(),
            "{bad:?}"
        );
    }
    let other = Checkpoint {
        origin: "another.example/log".to_owned(),
        ..checkpoint
    };
    assert!(Checkpoint::open(&other.sign(&signer()), &verifier()).is_err());
}

#[test]
fn a_key_file_is_its_owners_alone_and_reads_back() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.key");
    signer().write(&path).unwrap();
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(Signer::read(&path).unwrap().verifier(), &verifier());
    assert!(
        matches!(signer().write(&path), Err(KeyError::Io { .. })),
        "never replaced"
    );
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(
        Signer::read(&path),
        Err(KeyError::Permissions { mode: 0o640, .. })
    ));
}

#[test]
fn keys_with_a_wrong_id_or_an_impossible_name_are_refused_and_secrets_do_not_print() {
    assert!(VerifierKey::parse(&GO_KEY.replace("c74f20a3", "c74f20a4")).is_err());
    assert!(VerifierKey::parse(&GO_KEY.replace("+ARpc", "+Arpc")).is_err());
    for name in ["", "two words", "a+b"] {
        assert!(Signer::from_seed(name, [1; 32]).is_err(), "{name:?}");
    }
    assert_eq!(
        format!("{:?}", signer()),
        format!("Signer({ORIGIN}, secret)")
    );
}
