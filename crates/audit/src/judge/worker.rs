//! One thread's judging: finds out how each person stood at the moment of the row, and looks the rule's answer up.

use std::sync::Arc;

use decide::{Bar, Known, Link, PowerId, Reach, Reason, Through, Time};

use super::batch::{Batch, NOBODY, Part, Whose};
use super::march::Judge;
use super::slots::{Context, Slots, Verdict, bits, open};
use super::tally::{Cell, MonthRows, Reached, count};
use crate::facts::{LinkSpan, Span, Sparse};
use crate::report::Question;

/// Columns to look a person up in, for all rows in which the rule answers alike.
struct Columns<'m> {
    reach: Reach,
    power: Option<PowerId>,
    consents: Option<&'m Sparse<Span>>,
    withdrawn: Option<&'m Sparse<i64>>,
    lifted: Option<&'m Sparse<Span>>,
    links: Option<&'m Sparse<LinkSpan>>,
    /// Whether each set of powers names this power.
    covering: Vec<bool>,
    /// Everything, through this reach, this partner, the signal.
    bars: [Option<&'m Sparse<Span>>; 4],
    barred: bool,
    own_word_of_connected: bool,
    open: u8,
    /// Verdicts met, by [`place`]: the number in [`Worker::verdicts`], and 1 more.
    memo: Vec<u32>,
}

/// A verdict, and where the rule's reasons for it can be found.
#[derive(Debug)]
pub(crate) struct Met {
    pub(crate) act: u32,
    pub(crate) verdict: Verdict,
}

/// What is told of each row where a test wants to know: its number in the batch, its act, whose data, and the rule's
/// reasons.
pub type Told<'t> = dyn FnMut(usize, Part, u32, &[Reason]) + Send + 't;

/// Judges batches, in any order.
pub struct Worker<'j, 'm> {
    judge: &'j Judge<'m>,
    reached: &'j Reached,
    kinds: Vec<Arc<[Part]>>,
    columns: Vec<Option<Columns<'m>>>,
    pub(crate) verdicts: Vec<Met>,
    /// For each act and piece.
    pub(crate) cells: Vec<Cell>,
    /// For each partner and month.
    pub(crate) months: Vec<MonthRows>,
    pub(crate) permitted: u64,
    pub(crate) refused: u64,
    pub(crate) open: u64,
    /// Rows of reach `own` that do not say whose data it is.
    pub(crate) nobody: u64,
    told: Option<&'j mut Told<'j>>,
}

/// How the row stands with the one on whose behalf the partner acted.
#[derive(Clone, Copy)]
struct Actor {
    person: u32,
    through: Through,
    open: u8,
}

impl<'j, 'm> Worker<'j, 'm> {
    pub(crate) fn new(judge: &'j Judge<'m>, reached: &'j Reached) -> Worker<'j, 'm> {
        Worker {
            judge,
            reached,
            kinds: judge.kinds.clone(),
            columns: std::iter::repeat_with(|| None)
                .take(judge.heres.len())
                .collect(),
            verdicts: Vec::new(),
            cells: vec![Cell::new(); judge.numbers.len()],
            months: vec![
                MonthRows::default();
                judge.partners.len().saturating_mul(judge.months.len())
            ],
            permitted: 0,
            refused: 0,
            open: 0,
            nobody: 0,
            told: None,
        }
    }

    /// Tells every verdict to a test.
    #[must_use]
    pub fn telling(mut self, told: &'j mut Told<'j>) -> Worker<'j, 'm> {
        self.told = Some(told);
        self
    }

    /// Judges all rows of a batch. Hands back the places in it of those that could not be judged because nobody is
    /// named.
    pub fn judge(&mut self, batch: &Batch) -> Vec<usize> {
        let mut nobody = Vec::new();
        // Lent out for the batch: counting references row by row would make the threads wait for each other.
        let kinds = std::mem::take(&mut self.kinds);
        for (row, (kind, time)) in batch.kinds.iter().zip(&batch.times).enumerate() {
            let Some(parts) = kinds.get(*kind as usize) else {
                continue;
            };
            let at = Time(*time);
            let person = batch.people.get(row).copied().unwrap_or(NOBODY);
            if person == NOBODY && parts.iter().any(|part| part.whose == Whose::Own) {
                self.nobody = self.nobody.saturating_add(1);
                nobody.push(row);
                continue;
            }
            let key = batch.keys.get(row).copied().unwrap_or(NOBODY);
            self.judge_row(row, parts, at, person, key, batch.named_in(row));
        }
        self.kinds = kinds;
        nobody
    }

