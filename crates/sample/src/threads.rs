//! Private threads: between two friends, or in groups of 2 to 20 people.
//!
//! A quarter of all friendships have a thread. For groups, everybody is shuffled into one row per
//! layer and the row is cut into pieces of varying length; every other piece is a thread. So the
//! threads of a person, and the people of a thread, are found without a table.

use crate::dates::{DAY, TODAY};
use crate::ids;
use crate::names::sentences;
use crate::world::{PersonNo, World};

/// How many rows of groups there are: nobody is in more group threads than that.
pub(crate) const LAYERS: usize = 3;

/// The lengths into which a row is cut, over and over.
const SIZES: [u64; 19] = [
    7, 3, 20, 5, 2, 12, 9, 4, 17, 6, 11, 14, 8, 19, 10, 16, 13, 18, 15,
];
const ROUND: u64 = 209;

/// What makes a thread the one it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ThreadKey {
    /// Between two friends, the lower number first.
    Direct(PersonNo, PersonNo),
    /// A piece of a layer's row.
    Group { layer: u8, piece: u64 },
}

/// A private thread. Everything in it concerns everybody who takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    pub(crate) key: ThreadKey,
    /// The platform's id.
    pub id: String,
    /// Who takes part: 2 to 20 people.
    pub participants: Vec<PersonNo>,
}

/// A message in a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its place in the thread, from 0; deleting one does not move the others.
    pub index: u64,
    /// Who sent it: one of the participants.
    pub from: PersonNo,
    /// When, in seconds since 1970.
    pub sent: u64,
    /// What it says; generated ones name nobody.
    pub text: String,
}

impl World {
    /// The threads a person takes part in, in no order that means anything. Those of somebody whom
    /// the platform holds no data about are not there, for any of their participants.
    pub fn threads(&self, person: PersonNo) -> Vec<Thread> {
        if !self.has(person) {
            return Vec::new();
        }
        let direct = self
            .friends(person)
            .into_iter()
            .filter_map(|f| self.direct(person, f));
        let groups = (0_u8..)
            .take(LAYERS)
            .filter_map(|layer| self.group_of(layer, person));
        direct.chain(groups).collect()
    }

    /// The thread with this id, if the platform holds it.
    pub fn thread_with_id(&self, id: &str) -> Option<Thread> {
        if let Some(pair) = self.shape.direct_threads.read(id) {
            let low = PersonNo(u32::try_from(pair >> 32).ok()?);
            let high = PersonNo(u32::try_from(pair & 0xffff_ffff).ok()?);
            return if low < high && self.friends(low).contains(&high) {
                self.direct(low, high)
            } else {
                None
            };
        }
        let group = self.shape.group_threads.read(id)?;
        self.group(u8::try_from(group >> 40).ok()?, group & 0xff_ffff_ffff)
    }

    /// The messages that the world was made with, oldest first; 1 to 40.
    pub fn messages(&self, thread: &Thread) -> Vec<Message> {
        (0..self.message_count(thread))
            .filter_map(|index| self.message(thread, index))
            .collect()
    }

    /// The platform's id of the message at this place.
    pub fn message_id(&self, thread: &Thread, index: u64) -> String {
        let thread = thread.id.trim_start_matches("t_");
        format!("m_{thread}{}", ids::letters(index, 4))
    }

    /// The place of the message with this id, if it can be one of this thread's.
    pub(crate) fn message_index(&self, thread: &Thread, id: &str) -> Option<u64> {
        let (_, index) = id.split_at_checked(id.len().checked_sub(4)?)?;
        let index = ids::number(index)?;
        (self.message_id(thread, index) == id).then_some(index)
    }

    pub(crate) fn message_count(&self, thread: &Thread) -> u64 {
        1 + self.about(thread, 0) % 40
    }

    pub(crate) fn message(&self, thread: &Thread, index: u64) -> Option<Message> {
        let count = self.message_count(thread);
        if index >= count {
            return None;
        }
        let choice = self.about(thread, 100 + index);
        let at = usize::try_from(choice.checked_rem(thread.participants.len() as u64)?).ok()?;
        let (start, length) = (
            self.about(thread, 1) % (700 * DAY),
            self.about(thread, 2) % (60 * DAY) + DAY,
        );
        let step = length / count;
        let sent = (TODAY - 800) * DAY + start + index * step + (choice >> 40) % step.max(1);
        let text = sentences(choice >> 5, 1 + (choice >> 32) % 2);
        Some(Message {
            index,
            from: *thread.participants.get(at)?,
            sent,
            text,
        })
    }

    /// How many messages of a thread a person has not read.
    pub(crate) fn unread(&self, thread: &Thread, person: PersonNo) -> u64 {
        (self.about(thread, 3) ^ self.shape.key.mix([10, person.wide()])) % 4
    }

    fn about(&self, thread: &Thread, what: u64) -> u64 {
        match thread.key {
            ThreadKey::Direct(low, high) => self.shape.key.mix([11, what, low.wide(), high.wide()]),
            ThreadKey::Group { layer, piece } => {
                self.shape.key.mix([12, what, u64::from(layer), piece])
            }
        }
    }

    /// The thread between two people who are friends, if they have one.
    fn direct(&self, one: PersonNo, other: PersonNo) -> Option<Thread> {
        let (low, high) = (one.min(other), one.max(other));
        let talk = self
            .shape
            .key
            .mix([13, low.wide(), high.wide()])
            .is_multiple_of(4);
        talk.then(|| Thread {
            key: ThreadKey::Direct(low, high),
            id: self
                .shape
                .direct_threads
                .write((low.wide() << 32) | high.wide()),
            participants: vec![low, high],
        })
    }

    fn group_of(&self, layer: u8, person: PersonNo) -> Option<Thread> {
        let place = self
            .shape
            .groups
            .get(usize::from(layer))?
            .forward(person.wide());
        let (round, mut rest) = (place / ROUND, place % ROUND);
        for (i, size) in (0..).zip(SIZES) {
            match rest.checked_sub(size) {
                None => return self.group(layer, round * 19 + i),
                Some(further) => rest = further,
            }
        }
        None
    }

    fn group(&self, layer: u8, piece: u64) -> Option<Thread> {
        let row = self.shape.groups.get(usize::from(layer))?;
        let (round, within) = (piece / 19, usize::try_from(piece % 19).ok()?);
        let start = round * ROUND + SIZES.iter().take(within).sum::<u64>();
        let end = (start + SIZES.get(within)?).min(u64::from(self.shape.people));
        let participants: Vec<PersonNo> = (start..end)
            .filter_map(|place| u32::try_from(row.back(place)).ok())
            .map(PersonNo)
            .collect();
        let talk = self
            .shape
            .key
            .mix([14, u64::from(layer), piece])
            .is_multiple_of(2);
        (talk && participants.len() > 1 && participants.iter().all(|p| self.has(*p))).then(|| {
            Thread {
                key: ThreadKey::Group { layer, piece },
                id: self
                    .shape
                    .group_threads
                    .write((u64::from(layer) << 40) | piece),
                participants,
            }
        })
    }
}
