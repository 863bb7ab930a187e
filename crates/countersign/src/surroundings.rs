//! The clock and the operating system's randomness: the only place of the workspace that reads either.

use std::path::Path;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use decide::Time;

use crate::exit::{Exit, Failure};

/// What the wall clock says.
#[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
pub(crate) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.map(|since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    // A clock before 1970 is broken; the gateway's watch finds that it went back and refuses.
    Time(millis.unwrap_or(0))
}

/// A counter of milliseconds that never goes back, from an arbitrary start.
pub(crate) fn counter() -> impl Fn() -> i64 + Send + Sync + 'static {
    let start = Instant::now();
    move || i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX)
}

/// Random bytes of the operating system's, fit for keys.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(_) => Err(Exit::Internal.because("the operating system gave no random bytes")),
    }
}

/// As the register wants its randomness.
pub(crate) fn fill() -> Arc<register::Fill> {
    let random = SystemRandom::new();
    Arc::new(move |bytes: &mut [u8]| random.fill(bytes).map_err(|_| register::NoRandomness))
}

/// As a partner's client wants time and randomness.
pub(crate) fn of_partner() -> partner::Surroundings {
    partner::Surroundings {
        now: Arc::new(|| now().0.div_euclid(1000)),
        random: Arc::new(|| random().unwrap_or_default()),
    }
}

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        Exit::NoInput.at(
            path,
            format_args!("{error}\n  to do: correct the path, or who may read the file"),
        )
    })
}

/// Reads a file of text.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?)
        .map_err(|_| Exit::Document.at(path, "not UTF-8; expected a text file"))
}

/// Writes a new file, readable by its owner alone if `secret`. An existing file is never replaced.
pub(crate) fn write_new(path: &Path, bytes: &[u8], secret: bool) -> Result<(), Failure> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if secret {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Exit::Exists.at(
            path,
            "exists already, and nothing is overwritten; name another file",
        ),
        _ => Exit::Io.at(path, error),
    };
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(failed)
}
