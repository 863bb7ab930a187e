//! The facts that a row's documents would have made by a day.
//!
//! Where the record is silent, doubt counts for the platform: a consent of the person who logged in that is not on
//! record is taken as given, and where nobody knows whether a power was used, the clock of disuse is kept from
//! running. What the people whose data it was had agreed to is not made up.

use decide::{
    Connection, ConnectionId, Day, Days, Digest, Event, Facts, Happened, NoticeHash, OfficerId,
    Party, PersonNo, Power, PowerId, Reach, Time,
};

use crate::judge::Asked;
use crate::read::{Case, Row, Version};
use crate::record::{Actor, AskRecord};
use crate::wrong::Wrong;

/// A consent or connection that is in force is so old.
const RENEWED_BEFORE: Days = Days(30);
/// And runs so long.
const RUNS_FOR: Days = Days(300);

/// The moment of a day at which the rule is asked: noon, so that what happened on the day itself counts.
pub(crate) fn noon(day: Day) -> Time {
    Time(day.begins().0.saturating_add(43_200_000))
}

/// The number of an invented person: their place in `case.yaml`.
pub(crate) fn number(case: &Case, who: &str) -> Option<PersonNo> {
    let place = case
        .head
        .people
        .iter()
        .position(|person| person.who == who)?;
    u32::try_from(place).ok().map(PersonNo)
}

/// The connection through which the nth question of a row is asked.
pub(crate) fn connection(ask: usize) -> Option<ConnectionId> {
    format!("ask-{ask}").parse().ok()
}

/// The facts by noon of the day.
///
/// # Errors
/// The documents make no history that the rule would take.
pub(crate) fn facts(case: &Case, row: &Row, day: Day, asked: &Asked) -> Result<Facts, Wrong> {
    let mut history = History::new(case, row, day, asked);
    history.beginnings();
    history.promises();
    history.agreements();
    history.consents();
    for (nth, ask) in row.record.asks.iter().enumerate() {
        history.connected(nth, ask);
    }
    history.uses();
    history.happened.sort_by_key(|it| it.at);
    let facts = Facts::default();
    for happened in history.happened.iter().filter(|it| it.at <= noon(day)) {
        facts.apply(happened).map_err(|invalid| Wrong::History {
            row: row.record.row.clone(),
            day,
            invalid,
        })?;
    }
    Ok(facts)
}

struct History<'a> {
    case: &'a Case,
    row: &'a Row,
    day: Day,
    asked: &'a Asked,
    /// The day from which the agreement is there.
    since: Day,
    notice: NoticeHash,
    happened: Vec<Happened>,
}

