//! CPU time, of this thread and of processes: on a machine that is shared, wall time says little.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::hint::black_box;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::time::{ClockId, clock_gettime};

/// The CPU time that this thread has used.
pub(crate) fn of_this_thread() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

/// The CPU time of one call: the median of several runs of so many calls.
pub(crate) fn per_call(runs: usize, calls: u32, mut call: impl FnMut(u32)) -> Spread {
    let times = (0..runs).map(|_| {
        let before = of_this_thread();
        (0..calls).for_each(|number| call(black_box(number)));
        (of_this_thread() - before).as_secs_f64() * 1e6 / f64::from(calls)
    });
    Spread::of(times.collect())
}

/// The CPU time that a process and its children have used, all threads, in user mode and in the kernel.
pub(crate) fn of_process(pid: u32) -> Result<Duration> {
    std::iter::once(pid).chain(children(pid)).map(of_one).sum()
}

/// The same without children: the finer of the kernel's two counts. Nanoseconds are there only for threads that still live, hundredths of a second
/// for all that ever did; neither counts too much.
fn of_one(pid: u32) -> Result<Duration> {
    let threads = fs::read_dir(format!("/proc/{pid}/task"))
        .with_context(|| format!("process {pid} has ended"))?;
    let nanoseconds = threads.flatten().filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Ok(in_ticks(ticks(pid, 2)?).max(Duration::from_nanos(nanoseconds.sum())))
}

/// The CPU time of every process that lives now, except these and their children: its own, and that of children of its
/// which have ended. (The kernel's count for the whole machine will not do: it looks a hundred times a second who is
/// there, and misses whoever comes and goes in between.)
pub(crate) fn of_others(own: &[u32]) -> Result<HashMap<u32, Duration>> {
    let own: HashSet<u32> = own
        .iter()
        .flat_map(|pid| children(*pid).chain([*pid]))
        .collect();
    let processes = fs::read_dir("/proc").context("/proc")?.flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let others = pids.filter(|pid| !own.contains(pid));
    // One that ends while it is looked at is no longer there.
    Ok(others
        .filter_map(|pid| Some((pid, in_ticks(ticks(pid, 4).ok()?))))
        .collect())
}

fn children(pid: u32) -> impl Iterator<Item = u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let pids: Vec<u32> = text
        .split_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .collect();
    pids.into_iter()
}

/// The first so many of: its time in user mode, in the kernel, and the same two of its children that have ended.
fn ticks(pid: u32, fields: usize) -> Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))
        .with_context(|| format!("process {pid} has ended"))?;
    // The second field is the program's name in brackets, which may hold anything; these are the 14th to 17th.
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let fields = after.split_whitespace().skip(11).take(fields);
    Ok(fields.filter_map(|field| field.parse::<u64>().ok()).sum())
}

fn in_ticks(ticks: u64) -> Duration {
    Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// Several measurements of the same thing.
#[derive(Clone, Debug)]
pub(crate) struct Spread(Vec<f64>);

impl Spread {
    pub(crate) fn of(mut values: Vec<f64>) -> Spread {
        values.sort_by(f64::total_cmp);
        Spread(values)
    }

    pub(crate) fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        match self.0.len() {
            0 => f64::NAN,
            even if even % 2 == 0 => (self.0[middle - 1] + self.0[middle]) / 2.0,
            _ => self.0[middle],
        }
    }

    pub(crate) fn range(&self) -> (f64, f64) {
        let end = |value: Option<&f64>| value.copied().unwrap_or(f64::NAN);
        (end(self.0.first()), end(self.0.last()))
    }
}

impl std::fmt::Display for Spread {
    /// Median, and lowest and highest in brackets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (low, high) = self.range();
        write!(
            f,
            "{} ({}–{})",
            short(self.median()),
            short(low),
            short(high)
        )
    }
}

/// A number with about three digits.
pub(crate) fn short(value: f64) -> String {
    match value.abs() {
        size if size.is_nan() => "–".to_owned(),
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        assert_eq!(Spread::of(vec![4.0, 1.0, 3.0, 2.0]).median(), 2.5);
        assert_eq!(
            Spread::of(vec![9.0, 1.0, 5.0]).to_string(),
            "5.00 (1.00–9.00)"
        );
        assert!(Spread::of(Vec::new()).median().is_nan());
    }

    #[test]
    fn a_thread_that_works_uses_time_and_this_process_has_used_some() {
        let spent = per_call(1, 1, |_| {
            black_box((0..20_000_000_u64).fold(0, |a, b| a ^ black_box(b)));
        });
        assert!(spent.median() > 1000.0, "{spent}");
        assert!(of_process(std::process::id()).unwrap() > Duration::ZERO);
        let me = std::process::id();
        assert!(!of_others(&[me]).unwrap().contains_key(&me));
        assert!(of_others(&[]).unwrap().contains_key(&me));
    }
}
