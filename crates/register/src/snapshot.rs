//! A copy of the state at one position, so that a start folds only the rest of the log.
//!
//! The file: `CSRSNAP` and the version `2`, a random salt, the position, the hash of the last entry below it, then frames (see
//! [`frames`]) with the book, the marks, the facts and the people. Everything after the head is sealed under the
//! register's key with the head as associated data, so a snapshot is whole and of this register, or it is not used: the
//! log is folded instead. One of a newer version is refused, so that no older program writes over it. It holds every person's key: mode 0600.

mod frames;

use std::fs::File;
use std::io::{self, BufReader, Read as _, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use decide::{Facts, Image};
use ledger::files::{Files, Handle};
use ledger::{Hash, ReadError, Stored};

use crate::book::Book;
use crate::change::Position;
use crate::marks::Marks;
use crate::options::Fill;
use crate::people::People;
use crate::seal::RegisterKey;
use crate::state::State;
use frames::{FrameReader, FrameWriter};

const MAGIC: &[u8; 7] = b"CSRSNAP";
/// The version of the form, a digit behind the magic.
pub(crate) const VERSION: u8 = b'2';
const PURPOSE: &str = "countersign register snapshot v1";
const HEAD: usize = 8 + 32 + 8 + 32;

/// The state between two changes.
pub(crate) struct Copied {
    pub(crate) position: Position,
    image: Image,
    book: Arc<Book>,
    marks: Marks,
    /// People who had joined by then. Rows are read later: one who has left since is left again by the log.
    people: u32,
}

impl Copied {
    pub(crate) fn of(state: &State) -> Copied {
        Copied {
            position: Position(state.facts.position()),
            image: state.facts.image(),
            book: state.book.load_full(),
            marks: state.marks().clone(),
            people: state.people.len(),
        }
    }
}

/// Why a snapshot is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfit {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("not a snapshot")]
    Form,
    #[error("a newer version: {0}")]
    Newer(char),
    #[error("taken at position {0}, beyond the log's end")]
    Beyond(u64),
    #[error("of another log: the entry before its position is not the one in the log")]
    OtherLog,
    #[error("it cannot be read: {0}")]
    Content(String),
}

/// The log as far as a snapshot is compared with it.
pub(crate) struct Entries<'a> {
    /// How many there are.
    pub(crate) size: u64,
    /// One of them.
    pub(crate) read: &'a dyn Fn(u64) -> Result<Stored, ReadError>,
}

/// What a snapshot is made with.
pub(crate) struct With<'a> {
    pub(crate) files: &'a dyn Files,
    pub(crate) key: &'a RegisterKey,
    pub(crate) fill: &'a Fill,
    pub(crate) entries: Entries<'a>,
}

/// Writes the snapshot beside its final name, makes it durable, then renames it. What was begun and failed is removed:
/// it may be the disk's last room.
pub(crate) fn write(
    path: &Path,
    with: &With<'_>,
    copied: &Copied,
    people: &People,
) -> io::Result<()> {
    let temporary = path.with_extension("tmp");
    let handle = with.files.create_private(&temporary)?;
    let mut file = Sequential {
        files: with.files,
        handle: &handle,
        offset: 0,
    };
    let written = write_to(&mut file, with, copied, people);
    if written.is_err() {
        drop(with.files.remove(&temporary));
    }
    written?;
    with.files.sync_all(&handle)?;
    with.files.rename(&temporary, path)?;
    with.files.sync_dir(path.parent().unwrap_or(Path::new(".")))
}

/// A file written from its beginning, through the seam.
struct Sequential<'a> {
    files: &'a dyn Files,
    handle: &'a Handle,
    offset: u64,
}

