//! One audit: the logs read twice by all threads, and a report made of what they counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use decide::Time;

use crate::facts::{Acts, Material, People};
use crate::judge::{Batch, Judge, Kinds, Reached, Summed, TooManyPromises, Uses, Worker, sum};
use crate::read::{Counts, Faults, Feed, LogFile, Numbering, Reader, name_of};
use crate::report::{FORM, Report, Role, Source};

/// How far an audit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// 1: when what was used; 2: every row judged.
    pub reading: u8,
    /// Bytes of the logs read in this reading.
    pub bytes: u64,
    /// Of so many.
    pub of: u64,
    /// Rows read in this reading.
    pub rows: u64,
}

/// Everything that an audit needs, read.
pub struct Audit {
    pub(crate) material: Material,
    pub(crate) people: People,
    pub(crate) lists: Vec<String>,
    pub(crate) logs: Vec<LogFile>,
    pub(crate) sources: Vec<Source>,
    pub(crate) faults: Faults,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Too much for one audit.
    #[error(transparent)]
    Promises(#[from] TooManyPromises),
    /// A fault of the program's own.
    #[error("a thread of the audit broke off: a fault of the program's own")]
    Thread,
}

impl Audit {
    /// Reads all logs, and judges every row. `told` is asked now and then how it goes; `made` is the moment that the
    /// report bears.
    ///
    /// # Errors
    /// See [`RunError`]. What is wrong with the files stands in the report.
    pub fn run(
        self,
        threads: usize,
        made: Time,
        told: &(dyn Fn(Progress) + Sync),
    ) -> Result<Report, RunError> {
        let (acts, kinds) = (Acts::default(), Kinds::default());
        let numbering = Numbering {
            people: &self.people,
            acts: &acts,
            kinds: &kinds,
            bystanders: &self.material.bystanders,
            lists: &self.lists,
        };
        let cuts = Judge::cuts(&self.material);
        let first = Reading::new(&self.logs, 1, told);
        let uses = first.all(threads, numbering, Uses::default, |uses, batch| {
            uses.note(&cuts, batch);
            Vec::new()
        })?;
        let mut all = Uses::default();
        uses.states.into_iter().for_each(|one| all.merge(one));
        let judge = Judge::new(&self.material, cuts, &kinds, &acts, &all)?;
        let reached = Reached::new(
            judge.partners.len().saturating_mul(judge.months.len()),
            judge.acts.len(),
        );
        let second = Reading::new(&self.logs, 2, told);
        let worker = || Worker::new(&judge, &reached);
        let judged = second.all(threads, numbering, worker, Worker::judge)?;
        let summed = sum(&judge, &reached, &judged.states);
        let mut faults = self.faults.clone();
        faults.merge(judged.faults);
        Ok(self.report(summed, faults, &judged.counts, made))
    }

    fn report(&self, summed: Summed, faults: Faults, counts: &Counts, made: Time) -> Report {
        let (not_judged, remarks) = faults.lines();
        let mut totals = summed.totals;
        totals.not_judged = counts.0.iter().map(|(_, broken)| *broken).sum();
        totals.rows = totals.rows.saturating_add(totals.not_judged);
        let logs = self
            .logs
            .iter()
            .zip(&counts.0)
            .map(|(log, (rows, broken))| Source {
                file: log.name.clone(),
                role: Role::Log,
                form: name_of(log.form, log.packing),
                bytes: log.bytes,
                rows: *rows,
                broken: *broken,
            });
        Report {
            form: FORM.to_owned(),
            made,
            period: summed.period,
            totals,
            findings: summed.findings,
            not_judged,
            open: summed.open,
            remarks,
            promises: summed.promises,
            months: summed.months,
            sources: self.sources.iter().cloned().chain(logs).collect(),
        }
    }
}

/// One reading of all logs.
struct Reading<'r> {
    logs: &'r [LogFile],
    number: u8,
    told: &'r (dyn Fn(Progress) + Sync),
    rows: AtomicU64,
}

/// What the threads of a reading came to.
struct Read<S> {
    states: Vec<S>,
    faults: Faults,
    counts: Counts,
}

impl<'r> Reading<'r> {
    fn new(logs: &'r [LogFile], number: u8, told: &'r (dyn Fn(Progress) + Sync)) -> Reading<'r> {
        Reading {
            logs,
            number,
            told,
            rows: AtomicU64::new(0),
        }
    }

    fn all<S: Send>(
        &self,
        threads: usize,
        numbering: Numbering<'_>,
        begin: impl Fn() -> S + Sync,
        take: impl Fn(&mut S, &Batch) -> Vec<usize> + Sync,
    ) -> Result<Read<S>, RunError> {
        let bytes = Arc::new(AtomicU64::new(0));
        let of = self.logs.iter().map(|log| log.bytes).sum();
        let feed = Feed::new(self.logs, self.number == 1, bytes.clone());
        let one = || {
            let mut state = begin();
            let mut reader = Reader::new(&feed, numbering);
            let (mut batch, mut lines) = (Batch::default(), Vec::new());
            while reader.read(&mut batch, &mut lines, |batch, _| {
                self.rows.fetch_add(batch.len() as u64, Ordering::Relaxed);
                take(&mut state, batch)
            }) {
                (self.told)(Progress {
                    reading: self.number,
                    bytes: bytes.load(Ordering::Relaxed),
                    of,
                    rows: self.rows.load(Ordering::Relaxed),
                });
            }
            (state, reader.faults, reader.counts)
        };
        let done = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(one)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().map_err(|_| RunError::Thread))
                .collect::<Result<Vec<_>, _>>()
        })?;
        let mut read = Read {
            states: Vec::new(),
            faults: feed.faults(),
            counts: Counts(vec![(0, 0); self.logs.len()]),
        };
        for (state, faults, counts) in done {
            read.states.push(state);
            read.faults.merge(faults);
            for (mine, theirs) in read.counts.0.iter_mut().zip(counts.0) {
                mine.0 = mine.0.saturating_add(theirs.0);
                mine.1 = mine.1.saturating_add(theirs.1);
            }
        }
        Ok(read)
    }
}
