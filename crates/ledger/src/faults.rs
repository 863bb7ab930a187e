//! A fault injector behind the file seam: makes chosen file operations fail, hold, or lie. For tests.

use crate::files::{Files, Handle, RealFiles};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The kinds of file operations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
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
    Free,
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
    /// It is not done, and fails as on a full disk.
    NoSpace,
}

/// One operation out of all: the `nth` (from 0) of this kind on files of this name. It is the same one in every run,
/// in whatever order threads come by; a number in the order of all operations is not.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Which {
    /// Of which kind.
    pub op: Op,
    /// The file's name with its directory's; see [`name_of`].
    pub file: String,
    /// The how manieth.
    pub nth: usize,
}

/// By what [`Which`] tells files apart: the last two parts of the path, and one name for all spare segments, whose
/// numbers depend on who made one first.
pub fn name_of(path: &Path) -> String {
    let part = |path: Option<&Path>| {
        let name = path.and_then(Path::file_name).unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    // A test's own directory has another name each time.
    let same = |name: String| match name.strip_prefix(".tmp") {
        Some(_) => ".tmp".to_owned(),
        None => name,
    };
    let (name, dir) = (same(part(Some(path))), same(part(path.parent())));
    if name.starts_with("spare-") {
        return format!("{dir}/spare");
    }
    format!("{dir}/{name}")
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
    seen: HashMap<(Op, String), usize>,
    fault: Option<(Which, Fault)>,
    fault_on: Option<(Op, String, Fault)>,
    syncs_held: bool,
    full: bool,
    free: Option<u64>,
}

impl FaultyFiles {
    /// All operations so far, with the paths that they concern.
    pub fn trace(&self) -> Vec<(Op, PathBuf)> {
        self.plan().trace.clone()
    }

    /// All operations so far, each by what it is and not by when it came.
    pub fn operations(&self) -> Vec<Which> {
        let plan = self.plan();
        let counted = plan.seen.iter();
        let each = counted.flat_map(|((op, file), times)| {
            (0..*times).map(|nth| Which {
                op: *op,
                file: file.clone(),
                nth,
            })
        });
        let mut all: Vec<Which> = each.collect();
        all.sort();
        all
    }

    /// Makes this operation fail once, when it comes.
    pub fn fail_at(&self, which: Which, fault: Fault) {
        self.plan().fault = Some((which, fault));
    }

    /// From here on the disk is full: no file can be made, none can grow; what lies within a file can be overwritten.
    pub fn fill_disk(&self) {
        self.plan().full = true;
    }

    /// There is room again.
    pub fn empty_disk(&self) {
        self.plan().full = false;
    }

    /// What [`Files::free`] says from here on.
    pub fn say_free(&self, bytes: u64) {
        self.plan().free = Some(bytes);
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
        plan.trace.push((op, path.to_owned()));
        let file = name_of(path);
        let times = plan.seen.entry((op, file.clone())).or_default();
        let which = Which {
            op,
            file,
            nth: *times,
        };
        *times += 1;
        let by_name = plan
            .fault
            .take_if(|(at, _)| *at == which)
            .map(|(_, fault)| fault);
        let by_kind = plan
            .fault_on
            .take_if(|(kind, part, _)| {
                *kind == op && path.to_string_lossy().contains(part.as_str())
            })
            .map(|(_, _, fault)| fault);
        by_name.or(by_kind)
    }

    fn is_full(&self) -> bool {
        self.plan().full
    }

    /// As [`FaultyFiles::run`], for an operation that needs room on the disk.
    fn grow<T>(&self, op: Op, path: &Path, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.run(op, path, || {
            if self.is_full() {
                return Err(no_space());
            }
            act()
        })
    }

    fn run<T>(&self, op: Op, path: &Path, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.note(op, path) {
            None | Some(Fault::Flipped) => act(),
            Some(Fault::NotDone | Fault::Half) => Err(injected(op)),
            Some(Fault::DoneButFailed) => act().and(Err(injected(op))),
            Some(Fault::NoSpace) => Err(no_space()),
        }
    }
}

fn no_space() -> io::Error {
    io::Error::from(io::ErrorKind::StorageFull)
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
        self.grow(Op::Create, path, || RealFiles.create(path))
    }

    fn create_private(&self, path: &Path) -> io::Result<Handle> {
        self.grow(Op::Create, path, || RealFiles.create_private(path))
    }

    fn open(&self, path: &Path) -> io::Result<Handle> {
        self.run(Op::Open, path, || RealFiles.open(path))
    }

    fn write_at(&self, handle: &Handle, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let end = offset.saturating_add(bytes.len() as u64);
        match self.note(Op::Write, &handle.path) {
            _ if self.is_full() && end > handle.file.metadata()?.len() => Err(no_space()),
            Some(Fault::NoSpace) => Err(no_space()),
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
            Some(Fault::NotDone | Fault::Half | Fault::DoneButFailed | Fault::NoSpace)
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
        self.grow(Op::CreateDirs, dir, || RealFiles.create_dirs(dir))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.run(Op::Remove, path, || RealFiles.remove(path))
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        self.run(Op::RemoveDir, dir, || RealFiles.remove_dir(dir))
    }

    fn free(&self, dir: &Path) -> io::Result<u64> {
        self.run(Op::Free, dir, || match self.plan().free {
            Some(bytes) => Ok(bytes),
            None => RealFiles.free(dir),
        })
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.run(Op::List, dir, || RealFiles.list(dir))
    }
}
