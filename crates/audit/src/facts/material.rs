//! All that is known but the logs, compiled for judging: documents as dated events, people's facts as spans.

use std::collections::{BTreeMap, BTreeSet};

use decide::{Bar, Day, Event, Facts, Happened, Invalid, PartnerId, Policy, PowerId, PromiseId};
use rustc_hash::FxHashMap;

use super::lists::{BarRow, ConnectionRow, ConsentRow, Lists, NEVER};
use super::spans::{LinkSpan, Span, Sparse};
use crate::bystanders::Bystanders;
use crate::report::Words;

/// Which lists there are.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "one for each list")]
pub(crate) struct Given {
    pub(crate) consents: bool,
    pub(crate) bars: bool,
    pub(crate) connections: bool,
    pub(crate) activity: bool,
}

/// Documents and lists.
#[derive(Debug)]
pub struct Material {
    /// The documents as events, in the order of time; the policy first.
    pub(crate) standing: Vec<Happened>,
    pub(crate) words: BTreeMap<PromiseId, Words>,
    pub(crate) given: Given,
    pub(crate) consents: FxHashMap<(PartnerId, PowerId), Sparse<Span>>,
    /// Moments at which people withdrew: a connection no longer covers the power from then on.
    pub(crate) withdrawn: FxHashMap<(PartnerId, PowerId), Sparse<i64>>,
    /// Since when Global Privacy Control was lifted for a power.
    pub(crate) lifted: FxHashMap<(PartnerId, PowerId), Sparse<Span>>,
    pub(crate) bars: FxHashMap<Bar, Sparse<Span>>,
    pub(crate) links: FxHashMap<PartnerId, Sparse<LinkSpan>>,
    pub(crate) sets: Vec<BTreeSet<PowerId>>,
    pub(crate) members: Option<Sparse<Span>>,
    /// Days on which people did something, where there is no list of connections to apply them to.
    pub(crate) active: Option<Sparse<i32>>,
    /// The last day of the list of activity: nobody is called quiet for what came after it.
    pub(crate) activity_until: i32,
    pub(crate) policy: Policy,
    pub(crate) bystanders: Vec<Bystanders>,
}

/// Documents that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unsound {
    /// Nothing is decided without one.
    #[error("no policy was given: the rule needs one")]
    NoPolicy,
    /// Two documents contradict each other.
    #[error("the documents contradict each other at {0}: {1}")]
    Contradiction(decide::Time, Invalid),
}

impl Material {
    /// Compiles.
    ///
    /// # Errors
    /// The documents contradict each other, or say nothing that could be judged by.
    pub fn new(
        mut standing: Vec<Happened>,
        words: BTreeMap<PromiseId, Words>,
        lists: Lists,
        bystanders: Vec<Bystanders>,
    ) -> Result<Material, Unsound> {
        standing.sort_by_key(|happened| happened.at);
        let facts = Facts::default();
        for happened in &standing {
            let taken = facts.apply(happened);
            taken.map_err(|invalid| Unsound::Contradiction(happened.at, invalid))?;
        }
        let policy = standing.iter().rev().find_map(|it| match &it.event {
            Event::PolicySet { policy } => Some(policy.clone()),
            _ => None,
        });
        let policy = policy.ok_or(Unsound::NoPolicy)?;
        let given = Given {
            consents: lists.consents.is_some(),
            bars: lists.barred.is_some(),
            connections: lists.connections.is_some(),
            activity: lists.activity.is_some(),
        };
        let activity_until = lists
            .activity
            .iter()
            .flatten()
            .map(|(_, day)| *day)
            .max()
            .unwrap_or(i32::MIN);
        let active = lists.activity.map(|mut rows| {
            rows.sort_unstable();
            rows.dedup();
            Sparse::of(rows)
        });
        let bar_rows = lists.barred.unwrap_or_default();
        let bars = compile_bars(&lists.bars, &bar_rows);
        let consent_rows = lists.consents.unwrap_or_default();
        let connection_rows = lists.connections.unwrap_or_default();
        let lifted = compile_lifted(
            &lists.bars,
            &bar_rows,
            &lists.grants,
            &consent_rows,
            &connection_rows,
            &lists.partners,
            &lists.sets,
        );
        let withdrawn = compile_withdrawn(&lists.grants, &consent_rows);
        let consents = compile_consents(&lists.grants, consent_rows);
        let quiet = Quiet {
            active: active.as_ref(),
            after: policy.connection_quiet_after.0,
            activity_until,
        };
        let links = compile_links(&lists.partners, connection_rows, &quiet);
        let members = lists.people.map(|mut rows| {
            rows.sort_unstable();
            Sparse::of(
                rows.into_iter()
                    .map(|(person, from, until)| (person, Span { from, until })),
            )
        });
        Ok(Material {
            standing,
            words,
            given,
            consents,
            withdrawn,
            lifted,
            bars,
            links,
            sets: lists.sets,
            members,
            active: if given.connections { None } else { active },
            activity_until,
            policy,
            bystanders,
        })
    }
}

