//! The rule, asked for every act at every piece of time in which it occurs.

use std::collections::{BTreeMap, BTreeSet};

use decide::{Event, Facts, Happened, PartnerId, PowerId, PromiseId, Reason, Time, Way};
use rustc_hash::FxHashMap;

use super::batch::{Batch, Kinds};
use super::slots::{PROMISES, open};
use crate::facts::{ActNo, Acts, Cuts, Material, acts};
use crate::report::{Act, Month, Question};

/// In which pieces of time which acts occur: what the first reading of the logs is for. Whether a power has lapsed
/// depends on when it was used, so no row can be judged before all have been seen.
#[derive(Debug, Default)]
pub struct Uses {
    of_kinds: Vec<Vec<u64>>,
}

impl Uses {
    /// Notes the rows of a batch; only kinds and times are looked at.
    pub(crate) fn note(&mut self, cuts: &Cuts, batch: &Batch) {
        for (kind, time) in batch.kinds.iter().zip(&batch.times) {
            let Some(piece) = cuts.piece(Time(*time)) else {
                // No reader hands such a row on.
                continue;
            };
            let kind = *kind as usize;
            if kind >= self.of_kinds.len() {
                self.of_kinds.resize_with(kind.saturating_add(1), || {
                    vec![0; cuts.count().div_ceil(64)]
                });
            }
            let word = self
                .of_kinds
                .get_mut(kind)
                .and_then(|words| words.get_mut((piece >> 6) as usize));
            if let Some(word) = word {
                *word |= 1 << (piece & 63);
            }
        }
    }

    /// Takes what another thread saw in.
    pub(crate) fn merge(&mut self, other: Uses) {
        for (n, words) in other.of_kinds.into_iter().enumerate() {
            match self.of_kinds.get_mut(n) {
                None => self.of_kinds.push(words),
                Some(mine) => mine
                    .iter_mut()
                    .zip(words)
                    .for_each(|(mine, theirs)| *mine |= theirs),
            }
        }
    }
}

/// What of an act is the same for all rows in which the rule answers alike.
pub(crate) struct Here {
    pub(crate) way: Way,
    pub(crate) has_agreement: bool,
    /// Questions that stay open on all its rows.
    pub(crate) open: u8,
}

/// The rule's answers, ready for rows.
pub struct Judge<'m> {
    pub(crate) material: &'m Material,
    pub(crate) cuts: Cuts,
    pub(crate) kinds: Vec<std::sync::Arc<[super::batch::Part]>>,
    pub(crate) acts: Vec<(PartnerId, Act)>,
    pub(crate) partners: Vec<PartnerId>,
    /// For each act the number of its partner.
    pub(crate) partner_of: Vec<usize>,
    pub(crate) promises: Vec<PromiseId>,
    /// The first piece that occurs, and how many from there on.
    pub(crate) first: u32,
    pub(crate) count: usize,
    /// For each act and piece the number of its [`Here`]; `u32::MAX` where it does not occur.
    pub(crate) numbers: Vec<u32>,
    pub(crate) heres: Vec<Here>,
    /// For each piece from the first the number of its month from the first month.
    pub(crate) month_of: Vec<u16>,
    pub(crate) months: Vec<Month>,
    /// Acts that were granted, could be used at some time, and never occur.
    pub(crate) never_used: Vec<(PartnerId, Act, PowerId)>,
}

/// More than an audit can tell apart.
#[derive(Debug, thiserror::Error)]
#[error("{0} promises were given, and an audit tells {PROMISES} apart: audit them in several runs")]
pub struct TooManyPromises(usize);

impl<'m> Judge<'m> {
    /// The pieces into which the documents cut time.
    pub(crate) fn cuts(material: &Material) -> Cuts {
        let mut moments = Vec::new();
        for happened in &material.standing {
            moments.push(happened.at.0);
            match &happened.event {
                Event::AgreementOffered { offer } => {
                    moments.extend([offer.term.from.0, offer.term.until.0])
                }
                Event::PromiseMade { promise } => moments.extend(dates(promise)),
                Event::PromiseWeakened { to, effective, .. } => {
                    moments.push(effective.0);
                    moments.extend(to.iter().flat_map(dates));
                }
                _ => {}
            }
        }
        Cuts::new(moments)
    }

