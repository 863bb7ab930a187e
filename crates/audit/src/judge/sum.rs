//! From counts of several threads to the lines of a report.

use std::collections::BTreeMap;

use decide::{Reason, Time};

use super::march::{Judge, powers_of};
use super::slots::{QUESTIONS, Slots, bits, meaning};
use super::tally::{Entry, MonthRows, Reached};
use super::worker::Worker;
use crate::report::{Against, Finding, Kind, MonthLine, Open, Period, PromiseLine, Side, Totals};

/// The parts of a report that come from judging.
#[derive(Debug, Default)]
pub struct Summed {
    /// Each row once; rows that the readers could not hand on are not in it.
    pub totals: Totals,
    /// From the first to the last row.
    pub period: Option<Period>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What stayed open.
    pub open: Vec<Open>,
    /// Month by month.
    pub months: Vec<MonthLine>,
    /// The promises with the rows against them.
    pub promises: Vec<PromiseLine>,
    /// Rows of reach `own` that do not say whose data it is.
    pub nobody: u64,
}

/// Rows and moments, over all pieces of time.
#[derive(Clone, Copy)]
struct Count {
    rows: u64,
    first: i64,
    last: i64,
}

impl Count {
    const NONE: Count = Count {
        rows: 0,
        first: i64::MAX,
        last: i64::MIN,
    };

    fn add(&mut self, entry: &Entry) {
        self.rows = self.rows.saturating_add(entry.rows);
        self.first = self.first.min(entry.first);
        self.last = self.last.max(entry.last);
    }
}

/// Adds up what the threads counted.
pub(crate) fn sum(judge: &Judge<'_>, reached: &Reached, workers: &[Worker<'_, '_>]) -> Summed {
    let mut summed = Summed::default();
    let mut months =
        vec![MonthRows::default(); judge.partners.len().saturating_mul(judge.months.len())];
    for worker in workers {
        summed.totals.permitted = summed.totals.permitted.saturating_add(worker.permitted);
        summed.totals.refused = summed.totals.refused.saturating_add(worker.refused);
        summed.totals.open = summed.totals.open.saturating_add(worker.open);
        summed.nobody = summed.nobody.saturating_add(worker.nobody);
        months
            .iter_mut()
            .zip(&worker.months)
            .for_each(|(mine, theirs)| mine.merge(theirs));
    }
    summed.totals.rows = summed
        .totals
        .permitted
        .saturating_add(summed.totals.refused);
    summed.totals.people = reached.all.count();
    summed.totals.partners = judge.partners.len() as u64;
    let mut found: BTreeMap<(u32, u32), Count> = BTreeMap::new();
    let mut open: BTreeMap<(u32, usize), Count> = BTreeMap::new();
    let mut all = Count::NONE;
    for (act, entry) in workers.iter().flat_map(|worker| entries(judge, worker)) {
        all.add(entry);
        for bit in bits(entry.slots) {
            found.entry((act, bit)).or_insert(Count::NONE).add(entry);
        }
        for bit in bits(Slots::from(entry.open)) {
            open.entry((act, bit as usize))
                .or_insert(Count::NONE)
                .add(entry);
        }
    }
    if all.rows > 0 {
        summed.period = Some(Period {
            first: Time(all.first),
            last: Time(all.last),
        });
    }
    let reasons = reasons(workers);
    let powers = powers_of(judge);
    for ((act, bit), count) in &found {
        let people = reached
            .of_finding(*act as usize, *bit)
            .map_or(0, crate::facts::Crowd::count);
        let reasons = reasons.get(&(*act, *bit)).cloned().unwrap_or_default();
        let powers = powers
            .get(&crate::facts::ActNo(*act))
            .cloned()
            .unwrap_or_default();
        summed
            .findings
            .extend(finding(judge, *act, *bit, *count, people, reasons, powers));
    }
    for (partner, act, power) in &judge.never_used {
        summed.findings.push(Finding {
            kind: Kind::NeverUsed,
            partner: partner.clone(),
            act: act.clone(),
            powers: vec![*power],
            reasons: Vec::new(),
            accesses: 0,
            people: 0,
            first: None,
            last: None,
            words: None,
        });
    }
    summed.findings.sort_by(|a, b| {
        let key = |it: &Finding| {
            (
                it.partner.clone(),
                it.act.clone(),
                it.kind,
                it.words.as_ref().map(|words| words.promise.clone()),
            )
        };
        key(a).cmp(&key(b))
    });
    for ((act, bit), count) in open {
        let Some(((partner, act), question)) = judge.acts.get(act as usize).zip(QUESTIONS.get(bit))
        else {
            continue;
        };
        summed.open.push(Open {
            question: *question,
            partner: partner.clone(),
            act: act.clone(),
            accesses: count.rows,
            first: Time(count.first),
            last: Time(count.last),
        });
    }
    summed
        .open
        .sort_by(|a, b| (a.question, &a.partner, &a.act).cmp(&(b.question, &b.partner, &b.act)));
    summed.months = month_lines(judge, reached, &months);
    summed.promises = crate::promises::lines(judge.material, &months, &judge.promises);
    summed
}

