//! What a process uses, as Linux tells it.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use crate::broken::{At as _, Result};

/// The unit in which Linux tells a process's CPU time: a hundredth of a second, whatever the kernel's own tick
/// (`USER_HZ` in proc_pid_stat(5)).
const TICK: Duration = Duration::from_millis(10);

/// What a process uses at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Used {
    /// Memory that is really there, in bytes (`VmRSS`).
    pub(crate) memory: u64,
    /// Open descriptors.
    pub(crate) descriptors: u64,
    /// Processor time of all its threads since it began, in user mode and in the kernel.
    pub(crate) cpu: Duration,
}

impl Used {
    /// Asks about a process of this machine.
    pub(crate) fn by(pid: u32) -> Result<Used> {
        let status = read(&format!("/proc/{pid}/status"))?;
        let memory = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
        let memory: u64 = memory.at("VmRSS")?.trim().parse().at("VmRSS")?;
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd"))
            .at("descriptors")?
            .count();
        Ok(Used {
            memory: memory.saturating_mul(1024),
            descriptors: u64::try_from(descriptors).unwrap_or(u64::MAX),
            cpu: cpu(&read(&format!("/proc/{pid}/stat"))?).at("the process's CPU time")?,
        })
    }
}

/// From the line of `/proc/PID/stat`; the name in it can hold anything, so it is counted from behind that.
fn cpu(stat: &str) -> Option<Duration> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let ticks = fields
        .next()?
        .parse::<u32>()
        .ok()?
        .checked_add(fields.next()?.parse().ok()?)?;
    Some(TICK.saturating_mul(ticks))
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(path).at(path)
}

/// What everything below a directory takes on the disk, in bytes. Files that go while it is looked at count for nothing.
pub(crate) fn on_disk(path: &Path) -> u64 {
    let Ok(about) = fs::symlink_metadata(path) else {
        return 0;
    };
    let own = about.blocks().saturating_mul(512);
    if !about.is_dir() {
        return own;
    }
    let inside = fs::read_dir(path).into_iter().flatten().flatten();
    inside
        .map(|entry| on_disk(&entry.path()))
        .fold(own, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_user_and_kernel_time_whatever_the_process_is_called() {
        let stat = "12 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 4";
        assert_eq!(cpu(stat), Some(Duration::from_secs(2)));
        assert_eq!(cpu("12 (a"), None);
    }

    #[test]
    fn this_process_uses_something() {
        let used = Used::by(std::process::id()).unwrap();
        assert!(used.memory > 1 << 20 && used.descriptors > 2, "{used:?}");
    }
}
