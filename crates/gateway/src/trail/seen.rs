//! Until when each person has seen the notices of first disclosures about them: four bytes a person, in one file.
//!
//! `CSSEEN1\n`, then per person's number a minute since 1970 (big-endian; 0: nothing yet). Where it is lost, notices are
//! shown as new again, never the other way round; so it is not synced. One of another version is refused and stays as it is.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use decide::PersonNo;
use ledger::files::{Files, Handle};

use super::TrailError;

const MAGIC: &[u8; 8] = b"CSSEEN1\n";
/// What it begins with whatever its version.
const OURS: &[u8] = b"CSSEEN";

/// The file, open.
pub(super) struct Seen {
    files: Arc<dyn Files>,
    handle: Mutex<Handle>,
}

impl Seen {
    /// Opens it; one that is missing or no such file is begun anew.
    ///
    /// # Errors
    /// It cannot be read or made, or a newer program wrote it. It is left as it is then.
    pub(super) fn open(path: PathBuf, files: Arc<dyn Files>) -> Result<Self, TrailError> {
        let cannot = |source| TrailError::Seen {
            path: path.clone(),
            source,
        };
        let begun = match begun(&path, files.as_ref()).map_err(cannot)? {
            Begun::Ours(handle) => Some(handle),
            Begun::Newer(found) => return Err(TrailError::SeenNewer { path, found }),
            Begun::Not => None,
        };
        let anew = || -> io::Result<Handle> {
            let handle = files.create_private(&path)?;
            files.write_at(&handle, 0, MAGIC)?;
            Ok(handle)
        };
        let handle = begun.map_or_else(anew, Ok).map_err(cannot)?;
        Ok(Self {
            files,
            handle: Mutex::new(handle),
        })
    }

    pub(super) fn of(&self, person: PersonNo) -> Result<u32, TrailError> {
        let handle = self.handle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = [0; 4];
        match self.files.read_at(&handle, place(person), &mut bytes) {
            Ok(()) => Ok(u32::from_be_bytes(bytes)),
            // Nobody with so high a number has seen anything yet.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
            Err(source) => Err(TrailError::Seen {
                path: handle.path.clone(),
                source,
            }),
        }
    }

    pub(super) fn mark(&self, person: PersonNo, minute: u32) -> Result<(), TrailError> {
        let handle = self.handle.lock().unwrap_or_else(PoisonError::into_inner);
        let written = self
            .files
            .write_at(&handle, place(person), &minute.to_be_bytes());
        written.map_err(|source| TrailError::Seen {
            path: handle.path.clone(),
            source,
        })
    }
}

/// What lies there.
enum Begun {
    Ours(Handle),
    /// Its version, as it stands there.
    Newer(String),
    /// Nothing, or something else.
    Not,
}

fn begun(path: &Path, files: &dyn Files) -> io::Result<Begun> {
    let mut found = [0; 8];
    let read = files.open(path).and_then(|handle| {
        files.read_at(&handle, 0, &mut found)?;
        Ok(handle)
    });
    match read {
        Ok(handle) if found == *MAGIC => Ok(Begun::Ours(handle)),
        Ok(_) => Ok(match found.strip_prefix(OURS) {
            Some(version) => Begun::Newer(String::from_utf8_lossy(version).trim_end().to_owned()),
            None => Begun::Not,
        }),
        Err(error)
            if [io::ErrorKind::NotFound, io::ErrorKind::UnexpectedEof].contains(&error.kind()) =>
        {
            Ok(Begun::Not)
        }
        Err(error) => Err(error),
    }
}

fn place(person: PersonNo) -> u64 {
    MAGIC.len() as u64 + u64::from(person.0) * 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::files::RealFiles;

    #[test]
    fn what_one_has_seen_is_theirs_alone_and_a_foreign_file_counts_as_nothing_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("seen");
        let open = || Seen::open(path.clone(), Arc::new(RealFiles)).unwrap();
        let seen = open();
        assert_eq!(seen.of(PersonNo(7)).unwrap(), 0);
        seen.mark(PersonNo(7), 29_939_000).unwrap();
        let again = open();
        let of = |person| again.of(PersonNo(person)).unwrap();
        assert_eq!([of(6), of(7), of(8), of(u32::MAX)], [0, 29_939_000, 0, 0]);
        std::fs::write(&path, "something else, and long enough for a few people").unwrap();
        assert_eq!(open().of(PersonNo(7)).unwrap(), 0);
    }

    #[test]
    fn a_file_of_a_newer_version_is_refused_by_name_and_stays_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("seen");
        for (newer, version) in [(&b"CSSEEN2\nmore"[..], "2"), (&b"CSSEEN10\nmore"[..], "10")] {
            std::fs::write(&path, newer).unwrap();
            let refused = Seen::open(path.clone(), Arc::new(RealFiles)).err().unwrap();
            let said = format!(
                "{}: format version {version}, this program knows 1; use the newer program",
                path.display()
            );
            assert_eq!(refused.to_string(), said);
            assert_eq!(std::fs::read(&path).unwrap(), newer);
        }
    }
}
