//! The seam through which every file operation goes, so that tests can make each one fail.
//!
//! Two implementations: [`RealFiles`], and the fault injector in [`mod@crate::faults`].

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// An open file with its path, so that an implementation can tell files apart.
#[derive(Debug)]
pub struct Handle {
    /// Where the file was when it was opened; a rename does not change it.
    pub path: PathBuf,
    /// The open file.
    pub file: File,
}

/// The file operations that the log uses. Errors are the operating system's.
pub trait Files: Send + Sync + Debug {
    /// Makes a new file for writing and reading; an existing one is emptied.
    fn create(&self, path: &Path) -> io::Result<Handle> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)?;
        Ok(Handle {
            path: path.to_owned(),
            file,
        })
    }

    /// As [`Files::create`], for a file that only its owner may read.
    fn create_private(&self, path: &Path) -> io::Result<Handle> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Handle {
            path: path.to_owned(),
            file: options.open(path)?,
        })
    }

    /// Opens an existing file for reading and writing.
    fn open(&self, path: &Path) -> io::Result<Handle> {
        Ok(Handle {
            path: path.to_owned(),
            file: OpenOptions::new().read(true).write(true).open(path)?,
        })
    }

    /// Writes all of `bytes` at `offset`.
    fn write_at(&self, handle: &Handle, offset: u64, bytes: &[u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&handle.file, bytes, offset)
    }

    /// Fills `bytes` from `offset`; a file that ends earlier is an error.
    fn read_at(&self, handle: &Handle, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&handle.file, bytes, offset)
    }

    /// Makes the file's contents durable (fdatasync).
    fn sync_data(&self, handle: &Handle) -> io::Result<()> {
        handle.file.sync_data()
    }

    /// Makes the file's contents and length durable (fsync).
    fn sync_all(&self, handle: &Handle) -> io::Result<()> {
        handle.file.sync_all()
    }

    /// The whole file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    /// Gives a file its final name, replacing what had it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    /// Makes names in a directory durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }

    /// Makes a directory and those above it.
    fn create_dirs(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)
    }

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    /// Removes an empty directory.
    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        fs::remove_dir(dir)
    }

    /// How many bytes this program may still write on the file system that holds `dir`.
    fn free(&self, dir: &Path) -> io::Result<u64> {
        let system = rustix::fs::statvfs(dir)?;
        Ok(system.f_bavail.saturating_mul(system.f_frsize))
    }

    /// The names in a directory, sorted.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut names = fs::read_dir(dir)?
            .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }
}

/// The operating system's files.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealFiles;

impl Files for RealFiles {}
