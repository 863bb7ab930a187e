//! The slow way, to hold the quick one to: every access put to the gate's own door, one after the other in the order of
//! time, with all lists folded in as the events that they stand for.
//!
//! Nothing of columns, spans, pieces of time or remembered verdicts is used here. Tests and the bench compare both,
//! access by access and person by person; an auditor who does not trust the quick way can have the same.

use std::hash::{Hash as _, Hasher as _};
use std::path::Path;

use decide::{
    Asker, Behalf, Connection, ConnectionId, Datum, Day, Decision, Draw, Event, Facts, Happened,
    NoticeHash, Now, PartnerId, PersonNo, PowerId, Question, Reach, Reason, Subject, Time, Who,
    decide,
};
use rustc_hash::{FxHashMap, FxHasher};

use crate::facts::acts;
use crate::facts::{Acts, ConnectionRow, Lists, Material, NEVER};
use crate::judge::{Batch, Judge, Kinds, NOBODY, Part, Reached, Uses, Whose, Worker};
use crate::plan::{ANCIENT, Plan, PlanError, read};
use crate::read::{Feed, Numbering, Reader};
use crate::report::Act;

/// What comparing came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Accesses that both judged.
    pub accesses: u64,
    /// People in them.
    pub people: u64,
    /// Of these, refused by the slow way.
    pub refused: u64,
    /// Accesses on which the two differ in anything: a person, a reason, the order of reasons.
    pub different: u64,
    /// The line or row of the first of them.
    pub first: Option<u64>,
}

/// One access, kept until its turn comes.
struct Access {
    at: i64,
    line: u64,
    kind: u32,
    person: u32,
    key: u32,
    named: Vec<u32>,
    /// What the quick way said, as one number.
    said: u64,
}

/// Judges all that a plan names both ways and compares them. Holds all accesses in memory.
///
/// `each` gets every access that both agree on, by its line, with the reasons against each person, in order: a test
/// can hold the planted truth to it.
///
/// # Errors
/// The plan cannot be followed.
pub fn compare(
    path: &Path,
    mut each: impl FnMut(u64, &[Vec<Reason>]),
) -> Result<Compared, PlanError> {
    let plan = read(path)?;
    let Plan {
        standing,
        words,
        people,
        lists,
        bystanders,
        logs,
        ..
    } = plan;
    let names: Vec<String> = bystanders.iter().map(|list| list.name.clone()).collect();
    let material = Material::new(standing, words, lists.clone(), bystanders)?;
    let (acts, kinds) = (Acts::default(), Kinds::default());
    let numbering = Numbering {
        people: &people,
        acts: &acts,
        kinds: &kinds,
        bystanders: &material.bystanders,
        lists: &names,
    };
    let cuts = Judge::cuts(&material);
    let mut uses = Uses::default();
    let feed = Feed::new(&logs, true, Default::default());
    let mut reader = Reader::new(&feed, numbering);
    let (mut batch, mut lines) = (Batch::default(), Vec::new());
    while reader.read(&mut batch, &mut lines, |batch, _| {
        uses.note(&cuts, batch);
        Vec::new()
    }) {}
    let judge = Judge::new(&material, cuts, &kinds, &acts, &uses)
        .map_err(|error| PlanError::Document(error.to_string()))?;
    let reached = Reached::new(
        judge.partners.len().saturating_mul(judge.months.len()),
        judge.acts.len(),
    );
    let feed = Feed::new(&logs, false, Default::default());
    let mut reader = Reader::new(&feed, numbering);
    let mut accesses: Vec<Access> = Vec::new();
    let mut more = true;
    while more {
        more = reader.read(&mut batch, &mut lines, |batch, lines| {
            let mut said: FxHashMap<usize, FxHasher> = FxHashMap::default();
            let mut told = |row: usize, part: Part, subject: u32, reasons: &[Reason]| {
                let so_far = said.entry(row).or_default();
                (part.act, subject, reasons).hash(so_far);
            };
            let nobody = Worker::new(&judge, &reached)
                .telling(&mut told)
                .judge(batch);
            for row in (0..batch.len()).filter(|row| !nobody.contains(row)) {
                let of = |column: &[u32]| column.get(row).copied().unwrap_or(NOBODY);
                accesses.push(Access {
                    at: batch.times.get(row).copied().unwrap_or(0),
                    line: lines.get(row).copied().unwrap_or(0),
                    kind: of(&batch.kinds),
                    person: of(&batch.people),
                    key: of(&batch.keys),
                    named: batch.named_in(row).to_vec(),
                    said: said.remove(&row).unwrap_or_default().finish(),
                });
            }
            nobody
        });
    }
    accesses.sort_by_key(|access| access.at);
    let first = accesses.first().map_or(0, |access| access.at);
    let mut plain = Plain::new(&material, &lists, people.count(), Time(first));
    let mut compared = Compared::default();
    for access in &accesses {
        let mut hasher = FxHasher::default();
        let mut against = Vec::new();
        for part in judge
            .kinds
            .get(access.kind as usize)
            .into_iter()
            .flat_map(|parts| parts.iter())
        {
            let Some((partner, act)) = judge.acts.get(part.act.0 as usize) else {
                continue;
            };
            let whose = whose(&material, access, *part);
            plain.fold_until(access.at);
            let decision = plain.ask(partner, act, access, &whose);
            for (nth, person) in whose.iter().enumerate() {
                let reasons = decision.reasons_of_person(0, nth);
                (part.act, *person, reasons).hash(&mut hasher);
                against.push(reasons.to_vec());
            }
            plain.note_use(partner, access.at, &decision);
        }
        compared.accesses = compared.accesses.saturating_add(1);
        compared.people = compared.people.saturating_add(against.len() as u64);
        let refused = against.iter().filter(|reasons| !reasons.is_empty()).count();
        compared.refused = compared.refused.saturating_add(refused as u64);
        // Where nobody could be looked at the quick way judges what does not depend on people; the gate refuses.
        if hasher.finish() == access.said || against.is_empty() {
            each(access.line, &against);
        } else {
            compared.different = compared.different.saturating_add(1);
            compared.first.get_or_insert(access.line);
        }
    }
    Ok(compared)
}