/// Rows of one number each, in the order of these numbers; `rows` must be sorted by it.
fn by<T>(mut rows: Vec<T>, key: impl Fn(&T) -> u32) -> Vec<(u32, Vec<T>)> {
    let mut groups = Vec::new();
    while let Some(last) = rows.last() {
        let number = key(last);
        let begins = rows.partition_point(|row| key(row) < number);
        groups.push((number, rows.split_off(begins)));
        rows.shrink_to_fit();
    }
    groups
}

/// A consent that is given again takes the former one's place; whoever withdraws withdraws all of it.
fn compile_consents(
    grants: &[(PartnerId, PowerId)],
    mut rows: Vec<ConsentRow>,
) -> FxHashMap<(PartnerId, PowerId), Sparse<Span>> {
    rows.sort_unstable();
    let compile = |(grant, rows): (u32, Vec<ConsentRow>)| {
        let mut spans: Vec<(u32, Span)> = Vec::with_capacity(rows.len());
        for of_person in rows.chunk_by(|a, b| a.person == b.person) {
            for (n, row) in of_person.iter().enumerate() {
                let next = of_person
                    .get(n.saturating_add(1))
                    .map_or(NEVER, |next| next.given);
                // Also a withdrawal that belongs to another row ends it; at one moment withdrawals come last.
                let withdrawals = of_person.iter().map(|it| it.withdrawn);
                let withdrawn = withdrawals
                    .filter(|at| *at >= row.given)
                    .min()
                    .unwrap_or(NEVER);
                let until = row.until.min(next).min(withdrawn);
                if row.given < until {
                    spans.push((
                        row.person,
                        Span {
                            from: row.given,
                            until,
                        },
                    ));
                }
            }
        }
        Some((grants.get(grant as usize)?.clone(), Sparse::of(spans)))
    };
    by(rows, |row| row.grant)
        .into_iter()
        .filter_map(compile)
        .collect()
}

fn compile_withdrawn(
    grants: &[(PartnerId, PowerId)],
    rows: &[ConsentRow],
) -> FxHashMap<(PartnerId, PowerId), Sparse<i64>> {
    let mut moments: Vec<(u32, u32, i64)> = rows
        .iter()
        .filter(|row| row.withdrawn != NEVER)
        .map(|row| (row.grant, row.person, row.withdrawn))
        .collect();
    moments.sort_unstable();
    let groups = by(moments, |row| row.0).into_iter();
    groups
        .filter_map(|(grant, rows)| {
            let sparse = Sparse::of(rows.into_iter().map(|(_, person, at)| (person, at)));
            Some((grants.get(grant as usize)?.clone(), sparse))
        })
        .collect()
}

/// Setting a bar that stands changes nothing; at one moment it is lifted first and set then.
fn compile_bars(kinds: &[Bar], rows: &[BarRow]) -> FxHashMap<Bar, Sparse<Span>> {
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    let compile = |(bar, rows): (u32, Vec<BarRow>)| {
        let mut spans = Vec::with_capacity(rows.len());
        for of_person in rows.chunk_by(|a, b| a.person == b.person) {
            let mut stands_until = i64::MIN;
            for row in of_person {
                if row.set < stands_until {
                    continue;
                }
                let liftings = of_person.iter().map(|it| it.lifted);
                stands_until = liftings.filter(|at| *at > row.set).min().unwrap_or(NEVER);
                spans.push((
                    row.person,
                    Span {
                        from: row.set,
                        until: stands_until,
                    },
                ));
            }
        }
        Some((kinds.get(bar as usize)?.clone(), Sparse::of(spans)))
    };
    by(rows, |row| row.bar)
        .into_iter()
        .filter_map(compile)
        .collect()
}

