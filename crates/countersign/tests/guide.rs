//! docs/annotate.md is run: its files are written, its changes made, its commands given, and what they say is what stands
//! there.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may fail loudly"
)]

mod support;

use std::fs;
use std::path::Path;

/// A fenced block of the guide.
struct Block<'g> {
    /// `yaml api.yaml`, `diff`, `console`, …
    kind: &'g str,
    text: &'g str,
}

/// The guide in pieces: prose, and blocks between fences.
enum Piece<'g> {
    Prose(&'g str),
    Block(Block<'g>),
}

fn pieces(guide: &str) -> Vec<Piece<'_>> {
    let parts = guide.split("```").enumerate();
    let piece = |(n, part): (usize, _)| match n % 2 {
        0 => Piece::Prose(part),
        _ => {
            let (kind, text) = part.split_once('\n').unwrap();
            Piece::Block(Block { kind, text })
        }
    };
    parts.map(piece).collect()
}

/// Makes the change of a diff in a file; what it takes away must stand there once, so that the guide cannot drift.
fn change(file: &Path, diff: &str) {
    let without = |sign: char| {
        let lines = diff.lines().filter(|line| !line.starts_with(sign));
        lines.fold(String::new(), |all, line| {
            all + line.get(1..).unwrap_or_default() + "\n"
        })
    };
    let (old, new) = (without('+'), without('-'));
    let before = fs::read_to_string(file).unwrap();
    assert_eq!(before.matches(&old).count(), 1, "in {file:?} once:\n{old}");
    fs::write(file, before.replace(&old, &new)).unwrap();
}

/// A command that was run: whether a mistake had been made before, and its exit code.
struct Told {
    mistaken: bool,
    /// There was something to look at in answers.
    found: bool,
    code: i32,
}

/// The guide with what its commands say now.
fn run(guide: &str) -> (String, Vec<Told>) {
    let dir = tempfile::tempdir().unwrap();
    let (mut out, mut told) = (String::new(), Vec::new());
    let mut undo: Option<String> = None;
    let overlay = dir.path().join("overlay.yaml");
    for piece in pieces(guide) {
        let Block { kind, text } = match piece {
            Piece::Prose(text) => {
                out.push_str(text);
                continue;
            }
            Piece::Block(block) => block,
        };
        let mut shown = text.to_owned();
        match kind.split_once(' ').unwrap_or((kind, "")) {
            ("yaml" | "json", name) if !name.is_empty() => {
                let file = dir.path().join(name);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, text).unwrap();
            }
            // What is to stay.
            ("diff", "keep") => change(&overlay, text),
            // A mistake.
            ("diff", "") => {
                undo.get_or_insert(fs::read_to_string(&overlay).unwrap());
                change(&overlay, text);
            }
            ("console", "") => {
                let command = text.lines().next().unwrap();
                let words = command.strip_prefix("$ countersign ").unwrap();
                let words: Vec<&str> = words.split(' ').collect();
                let ran = support::run(&words, dir.path());
                told.push(Told {
                    mistaken: undo.is_some(),
                    found: ran.out.contains(" to look at."),
                    code: ran.code,
                });
                let said = [ran.out, ran.err].concat();
                shown = format!("{command}\n{}\n", said.trim_end());
                // A mistake is shown by one command; the next begins from what was there before.
                if let Some(before) = undo.take() {
                    fs::write(&overlay, before).unwrap();
                }
            }
            _ => {}
        }
        out.push_str(&format!("```{kind}\n{shown}```"));
    }
    (out, told)
}

#[test]
fn what_the_guide_shows_is_what_the_program_says() {
    let path = support::repository().join("docs/annotate.md");
    let guide = fs::read_to_string(&path).unwrap();
    let (shown, told) = run(&guide);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &shown).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap() == shown,
        "docs/annotate.md is not what the program says; run again with UPDATE_DOCS=1 and look at the difference"
    );
    for (n, told) in told.iter().enumerate() {
        let no = told.mistaken || told.found;
        assert_eq!(told.code, i32::from(no), "command {n} of the guide");
    }
    assert_eq!(told.iter().filter(|told| told.found).count(), 1);
    assert!(told.iter().filter(|told| told.mistaken).count() >= 10);
    assert!(told.iter().any(|told| !told.mistaken));
}

#[test]
fn the_guide_leads_somewhere() {
    let docs = support::repository().join("docs");
    let guide = fs::read_to_string(docs.join("annotate.md")).unwrap();
    for link in guide.split("](").skip(1) {
        let link = link.split(')').next().unwrap();
        assert!(docs.join(link).exists(), "docs/annotate.md leads to {link}");
    }
}