fn whose(material: &Material, access: &Access, part: Part) -> Vec<u32> {
    match part.whose {
        Whose::Own => vec![access.person],
        Whose::Named => access.named.clone(),
        Whose::Unknown => Vec::new(),
        Whose::Listed(list) => {
            let list = material.bystanders.get(list);
            let key = if list.is_some_and(|list| list.of_person()) {
                access.person
            } else {
                access.key
            };
            list.map(|list| list.behind(key).to_vec())
                .unwrap_or_default()
        }
    }
}

/// The gate's facts, folded forward.
struct Plain {
    facts: Facts,
    events: std::iter::Peekable<std::vec::IntoIter<Happened>>,
    /// Connections of each partner and person, by when they were made.
    connections: FxHashMap<(PartnerId, u32), Vec<(i64, ConnectionId)>>,
    /// The last day on which a use was noted, and whether anything else has happened since.
    noted: FxHashMap<(PartnerId, PowerId), Day>,
}

impl Plain {
    fn new(material: &Material, lists: &Lists, people: u32, first: Time) -> Plain {
        let mut standing = material.standing.clone();
        standing.extend(acts::uses_before(&material.standing, first.day().begins()));
        let events = events(&standing, lists, people);
        let mut connections: FxHashMap<(PartnerId, u32), Vec<(i64, ConnectionId)>> =
            FxHashMap::default();
        for happened in &events {
            if let Event::Connected { connection } = &happened.event {
                let key = (connection.partner.clone(), connection.person.0);
                connections
                    .entry(key)
                    .or_default()
                    .push((happened.at.0, connection.connection.clone()));
            }
        }
        Plain {
            facts: Facts::default(),
            events: events.into_iter().peekable(),
            connections,
            noted: FxHashMap::default(),
        }
    }

    fn fold_until(&mut self, at: i64) {
        while let Some(happened) = self.events.next_if(|happened| happened.at.0 <= at) {
            // A list may say what the register would have refused; then neither way counts it.
            if self.facts.apply(&happened).is_ok() && !of_people(&happened.event) {
                self.noted.clear();
            }
        }
    }

    fn ask(&self, partner: &PartnerId, act: &Act, access: &Access, people: &[u32]) -> Decision {
        let behalf = match access.person {
            NOBODY => Behalf::Nobody,
            person => {
                let mut made = self
                    .connections
                    .get(&(partner.clone(), person))
                    .into_iter()
                    .flatten();
                let latest = made.rfind(|(from, _)| *from <= access.at);
                let none = || "no-such-connection".parse().ok();
                match latest.map(|(_, id)| id.clone()).or_else(none) {
                    Some(id) => Behalf::Connection(id),
                    None => Behalf::Nobody,
                }
            }
        };
        let asker = Asker {
            partner: partner.clone(),
            behalf,
            purpose: act.purpose.clone(),
            verb: act.verb,
            draws: Vec::<Draw>::new(),
        };
        let subjects: Vec<Subject> = people
            .iter()
            .map(|person| Subject {
                who: Who::Known(PersonNo(*person)),
                reach: 0,
            })
            .collect();
        let end = u32::try_from(subjects.len()).unwrap_or(u32::MAX);
        let (categories, reaches): ([_; 1], [Reach; 1]) =
            ([act.category.clone()], [act.reach.clone()]);
        let data = [Datum {
            category: 0,
            subjects: 0..end,
            made: None,
        }];
        let question = Question {
            asker: &asker,
            categories: &categories,
            reaches: &reaches,
            subjects: &subjects,
            data: &data,
        };
        decide(&self.facts, &question, Now::At(Time(access.at)))
    }