    /// Asks the rule for everything that occurs.
    ///
    /// # Errors
    /// There are more promises than can be told apart.
    pub(crate) fn new(
        material: &'m Material,
        cuts: Cuts,
        kinds: &Kinds,
        known: &Acts,
        uses: &Uses,
    ) -> Result<Judge<'m>, TooManyPromises> {
        let promises: Vec<PromiseId> = material
            .standing
            .iter()
            .filter_map(|it| match &it.event {
                Event::PromiseMade { promise } => Some(promise.promise.clone()),
                _ => None,
            })
            .collect();
        if promises.len() > PROMISES {
            return Err(TooManyPromises(promises.len()));
        }
        let (kinds, acts) = (kinds.all(), known.all());
        let mut occurs: Vec<Vec<u64>> = vec![vec![0; cuts.count().div_ceil(64)]; acts.len()];
        for (parts, words) in kinds.iter().zip(&uses.of_kinds) {
            for part in parts.iter() {
                let mine = occurs.get_mut(part.act.0 as usize).into_iter().flatten();
                mine.zip(words).for_each(|(mine, theirs)| *mine |= theirs);
            }
        }
        // Acts bear their numbers in the order in which threads happened to meet them, so nothing that is told may go
        // by these numbers: partners are in the order of their names, and acts are asked for in the order of theirs.
        let names: BTreeSet<&PartnerId> = acts.iter().map(|(partner, _)| partner).collect();
        let partners: Vec<PartnerId> = names.into_iter().cloned().collect();
        let partner_of = acts
            .iter()
            .map(|(partner, _)| partners.binary_search(partner).unwrap_or(usize::MAX))
            .collect();
        let mut judge = Judge {
            material,
            cuts,
            kinds,
            acts,
            partners,
            partner_of,
            promises,
            first: 0,
            count: 0,
            numbers: Vec::new(),
            heres: Vec::new(),
            month_of: Vec::new(),
            months: Vec::new(),
            never_used: Vec::new(),
        };
        judge.march(&occurs);
        Ok(judge)
    }

    /// Goes through time once: the documents' events, and a use of each power in each piece in which it was used.
    fn march(&mut self, occurs: &[Vec<u64>]) {
        let all = |words: &Vec<u64>| {
            let mut pieces = (0u32..)
                .zip(words)
                .filter(|(_, word)| **word != 0)
                .map(|(n, word)| (n << 6, *word));
            let first = pieces.next()?;
            let last = pieces.last().unwrap_or(first);
            Some((
                first.0 | first.1.trailing_zeros(),
                last.0 | (63 - last.1.leading_zeros()),
            ))
        };
        let spans: Vec<(u32, u32)> = occurs.iter().filter_map(all).collect();
        let Some(first) = spans.iter().map(|(first, _)| *first).min() else {
            return;
        };
        let last = spans.iter().map(|(_, last)| *last).max().unwrap_or(first);
        self.first = first;
        self.count = (last.saturating_sub(first) as usize).saturating_add(1);
        self.numbers = vec![u32::MAX; self.acts.len().saturating_mul(self.count)];
        let granted = acts::granted(&self.material.standing);
        let mut unused: Vec<(PartnerId, Act)> = granted
            .iter()
            .filter(|it| {
                let number = self.acts.iter().position(|act| act == *it);
                !number
                    .and_then(|n| occurs.get(n))
                    .is_some_and(|words| words.iter().any(|word| *word != 0))
            })
            .cloned()
            .collect();
        let facts = Facts::default();
        let mut standing = self.material.standing.clone();
        standing.extend(acts::uses_before(
            &self.material.standing,
            self.cuts.begins(first).day().begins(),
        ));
        standing.sort_by_key(|happened| happened.at);
        let mut standing = standing.iter().peekable();
        let mut of_act: Vec<Vec<u32>> = vec![Vec::new(); self.acts.len()];
        let mut order: Vec<usize> = (0..self.acts.len()).collect();
        order.sort_by_key(|number| self.acts.get(*number));
        for piece in first..=last {
            let at = self.cuts.begins(piece);
            while let Some(happened) = standing.next_if(|happened| happened.at <= at) {
                // Material::new has seen that all of them can be.
                let _ = facts.apply(happened);
            }
            self.note_month(at);
            let mut live: FxHashMap<usize, bool> = FxHashMap::default();
            for number in order.iter().copied() {
                let words = occurs.get(number).map_or(&[][..], Vec::as_slice);
                let word = words.get((piece >> 6) as usize).copied().unwrap_or(0);
                if word & (1 << (piece & 63)) != 0 {
                    self.ask(&facts, number, piece, at, &granted, &mut live, &mut of_act);
                }
            }
            unused.retain(|(partner, act)| match usable(&facts, partner, act, at) {
                Some(power) => {
                    self.never_used.push((partner.clone(), act.clone(), power));
                    false
                }
                None => true,
            });
        }
    }

    fn note_month(&mut self, at: Time) {
        let month = Month::of(at);
        if self.months.last() != Some(&month) {
            self.months.push(month);
        }
        self.month_of
            .push(u16::try_from(self.months.len().saturating_sub(1)).unwrap_or(u16::MAX));
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what one step of the march needs"
    )]
    fn ask(
        &mut self,
        facts: &Facts,
        number: usize,
        piece: u32,
        at: Time,
        granted: &[(PartnerId, Act)],
        live: &mut FxHashMap<usize, bool>,
        of_act: &mut [Vec<u32>],
    ) {
        let Some((partner, act)) = self.acts.get(number).cloned() else {
            return;
        };
        let Ok(way) = look(facts, &partner, &act, at) else {
            return;
        };
        if let Some(power) = way.power() {
            let event = Event::PowerUsed {
                partner: partner.clone(),
                power,
            };
            let _ = facts.apply(&Happened { at, event });
        }
        let has_agreement = || {
            granted
                .iter()
                .any(|(of, act)| *of == partner && usable(facts, of, act, at).is_some())
        };
        let has_agreement = !way.reasons_for_all().iter().any(|reason| {
            matches!(
                reason,
                Reason::NotGranted | Reason::UnknownPartner | Reason::UnknownCategory
            )
        }) || *live
            .entry(self.partner_of.get(number).copied().unwrap_or(usize::MAX))
            .or_insert_with(has_agreement);
        let Some(mine) = of_act.get_mut(number) else {
            return;
        };
        let known = mine.iter().rev().copied().find(|known| {
            self.heres
                .get(*known as usize)
                .is_some_and(|here| here.has_agreement == has_agreement && here.way == way)
        });
        let here = known.unwrap_or_else(|| {
            let here = u32::try_from(self.heres.len()).unwrap_or(u32::MAX);
            let open = self.open_questions(&way);
            self.heres.push(Here {
                way,
                has_agreement,
                open,
            });
            mine.push(here);
            here
        });
        let place = number
            .saturating_mul(self.count)
            .saturating_add(piece.saturating_sub(self.first) as usize);
        if let Some(slot) = self.numbers.get_mut(place) {
            *slot = here;
        }
    }

    fn open_questions(&self, way: &Way) -> u8 {
        let given = self.material.given;
        let questions = [
            (given.consents, Question::Consents),
            (given.bars, Question::Bars),
            (given.connections, Question::Connections),
            (given.activity, Question::Activity),
            (way.frequency().is_none(), Question::Frequency),
            (way.window().is_none(), Question::WhenMade),
        ];
        let unanswered = questions.into_iter().filter(|(answered, _)| !answered);
        unanswered
            .map(|(_, question)| open(question))
            .fold(0, |all, one| all | one)
    }
}

