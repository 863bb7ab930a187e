//! The pictures: people by month and partner, accesses against promises, own against through others.

use std::collections::{BTreeMap, BTreeSet};

use decide::{Day, PartnerId, PromiseId, Time};
use page::{Axis, Place, thousands};

use crate::report::{Month, MonthLine, PromiseLine, Report};

/// How high half a lane is, in pixels: people through others above the middle, the partner's own users below it.
const HALF: f64 = 34.0;

/// The months of a report as an axis.
pub(super) struct Months {
    pub(super) axis: Axis,
    first: Month,
}

/// A column of a month.
pub(super) struct Column {
    pub(super) at: Place,
    pub(super) wide: Place,
    /// From the top of the lane, in pixels.
    pub(super) top: String,
    pub(super) high: String,
    pub(super) words: String,
}

/// One partner: columns up for people through others, down for its own users.
pub(super) struct PartnerLane {
    pub(super) partner: String,
    pub(super) refused: String,
    /// The most people in one month, which is what a full half stands for.
    pub(super) most: String,
    pub(super) others: Vec<Column>,
    pub(super) own: Vec<Column>,
    pub(super) words: String,
}

/// One promise: when it held, and the accesses against it.
pub(super) struct PromiseLane {
    pub(super) id: String,
    pub(super) holds: Option<(Place, Place)>,
    pub(super) from: Place,
    pub(super) columns: Vec<Column>,
    pub(super) accesses: String,
    pub(super) words: String,
}

/// One partner's accesses over the whole time.
pub(super) struct Share {
    pub(super) partner: String,
    pub(super) own: Place,
    pub(super) others: Place,
    pub(super) own_accesses: String,
    pub(super) other_accesses: String,
}

impl Months {
    /// From the report's first month to its last; `None`: no month is in it.
    pub(super) fn of(report: &Report) -> Option<Months> {
        let first = report.months.iter().map(|line| line.month).min()?;
        let last = report.months.iter().map(|line| line.month).max()?;
        Some(Months {
            axis: Axis::new(begins(first), begins(last.next())),
            first,
        })
    }

    fn column(&self, month: Month, share: f64, down: bool, words: String) -> Column {
        let (at, wide) = (
            self.axis.at(begins(month)),
            self.axis.wide(begins(month), begins(month.next())),
        );
        // At least a line that can be seen, and a gap between months where there is room for one.
        let high = (share * (HALF - 2.0)).max(1.0);
        let top = if down { HALF } else { HALF - high };
        Column {
            at,
            wide: Place(wide.0 * 0.86),
            top: format!("{top:.1}"),
            high: format!("{high:.1}"),
            words,
        }
    }
}

/// The first day of a month.
pub(super) fn begins(month: Month) -> Day {
    format!("{month}-01").parse().unwrap_or(Day(0))
}

/// A lane for each partner, those with the most rows against them first.
pub(super) fn partners(report: &Report, months: &Months) -> Vec<PartnerLane> {
    let mut of: BTreeMap<&PartnerId, Vec<&MonthLine>> = BTreeMap::new();
    for line in &report.months {
        of.entry(&line.partner).or_default().push(line);
    }
    let mut lanes: Vec<(u64, PartnerLane)> = of
        .into_iter()
        .map(|(partner, lines)| {
            let refused = lines.iter().map(|line| line.refused).sum();
            (refused, partner_lane(partner, refused, &lines, months))
        })
        .collect();
    lanes.sort_by_key(|(refused, _)| std::cmp::Reverse(*refused));
    lanes.into_iter().map(|(_, lane)| lane).collect()
}

fn partner_lane(
    partner: &PartnerId,
    refused: u64,
    lines: &[&MonthLine],
    months: &Months,
) -> PartnerLane {
    let people = |side: fn(&MonthLine) -> u64| lines.iter().map(|line| side(line)).max();
    let most_own = people(|line| line.own.people).unwrap_or(0);
    let most_others = people(|line| line.through_others.people).unwrap_or(0);
    let most = most_own.max(most_others);
    let columns = |side: fn(&MonthLine) -> u64, down: bool, whose: &str| {
        let any = lines.iter().filter(|line| side(line) > 0);
        any.map(|line| {
            let words = format!("{}: {} people {whose}", line.month, thousands(side(line)));
            months.column(line.month, share(side(line), most), down, words)
        })
        .collect()
    };
    let words = format!(
        "{partner}: in one month at most {} people through others and {} of its own users; {} rows of the logs have something against them.",
        thousands(most_others),
        thousands(most_own),
        thousands(refused)
    );
    PartnerLane {
        partner: partner.to_string(),
        refused: thousands(refused),
        most: thousands(most),
        others: columns(|line| line.through_others.people, false, "through others"),
        own: columns(|line| line.own.people, true, "of its own users"),
        words,
    }
}

/// A lane for each promise that can be judged.
pub(super) fn promises(report: &Report, months: &Months) -> Vec<PromiseLane> {
    let judged = report
        .promises
        .iter()
        .filter(|line| line.form != decide::Form::NotJudgeable);
    judged
        .map(|line| promise_lane(report, line, months))
        .collect()
}

fn promise_lane(report: &Report, line: &PromiseLine, months: &Months) -> PromiseLane {
    let mut against: BTreeMap<Month, u64> = BTreeMap::new();
    for month in &report.months {
        let rows: u64 = of_promise(month, line.id());
        if rows > 0 {
            *against.entry(month.month).or_default() += rows;
        }
    }
    let most = against.values().copied().max().unwrap_or(0);
    let columns = against.iter().map(|(month, rows)| {
        let words = format!("{month}: {} accesses against it", thousands(*rows));
        months.column(*month, share(*rows, most), false, words)
    });
    let axis = &months.axis;
    let end = report.months.iter().map(|line| line.month).max();
    let last = end.map_or(line.from.day(), |month| begins(month.next()));
    let until = line.until.map_or(last, Time::day);
    let holds = (begins(months.first) < until && line.from.day() < last)
        .then(|| (axis.at(line.from.day()), axis.wide(line.from.day(), until)));
    PromiseLane {
        id: line.id().to_string(),
        holds,
        from: axis.at(line.from.day()),
        columns: columns.collect(),
        accesses: thousands(line.accesses),
        words: format!(
            "{}, holding from {}: {} accesses against it, at most {} in a month.",
            line.id(),
            line.from.day(),
            thousands(line.accesses),
            thousands(most)
        ),
    }
}

fn of_promise(month: &MonthLine, promise: &PromiseId) -> u64 {
    let mine = month.against.iter().filter(|it| it.promise == *promise);
    mine.map(|it| it.accesses).sum()
}

/// What share of each partner's accesses reached its own users, and what share others.
pub(super) fn shares(report: &Report) -> Vec<Share> {
    let partners: BTreeSet<&PartnerId> = report.months.iter().map(|line| &line.partner).collect();
    let of = |partner: &PartnerId| {
        let lines = report.months.iter().filter(|line| line.partner == *partner);
        let (own, others) = lines.fold((0u64, 0u64), |(own, others), line| {
            (
                own + line.own.accesses,
                others + line.through_others.accesses,
            )
        });
        let all = own + others;
        (all > 0).then(|| Share {
            partner: partner.to_string(),
            own: Place(share(own, all) * 100.0),
            others: Place(share(others, all) * 100.0),
            own_accesses: thousands(own),
            other_accesses: thousands(others),
        })
    };
    partners.into_iter().filter_map(of).collect()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a picture needs no more than two digits"
)]
fn share(part: u64, of: u64) -> f64 {
    part as f64 / of.max(1) as f64
}