impl Write for Sequential<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.files.write_at(self.handle, self.offset, bytes)?;
        self.offset += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_to(
    file: &mut Sequential<'_>,
    with: &With<'_>,
    copied: &Copied,
    people: &People,
) -> io::Result<()> {
    let With {
        key, fill, entries, ..
    } = with;
    let mut salt = [0; 32];
    fill(&mut salt).map_err(io::Error::other)?;
    let mut head = MAGIC.to_vec();
    head.push(VERSION);
    head.extend(salt);
    head.extend(copied.position.0.to_be_bytes());
    head.extend(
        last_below(entries, copied.position.0)
            .map_err(io::Error::other)?
            .0,
    );
    file.write_all(&head)?;
    let sealer = key.sealer(PURPOSE, &salt).map_err(io::Error::other)?;
    let mut out = FrameWriter::new(file, sealer, head);
    cbor(&*copied.book, &mut out)?;
    cbor(&copied.marks, &mut out)?;
    cbor(&copied.image, &mut out)?;
    out.write_all(&copied.people.to_le_bytes())?;
    people.write(copied.people, &mut out)?;
    out.finish()
}

/// Reads the snapshot, if there is one; an error says why it is not used.
pub(crate) fn read(
    path: &Path,
    key: &RegisterKey,
    entries: &Entries<'_>,
) -> Result<Option<State>, Unfit> {
    let mut file = match File::open(path) {
        Ok(file) => BufReader::with_capacity(1 << 16, file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut head = [0; HEAD];
    file.read_exact(&mut head)?;
    let (magic, rest) = head.split_first_chunk::<7>().ok_or(Unfit::Form)?;
    let (version, rest) = rest.split_first().ok_or(Unfit::Form)?;
    let (salt, rest) = rest.split_first_chunk::<32>().ok_or(Unfit::Form)?;
    let (position, last) = rest.split_first_chunk::<8>().ok_or(Unfit::Form)?;
    if magic == MAGIC && *version > VERSION {
        return Err(Unfit::Newer(char::from(*version)));
    }
    if magic != MAGIC || *version != VERSION {
        return Err(Unfit::Form);
    }
    let position = u64::from_be_bytes(*position);
    if position > entries.size {
        return Err(Unfit::Beyond(position));
    }
    if last_below(entries, position).map_err(Unfit::Content)?.0 != last {
        return Err(Unfit::OtherLog);
    }
    let sealer = key
        .sealer(PURPOSE, salt)
        .map_err(|e| Unfit::Content(e.to_string()))?;
    let state = content(&mut FrameReader::new(file, sealer, head.to_vec()))?;
    if state.facts.position() == position {
        Ok(Some(state))
    } else {
        Err(Unfit::Form)
    }
}

fn content(from: &mut FrameReader<BufReader<File>>) -> Result<State, Unfit> {
    let book: Book = of_cbor(from)?;
    let marks: Marks = of_cbor(from)?;
    let image: Image = of_cbor(from)?;
    let count = u32::from_le_bytes(crate::people::bytes(from)?);
    let people = People::read(count, from)?;
    from.end()?;
    Ok(State {
        facts: Arc::new(Facts::from_image(image)),
        people: Arc::new(people),
        book: ArcSwap::from_pointee(book),
        marks: Mutex::new(marks),
    })
}

/// The hash of the entry before this position: random bytes are in every entry, so no other log has it there.
fn last_below(entries: &Entries<'_>, position: u64) -> Result<Hash, String> {
    match position.checked_sub(1) {
        None => Ok(Hash::empty_root()),
        Some(index) => match (entries.read)(index) {
            Ok(stored) => Ok(Hash::leaf(&stored.record.entry)),
            Err(error) => Err(error.to_string()),
        },
    }
}

fn cbor<T: serde::Serialize>(it: &T, out: &mut impl Write) -> io::Result<()> {
    ciborium::into_writer(it, out).map_err(io::Error::other)
}

fn of_cbor<T: serde::de::DeserializeOwned>(from: &mut impl io::Read) -> Result<T, Unfit> {
    ciborium::from_reader(from).map_err(|error| Unfit::Content(error.to_string()))
}