    fn judge_row(
        &mut self,
        row: usize,
        parts: &[Part],
        at: Time,
        person: u32,
        key: u32,
        named: &[u32],
    ) {
        let judge = self.judge;
        let Some(offset) = judge
            .cuts
            .piece(at)
            .and_then(|piece| piece.checked_sub(judge.first))
        else {
            return;
        };
        let month = judge.month_of.get(offset as usize).copied().unwrap_or(0);
        let (mut all_slots, mut all_open, mut partner_month) = (0, 0, usize::MAX);
        let (mut own, mut through) = (false, false);
        for part in parts {
            let act = part.act.0 as usize;
            let place = act
                .saturating_mul(judge.count)
                .saturating_add(offset as usize);
            let here = judge.numbers.get(place).copied().unwrap_or(u32::MAX);
            if here == u32::MAX {
                continue;
            }
            let partner = judge.partner_of.get(act).copied().unwrap_or(0);
            partner_month = partner
                .saturating_mul(judge.months.len())
                .saturating_add(usize::from(month));
            let (slots, open) = self.judge_part(
                row,
                *part,
                here as usize,
                partner_month,
                at,
                person,
                key,
                named,
            );
            own |= part.whose == Whose::Own;
            through |= part.whose != Whose::Own;
            all_slots |= slots;
            all_open |= open;
            if let Some(cell) = self.cells.get_mut(place) {
                count(cell, slots, open, at);
            }
        }
        let Some(rows) = self.months.get_mut(partner_month) else {
            return;
        };
        rows.own = rows.own.wrapping_add(u64::from(own));
        rows.through = rows.through.wrapping_add(u64::from(through));
        if all_slots == 0 {
            self.permitted = self.permitted.wrapping_add(1);
            self.open = self.open.wrapping_add(u64::from(all_open != 0));
        } else {
            self.refused = self.refused.wrapping_add(1);
            rows.refused = rows.refused.wrapping_add(1);
            count_promises(&mut rows.against, all_slots);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the columns of one row")]
    #[inline]
    fn judge_part(
        &mut self,
        row: usize,
        part: Part,
        here: usize,
        partner_month: usize,
        at: Time,
        person: u32,
        key: u32,
        named: &[u32],
    ) -> (Slots, u8) {
        let judge = self.judge;
        if let Some(slot @ None) = self.columns.get_mut(here) {
            *slot = columns(judge, here, part.act.0 as usize);
        }
        let Some(Some(columns)) = self.columns.get_mut(here) else {
            return (0, 0);
        };
        let actor = actor(judge, columns, at, person);
        let mut open_here = columns.open | actor.open;
        let own = [person];
        let people: &[u32] = match part.whose {
            Whose::Own => &own,
            Whose::Named => named,
            Whose::Listed(list) => {
                let list = judge.material.bystanders.get(list);
                let of = if list.is_some_and(|list| list.of_person()) {
                    person
                } else {
                    key
                };
                let behind = list.map_or(&[][..], |list| list.behind(of));
                if behind.is_empty() && (of == NOBODY || !list.is_some_and(|list| list.of_person()))
                {
                    open_here |= open(Question::Bystanders);
                }
                behind
            }
            Whose::Unknown => {
                open_here |= open(Question::Bystanders);
                &[]
            }
        };
        if part.whose == Whose::Named && people.is_empty() {
            open_here |= open(Question::Bystanders);
        }
        let mut slots = 0;
        if people.is_empty() {
            // Nobody to look at: what does not depend on them is judged all the same.
            let known = Known {
                member: true,
                consents: true,
                ..Known::default()
            };
            slots |= self.look(here, part, actor, known, NOBODY, row);
        }
        let side = usize::from(part.whose != Whose::Own);
        let months = self
            .reached
            .months
            .get(partner_month)
            .and_then(|month| month.get(side));
        for subject in people.iter().copied() {
            let Some(Some(columns)) = self.columns.get(here) else {
                break;
            };
            let known = known(judge, columns, at, subject, actor);
            slots |= self.look(here, part, actor, known, subject, row);
            self.reached.all.add(subject);
            if let Some(month) = months {
                month.add(subject);
            }
        }
        (slots, open_here)
    }

    /// The rule's answer about one person, from what was met before or else asked now.
    #[inline]
    fn look(
        &mut self,
        here: usize,
        part: Part,
        actor: Actor,
        known: Known,
        subject: u32,
        row: usize,
    ) -> Slots {
        let act = part.act.0;
        let Some(Some(columns)) = self.columns.get_mut(here) else {
            return 0;
        };
        let Some(memo) = columns.memo.get_mut(place(actor.through, known)) else {
            return 0;
        };
        if *memo == 0 {
            self.verdicts.push(Met {
                act,
                verdict: ask(
                    self.judge,
                    here,
                    columns.reach == Reach::Own,
                    actor.through,
                    known,
                ),
            });
            *memo = u32::try_from(self.verdicts.len()).unwrap_or(u32::MAX);
        }
        let Some(met) = self.verdicts.get((*memo as usize).saturating_sub(1)) else {
            return 0;
        };
        if let Some(told) = &mut self.told {
            let reasons: Vec<Reason> = met
                .verdict
                .reasons
                .iter()
                .map(|(reason, _)| reason.clone())
                .collect();
            told(row, part, subject, &reasons);
        }
        if !met.verdict.reasons.is_empty() {
            for (slots, who) in [
                (met.verdict.of_person, subject),
                (met.verdict.of_actor, actor.person),
            ] {
                for bit in bits(slots).filter(|_| who != NOBODY) {
                    if let Some(crowd) = self.reached.of_finding(act as usize, bit) {
                        crowd.add(who);
                    }
                }
            }
        }
        met.verdict.of_person | met.verdict.of_actor
    }
}

/// Asks the rule about everybody who stands like this.
fn ask(judge: &Judge<'_>, here: usize, own: bool, through: Through, known: Known) -> Verdict {
    let Some(here) = judge.heres.get(here) else {
        return Verdict::default();
    };
    let context = Context {
        connected: known.connected,
        own,
        has_agreement: here.has_agreement,
        promises: &judge.promises,
    };
    Verdict::of(here.way.reasons(through, Some(known)), context)
}

fn columns<'m>(judge: &Judge<'m>, here: usize, act: usize) -> Option<Columns<'m>> {
    let material = judge.material;
    let way = judge.heres.get(here)?;
    let (partner, act) = judge.acts.get(act)?;
    let power = way.way.power();
    let grant = power.map(|power| (partner.clone(), power));
    let grant = grant.as_ref();
    let bars = [
        Bar::Everything,
        Bar::Through(act.reach.clone()),
        Bar::Partner(partner.clone()),
        Bar::GlobalPrivacyControl,
    ]
    .map(|bar| material.bars.get(&bar));
    let covers =
        |set: &std::collections::BTreeSet<PowerId>| power.is_some_and(|power| set.contains(&power));
    let lifted = grant.filter(|_| act.reach == Reach::Own);
    Some(Columns {
        reach: act.reach.clone(),
        power,
        consents: grant.and_then(|grant| material.consents.get(grant)),
        withdrawn: grant.and_then(|grant| material.withdrawn.get(grant)),
        lifted: lifted.and_then(|grant| material.lifted.get(grant)),
        links: material.links.get(partner),
        covering: material.sets.iter().map(covers).collect(),
        barred: bars.iter().any(Option::is_some),
        bars,
        own_word_of_connected: way.way.on_other_basis() || !material.given.connections,
        open: way.open,
        memo: vec![0; PLACES],
    })
}

