//! Files and directories: who may read the secrets, where the logs lie, and how much room there is.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use gateway::Config;
use ledger::files::{Files as _, RealFiles};

use super::Findings;
use crate::output::thousands;

/// The members of the configuration that name files with secrets.
const SECRETS: [(&str, &str); 10] = [
    ("listen", "key"),
    ("admin", "token"),
    ("platform", "token"),
    ("ledger", "signing-key"),
    ("ledger", "details-key"),
    ("register", "signing-key"),
    ("register", "key"),
    ("cursor", "key"),
    ("login", "client-secret"),
    ("asking", "secret"),
];

/// Whether nobody but their owner can read the secrets.
pub(super) fn secrets(path: &Path, config: &Config, found: &mut Findings) {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let table = toml::from_str::<toml::Table>(&text).unwrap_or_default();
    let named = SECRETS.iter().filter_map(|(section, member)| {
        let value = table.get(*section)?.get(*member)?.as_str()?;
        Some(path.parent().unwrap_or(Path::new("")).join(value))
    });
    let staff = super::super::init::tokens_of_staff(&table).into_iter();
    let staff = staff.map(|file| path.parent().unwrap_or(Path::new("")).join(file));
    let own = config.register.directory.join("register.key");
    let own = config.register.key_file.is_none().then_some(own);
    let mut open = Vec::new();
    let mut many = 0;
    for file in named.chain(staff).chain(own) {
        match std::fs::metadata(&file) {
            Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => {
                open.push(format!(
                    "{} (mode {:o})",
                    file.display(),
                    metadata.permissions().mode() & 0o777
                ));
            }
            Ok(_) => many += 1,
            Err(error) => found.wrong(
                "secrets",
                format!("{}: {error}", file.display()),
                "put it back from where its copy is kept; without it nothing that was sealed under it can be read",
            ),
        }
    }
    if open.is_empty() {
        found.well("secrets", format!("{many} files, each for its owner alone"));
    } else {
        found.wrong(
            "secrets",
            format!(
                "others than their owner can read or write {}",
                open.join(", ")
            ),
            "chmod 600, and make new ones if somebody may have read them",
        );
    }
}

/// Directories, locks, anchors, room.
pub(super) fn places(config: &Config, found: &mut Findings) {
    let register = config.register.directory.join("log");
    let logs = [
        ("register", register, config.register.anchor.as_deref()),
        (
            "ledger",
            config.ledger.directory.clone(),
            config.ledger.anchor.as_deref(),
        ),
    ];
    for (name, dir, anchor) in &logs {
        let name = *name;
        if !dir.is_dir() {
            found.wrong(
                name,
                format!("{}: no directory", dir.display()),
                "`countersign init` makes a new one; `countersign restore` puts a copy back",
            );
            continue;
        }
        if let Err(error) = rustix::fs::access(dir, rustix::fs::Access::WRITE_OK) {
            found.wrong(
                name,
                format!("{}: cannot be written to: {error}", dir.display()),
                "let the user that runs the gateway own it",
            );
        }
        match ledger::holder(dir) {
            Some(holder) => found.well(name, format!("in use by {holder}")),
            None => found.well(name, "not in use"),
        }
        anchored(name, dir, *anchor, found);
        room(name, dir, config, found);
    }
    reserve(&logs[0].1, config, found);
}

fn anchored(name: &'static str, dir: &Path, anchor: Option<&Path>, found: &mut Findings) {
    let Some(anchor) = anchor else {
        found.note(
            name,
            "no anchor is configured: an old copy of the directory would be taken for the whole log",
            "name one on another disk: [ledger] anchor, [register] anchor",
        );
        return;
    };
    let device = |path: &Path| std::fs::metadata(path).map(|metadata| metadata.dev()).ok();
    let beside = anchor
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    if device(beside.unwrap_or(Path::new("."))) == device(dir) {
        found.note(
            name,
            format!(
                "the anchor {} is on the same file system: an image of it takes both back together",
                anchor.display()
            ),
            "keep it on another disk, best on another host",
        );
    } else {
        found.well(name, "the anchor is on another file system");
    }
}

fn room(name: &'static str, dir: &Path, config: &Config, found: &mut Findings) {
    let keep = config.storage.keep_free.0 as u64;
    match RealFiles.free(dir) {
        Err(error) => found.unknown(name, format!("how much is free: {error}"), "ask df"),
        Ok(free) if free < keep => found.wrong(
            name,
            format!(
                "{} bytes are free, {} are to be kept free: nothing is disclosed or granted, only taken away",
                thousands(free),
                thousands(keep)
            ),
            "make room on this file system; the gateway goes on by itself",
        ),
        Ok(free) if free < keep.saturating_mul(4) => found.note(
            name,
            format!("{} bytes are free", thousands(free)),
            "make room before [storage] keep-free is reached",
        ),
        Ok(free) => found.well(name, format!("{} bytes are free", thousands(free))),
    }
}

/// Whether the segments that the register keeps for a full disk are there.
fn reserve(dir: &Path, config: &Config, found: &mut Findings) {
    let spares = std::fs::read_dir(dir.join("wal")).into_iter().flatten();
    let spares = spares.flatten().map(|entry| entry.path());
    let is_spare = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "tmp");
    let blocks = |path: PathBuf| std::fs::metadata(path).map_or(0, |m| m.blocks() * 512);
    let bytes: u64 = spares.filter(is_spare).map(blocks).sum();
    let wanted = config.storage.reserve.0 as u64;
    let what = format!("{} bytes are in reserve for takings-away", thousands(bytes));
    if bytes >= wanted {
        found.well("register", what);
    } else {
        found.note(
            "register",
            format!("{what}, {} are wanted", thousands(wanted)),
            "nothing where no gateway ran yet with this reserve; else make room, and the gateway makes it up",
        );
    }
}
