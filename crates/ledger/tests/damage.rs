//! Every file of a log damaged in turn: it refuses to open, or verification finds it, by name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{Place, append, copy, record, signer, verifier};
use ledger::{Log, OpenError, VerifyError, verify};
use std::fs;
use std::path::{Path, PathBuf};

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

fn find(place: &Place, part: &str) -> PathBuf {
    place
        .files()
        .into_iter()
        .find(|path| path.to_string_lossy().contains(part))
        .unwrap_or_else(|| panic!("no {part}"))
}

fn opened(place: &Place) -> Result<Log, OpenError> {
    Log::open(&place.dir(), place.options())
}

fn verified(place: &Place) -> Result<ledger::VerifyReport, VerifyError> {
    verify(
        &place.dir(),
        &verifier(),
        Some(&place.anchor()),
        &mut |_, _| Ok(()),
    )
}

/// Where the first batch of a segment begins, and its second.
fn batches(path: &Path) -> Vec<usize> {
    let bytes = fs::read(path).unwrap();
    (64..bytes.len() - 4)
        .filter(|at| &bytes[*at..*at + 4] == b"CSB1")
        .collect()
}

#[test]
fn a_bit_flipped_in_the_middle_of_the_write_ahead_log_refuses_to_start_with_file_and_offset() {
    let place = Place::new();
    append(&place.create(), 0..20);
    let segment = find(&place, ".wal");
    let starts = batches(&segment);
    assert_eq!(starts.len(), 20);
    let pristine = fs::read(&segment).unwrap();
    for at in [
        starts[5],
        starts[5] + 9,
        starts[5] + 40,
        starts[5] + 70,
        starts[6] - 12,
    ] {
        flip(&segment, at);
        match opened(&place) {
            Err(OpenError::Broken { path, offset, .. }) => {
                assert_eq!(
                    (path, offset),
                    (segment.clone(), starts[5] as u64),
                    "flipped at {at}"
                );
            }
            other => panic!("flipped at {at}: {other:?}"),
        }
        fs::write(&segment, &pristine).unwrap();
    }
    assert_eq!(opened(&place).unwrap().size(), 20);
}

#[test]
fn a_bit_flipped_in_the_last_batch_is_damage_and_not_a_torn_write() {
    let place = Place::new();
    append(&place.create(), 0..20);
    let segment = find(&place, ".wal");
    let last = *batches(&segment).last().unwrap();
    for at in [last + 1, last + 20, last + 45, last + 80] {
        flip(&segment, at);
        assert!(
            matches!(opened(&place), Err(OpenError::Broken { offset, .. }) if offset == last as u64),
            "at {at}"
        );
        flip(&segment, at);
    }
}

#[test]
fn a_torn_end_is_cut_wherever_the_write_stopped_and_the_log_goes_on() {
    let place = Place::new();
    append(&place.create(), 0..20);
    let segment = find(&place, ".wal");
    let last = *batches(&segment).last().unwrap();
    let whole = fs::read(&segment).unwrap();
    let end = whole.len() - whole.iter().rev().take_while(|byte| **byte == 0).count();
    for stop in last..end {
        let mut torn = whole.clone();
        torn[stop..].fill(0);
        fs::write(&segment, torn).unwrap();
        let log = opened(&place)
            .unwrap_or_else(|error| panic!("cut at {stop} of {last}..{end}: {error}"));
        assert_eq!(log.size(), 19, "cut at {stop}");
        if stop % 16 == 0 {
            assert_eq!(log.record_blocking(record(19), ()).unwrap().index(), 19);
            drop(log);
            assert_eq!(opened(&place).unwrap().read(19).unwrap().record, record(19));
        }
    }
}

#[test]
fn a_torn_write_that_lost_a_sector_in_the_middle_is_cut() {
    let place = Place::new();
    let log = place.create();
    append(&log, 0..3);
    let mut long = record(3);
    long.details = vec![9; 3000];
    assert_eq!(log.record_blocking(long, ()).unwrap().index(), 3);
    drop(log);
    let segment = find(&place, ".wal");
    let last = *batches(&segment).last().unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    let sector = (last / 512 + 2) * 512;
    bytes[sector..sector + 512].fill(0);
    fs::write(&segment, bytes).unwrap();
    assert_eq!(opened(&place).unwrap().size(), 3);
}

#[test]
fn a_missing_segment_refuses_to_start() {
    let place = Place::new();
    append(&place.create(), 0..600);
    let segments: Vec<_> = place
        .files()
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "wal"))
        .collect();
    assert!(segments.len() > 2, "{segments:?}");
    fs::remove_file(&segments[1]).unwrap();
    assert!(matches!(opened(&place), Err(OpenError::Broken { path, .. }) if path == segments[2]));
}

#[test]
fn a_bit_flipped_at_the_right_edge_of_the_tree_refuses_to_start() {
    let place = Place::with(700);
    for part in [
        "tile/0/002.p/188",
        "tile/1/000.p/2",
        "tile/entries/002.p/188",
        "tile/0/001",
        "checkpoint",
    ] {
        let path = find(&place, part);
        let pristine = fs::read(&path).unwrap();
        let at = if part == "checkpoint" {
            pristine.len() - 40
        } else {
            70
        };
        let at = at.min(pristine.len() - 1);
        flip(&path, at);
        let error = opened(&place).expect_err(part).to_string();
        assert!(
            error.contains(part) || error.contains("root"),
            "{part}: {error}"
        );
        fs::write(&path, pristine).unwrap();
    }
    opened(&place).unwrap();
}