impl<'a> History<'a> {
    fn new(case: &'a Case, row: &'a Row, day: Day, asked: &'a Asked) -> History<'a> {
        let beginning = row.record.beginning().and_then(|moment| moment.day);
        let Digest(notice) = register::documents::agreement::digest(case.notice.as_bytes());
        History {
            case,
            row,
            day,
            asked,
            since: row.record.agreement_since.or(beginning).unwrap_or(day),
            notice: NoticeHash(notice),
            happened: Vec::new(),
        }
    }

    fn happens(&mut self, on: Day, event: Event) {
        let at = on.begins();
        self.happened.push(Happened { at, event });
    }

    fn beginnings(&mut self) {
        let case = self.case;
        let on = case.head.axis.from.min(self.since);
        let mut policy = case.policy.clone();
        if let Some(basis) = &self.asked.basis {
            let named = self
                .powers()
                .into_iter()
                .map(|power| (power.id(), basis.clone()));
            policy.other_bases.extend(named);
        }
        let count = u32::try_from(case.head.people.len()).unwrap_or(u32::MAX);
        let partner = self.row.record.partner.clone();
        let notice = self.notice;
        self.happens(on, Event::PolicySet { policy });
        let first = PersonNo(0);
        self.happens(on, Event::PeopleJoined { first, count });
        self.happens(on, Event::NoticePublished { notice });
        self.happens(on, Event::PartnerEnrolled { partner });
        for person in &case.head.people {
            for bar in &person.bars {
                if let Some(person) = number(case, &person.who) {
                    let bar = bar.clone();
                    self.happens(on, Event::BarSet { person, bar });
                }
            }
        }
    }

    fn promises(&mut self) {
        for document in &self.case.promises {
            let promise = document.promise.clone();
            self.happens(document.made, Event::PromiseMade { promise });
        }
    }

    fn agreements(&mut self) {
        let row = self.row;
        for version in &row.versions {
            let offer = self.asked.as_asked(version);
            let (agreement, digest) = (offer.agreement.clone(), offer.digest);
            self.happens(self.since, Event::AgreementOffered { offer });
            let record = &version.record;
            let sides = [
                (
                    record.signed_by_platform,
                    Party::Platform,
                    "of-the-platform",
                ),
                (record.signed_by_partner, Party::Partner, "of-the-partner"),
            ];
            for (_, by, officer) in sides.into_iter().filter(|(signed, ..)| *signed) {
                let Ok(officer) = officer.parse::<OfficerId>() else {
                    continue;
                };
                let signed = Event::AgreementSigned {
                    agreement: agreement.clone(),
                    version: record.version,
                    digest,
                    by,
                    officer,
                };
                self.happens(self.since, signed);
            }
        }
        let ended = row.record.claimed_end.as_ref();
        let ended = ended
            .filter(|end| end.ends_agreement)
            .and_then(|end| end.day);
        if let (Some(day), Some(version)) = (ended, row.versions.first()) {
            let agreement = version.agreement.agreement.clone();
            self.happens(day, Event::AgreementEnded { agreement });
        }
    }

    /// Of those who have agreed, and those consents that the row speaks of.
    fn consents(&mut self) {
        let (given, until) = self.lately();
        let agreed = self
            .case
            .head
            .people
            .iter()
            .filter(|person| person.has_agreed);
        let mut all: Vec<_> = agreed
            .map(|person| (person.who.as_str(), given, until))
            .collect();
        let spoken_of = self.row.record.consents.iter();
        all.extend(spoken_of.map(|it| (it.who.as_str(), it.given, it.until)));
        let powers = self.powers();
        for (who, given, until) in all {
            let Some(person) = number(self.case, who) else {
                continue;
            };
            for power in powers.iter().filter(|power| power.reach != Reach::Own) {
                let consent = Event::ConsentGiven {
                    people: vec![person],
                    partner: self.row.record.partner.clone(),
                    power: power.id(),
                    notice: self.notice,
                    until,
                };
                self.happens(given, consent);
            }
        }
    }

    /// The connection of a question. The most that the record allows for the person who logged in: everything that the
    /// row grants, unless they had not agreed, or were in by default.
    fn connected(&mut self, nth: usize, ask: &AskRecord) {
        let (Some(person), Some(connection)) = (number(self.case, &ask.through), connection(nth))
        else {
            return;
        };
        let powers = match self.row.record.consent.actor {
            Actor::Given | Actor::Unknown => self.powers().iter().map(Power::id).collect(),
            Actor::OptOut | Actor::NotGiven => [].into(),
        };
        let (lately, until) = self.lately();
        let on = match ask.idle_days {
            Some(idle) => back(self.day, idle).max(self.since),
            None => lately,
        };
        let connection = Connection {
            connection,
            person,
            partner: self.row.record.partner.clone(),
            powers,
            notice: self.notice,
            until,
        };
        self.happens(on, Event::Connected { connection });
    }

    fn uses(&mut self) {
        let row = self.row;
        let last = row
            .record
            .in_use_until
            .unwrap_or(self.day)
            .min(back(self.day, 1));
        let powers: Vec<PowerId> = self.powers().iter().map(Power::id).collect();
        let mut on = self.since;
        while on <= last {
            for power in &powers {
                let partner = row.record.partner.clone();
                let power = *power;
                self.happens(on, Event::PowerUsed { partner, power });
            }
            on = match on.plus(Days(30)) {
                next if on < last => next.min(last),
                next => next,
            };
        }
    }

    /// Every power of the row, from the latest version that has it.
    fn powers(&self) -> Vec<Power> {
        let mut powers: Vec<Power> = Vec::new();
        for version in self.row.versions.iter().rev() {
            for power in self.asked.as_asked(version).powers {
                if !powers.contains(&power) {
                    powers.push(power);
                }
            }
        }
        powers
    }

    /// When something in force was given, and until when it runs.
    fn lately(&self) -> (Day, Day) {
        let given = back(self.day, RENEWED_BEFORE.0).max(self.since);
        (given, given.plus(RUNS_FOR))
    }
}

fn back(day: Day, days: u32) -> Day {
    noon(day).minus(Days(days)).day()
}

impl Asked {
    /// The version as this way of asking has it.
    pub(crate) fn as_asked(&self, version: &Version) -> decide::AgreementVersion {
        let mut offer = version.agreement.offer(&version.text);
        if let Some(role) = self.role {
            offer.claimed_role = role;
        }
        if let Some(basis) = &self.basis {
            for power in &mut offer.powers {
                power.legal_basis = basis.clone();
            }
        }
        offer
    }
}