fn look(facts: &Facts, partner: &PartnerId, act: &Act, at: Time) -> Result<Way, Reason> {
    Way::at(
        facts,
        partner,
        (act.verb, &act.category, &act.reach, &act.purpose),
        at,
    )
}

/// The power that both sides have signed for and that could be used at this moment, but for disuse and promises.
fn usable(facts: &Facts, partner: &PartnerId, act: &Act, at: Time) -> Option<PowerId> {
    let way = look(facts, partner, act, at).ok()?;
    let stands = |reason: &Reason| !matches!(reason, Reason::Lapsed | Reason::Promised(_));
    if way.reasons_for_all().iter().any(stands) {
        return None;
    }
    way.power()
}

fn dates(promise: &decide::Promise) -> Vec<i64> {
    match promise.form {
        decide::Form::Dated { from, until } => {
            from.into_iter().chain(until).map(|at| at.0).collect()
        }
        _ => Vec::new(),
    }
}

/// Powers of agreements found for an act, over all pieces.
pub(crate) fn powers_of(judge: &Judge<'_>) -> BTreeMap<ActNo, Vec<PowerId>> {
    let mut powers: BTreeMap<ActNo, Vec<PowerId>> = BTreeMap::new();
    if judge.count == 0 {
        return powers;
    }
    for (number, row) in (0u32..).zip(judge.numbers.chunks(judge.count)) {
        let mine = powers.entry(ActNo(number)).or_default();
        let mut before = u32::MAX;
        for here in row.iter().filter(|here| **here != u32::MAX) {
            if *here == before {
                continue;
            }
            before = *here;
            let power = judge
                .heres
                .get(*here as usize)
                .and_then(|here| here.way.power());
            mine.extend(power.filter(|power| !mine.contains(power)));
        }
    }
    powers
}
