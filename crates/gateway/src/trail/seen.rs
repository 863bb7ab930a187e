//! Until when each person has seen the notices of first disclosures about them: four bytes a person, in one file.
//!
//! `CSSEEN1\n`, then per person's number a minute since 1970 (big-endian; 0: nothing yet). Where it is lost, notices are
//! shown as new again, never the other way round; so it is not synced.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use decide::PersonNo;
use ledger::files::{Files, Handle};

use super::TrailError;

const MAGIC: &[u8; 8] = b"CSSEEN1\n";

/// The file, open.
pub(super) struct Seen {
    files: Arc<dyn Files>,
    handle: Mutex<Handle>,
}

impl Seen {
    /// Opens it; one that is missing or not of this form is begun anew.
    pub(super) fn open(path: PathBuf, files: Arc<dyn Files>) -> Result<Self, TrailError> {
        let opened = || -> io::Result<Handle> {
            let mut found = [0; 8];
            if let Ok(handle) = files.open(&path)
                && files.read_at(&handle, 0, &mut found).is_ok()
                && found == *MAGIC
            {
                return Ok(handle);
            }
            let handle = files.create_private(&path)?;
            files.write_at(&handle, 0, MAGIC)?;
            Ok(handle)
        };
        let handle = opened().map_err(|source| TrailError::Seen {
            path: path.clone(),
            source,
        })?;
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
}