#[test]
fn verification_names_the_file_for_a_bit_flipped_in_any_of_them() {
    let place = Place::with(700);
    verified(&place).unwrap();
    for path in place.files() {
        let name = path.to_string_lossy().into_owned();
        if name.ends_with("lock") || name.ends_with("format") || name.ends_with(".tmp") {
            continue;
        }
        let pristine = fs::read(&path).unwrap();
        let at = if name.ends_with(".wal") {
            70
        } else {
            pristine.len() / 2
        };
        let mut damaged = pristine.clone();
        damaged[at] ^= 0x10;
        fs::write(&path, damaged).unwrap();
        let error = verified(&place).expect_err(&name).to_string();
        let of_the_tree = name.contains("tile/") && error.contains("tile/");
        assert!(error.contains(&name) || of_the_tree, "{name}: {error}");
        fs::write(&path, pristine).unwrap();
    }
    verified(&place).unwrap();
}

#[test]
fn reading_notices_a_flipped_bit_in_an_entry_or_a_blob() {
    let place = Place::with(300);
    let log = place.open();
    for part in ["tile/entries/000", "tags/000", "details/000", "keys/000"] {
        let path = find(&place, part);
        let length = fs::read(&path).unwrap().len();
        flip(&path, length - 3); // the end of the last record of the bundle
        assert!(log.read(255).is_err(), "{part}");
        assert!(log.iter(0).any(|read| read.is_err()), "{part}");
        flip(&path, length - 3);
    }
    assert_eq!(log.read(255).unwrap().record, record(255));
}

#[test]
fn an_old_copy_of_the_directory_is_noticed_by_the_anchor() {
    let place = Place::with(100);
    let image = place.dir().with_extension("image");
    copy(&place.dir(), &image);
    let log = place.open();
    append(&log, 100..150);
    log.publish_now().unwrap();
    drop(log);
    fs::remove_dir_all(place.dir()).unwrap();
    copy(&image, &place.dir());
    assert!(matches!(
        opened(&place),
        Err(OpenError::SmallerThanAnchor {
            found: 100,
            expected: 150,
            ..
        })
    ));
    assert!(
        verified(&place)
            .unwrap_err()
            .to_string()
            .contains("has seen 150 entries")
    );
}

#[test]
fn a_log_that_went_another_way_since_the_anchor_is_noticed() {
    let place = Place::with(100);
    let image = place.dir().with_extension("image");
    copy(&place.dir(), &image);
    let log = place.open();
    append(&log, 100..150);
    log.publish_now().unwrap();
    drop(log);
    let anchor = fs::read(place.anchor()).unwrap();
    fs::remove_dir_all(place.dir()).unwrap();
    copy(&image, &place.dir());
    fs::copy(place.dir().join("checkpoint"), place.anchor()).unwrap(); // the old anchor as well, for a while
    let log = place.open();
    append(&log, 0..100); // known keys: nothing is appended
    for number in 200..260 {
        assert_eq!(
            log.record_blocking(record(number), ()).unwrap().index(),
            number - 100
        );
    }
    drop(log);
    fs::write(place.anchor(), anchor).unwrap();
    assert!(matches!(
        opened(&place),
        Err(OpenError::RootDiffers { size: 150, .. })
    ));
    assert!(verified(&place).unwrap_err().to_string().contains("anchor"));
}

#[test]
fn a_log_smaller_than_its_own_checkpoint_refuses_to_start() {
    let place = Place::with(100);
    let segment = place
        .files()
        .into_iter()
        .rfind(|path| path.extension().is_some_and(|e| e == "wal"))
        .unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    let last = *batches(&segment).last().unwrap();
    bytes[last..].fill(0);
    fs::write(&segment, bytes).unwrap();
    assert!(matches!(
        opened(&place),
        Err(OpenError::SmallerThanCheckpoint {
            found: 99,
            expected: 100,
            ..
        })
    ));
}

#[test]
fn a_missing_anchor_refuses_to_start_and_an_anchor_of_a_lost_log_refuses_a_new_one() {
    let place = Place::with(100);
    fs::rename(place.anchor(), place.dir().with_extension("moved")).unwrap();
    assert!(matches!(
        opened(&place),
        Err(OpenError::AnchorMissing { .. })
    ));
    fs::rename(place.dir().with_extension("moved"), place.anchor()).unwrap();
    fs::remove_dir_all(place.dir()).unwrap();
    assert!(matches!(
        Log::create(&place.dir(), place.options()),
        Err(OpenError::AnchorExists { size: 100, .. })
    ));
}

#[test]
fn a_checkpoint_signed_by_nobody_we_know_refuses_to_start() {
    let place = Place::with(10);
    let forged = ledger::Checkpoint {
        root: ledger::Hash([0; 32]),
        ..place.open().published()
    };
    fs::write(place.dir().join("checkpoint"), forged.sign(&signer())).unwrap();
    assert!(matches!(
        opened(&place),
        Err(OpenError::RootDiffers { size: 10, .. })
    ));
    let text = fs::read_to_string(place.dir().join("checkpoint")).unwrap();
    fs::write(
        place.dir().join("checkpoint"),
        text.replace("\n10\n", "\n9\n"),
    )
    .unwrap();
    assert!(matches!(opened(&place), Err(OpenError::Checkpoint { .. })));
}

#[test]
fn files_of_a_newer_version_are_refused() {
    let place = Place::with(10);
    let format = place.dir().join("format");
    let text = fs::read_to_string(&format).unwrap();
    fs::write(&format, text.replace("version 1", "version 2")).unwrap();
    assert!(matches!(
        opened(&place),
        Err(OpenError::Newer {
            found: 2,
            known: 1,
            ..
        })
    ));
    fs::write(&format, text).unwrap();
    let segment = find(&place, ".wal");
    flip(&segment, 11); // the version's last byte: 1 becomes 17
    assert!(matches!(
        opened(&place),
        Err(OpenError::Newer { found: 17, .. })
    ));
}
