//! A gateway that is watched: what it uses, sampled while a trial goes on, and whether that grows.

use std::path::Path;
use std::time::Duration;

use crate::broken::Result;
use crate::place::Place;
use crate::proc::{Used, on_disk};

/// One look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Since the trial began.
    pub(crate) at: Duration,
    pub(crate) used: Used,
    /// Bytes on disk: register, ledger and what it says.
    pub(crate) disk: u64,
    /// How many entries the ledger's latest checkpoint covers.
    pub(crate) entries: u64,
}

/// All looks, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(pub(crate) Vec<Sample>);

impl Samples {
    pub(crate) fn look(&mut self, at: Duration, pid: u32, place: &Place) -> Result<Sample> {
        let sample = Sample {
            at,
            used: Used::by(pid)?,
            disk: on_disk(&place.path("")),
            entries: entries(&place.path("ledger/checkpoint")),
        };
        self.0.push(sample);
        Ok(sample)
    }

    /// The looks between two moments of the trial.
    pub(crate) fn between(&self, from: Duration, until: Duration) -> Samples {
        let within = |sample: &&Sample| from <= sample.at && sample.at <= until;
        Samples(self.0.iter().filter(within).copied().collect())
    }

    /// When something was first so.
    pub(crate) fn when(&self, is_so: impl Fn(&Sample) -> bool) -> Option<Duration> {
        self.0.iter().find(|sample| is_so(sample)).map(|it| it.at)
    }

    /// How much something grew a minute, by the line that fits the looks best (least squares).
    pub(crate) fn a_minute(&self, what: impl Fn(&Sample) -> f64) -> f64 {
        let many = self.0.len() as f64;
        let minutes = |sample: &Sample| sample.at.as_secs_f64() / 60.0;
        let mean = |of: &dyn Fn(&Sample) -> f64| self.0.iter().map(of).sum::<f64>() / many;
        let (mean_at, mean_of) = (mean(&minutes), mean(&what));
        let (mut with, mut alone) = (0.0, 0.0);
        for sample in &self.0 {
            let off = minutes(sample) - mean_at;
            with += off * (what(sample) - mean_of);
            alone += off * off;
        }
        if alone > 0.0 { with / alone } else { 0.0 }
    }

    /// The most of something.
    pub(crate) fn most(&self, what: impl Fn(&Sample) -> u64) -> u64 {
        self.0.iter().map(what).max().unwrap_or(0)
    }

    pub(crate) fn first(&self) -> Option<&Sample> {
        self.0.first()
    }

    pub(crate) fn last(&self) -> Option<&Sample> {
        self.0.last()
    }
}

/// The second line of a checkpoint (C2SP tlog-checkpoint); nothing where there is none yet.
fn entries(checkpoint: &Path) -> u64 {
    let text = std::fs::read_to_string(checkpoint).unwrap_or_default();
    let size = text.lines().nth(1).and_then(|line| line.parse().ok());
    size.unwrap_or(0)
}

/// Mebibytes.
pub(crate) fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_the_slope_of_the_best_line() {
        let at = |minute: u64, memory: u64| Sample {
            at: Duration::from_secs(60 * minute),
            used: Used {
                memory,
                ..Used::default()
            },
            disk: 0,
            entries: 0,
        };
        let samples = Samples(vec![at(0, 100), at(1, 112), at(2, 118), at(3, 130)]);
        let slope = samples.a_minute(|sample| sample.used.memory as f64);
        assert!((slope - 9.6).abs() < 1e-9, "{slope}");
        assert_eq!(
            samples
                .between(Duration::from_secs(60), Duration::from_secs(120))
                .0
                .len(),
            2
        );
        assert!(Samples::default().a_minute(|_| 1.0).abs() < f64::EPSILON);
    }
}
