//! Who waits to be asked, what they said, and what they want to be asked at all: one file beside the register.
//!
//! Nothing here governs. A yes is a consent in the register; what stands here only keeps people from being asked twice.
//! If the file is lost, nobody's data leaves that would not have, and people may be asked once more.

use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use decide::{Day, PartnerId, PersonNo, PowerId};
use redb::{
    Database, Error, ReadableDatabase as _, ReadableTable as _, ReadableTableMetadata as _, Table,
    TableDefinition, WriteTransaction,
};

use super::noticed::{Heard, Lacking};

type Row = (u32, &'static str, &'static [u8; 32]);

/// What stands about person, partner and power: a kind, and a day.
const REQUESTS: TableDefinition<Row, (u8, i32)> = TableDefinition::new("requests");
/// Partners about which a person does not want to be asked.
const MUTED: TableDefinition<(u32, &str), ()> = TableDefinition::new("muted");
/// Whether a person wants to be asked nothing at all, and the day on which they last were told.
const PEOPLE: TableDefinition<u32, (bool, i32)> = TableDefinition::new("people");
/// On which day somebody is to be told.
const DUE: TableDefinition<(i32, u32), ()> = TableDefinition::new("due");
const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
const VERSION: u64 = 1;

/// Nobody has been told yet.
const NEVER: Day = Day(i32::MIN);

/// What stands about one person and one power of one partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Nothing; visible from this day on.
    Nothing(Day),
    /// No, on this day; or a consent was withdrawn.
    No(Day),
    /// Yes, until this day.
    Yes(Day),
}

impl Said {
    fn kept(self) -> (u8, i32) {
        match self {
            Self::Nothing(opens) => (0, opens.0),
            Self::No(on) => (1, on.0),
            Self::Yes(until) => (2, until.0),
        }
    }

    fn of((kind, day): (u8, i32)) -> Self {
        match kind {
            0 => Self::Nothing(Day(day)),
            2 => Self::Yes(Day(day)),
            _ => Self::No(Day(day)),
        }
    }
}

/// A request that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) partner: PartnerId,
    pub(crate) power: PowerId,
    pub(crate) since: Day,
}

/// What a person wants to be asked at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Preferences {
    /// Nothing.
    pub(crate) nothing: bool,
    /// Nothing about these.
    pub(crate) not_about: Vec<PartnerId>,
}

/// What became of what was noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Added {
    pub(super) new: u64,
    pub(super) muted: u64,
    /// Too much for one person.
    pub(super) much: u64,
    /// No room at all.
    pub(super) full: u64,
}

/// Where it ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) most: u64,
    pub(super) most_per_person: usize,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be opened.
    #[error(
        "[asking] store {path}: {source}; expected a file of this gateway's own, which no other process holds",
        path = path.display()
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<Error>,
    },
    /// A newer program wrote it.
    #[error(
        "[asking] store {path}: format version {version}, this program knows {VERSION}; use the newer program",
        path = path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u64,
    },
}

/// The file.
pub(super) struct Store(Database);

