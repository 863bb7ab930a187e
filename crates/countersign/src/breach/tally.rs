//! Adding up: lines of partner, category, reach, purpose and agreement, with how many people and answers, and when.

use std::collections::{BTreeMap, HashMap, HashSet};

use decide::{AgreementId, Digest, PartnerId, PersonNo, Power, PowerId, Time};
use ledger::entry::Digest16;
use register::{Book, People};
use serde::Serialize;

use super::Asked;
use super::entries::Left;

/// The whole answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Report {
    /// The lines, by partner and category.
    pub(crate) lines: Vec<Line>,
    /// Answers in which something asked for may have left.
    pub(crate) answers: u64,
    /// How many people are in them, as far as they can be found.
    pub(crate) people: u64,
    /// Answers in which there were people who cannot be found any more: their keys are destroyed.
    pub(crate) answers_with_erased: u64,
    /// How many people, at least, taken answer by answer.
    pub(crate) erased_at_least: u64,
    /// Answers whose details are erased: partner and minute are known, what left is not.
    pub(crate) answers_without_details: u64,
}

/// What left to one partner of one category, under one power of one version of an agreement.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Line {
    /// The platform's own id; only where people were asked for by name. `null` for those who have left the platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) person: Option<Named>,
    pub(crate) partner: PartnerId,
    pub(crate) category: String,
    pub(crate) reach: String,
    pub(crate) purpose: String,
    pub(crate) power: PowerId,
    /// Id and version, or the document's hash where the register has no such document.
    pub(crate) agreement: String,
    /// How many people.
    pub(crate) people: u64,
    /// How many answers.
    pub(crate) answers: u64,
    pub(crate) first: Time,
    pub(crate) last: Time,
}

/// A person of the report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Named {
    /// The platform's own id; `None` once they have left.
    pub(crate) id: Option<String>,
    /// The number in the register, which is never given to anybody else.
    pub(crate) number: u32,
}

type Key = (Option<PersonNo>, PartnerId, PowerId, Digest);

struct Sum {
    people: HashSet<u32>,
    answers: u64,
    first: Time,
    last: Time,
}

/// Sums so far.
pub(super) struct Tally<'a> {
    asked: &'a Asked,
    powers: HashMap<PowerId, Power>,
    agreements: HashMap<Digest, (AgreementId, u32)>,
    partner: Option<Digest16>,
    sums: BTreeMap<Key, Sum>,
    people: HashSet<u32>,
    report: Report,
}

impl<'a> Tally<'a> {
    pub(super) fn new(book: &Book, asked: &'a Asked) -> Tally<'a> {
        let versions = || book.agreements.values().flatten();
        let powers = versions().flat_map(|offered| &offered.offer.powers);
        let of_version = |offered: &register::Offered| {
            let offer = &offered.offer;
            (offer.digest, (offer.agreement.clone(), offer.version))
        };
        Tally {
            asked,
            powers: powers.map(|power| (power.id(), power.clone())).collect(),
            agreements: versions().map(|offered| of_version(offered)).collect(),
            partner: asked
                .partner
                .as_ref()
                .map(|partner| Digest16::of_partner(partner.as_str())),
            sums: BTreeMap::new(),
            people: HashSet::new(),
            report: Report {
                lines: Vec::new(),
                answers: 0,
                people: 0,
                answers_with_erased: 0,
                erased_at_least: 0,
                answers_without_details: 0,
            },
        }
    }

    /// Takes an answer in, as far as it is asked for.
    pub(super) fn add(&mut self, left: &Left) {
        // Of an entry whose details are erased only the minute is known: it counts if any of it lies in the span.
        let lasts = if left.common.is_some() { 1 } else { 60_000 };
        let in_span = left.at < self.asked.until.0 && left.at + lasts > self.asked.from.0;
        if !in_span || self.partner.is_some_and(|asked| asked != left.partner) {
            return;
        }
        let Some(common) = &left.common else {
            self.report.answers_without_details += 1;
            return;
        };
        let mut counts = self.report.answers_with_erased;
        if left.gone > 0 && self.any_of_category(&common.powers) {
            counts += 1;
            self.report.erased_at_least += left.gone;
        }
        self.report.answers_with_erased = counts;
        let mut any = false;
        let named = common.powers.iter().zip(&common.agreements);
        for (bit, (power, agreement)) in (0_u32..).zip(named) {
            let bit = 1_u64.checked_shl(bit).unwrap_or(0);
            let people = left.people.iter().filter(|(_, powers)| powers & bit != 0);
            let people: Vec<PersonNo> = people.map(|(person, _)| *person).collect();
            if people.is_empty() || !self.any_of_category(&[*power]) {
                continue;
            }
            any = true;
            self.people.extend(people.iter().map(|person| person.0));
            let partner = &common.asker.partner;
            if self.asked.by_person {
                for person in people {
                    let key = (Some(person), partner.clone(), *power, *agreement);
                    self.sum(key, left.at, &[person]);
                }
            } else {
                let key = (None, partner.clone(), *power, *agreement);
                self.sum(key, left.at, &people);
            }
        }
        self.report.answers += u64::from(any);
    }

    fn any_of_category(&self, powers: &[PowerId]) -> bool {
        let Some(asked) = &self.asked.category else {
            return true;
        };
        // A power that the register does not know could be of any category: it is told rather than left out.
        let fits = |power: &PowerId| {
            let known = self.powers.get(power);
            known.is_none_or(|power| power.category == *asked)
        };
        powers.iter().any(fits)
    }

    fn sum(&mut self, key: Key, at: i64, people: &[PersonNo]) {
        let at = Time(at);
        let sum = self.sums.entry(key).or_insert_with(|| Sum {
            people: HashSet::new(),
            answers: 0,
            first: at,
            last: at,
        });
        sum.people.extend(people.iter().map(|person| person.0));
        sum.answers += 1;
        sum.first = sum.first.min(at);
        sum.last = sum.last.max(at);
    }

    /// The report, in order of partner, category, reach and purpose, and then of people.
    pub(super) fn report(self, people: &People) -> Report {
        let unknown = || "(not in the register)".to_owned();
        let line = |((person, partner, power, agreement), sum): (Key, Sum)| {
            let known = self.powers.get(&power);
            let version = self.agreements.get(&agreement);
            Line {
                person: person.map(|person| Named {
                    id: people.id(person).map(|id| id.as_ref().to_owned()),
                    number: person.0,
                }),
                partner,
                category: known.map_or_else(unknown, |power| power.category.as_str().to_owned()),
                reach: known.map_or_else(unknown, |power| power.reach.as_str().to_owned()),
                purpose: known.map_or_else(unknown, |power| power.purpose.as_str().to_owned()),
                power,
                agreement: version.map_or_else(
                    || agreement.to_string(),
                    |(id, version)| format!("{id} version {version}"),
                ),
                people: sum.people.len() as u64,
                answers: sum.answers,
                first: sum.first,
                last: sum.last,
            }
        };
        let mut lines: Vec<Line> = self.sums.into_iter().map(line).collect();
        lines.sort_by(|one, other| {
            let order = |line: &Line| {
                (
                    line.partner.clone(),
                    line.category.clone(),
                    line.reach.clone(),
                    line.purpose.clone(),
                    line.agreement.clone(),
                    line.person.clone(),
                )
            };
            order(one).cmp(&order(other))
        });
        Report {
            lines,
            people: self.people.len() as u64,
            ..self.report
        }
    }
}