/// From an explicit consent or connection after the signal, until it is withdrawn or the signal comes anew. Whether
/// the power has reach `own`, without which nothing is lifted, is asked where it is used.
fn compile_lifted(
    kinds: &[Bar],
    barred: &[BarRow],
    grants: &[(PartnerId, PowerId)],
    consents: &[ConsentRow],
    connections: &[ConnectionRow],
    partners: &[PartnerId],
    sets: &[BTreeSet<PowerId>],
) -> FxHashMap<(PartnerId, PowerId), Sparse<Span>> {
    let signal = kinds
        .iter()
        .position(|bar| *bar == Bar::GlobalPrivacyControl);
    let Some(signal) = signal.and_then(|it| u32::try_from(it).ok()) else {
        return FxHashMap::default();
    };
    let rows: Vec<BarRow> = barred
        .iter()
        .filter(|row| row.bar == signal)
        .copied()
        .collect();
    let Some(signals) = compile_bars(kinds, &rows).remove(&Bar::GlobalPrivacyControl) else {
        return FxHashMap::default();
    };
    // 0 and 1: lifted, 2: withdrawn. The signal itself is in `signals`.
    type Step = (u32, i64, bool);
    let mut steps: BTreeMap<(PartnerId, PowerId), Vec<Step>> = BTreeMap::new();
    for row in consents
        .iter()
        .filter(|row| !signals.get(row.person).is_empty())
    {
        let Some(grant) = grants.get(row.grant as usize) else {
            continue;
        };
        let steps = steps.entry(grant.clone()).or_default();
        steps.push((row.person, row.given, true));
        if row.withdrawn != NEVER {
            steps.push((row.person, row.withdrawn, false));
        }
    }
    for row in connections
        .iter()
        .filter(|row| !signals.get(row.person).is_empty())
    {
        let Some(partner) = partners.get(row.partner as usize) else {
            continue;
        };
        for power in sets.get(row.powers as usize).into_iter().flatten() {
            steps
                .entry((partner.clone(), *power))
                .or_default()
                .push((row.person, row.from, true));
        }
    }
    let compile = |mut steps: Vec<(u32, i64, bool)>| {
        // At one moment withdrawals come last: `true` before `false`.
        steps.sort_unstable_by_key(|(person, at, lifts)| (*person, *at, !*lifts));
        let mut spans = Vec::new();
        for (n, (person, at, lifts)) in steps.iter().enumerate() {
            if !lifts {
                continue;
            }
            let later = steps.iter().skip(n.saturating_add(1));
            let withdrawn = later
                .take_while(|(who, ..)| who == person)
                .find(|(_, _, lifts)| !lifts)
                .map_or(NEVER, |(_, at, _)| *at);
            // A signal at the same moment comes after the consent, and undoes it.
            let anew = signals.get(*person).iter().map(|span| span.from);
            let until = anew
                .filter(|from| from >= at)
                .min()
                .unwrap_or(NEVER)
                .min(withdrawn);
            if *at < until {
                spans.push((*person, Span { from: *at, until }));
            }
        }
        Sparse::of(spans)
    };
    steps
        .into_iter()
        .map(|(grant, steps)| (grant, compile(steps)))
        .collect()
}

/// When a person has been gone for too long.
struct Quiet<'a> {
    active: Option<&'a Sparse<i32>>,
    after: u32,
    activity_until: i32,
}

impl Quiet<'_> {
    /// From when a connection made then is quiet. Once quiet it stays so; what comes back after that is not counted.
    fn from(&self, person: u32, made: i64) -> i64 {
        let Some(active) = self.active else {
            return NEVER;
        };
        let mut last = decide::Time(made).day();
        for day in active
            .get(person)
            .iter()
            .map(|day| Day(*day))
            .filter(|day| day.begins().0 >= made)
        {
            if day.since(last).0 > self.after {
                break;
            }
            last = last.max(day);
        }
        let quiet = last.plus(decide::Days(self.after.saturating_add(1)));
        // What came after the list's end nobody knows.
        if quiet.0 > self.activity_until.saturating_add(1) {
            NEVER
        } else {
            quiet.begins().0
        }
    }
}

fn compile_links(
    partners: &[PartnerId],
    mut rows: Vec<ConnectionRow>,
    quiet: &Quiet<'_>,
) -> FxHashMap<PartnerId, Sparse<LinkSpan>> {
    rows.sort_unstable();
    let compile = |(partner, rows): (u32, Vec<ConnectionRow>)| {
        let link = |row: ConnectionRow| {
            let link = LinkSpan {
                from: row.from,
                ended: row.until.min(row.ended),
                quiet: quiet.from(row.person, row.from),
                powers: row.powers,
            };
            (row.person, link)
        };
        let links = Sparse::of(rows.into_iter().map(link));
        Some((partners.get(partner as usize)?.clone(), links))
    };
    by(rows, |row| row.partner)
        .into_iter()
        .filter_map(compile)
        .collect()
}