impl Store {
    /// Opens the file, or begins one that its user alone can read.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let cannot = |source: Error| StoreError::Open {
            path: path.to_owned(),
            source: Box::new(source),
        };
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        // Made here and not by the library, so that nobody else can read it from its first moment on.
        drop(options.open(path).map_err(|error| cannot(error.into()))?);
        let database = Database::create(path);
        let store = Self(database.map_err(|error| cannot(error.into()))?);
        match store.version().map_err(cannot)? {
            VERSION => Ok(store),
            version => Err(StoreError::Newer {
                path: path.to_owned(),
                version,
            }),
        }
    }

    /// The file's version; makes all tables, so that reading finds them.
    fn version(&self) -> Result<u64, Error> {
        self.write(|tables| {
            tables.open_table(REQUESTS)?;
            tables.open_table(MUTED)?;
            tables.open_table(PEOPLE)?;
            tables.open_table(DUE)?;
            let mut meta = tables.open_table(META)?;
            let known = meta.get("version")?.map(|version| version.value());
            if known.is_none() {
                meta.insert("version", VERSION)?;
            }
            Ok(known.unwrap_or(VERSION))
        })
    }

    /// How many requests and answers it holds.
    pub(super) fn len(&self) -> Result<u64, Error> {
        Ok(self.0.begin_read()?.open_table(REQUESTS)?.len()?)
    }

    /// Writes down whom somebody lacked the consent of. Those who said no, or do not want to be asked, are left alone;
    /// everybody else is asked from the day on that `opens` tells.
    pub(super) fn add(
        &self,
        lacking: &[Lacking],
        opens: impl Fn(PersonNo) -> Option<Day>,
        today: Day,
        room: Room,
    ) -> Result<Added, Error> {
        let mut added = Added::default();
        self.write(|tables| {
            let mut requests = tables.open_table(REQUESTS)?;
            let (muted, people) = (tables.open_table(MUTED)?, tables.open_table(PEOPLE)?);
            let mut due = tables.open_table(DUE)?;
            for one in lacking {
                let key = row(one);
                let said = requests.get(key)?.map(|said| Said::of(said.value()));
                match said {
                    None => {}
                    // Their yes has run out by itself: that was no no.
                    Some(Said::Yes(until)) if until <= today => {}
                    Some(_) => continue,
                }
                let person = one.person.0;
                let nothing = people.get(person)?.is_some_and(|it| it.value().0);
                if nothing || muted.get((person, one.partner.as_str()))?.is_some() {
                    added.muted += 1;
                } else if said.is_none() && requests.len()? >= room.most {
                    added.full += 1;
                } else if waiting(&requests, person)? >= room.most_per_person {
                    added.much += 1;
                } else if let Some(opens) = opens(one.person) {
                    requests.insert(key, Said::Nothing(opens).kept())?;
                    due.insert((opens.0, person), ())?;
                    added.new += 1;
                }
            }
            Ok(())
        })?;
        Ok(added)
    }

    /// What is open for a person on this day.
    pub(super) fn open_for(&self, person: PersonNo, today: Day) -> Result<Vec<Open>, Error> {
        let requests = self.0.begin_read()?.open_table(REQUESTS)?;
        let mut open = Vec::new();
        for found in requests.range(rows_of(person.0))? {
            let (key, said) = found?;
            let ((_, partner, power), Said::Nothing(since)) = (key.value(), Said::of(said.value()))
            else {
                continue;
            };
            if let (true, Ok(partner)) = (since <= today, partner.parse()) {
                let power = PowerId(*power);
                open.push(Open {
                    partner,
                    power,
                    since,
                });
            }
        }
        Ok(open)
    }

    /// Writes down what a person said, whether or not they were asked.
    pub(super) fn say(&self, whom: &Lacking, said: Said) -> Result<(), Error> {
        self.write(|tables| said_by(tables, whom, said))
    }

    /// Writes down what the register was told: all of it or nothing.
    pub(super) fn hear(&self, heard: &[Heard], today: Day) -> Result<(), Error> {
        self.write(|tables| {
            for one in heard {
                match one {
                    Heard::Left(person) => forgotten(tables, *person)?,
                    Heard::Withdrawn(whom) => said_by(tables, whom, Said::No(today))?,
                }
            }
            Ok(())
        })
    }

    /// What a person wants to be asked.
    pub(super) fn preferences(&self, person: PersonNo) -> Result<Preferences, Error> {
        let read = self.0.begin_read()?;
        let nothing = read.open_table(PEOPLE)?.get(person.0)?;
        let mut not_about = Vec::new();
        let muted = read.open_table(MUTED)?;
        for found in muted.range((person.0, "")..=(person.0, LAST))? {
            not_about.extend(found?.0.value().1.parse().ok());
        }
        Ok(Preferences {
            nothing: nothing.is_some_and(|it| it.value().0),
            not_about,
        })
    }

    /// Asks a person nothing any more, or things again. What was open and not answered is gone.
    pub(super) fn ask_nothing(&self, person: PersonNo, nothing: bool) -> Result<(), Error> {
        self.write(|tables| {
            let mut people = tables.open_table(PEOPLE)?;
            let told = people.get(person.0)?.map_or(NEVER.0, |it| it.value().1);
            people.insert(person.0, (nothing, told))?;
            if nothing {
                let mut requests = tables.open_table(REQUESTS)?;
                requests.retain_in(rows_of(person.0), |_, said| !is_nothing(said))?;
            }
            Ok(())
        })
    }

    /// The same, about one partner.
    pub(super) fn not_about(
        &self,
        person: PersonNo,
        partner: &PartnerId,
        not: bool,
    ) -> Result<(), Error> {
        self.write(|tables| {
            let mut muted = tables.open_table(MUTED)?;
            if !not {
                muted.remove((person.0, partner.as_str()))?;
                return Ok(());
            }
            muted.insert((person.0, partner.as_str()), ())?;
            let mut requests = tables.open_table(REQUESTS)?;
            requests.retain_in(rows_of(person.0), |(_, whose, _), said| {
                whose != partner.as_str() || !is_nothing(said)
            })?;
            Ok(())
        })
    }

    /// Those who are to be told by this day, longest due first.
    pub(super) fn due(&self, today: Day, many: usize) -> Result<Vec<Due>, Error> {
        let due = self.0.begin_read()?.open_table(DUE)?;
        let found = due.range(..=(today.0, u32::MAX))?.take(many);
        let read = found.map(|found| {
            let (day, person) = found?.0.value();
            Ok(Due {
                day: Day(day),
                person: PersonNo(person),
            })
        });
        read.collect()
    }

    /// The day on which somebody was last told, if ever.
    pub(super) fn last_told(&self, person: PersonNo) -> Result<Option<Day>, Error> {
        let people = self.0.begin_read()?.open_table(PEOPLE)?;
        let told = people.get(person.0)?.map(|it| Day(it.value().1));
        Ok(told.filter(|day| *day != NEVER))
    }

    /// Notes that somebody has been told on this day: durable before a byte is sent.
    pub(super) fn tell(&self, due: Due, on: Day) -> Result<(), Error> {
        self.put_off(due, None, Some(on))
    }

    /// Takes it back: they certainly were not. `told` is when they last were.
    pub(super) fn not_told(&self, due: Due, told: Option<Day>, again: Day) -> Result<(), Error> {
        self.put_off(due, Some(again), Some(told.unwrap_or(NEVER)))
    }

    /// Somebody is to be told on another day, or on none; and when they last were, if that changes.
    pub(super) fn put_off(
        &self,
        due: Due,
        to: Option<Day>,
        told: Option<Day>,
    ) -> Result<(), Error> {
        self.write(|tables| {
            let (Due { day, person }, mut table) = (due, tables.open_table(DUE)?);
            table.remove((day.0, person.0))?;
            if let Some(to) = to {
                table.insert((to.0, person.0), ())?;
            }
            if let Some(told) = told {
                let mut people = tables.open_table(PEOPLE)?;
                let nothing = people.get(person.0)?.is_some_and(|it| it.value().0);
                people.insert(person.0, (nothing, told.0))?;
            }
            Ok(())
        })
    }

    /// Forgets what need not be kept: people who left, and requests that nobody can answer any more. How many rows went.
    pub(super) fn sweep(
        &self,
        is_member: impl Fn(PersonNo) -> bool,
        mut is_open: impl FnMut(&PartnerId, PowerId, PersonNo) -> bool,
    ) -> Result<u64, Error> {
        let member = |person: u32| is_member(PersonNo(person));
        self.write(|tables| {
            let mut requests = tables.open_table(REQUESTS)?;
            let before = requests.len()?;
            requests.retain(|(person, partner, power), said| {
                let open =
                    |partner: PartnerId| is_open(&partner, PowerId(*power), PersonNo(person));
                member(person) && (!is_nothing(said) || partner.parse().is_ok_and(open))
            })?;
            let after = requests.len()?;
            tables
                .open_table(MUTED)?
                .retain(|(person, _), ()| member(person))?;
            tables
                .open_table(PEOPLE)?
                .retain(|person, _| member(person))?;
            Ok(before.saturating_sub(after))
        })
    }

    /// One transaction: durable when this returns, or nothing of it.
    fn write<T>(
        &self,
        change: impl FnOnce(&WriteTransaction) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let tables = self.0.begin_write()?;
        let done = change(&tables)?;
        tables.commit()?;
        Ok(done)
    }
}

