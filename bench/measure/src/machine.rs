//! The machine that a figure is about, and whether it was quiet enough for the figure to mean anything.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

/// How busy the machine is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pressure {
    /// The load average over a minute.
    pub(crate) load: f64,
    /// The share of the last ten seconds in which somebody waited for a processor, in per cent (`/proc/pressure/cpu`).
    pub(crate) waiting: f64,
}

impl Pressure {
    pub(crate) fn now() -> Result<Pressure> {
        let load = fs::read_to_string("/proc/loadavg").context("/proc/loadavg")?;
        let load = load.split(' ').next().and_then(|first| first.parse().ok());
        // Kernels may be built without pressure stall information: then only the load counts.
        let stall = fs::read_to_string("/proc/pressure/cpu").unwrap_or_default();
        let waiting = stall
            .split("avg10=")
            .nth(1)
            .and_then(|rest| rest.split(' ').next()?.parse().ok());
        Ok(Pressure {
            load: load.context("/proc/loadavg cannot be read")?,
            waiting: waiting.unwrap_or(0.0),
        })
    }
}

impl std::fmt::Display for Pressure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "load {:.2}, waiting for a processor {:.0} % of the time",
            self.load, self.waiting
        )
    }
}

/// Day, processors, kernel and compiler, in a line.
pub(crate) fn line() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!(
        "{}, {processors} × {}, Linux {}, {}",
        jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC"),
        model.map_or("unknown processor", |(_, model)| model),
        kernel.trim(),
        said("rustc", &["--version"]).unwrap_or_else(|| "rustc unknown".to_owned()),
    )
}

/// The first line that a program says, to either output: nginx tells its version as an error.
pub(crate) fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text)
        .lines()
        .next()
        .map(str::to_owned)
}
