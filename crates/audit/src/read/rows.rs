//! Rows of text as columns of numbers.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::blocks::Block;
use super::cells::{self, Cell};
use super::clock::Clock;
use super::faults::Faults;
use super::mapping::{Is, Mapping, Telling};
use super::moment::moment;
use super::open::Form;
use crate::bystanders::Bystanders;
use crate::facts::{Acts, People};
use crate::judge::{Batch, Kinds, NOBODY};

/// Texts become numbers here; shared by all threads.
#[derive(Clone, Copy)]
pub(crate) struct Numbering<'a> {
    pub(crate) people: &'a People,
    pub(crate) acts: &'a Acts,
    pub(crate) kinds: &'a Kinds,
    pub(crate) bystanders: &'a [Bystanders],
    pub(crate) lists: &'a [String],
}

/// One thread's reader of rows, by one mapping.
pub(crate) struct Rows<'a> {
    numbering: Numbering<'a>,
    mapping: &'a Mapping,
    /// Kinds met, by the texts that tell them, each ended by a zero.
    met: FxHashMap<Box<[u8]>, Result<u32, &'static str>>,
    telling: Vec<u8>,
    /// Only kinds and times are wanted.
    pub(crate) only_kinds: bool,
    /// The times of the piece that is being read.
    pub(crate) clock: Clock,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(
        numbering: Numbering<'a>,
        mapping: &'a Mapping,
        only_kinds: bool,
    ) -> Rows<'a> {
        Rows {
            numbering,
            mapping,
            met: FxHashMap::default(),
            telling: Vec::new(),
            only_kinds,
            clock: Clock::default(),
        }
    }

    /// Reads a block. Places of faults go by `file`; `lines` takes the line of each row handed on. Gives back how many
    /// rows with content there were.
    #[allow(
        clippy::too_many_arguments,
        reason = "each is borrowed for a time of its own"
    )]
    pub(crate) fn read(
        &mut self,
        block: &Block,
        form: Form,
        header: &[String],
        file: &str,
        batch: &mut Batch,
        lines: &mut Vec<u64>,
        faults: &mut Faults,
    ) -> u64 {
        let rows = match form {
            Form::Csv => self.read_csv(block, header, file, batch, lines, faults),
            Form::Ndjson | Form::Parquet => self.read_json(block, file, batch, lines, faults),
        };
        std::mem::take(&mut self.clock).tell(file, faults);
        rows
    }

    fn read_json(
        &mut self,
        block: &Block,
        file: &str,
        batch: &mut Batch,
        lines: &mut Vec<u64>,
        faults: &mut Faults,
    ) -> u64 {
        let names: Vec<&str> = self
            .mapping
            .columns
            .iter()
            .map(|(_, name)| name.as_str())
            .collect();
        let mut rows = 0u64;
        // The cells borrow from the block, not from the row, so the room is kept.
        let mut row: Vec<Option<Cell<'_>>> = Vec::with_capacity(names.len());
        for (line, number) in split_lines(&block.bytes).zip(block.first_line..) {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            rows = rows.saturating_add(1);
            let Ok(text) = std::str::from_utf8(line) else {
                faults.row("the line is not UTF-8 text", file, number);
                continue;
            };
            let taken = match cells::of_json(text, &names, &mut row) {
                Ok(()) => self.take(&row, batch, number),
                Err(error) if error.is_data() => Err("a member comes twice, or is not of its kind"),
                Err(_) => Err("the line is not one JSON object"),
            };
            note(taken, lines, faults, file, number);
        }
        rows
    }

    fn read_csv(
        &mut self,
        block: &Block,
        header: &[String],
        file: &str,
        batch: &mut Batch,
        lines: &mut Vec<u64>,
        faults: &mut Faults,
    ) -> u64 {
        let places: Vec<Option<usize>> = self
            .mapping
            .columns
            .iter()
            .map(|(_, name)| header.iter().position(|heading| heading == name))
            .collect();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(block.bytes.as_slice());
        let mut record = csv::ByteRecord::new();
        let mut rows = 0u64;
        loop {
            let line = block
                .first_line
                .saturating_add(reader.position().line())
                .saturating_sub(1);
            match reader.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(_) => {
                    faults.row("the line is not CSV", file, line);
                    continue;
                }
            }
            let line = record.position().map_or(line, |at| {
                block.first_line.saturating_add(at.line()).saturating_sub(1)
            });
            if line == 1
                && record
                    .iter()
                    .map(String::from_utf8_lossy)
                    .eq(header.iter().map(|it| Cow::Borrowed(it.as_str())))
            {
                continue;
            }
            rows = rows.saturating_add(1);
            let taken = if record.len() == header.len() {
                self.take_record(&record, &places, batch, line)
            } else {
                Err("the row has more or fewer cells than the heading")
            };
            note(taken, lines, faults, file, line);
        }
        rows
    }

    fn take_record(
        &mut self,
        record: &csv::ByteRecord,
        places: &[Option<usize>],
        batch: &mut Batch,
        line: u64,
    ) -> Result<bool, &'static str> {
        let mut row: Vec<Option<Cell<'_>>> = Vec::with_capacity(places.len());
        for place in places {
            let cell = place.and_then(|place| record.get(place)).unwrap_or(&[]);
            let text = std::str::from_utf8(cell).map_err(|_| "the line is not UTF-8 text")?;
            row.push(cells::of_csv(text));
        }
        self.take(&row, batch, line)
    }

    /// Takes one row in; `false`: it is no access.
    fn take(
        &mut self,
        row: &[Option<Cell<'_>>],
        batch: &mut Batch,
        line: u64,
    ) -> Result<bool, &'static str> {
        let mapping = self.mapping;
        let cell = |is| {
            mapping
                .place(is)
                .and_then(|place| row.get(place))
                .and_then(Option::as_ref)
        };
        let text = |is| cell(is).and_then(Cell::text);
        if let Some(status) = text(Is::Status) {
            let status: u16 = status.parse().map_err(|_| "the status is no number")?;
            if !(200..300).contains(&status) {
                self.clock.no_data(line);
                return Ok(false);
            }
        }
        let time = text(Is::Time).ok_or("the row has no time")?;
        let (at, offset) = moment(time, mapping.time, mapping.zone).map_err(|no| no.reason())?;
        let (mut operation, mut person, mut key) = (None, text(Is::Person), text(Is::Key));
        if !mapping.operations.is_empty() {
            operation = match (text(Is::Operation), text(Is::Path)) {
                (Some(name), _) => mapping.named(name),
                (None, Some(path)) => mapping.requested(text(Is::Method), path).map(
                    |(operation, of_path, its_key)| {
                        // "me" in a path is the one whom the log names.
                        person = person.or(of_path.filter(|it| *it != "me"));
                        key = its_key.or(key);
                        operation
                    },
                ),
                (None, None) => None,
            };
            if operation.is_none() {
                return Err("the operation is not in the mapping");
            }
        }
        let telling = Telling {
            partner: text(Is::Partner),
            operation,
            verb: text(Is::Verb),
            category: text(Is::Category),
            reach: text(Is::Reach),
            purpose: text(Is::Purpose),
        };
        let kind = self.kind(telling)?;
        if !self.only_kinds {
            self.clock.row(at, offset, line);
            let number = |id: &str| self.numbering.people.by_text(id);
            batch.people.push(person.map_or(NOBODY, number));
            if mapping.place(Is::Key).is_some() || key.is_some() || !batch.keys.is_empty() {
                batch.keys.resize(batch.kinds.len(), NOBODY);
                batch.keys.push(key.map_or(NOBODY, |key| self.key_of(key)));
            }
            if let Some(place) = mapping.place(Is::People) {
                let people = row.get(place).and_then(Option::as_ref);
                batch.named.extend(
                    people
                        .iter()
                        .flat_map(|people| people.each(mapping.separator))
                        .map(number),
                );
                batch
                    .ends
                    .push(u32::try_from(batch.named.len()).unwrap_or(u32::MAX));
            }
        }
        batch.kinds.push(kind);
        batch.times.push(at);
        Ok(true)
    }

    /// All lists of threads and requests share the numbers of their keys.
    pub(crate) fn key_of(&self, key: &str) -> u32 {
        let keys = self.numbering.bystanders.iter().find_map(Bystanders::keys);
        keys.and_then(|keys| keys.find(key)).unwrap_or(NOBODY)
    }

    pub(crate) fn people(&self) -> &'a People {
        self.numbering.people
    }

    pub(crate) fn kind(&mut self, telling: Telling<'_>) -> Result<u32, &'static str> {
        self.telling.clear();
        let operation = telling
            .operation
            .map_or(u32::MAX, |it| u32::try_from(it).unwrap_or(u32::MAX));
        self.telling.extend(operation.to_le_bytes());
        for text in [
            telling.partner,
            telling.verb,
            telling.category,
            telling.reach,
            telling.purpose,
        ] {
            self.telling.push(u8::from(text.is_some()));
            self.telling.extend(text.unwrap_or_default().as_bytes());
            self.telling.push(0);
        }
        if let Some(known) = self.met.get(self.telling.as_slice()) {
            return *known;
        }
        let Numbering {
            lists, acts, kinds, ..
        } = self.numbering;
        let kind = self.mapping.kind(telling, lists, acts, kinds);
        self.met
            .insert(self.telling.clone().into_boxed_slice(), kind);
        kind
    }
}

fn note(
    taken: Result<bool, &'static str>,
    lines: &mut Vec<u64>,
    faults: &mut Faults,
    file: &str,
    line: u64,
) {
    match taken {
        Ok(true) => lines.push(line),
        Ok(false) => {}
        Err(reason) => faults.row(reason, file, line),
    }
}

/// The lines of a block, without their ends.
fn split_lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest.get(..end);
        rest = rest.get(end.saturating_add(1)..).unwrap_or(&[]);
        line
    })
}
