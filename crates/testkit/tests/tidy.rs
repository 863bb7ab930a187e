//! House rules as tests, each with its why.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests may fail loudly, their helpers too"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of the first column of the table under `## Houses`.
fn houses() -> BTreeSet<String> {
    let map = read(&root().join("ARCHITECTURE.md"));
    let (_, houses) = map
        .split_once("## Houses")
        .expect("ARCHITECTURE.md has a section Houses");
    let table = houses
        .lines()
        .skip_while(|line| !line.starts_with("| ---"))
        .skip(1);
    table
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| Some(line.split('`').nth(1)?.to_owned()))
        .collect()
}

fn crates() -> BTreeSet<String> {
    let dirs = fs::read_dir(root().join("crates")).expect("crates/");
    let dirs = dirs
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("Cargo.toml").is_file());
    dirs.map(|path| {
        path.file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    })
    .collect()
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for dir in ["crates", "bench"] {
        let dir = root().join(dir);
        if dir.is_dir() {
            sources(&dir, &mut found);
        }
    }
    found
}

/// A map that names vanished crates, or misses new ones, sends readers the wrong way.
#[test]
fn the_map_names_exactly_the_crates_that_exist() {
    assert_eq!(houses(), crates());
}

/// A reader who opens a file should learn first what it is for.
#[test]
fn every_file_opens_with_what_it_is_for() {
    let silent: Vec<_> = all_sources()
        .into_iter()
        .filter(|path| !read(path).starts_with("//!"))
        .collect();
    assert!(
        silent.is_empty(),
        "these files do not open with //!: {silent:#?}"
    );
}

/// The documents: those at the root, and all of `docs/` and `specs/`.
fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for dir in ["", "docs", "specs"] {
        for entry in fs::read_dir(root().join(dir)).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found
}

/// The names by which GitHub lets one point to the headings of a text: lower case, words and hyphens alone, spaces as
/// hyphens; the second of a name is numbered.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut in_code = false;
    for line in text.lines() {
        in_code ^= line.starts_with("```");
        let heading = line.trim_start_matches('#');
        if in_code || heading == line || !heading.starts_with(' ') {
            continue;
        }
        let kept = |c: char| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            _ => c.is_alphanumeric().then_some(c),
        };
        let name: String = heading
            .trim()
            .to_lowercase()
            .chars()
            .filter_map(kept)
            .collect();
        let numbered = (1..).map(|n| format!("{name}-{n}"));
        let mut names = std::iter::once(name.clone()).chain(numbered);
        found.extend(names.find(|name| !found.contains(name)));
    }
    found
}

/// Every file that a document points to exists, and every heading in it.
#[test]
fn links_in_the_documents_lead_somewhere() {
    let (mut dead, mut looked, mut at_headings) = (Vec::new(), 0, 0);
    for document in documents() {
        let text = read(&document);
        let links = text.split("](").skip(1);
        for link in links.filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => document.clone(),
                file => document.parent().expect("a directory").join(file),
            };
            let there =
                target.exists() && (anchor.is_empty() || anchors(&read(&target)).contains(anchor));
            if !there {
                dead.push(format!("{} -> {link}", document.display()));
            }
            looked += 1;
            at_headings += usize::from(!anchor.is_empty());
        }
    }
    assert!(dead.is_empty(), "dead links: {dead:#?}");
    assert!(
        looked > 50 && at_headings > 5,
        "{looked}, {at_headings}: are they found?"
    );
}

#[test]
fn headings_are_named_as_github_names_them() {
    let text = "# A breach: what left, to whom\n## 7. Run it over `real` answers\n```\n# no heading\n```\n## Twice\n\
        ## Twice\n#hash\n";
    let named = [
        "7-run-it-over-real-answers",
        "a-breach-what-left-to-whom",
        "twice",
        "twice-1",
    ];
    assert_eq!(anchors(text), named.map(str::to_owned).into());
}

/// A table of attacks is worth what its tests are: each row names one that exists.
#[test]
fn every_attack_on_people_is_tried_by_a_test_that_exists() {
    let table = read(&root().join("docs/attacks-on-people.md"));
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(2);
    let mut tried = 0;
    for row in rows {
        let names: Vec<&str> = row.rsplit(" | ").next().unwrap_or("").split('`').collect();
        let [_, file, _, test, _] = names[..] else {
            panic!("no file and test at the end of {row}")
        };
        let source = read(&root().join("crates/gateway/tests/gateway").join(file));
        assert!(
            source.contains(&format!("fn {test}()")),
            "no {test} in {file}"
        );
        tried += 1;
    }
    assert!(tried > 30, "{tried}");
}

