//! Every kind of file under a register and a ledger has a version, and a newer one is refused by name.

use std::fs;
use std::path::{Path, PathBuf};

use register::Register;

use crate::common::{agreed, join, options, reopen};

/// How a file says that it is of a newer version, or why it says nothing of versions.
enum Kind {
    /// The byte at this place stands for the version; this one is of a newer.
    Byte(usize, u8),
    /// This text stands for the version; this one is of a newer.
    Text(&'static str, &'static str),
    /// A form of C2SP's, which others read: tiles, bundles, checkpoints and signed notes have no version of ours. What
    /// an entry in a bundle is says the entry itself.
    OfOthers,
    /// Nothing is read from it: what it says is for messages, or it is empty until it becomes another file.
    NotRead,
}

fn kind_of(relative: &str) -> Kind {
    let parts: Vec<&str> = relative.split('/').collect();
    match parts.as_slice() {
        ["snapshot"] => Kind::Byte(7, b'3'),
        ["register.key"] => Kind::Text("countersign-key-v1", "countersign-key-v2"),
        ["log", "format"] => Kind::Text("version 1", "version 2"),
        ["log", "wal", name] if name.ends_with(".wal") => Kind::Byte(11, 2),
        ["log", "wal", name] if name.starts_with("spare-") => Kind::NotRead,
        ["log", "tags" | "details" | "keys", ..] => Kind::Byte(11, 2),
        ["log", "tile", ..] | ["log", "checkpoint"] => Kind::OfOthers,
        ["log", "lock"] => Kind::NotRead,
        other => panic!("a file of a kind that this test does not know: {other:?}"),
    }
}

fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn every_kind_of_file_has_a_version_and_a_newer_one_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("register");
    let register = agreed(&home);
    for n in 0..260 {
        join(&register, &[&format!("person-{n}")]);
    }
    register.snapshot().unwrap();
    register.log().publish_now().unwrap();
    drop(register);
    let mut files = Vec::new();
    walk(&home, &mut files);
    let (mut refused, mut exempt) = (Vec::new(), 0);
    for path in files {
        let relative = path.strip_prefix(&home).unwrap().to_str().unwrap();
        let whole = fs::read(&path).unwrap();
        let newer = match kind_of(relative) {
            Kind::Byte(at, version) => {
                let mut bytes = whole.clone();
                bytes[at] = version;
                bytes
            }
            Kind::Text(from, to) => {
                let text = String::from_utf8(whole.clone()).unwrap();
                assert!(text.contains(from), "{relative}: {text}");
                text.replace(from, to).into_bytes()
            }
            Kind::OfOthers | Kind::NotRead => {
                exempt += 1;
                continue;
            }
        };
        fs::write(&path, newer).unwrap();
        // Tags and details of entries that a snapshot covers are read only when it is not there.
        let blobs = relative.starts_with("log/tags") || relative.starts_with("log/details");
        let aside = home.with_extension("snapshot");
        if blobs {
            fs::rename(home.join("snapshot"), &aside).unwrap();
        }
        let said = Register::open(&home, options(2)).unwrap_err().to_string();
        let (file, is_newer) = (path.to_str().unwrap(), said.contains("use a newer program"));
        assert!(
            said.contains(file) && is_newer && said.contains('2'),
            "{relative}: {said}"
        );
        fs::write(&path, whole).unwrap();
        if blobs {
            fs::rename(&aside, home.join("snapshot")).unwrap();
        }
        refused.push(relative.to_owned());
    }
    for kind in [
        "snapshot",
        "register.key",
        "log/format",
        ".wal",
        "log/tags/",
        "log/details/",
        "log/keys/",
    ] {
        assert!(refused.iter().any(|file| file.contains(kind)), "{kind}");
    }
    assert!(exempt > 5);
    drop(reopen(&home));
}