/// All entries of a thread, with the number of their act.
fn entries<'a>(
    judge: &Judge<'_>,
    worker: &'a Worker<'_, '_>,
) -> impl Iterator<Item = (u32, &'a Entry)> {
    let cells = (0u32..).zip(worker.cells.chunks(judge.count.max(1)));
    cells.flat_map(|(act, cells)| cells.iter().flatten().map(move |entry| (act, entry)))
}

/// The rule's reasons behind each finding.
fn reasons(workers: &[Worker<'_, '_>]) -> BTreeMap<(u32, u32), Vec<Reason>> {
    let mut reasons: BTreeMap<(u32, u32), Vec<Reason>> = BTreeMap::new();
    for met in workers.iter().flat_map(|worker| &worker.verdicts) {
        for (reason, slots) in &met.verdict.reasons {
            for bit in bits(*slots) {
                let mine = reasons.entry((met.act, bit)).or_default();
                if !mine.contains(reason) {
                    mine.push(reason.clone());
                }
            }
        }
    }
    reasons.values_mut().for_each(|mine| mine.sort());
    reasons
}

fn finding(
    judge: &Judge<'_>,
    act: u32,
    bit: u32,
    count: Count,
    people: u64,
    reasons: Vec<Reason>,
    powers: Vec<decide::PowerId>,
) -> Option<Finding> {
    let (partner, act) = judge.acts.get(act as usize)?;
    let (kind, promise) = meaning(bit)?;
    let words = promise
        .and_then(|number| judge.promises.get(number))
        .and_then(|promise| judge.material.words.get(promise));
    Some(Finding {
        kind,
        partner: partner.clone(),
        act: act.clone(),
        powers,
        reasons,
        accesses: count.rows,
        people,
        first: Some(Time(count.first)),
        last: Some(Time(count.last)),
        words: words.cloned(),
    })
}

fn month_lines(judge: &Judge<'_>, reached: &Reached, rows: &[MonthRows]) -> Vec<MonthLine> {
    let mut lines = Vec::new();
    let count = judge.months.len();
    for (n, month) in judge.months.iter().enumerate() {
        for (p, partner) in judge.partners.iter().enumerate() {
            let place = p.saturating_mul(count).saturating_add(n);
            let (Some(rows), Some([own, through])) = (rows.get(place), reached.months.get(place))
            else {
                continue;
            };
            if rows.own == 0 && rows.through == 0 {
                continue;
            }
            let against = judge
                .promises
                .iter()
                .zip(&rows.against)
                .filter(|(_, rows)| **rows > 0);
            lines.push(MonthLine {
                month: *month,
                partner: partner.clone(),
                own: Side {
                    accesses: rows.own,
                    people: own.count(),
                },
                through_others: Side {
                    accesses: rows.through,
                    people: through.count(),
                },
                refused: rows.refused,
                against: against
                    .map(|(promise, rows)| Against {
                        promise: promise.clone(),
                        accesses: *rows,
                    })
                    .collect(),
            });
        }
    }
    lines
}
