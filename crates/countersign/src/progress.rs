//! What is being done at the moment, on standard error: one line that is written over on a terminal, a line a step
//! elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// A line that tells how far something is.
#[derive(Debug)]
pub(crate) struct Progress {
    quiet: bool,
    terminal: bool,
    began: Instant,
    shown: Option<Instant>,
}

/// How often a line on a terminal is written over.
const OFTEN: Duration = Duration::from_millis(100);

impl Progress {
    /// Begins. A quiet one shows nothing.
    pub(crate) fn new(quiet: bool) -> Progress {
        Progress {
            quiet,
            terminal: std::io::stderr().is_terminal(),
            began: Instant::now(),
            shown: None,
        }
    }

    /// How far it is; shown on a terminal, and not too often.
    pub(crate) fn at(&mut self, text: impl std::fmt::Display) {
        if self.quiet || !self.terminal || self.shown.is_some_and(|shown| shown.elapsed() < OFTEN) {
            return;
        }
        self.shown = Some(Instant::now());
        self.write(format_args!("\r\x1b[K  … {text}"));
    }

    /// A step is done.
    pub(crate) fn done(&mut self, text: impl std::fmt::Display) {
        if self.quiet {
            return;
        }
        let start = if self.terminal { "\r\x1b[K" } else { "" };
        let seconds = self.began.elapsed().as_secs_f32();
        self.shown = None;
        self.write(format_args!("{start}  {seconds:5.1} s  {text}\n"));
    }

    #[expect(clippy::unused_self, reason = "reads as what it is")]
    fn write(&self, text: std::fmt::Arguments<'_>) {
        // Nobody to tell that standard error is closed.
        let _ = std::io::stderr().lock().write_fmt(text);
    }
}