fn said_by(tables: &WriteTransaction, whom: &Lacking, said: Said) -> Result<(), Error> {
    let mut requests = tables.open_table(REQUESTS)?;
    requests.insert(row(whom), said.kept())?;
    Ok(())
}

/// Everything of a person is.
fn forgotten(tables: &WriteTransaction, person: PersonNo) -> Result<(), Error> {
    let mut requests = tables.open_table(REQUESTS)?;
    requests.retain_in(rows_of(person.0), |_, _| false)?;
    let mut muted = tables.open_table(MUTED)?;
    muted.retain_in((person.0, "")..=(person.0, LAST), |_, ()| false)?;
    tables.open_table(PEOPLE)?.remove(person.0)?;
    Ok(())
}

/// Somebody who is to be told, and from when on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    pub(super) day: Day,
    pub(super) person: PersonNo,
}

/// No partner's id comes after this: they are plain ASCII.
const LAST: &str = "\u{10ffff}";

fn row(one: &Lacking) -> (u32, &str, &[u8; 32]) {
    (one.person.0, one.partner.as_str(), &one.power.0)
}

fn rows_of(person: u32) -> RangeInclusive<Row> {
    (person, "", &[0; 32])..=(person, LAST, &[255; 32])
}

fn is_nothing(said: (u8, i32)) -> bool {
    matches!(Said::of(said), Said::Nothing(_))
}

/// How many requests wait for a person, open or not.
fn waiting(requests: &Table<'_, Row, (u8, i32)>, person: u32) -> Result<usize, Error> {
    let mut waiting = 0;
    for found in requests.range(rows_of(person))? {
        waiting += usize::from(is_nothing(found?.1.value()));
    }
    Ok(waiting)
}