/// The connection at this moment: the latest that the person had made with the partner by then.
#[inline]
fn actor(judge: &Judge<'_>, columns: &Columns<'_>, at: Time, person: u32) -> Actor {
    let here = |through| Actor {
        person,
        through,
        open: 0,
    };
    if person == NOBODY {
        if columns.reach == Reach::Directory {
            return here(Through::Nobody);
        }
        let link = Link {
            covers: true,
            ..Link::default()
        };
        return Actor {
            person,
            through: Through::Connection(link),
            open: open(Question::OnWhoseBehalf),
        };
    }
    if !judge.material.given.connections {
        return here(Through::Connection(assumed(judge, columns, at, person)));
    }
    let links = columns.links.map_or(&[][..], |links| links.get(person));
    let Some(link) = links.iter().rev().find(|link| link.from <= at.0) else {
        return here(Through::Nothing);
    };
    let named = columns
        .covering
        .get(link.powers as usize)
        .copied()
        .unwrap_or(false);
    let withdrawn = || {
        let moments = columns
            .withdrawn
            .map_or(&[][..], |withdrawn| withdrawn.get(person));
        moments
            .iter()
            .any(|moment| link.from <= *moment && *moment <= at.0)
    };
    here(Through::Connection(Link {
        of_another: false,
        // Who leaves ends all their connections.
        ended: link.ended <= at.0
            || judge
                .material
                .members
                .as_ref()
                .is_some_and(|members| !members.holds(person, at)),
        quiet: link.quiet <= at.0,
        covers: named && !withdrawn(),
    }))
}

