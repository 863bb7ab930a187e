//! Reading the notes, each by the keys it can have.

use decide::Verb;
use serde_json::Value;

use super::note::Note;
use super::{Mistake, ObjectNote, OperationNote, SiteNote};
use crate::operation::OnBehalf;

pub(super) const OPERATION_KEYS: &[&str] = &[
    "verb",
    "reach",
    "on-behalf",
    "page",
    "order",
    "concerns",
    "people",
    "people-from",
    "own-among",
    "made",
    "empty",
    "wait",
];
pub(super) const PAGE_KEYS: &[&str] = &[
    "items",
    "size",
    "default-size",
    "max-size",
    "cursor",
    "after",
    "next",
];
pub(super) const SITE_KEYS: &[&str] = &[
    "structure",
    "category",
    "identifies",
    "also",
    "nullable",
    "time",
    "open",
    "names",
    "cursor",
    "alone",
    "empty",
];
pub(super) const OBJECT_KEYS: &[&str] = &[
    "record",
    "people",
    "inherit",
    "own-among",
    "keys",
    "people-from",
    "identified-by",
];

impl OperationNote {
    pub(crate) fn read(value: &Value) -> Result<OperationNote, Vec<Mistake>> {
        let mut note = Note::open(value, OPERATION_KEYS)?;
        let verb = note.word("verb", &["read", "write", "delete", "import"]);
        let verb = match verb {
            Some("read") => Verb::Read,
            Some("write") => Verb::Write,
            Some("delete") => Verb::Delete,
            Some("import") => Verb::Import,
            _ => {
                note.missing("verb", "one of read, write, delete, import");
                Verb::Read
            }
        };
        let out = OperationNote {
            verb,
            reach: note.parsed("reach"),
            on_behalf: match note.word("on-behalf", &["person", "nobody"]) {
                Some("nobody") => OnBehalf::Nobody,
                _ => OnBehalf::Person,
            },
            page: note.page(),
            order: note.order(),
            concerns: note.categories("concerns"),
            empty_is_nothing: note
                .word("empty", &["list", "not-found"])
                .map(|word| word == "not-found"),
            people: note.people(),
            people_from: note.people_from_calls(),
            own_among: note.flag("own-among", false),
            made: note.text(note.map, "", "made").map(str::to_owned),
            order_said: note.map.contains_key("order"),
            wait: note.wait(),
        };
        note.fits(verb);
        if out.wait.is_some() && verb != Verb::Read {
            note.wrong(
                "wait",
                "`wait` at what is no read",
                "`wait` at reads whose answers the platform keeps back",
                "remove it",
            );
        }
        if out.page.is_some() && !out.order_said {
            note.missing(
                "order",
                "the categories that the order of the list shows, or `none`",
            );
        }
        if verb != Verb::Read && out.concerns.is_empty() {
            note.missing(
                "concerns",
                "the categories that are written, deleted or imported",
            );
        }
        note.close(out)
    }
}

impl Note<'_> {
    /// Complains about keys that say nothing at an operation with this verb.
    fn fits(&mut self, verb: Verb) {
        let of_reads = ["page", "order", "empty"];
        let of_others = ["concerns", "people", "people-from", "own-among"];
        let has = |key: &&str| self.map.contains_key(*key);
        let strange: Vec<&str> = match verb {
            Verb::Read => of_others.into_iter().chain(["made"]).filter(has).collect(),
            Verb::Write => of_reads.into_iter().filter(has).collect(),
            Verb::Delete | Verb::Import => {
                of_reads.into_iter().chain(["made"]).filter(has).collect()
            }
        };
        for key in strange {
            let (expected, remedy) = match (verb, key) {
                (Verb::Read, "concerns" | "made") => {
                    ("the answer's own notes say what is read", "remove it")
                }
                (Verb::Read, _) => (
                    "notes at the schemas of what is answered",
                    "write it where the record is",
                ),
                (_, "made") => (
                    "what a delete or an import answers could tell who was there",
                    "remove it",
                ),
                _ => ("this answers with its outcome", "remove it"),
            };
            let problem = format!("`{key}` at a {verb}");
            self.wrong(key, &problem, &format!("no `{key}`: {expected}"), remedy);
        }
        if let Some(made) = self.map.get("made").and_then(Value::as_str)
            && !made.starts_with('/')
        {
            self.wrong(
                "made",
                &format!("{made:?} is not a pointer"),
                "a JSON pointer into the answer, such as /id",
                "begin it with a slash",
            );
        }
    }
}

/// Splits a note at a schema into what is for this use of it and what is for the object wherever it is used.
pub(crate) fn read_schema(
    value: &Value,
) -> Result<(Option<SiteNote>, Option<ObjectNote>), Vec<Mistake>> {
    let all: Vec<&str> = SITE_KEYS.iter().chain(OBJECT_KEYS).copied().collect();
    let mut note = Note::open(value, &all)?;
    let has = |keys: &[&str]| keys.iter().any(|key| note.map.contains_key(*key));
    let (site, object) = (has(SITE_KEYS), has(OBJECT_KEYS));
    let site = site.then(|| SiteNote {
        structure: note.flag("structure", false),
        category: note.parsed("category"),
        identifies: note.flag("identifies", false),
        also_own: note.word("also", &["own"]).is_some(),
        nullable: note.flag("nullable", true),
        time: note.time(),
        open: note.flag("open", false),
        names: note.names(),
        alone: note.flag("alone", false),
        empty_is_absent: note.word("empty", &["absent"]).is_some(),
        cursor: note.text(note.map, "", "cursor").map(str::to_owned),
    });
    let object = object.then(|| note.object());
    if site.is_none() && object.is_none() && note.mistakes.is_empty() {
        note.wrong(
            "",
            "the note says nothing",
            &format!("at least one of {}", all.join(", ")),
            "say what it is, or remove the note",
        );
    }
    note.close((site, object))
}