/// A test that nobody runs is none: what is left out of the ordinary run is run by scripts/browser-tests, and nothing else is
/// left out.
#[test]
fn what_is_ignored_is_what_the_browsers_script_runs() {
    let mark = concat!("#[", "ignore");
    for path in all_sources() {
        let text = read(&path);
        let mut lines = text
            .lines()
            .filter(|line| line.trim_start().starts_with(mark));
        let other = lines.find(|line| !line.contains("needs a browser: run scripts/browser-tests"));
        assert_eq!(other, None, "{}", path.display());
    }
}

/// Where a manifest says that there are no tests, cargo looks for none, to save a rustdoc or a link of its own: there must
/// be none, then.
#[test]
fn what_cargo_does_not_look_for_tests_in_has_none() {
    let says = |part: &str, what: &str| part.lines().any(|line| line == what);
    let tested = |text: &str| text.contains("test]") || text.contains("cfg(test)");
    let mut spared = 0;
    for name in crates() {
        let dir = root().join("crates").join(&name);
        let manifest = read(&dir.join("Cargo.toml"));
        let (lib, bin) = manifest.split_once("[[bin]]").unwrap_or((&manifest, ""));
        let main = dir.join("src/main.rs");
        if says(bin, "test = false") {
            let text = read(&main);
            let alone = !text.lines().any(|line| line.starts_with("mod "));
            assert!(alone && !tested(&text), "{}", main.display());
            spared += 1;
        }
        let mut files = Vec::new();
        sources(&dir.join("src"), &mut files);
        for file in files.iter().filter(|file| **file != main) {
            let text = read(file);
            let mut comments = text.lines().filter_map(|line| {
                let line = line.trim_start();
                line.strip_prefix("///")
                    .or_else(|| line.strip_prefix("//!"))
            });
            let code = |line: &str| line.starts_with("     ") || line.trim().starts_with("```");
            let documented = says(lib, "doctest = false") && comments.any(code);
            let own = says(lib, "test = false") && tested(&text);
            assert!(!documented && !own, "{}", file.display());
        }
        spared += usize::from(says(lib, "test = false"));
        spared += usize::from(says(lib, "doctest = false"));
    }
    assert!(spared > 10, "{spared}: are they found?");
}

/// Only the program reads the clock; everything else is given the time (clippy.toml bans the call, this bans the ban's
/// being lifted elsewhere). The harnesses are programs of their own.
#[test]
fn the_clock_is_read_by_the_program_alone() {
    // In two parts, so that this file does not find itself.
    let call = concat!("SystemTime::", "now");
    let readers: Vec<_> = all_sources()
        .into_iter()
        .filter(|path| path.components().any(|part| part.as_os_str() == "src"))
        .filter(|path| {
            !path.starts_with(root().join("crates/countersign"))
                && !path.starts_with(root().join("crates/trial"))
                && !path.starts_with(root().join("bench"))
        })
        .filter(|path| read(path).contains(call))
        .collect();
    assert!(readers.is_empty(), "these read the clock: {readers:#?}");
}

/// Bytes without a ledger entry (`release::try_out`): of nothing but what the one who gets them has typed.
#[test]
fn only_the_partners_desk_makes_an_invented_answer() {
    let (crates, call) = (root().join("crates"), concat!("Invented", "("));
    let makers: Vec<_> = all_sources()
        .into_iter()
        .filter(|path| path.components().any(|part| part.as_os_str() == "src"))
        .filter(|path| {
            let text = read(path);
            text.contains(call) && !text.contains("pub struct Invented")
        })
        .map(|path| path.strip_prefix(&crates).map(Path::to_owned))
        .collect();
    let desk = Path::new("gateway/src/partner_desk/sandbox.rs");
    assert_eq!(makers, [Ok(desk.to_owned())]);
}

/// The rule must not know the claimed role: no file that decides may name it, but where it is stored.
#[test]
fn the_claimed_role_is_named_where_it_is_stored_and_nowhere_that_decides() {
    for file in [
        "rule.rs",
        "route.rs",
        "answer.rs",
        "column.rs",
        "standing.rs",
        "fold.rs",
        "facts.rs",
    ] {
        let text = read(&root().join("crates/decide/src").join(file)).to_lowercase();
        assert!(
            !text.contains("claimed_role") && !text.contains("claimedrole"),
            "{file} names the claimed role"
        );
    }
}