/// Without a list of connections: a person's own consent to a power of reach `own` counts as theirs to it, that they
/// connected the partner is taken for granted (and counted as open), and who has been gone for too long is told from
/// the list of activity alone.
fn assumed(judge: &Judge<'_>, columns: &Columns<'_>, at: Time, person: u32) -> Link {
    let material = judge.material;
    let covers = columns.reach != Reach::Own
        || !material.given.consents
        || columns
            .consents
            .is_some_and(|consents| consents.holds(person, at));
    let today = at.day();
    let quiet = material.active.as_ref().is_some_and(|active| {
        let before = active.get(person).iter().rev().find(|day| **day <= today.0);
        let end = decide::Day(today.0.min(material.activity_until));
        before.is_some_and(|last| {
            end.since(decide::Day(*last)) > material.policy.connection_quiet_after
        })
    });
    Link {
        covers: covers && columns.power.is_some(),
        quiet,
        ..Link::default()
    }
}

/// How a person stood at this moment.
#[inline]
fn known(judge: &Judge<'_>, columns: &Columns<'_>, at: Time, person: u32, actor: Actor) -> Known {
    let material = judge.material;
    let connected = person == actor.person && matches!(actor.through, Through::Connection(_));
    let mut known = Known {
        member: material
            .members
            .as_ref()
            .is_none_or(|members| members.holds(person, at)),
        connected,
        ..Known::default()
    };
    if !connected || columns.own_word_of_connected {
        known.consents = columns.power.is_some() && !material.given.consents
            || columns
                .consents
                .is_some_and(|consents| consents.holds(person, at));
    }
    // Somebody who has left has neither consents nor bars any more.
    if !known.member {
        known.consents = false;
        return known;
    }
    if columns.barred {
        let [everything, through, partner, signal] = columns
            .bars
            .map(|bar| bar.is_some_and(|bar| bar.holds(person, at)));
        known = Known {
            everything,
            through,
            partner,
            signal,
            ..known
        };
        known.lifted = signal
            && columns
                .lifted
                .is_some_and(|lifted| lifted.holds(person, at));
    }
    known
}

fn count_promises(against: &mut Vec<u64>, slots: Slots) {
    for bit in bits(slots) {
        if let Some((_, Some(promise))) = super::slots::meaning(bit) {
            if against.len() <= promise {
                against.resize(promise.saturating_add(1), 0);
            }
            if let Some(rows) = against.get_mut(promise) {
                *rows = rows.wrapping_add(1);
            }
        }
    }
}

const PLACES: usize = 18 << 8;

/// The place of a standing among all standings.
#[inline]
fn place(through: Through, known: Known) -> usize {
    let bit = |set: bool, n: u32| usize::from(set) << n;
    let link = match through {
        Through::Nobody => 0,
        Through::Nothing => 1,
        Through::Connection(link) => {
            let bits = bit(link.of_another, 0)
                | bit(link.ended, 1)
                | bit(link.quiet, 2)
                | bit(link.covers, 3);
            bits.saturating_add(2)
        }
    };
    let person = bit(known.member, 0)
        | bit(known.connected, 1)
        | bit(known.consents, 2)
        | bit(known.lifted, 3)
        | bit(known.everything, 4)
        | bit(known.through, 5)
        | bit(known.partner, 6)
        | bit(known.signal, 7);
    link << 8 | person
}
