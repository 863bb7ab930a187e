//! A fault injector behind the file seam: makes chosen file operations fail, hold, or lie. For tests.

use crate::files::{Files, Handle, RealFiles};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The kinds of file operations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "they are the methods of Files")]
pub enum Op {
    Create,
    Open,
    Write,
    ReadAt,
    SyncData,
    SyncAll,
    Read,
    Rename,
    SyncDir,
    CreateDirs,
    Remove,
    RemoveDir,
    List,
}

/// How an operation fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It is not done, and fails.
    NotDone,
    /// It is done, but reported as failed.
    DoneButFailed,
    /// A write writes its first half and fails; other operations are not done and fail.
    Half,
    /// A write or read succeeds with its middle bit flipped; other operations are done.
    Flipped,
}

/// [`RealFiles`] with chosen faults, and a trace of all operations.
#[derive(Debug, Default)]
pub struct FaultyFiles {
    plan: Mutex<Plan>,
    released: Condvar,
}

#[derive(Debug, Default)]
struct Plan {
    trace: Vec<(Op, PathBuf)>,
    fault: Option<(usize, Fault)>,
    fault_on: Option<(Op, String, Fault)>,
    syncs_held: bool,
}

impl FaultyFiles {
    /// All operations so far, with the paths that they concern.
    pub fn trace(&self) -> Vec<(Op, PathBuf)> {
        self.plan().trace.clone()
    }

    /// Makes the operation with this number (counted from 0 since the beginning) fail once.
    pub fn fail_number(&self, number: usize, fault: Fault) {
        self.plan().fault = Some((number, fault));
    }

    /// Makes the next operation of this kind on a path that contains `part` fail once.
    pub fn fail_next(&self, op: Op, part: &str, fault: Fault) {
        self.plan().fault_on = Some((op, part.to_owned(), fault));
    }

    /// Whether a fault that was asked for is still to come.
    pub fn is_pending(&self) -> bool {
        let plan = self.plan();
        plan.fault.is_some() || plan.fault_on.is_some()
    }

    /// Holds every data sync until [`FaultyFiles::release_syncs`].
    pub fn hold_syncs(&self) {
        self.plan().syncs_held = true;
    }

    /// Lets held syncs go on.
    pub fn release_syncs(&self) {
        self.plan().syncs_held = false;
        self.released.notify_all();
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the operation; gives the fault that hits it.
    fn note(&self, op: Op, path: &Path) -> Option<Fault> {
        let mut plan = self.plan();
        let number = plan.trace.len();
        plan.trace.push((op, path.to_owned()));
        let by_number = plan
            .fault
            .take_if(|(at, _)| *at == number)
            .map(|(_, fault)| fault);
        let by_kind = plan
            .fault_on
            .take_if(|(kind, part, _)| {
                *kind == op && path.to_string_lossy().contains(part.as_str())
            })
            .map(|(_, _, fault)| fault);
        by_number.or(by_kind)
    }

    fn run<T>(&self, op: Op, path: &Path, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.note(op, path) {
            None | Some(Fault::Flipped) => act(),
            Some(Fault::NotDone | Fault::Half) => Err(injected(op)),
            Some(Fault::DoneButFailed) => act().and(Err(injected(op))),
        }
    }
}

fn injected(op: Op) -> io::Error {
    io::Error::other(format!("injected fault in {op:?}"))
}

fn flip(bytes: &mut [u8]) {
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 0x10;
    }
}

impl Files for FaultyFiles {
    fn create(&self, path: &Path) -> io::Result<Handle> {
        self.run(Op::Create, path, || RealFiles.create(path))
    }

    fn open(&self, path: &Path) -> io::Result<Handle> {
        self.run(Op::Open, path, || RealFiles.open(path))
    }

    fn write_at(&self, handle: &Handle, offset: u64, bytes: &[u8]) -> io::Result<()> {
        match self.note(Op::Write, &handle.path) {
            None => RealFiles.write_at(handle, offset, bytes),
            Some(Fault::NotDone) => Err(injected(Op::Write)),
            Some(Fault::DoneButFailed) => RealFiles
                .write_at(handle, offset, bytes)
                .and(Err(injected(Op::Write))),
            Some(Fault::Half) => {
                let (half, _) = bytes.split_at(bytes.len() / 2);
                RealFiles
                    .write_at(handle, offset, half)
                    .and(Err(injected(Op::Write)))
            }
            Some(Fault::Flipped) => {
                let mut flipped = bytes.to_vec();
                flip(&mut flipped);
                RealFiles.write_at(handle, offset, &flipped)
            }
        }
    }

    fn read_at(&self, handle: &Handle, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let fault = self.note(Op::ReadAt, &handle.path);
        if matches!(
            fault,
            Some(Fault::NotDone | Fault::Half | Fault::DoneButFailed)
        ) {
            return Err(injected(Op::ReadAt));
        }
        RealFiles.read_at(handle, offset, bytes)?;
        if fault == Some(Fault::Flipped) {
            flip(bytes);
        }
        Ok(())
    }

    fn sync_data(&self, handle: &Handle) -> io::Result<()> {
        let held = self.plan();
        drop(
            self.released
                .wait_while(held, |plan| plan.syncs_held)
                .unwrap_or_else(PoisonError::into_inner),
        );
        self.run(Op::SyncData, &handle.path, || RealFiles.sync_data(handle))
    }

    fn sync_all(&self, handle: &Handle) -> io::Result<()> {
        self.run(Op::SyncAll, &handle.path, || RealFiles.sync_all(handle))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.run(Op::Read, path, || RealFiles.read(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.run(Op::Rename, to, || RealFiles.rename(from, to))
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.run(Op::SyncDir, dir, || RealFiles.sync_dir(dir))
    }

    fn create_dirs(&self, dir: &Path) -> io::Result<()> {
        self.run(Op::CreateDirs, dir, || RealFiles.create_dirs(dir))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.run(Op::Remove, path, || RealFiles.remove(path))
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        self.run(Op::RemoveDir, dir, || RealFiles.remove_dir(dir))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.run(Op::List, dir, || RealFiles.list(dir))
    }
}