    fn note_use(&mut self, partner: &PartnerId, at: i64, decision: &Decision) {
        let day = Time(at).day();
        for power in decision.powers() {
            let key = (partner.clone(), *power);
            if self.noted.get(&key) != Some(&day) {
                let event = Event::PowerUsed {
                    partner: partner.clone(),
                    power: *power,
                };
                let _ = self.facts.apply(&Happened {
                    at: Time(at),
                    event,
                });
                self.noted.insert(key, day);
            }
        }
    }
}

fn of_people(event: &Event) -> bool {
    matches!(
        event,
        Event::ConsentGiven { .. }
            | Event::ConsentWithdrawn { .. }
            | Event::BarSet { .. }
            | Event::BarLifted { .. }
            | Event::Connected { .. }
            | Event::Disconnected { .. }
            | Event::PeopleActive { .. }
            | Event::PersonLeft { .. }
    )
}

/// Documents and lists as the events that they stand for, in the order of time. At one moment what gives comes before
/// what takes away.
#[must_use]
pub fn events(standing: &[Happened], lists: &Lists, people: u32) -> Vec<Happened> {
    let notice = NoticeHash([1; 32]);
    let mut all: Vec<(u8, Happened)> = Vec::new();
    let mut happens = |order: u8, at: i64, event: Event| {
        if at != NEVER {
            all.push((
                order,
                Happened {
                    at: Time(at.max(ANCIENT.0)),
                    event,
                },
            ));
        }
    };
    standing
        .iter()
        .for_each(|it| happens(0, it.at.0, it.event.clone()));
    happens(0, i64::MIN, Event::NoticePublished { notice });
    happens(
        0,
        i64::MIN,
        Event::PeopleJoined {
            first: PersonNo(0),
            count: people,
        },
    );
    for row in lists.consents.iter().flatten() {
        let Some((partner, power)) = lists.grants.get(row.grant as usize).cloned() else {
            continue;
        };
        let (person, until) = (PersonNo(row.person), day_of(row.until));
        let given = Event::ConsentGiven {
            people: vec![person],
            partner: partner.clone(),
            power,
            notice,
            until,
        };
        happens(1, row.given, given);
        happens(
            3,
            row.withdrawn,
            Event::ConsentWithdrawn {
                person,
                partner,
                power,
            },
        );
    }
    for (n, row) in lists.connections.iter().flatten().enumerate() {
        let Some(connection) = connection(lists, n, row, notice) else {
            continue;
        };
        happens(
            4,
            row.ended,
            Event::Disconnected {
                connection: connection.connection.clone(),
            },
        );
        happens(2, row.from, Event::Connected { connection });
    }
    for row in lists.barred.iter().flatten() {
        let Some(bar) = lists.bars.get(row.bar as usize).cloned() else {
            continue;
        };
        let person = PersonNo(row.person);
        happens(
            6,
            row.set,
            Event::BarSet {
                person,
                bar: bar.clone(),
            },
        );
        happens(5, row.lifted, Event::BarLifted { person, bar });
    }
    for (person, day) in lists.activity.iter().flatten() {
        happens(
            7,
            Day(*day).begins().0,
            Event::PeopleActive {
                people: vec![PersonNo(*person)],
            },
        );
    }
    for (person, _, left) in lists.people.iter().flatten() {
        happens(
            8,
            *left,
            Event::PersonLeft {
                person: PersonNo(*person),
            },
        );
    }
    all.sort_by_key(|(order, happened)| (happened.at, *order));
    all.into_iter().map(|(_, happened)| happened).collect()
}

fn day_of(midnight: i64) -> Day {
    if midnight == NEVER {
        Day(i32::MAX)
    } else {
        Time(midnight).day()
    }
}

fn connection(
    lists: &Lists,
    number: usize,
    row: &ConnectionRow,
    notice: NoticeHash,
) -> Option<Connection> {
    Some(Connection {
        connection: format!("c-{number}").parse().ok()?,
        person: PersonNo(row.person),
        partner: lists.partners.get(row.partner as usize)?.clone(),
        powers: lists.sets.get(row.powers as usize)?.clone(),
        notice,
        until: day_of(row.until),
    })
}
