//! Access logs of a platform that let partners reach too far: any number of rows, from a seed, with violations of every
//! kind planted and the truth about each row beside it.
//!
//! The truth is worked out here from the same few arithmetic facts as the lists, row by row and in no way that an audit
//! would use, so that an audit can be held to it. Nothing is stored: any row can be computed.

/// A day in milliseconds.
pub const DAY: i64 = 86_400_000;
/// The log begins: 2025-01-01T00:00:00Z.
pub const BEGINS: i64 = 1_735_689_600_000;
/// So many days long.
pub const DAYS: i64 = 360;
/// So many partners, by number.
pub const PARTNERS: u32 = 20;

/// Partners of whom something is wrong. All others have an agreement that both sides have signed.
pub mod odd {
    /// Its officer has never signed.
    pub const UNSIGNED: u32 = 14;
    /// Its agreement ended on day 180.
    pub const ENDED: u32 = 15;
    /// Suspended from day 100 to day 130.
    pub const SUSPENDED: u32 = 16;
    /// Has no agreement.
    pub const STRANGER: u32 = 17;
    /// Did not use what it may see of friends between day 30 and day 200.
    pub const LAPSING: u32 = 18;
    /// Reads friends' addresses, which the platform promised on day 90 would end.
    pub const PROMISED: u32 = 19;
}

/// What a row did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Did {
    /// Read the person's own name.
    OwnName,
    /// Read the person's own address.
    OwnAddress,
    /// Read the names of the person's friends.
    FriendNames,
    /// Read the addresses of the person's friends.
    FriendAddresses,
    /// Read messages of others in a thread; the row names them.
    Messages,
    /// Read the person's calendar, which no agreement in use covers.
    Calendar,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Which partner.
    pub partner: u32,
    /// What it did.
    pub did: Did,
    /// On whose behalf.
    pub person: u64,
    /// Whom the row names.
    pub named: Vec<u64>,
}

/// From when to before when, in days of the log (negative: before it began); `until` is a midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lasts {
    /// The moment, in milliseconds.
    pub from: i64,
    /// The midnight at which it ran out.
    pub until: i64,
    /// The moment at which the person ended it, if they did.
    pub ended: Option<i64>,
}

/// A person's standing refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing to anybody.
    Everything,
    /// Nothing through friends.
    ThroughFriends,
    /// Nothing to this partner.
    Partner(u32),
    /// The browser's signal.
    Signal,
}

/// The log of so many people.
#[derive(Clone, Copy, Debug)]
pub struct AccessLog {
    /// What everything grows from.
    pub seed: u64,
    /// People, numbered from 1000.
    pub people: u64,
    /// Rows.
    pub rows: u64,
}

/// The number of the first person.
pub const FIRST_PERSON: u64 = 1000;

fn day(number: i64) -> i64 {
    BEGINS + number * DAY
}

impl AccessLog {
    fn dice(&self, a: u64, b: u64, c: u64) -> u64 {
        // splitmix64 over the three numbers, so that nothing depends on the order of asking.
        let mut z = self.seed
            ^ a.wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ b.wrapping_mul(0xC2B2_AE3D_27D4_EB4F)
            ^ c.wrapping_mul(0x1656_67B1_9E37_79F9);
        for _ in 0..2 {
            z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
        }
        z
    }

    /// All people.
    pub fn everybody(&self) -> std::ops::Range<u64> {
        FIRST_PERSON..FIRST_PERSON + self.people
    }

    /// The person's connection with a partner, if they have one; with the stranger nobody has.
    #[must_use]
    pub fn connection(&self, person: u64, partner: u32) -> Option<Lasts> {
        let dice = self.dice(person, u64::from(partner), 1);
        (partner != odd::STRANGER && dice.is_multiple_of(4)).then(|| Lasts {
            from: day(-200),
            until: day(2000),
            ended: (dice / 4)
                .is_multiple_of(50)
                .then(|| day((dice / 200 % 360) as i64) + (dice % 86_399) as i64 * 1000),
        })
    }

    /// Whether the connection covers the person's own address.
    #[must_use]
    pub fn covers_address(&self, person: u64, partner: u32) -> bool {
        !self.dice(person, u64::from(partner), 2).is_multiple_of(16)
    }

    /// Whether people can be asked at all about being seen through friends (or, for partner 4, in threads).
    #[must_use]
    pub fn asks_bystanders(partner: u32) -> bool {
        matches!(partner, 0..=2 | 4 | odd::LAPSING | odd::PROMISED)
    }

    /// What the person said to being seen through others by this partner.
    #[must_use]
    pub fn consent(&self, person: u64, partner: u32) -> Option<Lasts> {
        let block = person / 4096;
        let of_block = self.dice(block, u64::from(partner), 3);
        if !Self::asks_bystanders(partner)
            || of_block.is_multiple_of(12)
            || person.is_multiple_of(331)
        {
            return None;
        }
        let until = if (of_block / 12).is_multiple_of(12) {
            day(120)
        } else {
            day(2000)
        };
        let ended = person
            .is_multiple_of(97)
            .then(|| day((person / 97 % 360) as i64) + 43_200_000);
        Some(Lasts {
            from: day(-100),
            until,
            ended,
        })
    }

    /// The person's refusals, with when they were set and lifted.
    #[must_use]
    pub fn refusals(&self, person: u64) -> Vec<(Refusal, i64, Option<i64>)> {
        let mut all = Vec::new();
        if person.is_multiple_of(1009) {
            all.push((Refusal::Everything, day(50) + 3_600_000, Some(day(300))));
        }
        if person.is_multiple_of(1013) {
            all.push((Refusal::ThroughFriends, day(10), None));
        }
        if person.is_multiple_of(1019) {
            all.push((Refusal::Signal, day(-10), None));
        }
        if person.is_multiple_of(1021) {
            all.push((Refusal::Partner((person % 14) as u32), day(-10), None));
        }
        all
    }

    /// The days of the log on which the person did something themselves.
    #[must_use]
    pub fn active(&self, person: u64) -> &'static [i64] {
        if gone(person) {
            &[-150, -5]
        } else {
            &[-150, -30, 90, 210, 330]
        }
    }

    /// The person's friends with higher numbers: each friendship once.
    pub fn friends_above(&self, person: u64) -> impl Iterator<Item = u64> + '_ {
        let mine = self.dice(person, 0, 4);
        let end = self.everybody().end;
        (0..8u64)
            .filter(move |n| mine >> n & 1 == 1)
            .map(move |n| person + 1 + n * n * 5)
            .filter(move |other| *other < end)
    }

    /// All friends of a person.
    #[must_use]
    pub fn friends(&self, person: u64) -> Vec<u64> {
        let below = (0..8u64).filter_map(|n| {
            let other = person
                .checked_sub(1 + n * n * 5)
                .filter(|other| *other >= FIRST_PERSON)?;
            (self.dice(other, 0, 4) >> n & 1 == 1).then_some(other)
        });
        self.friends_above(person).chain(below).collect()
    }

    /// A row, by its number from 0. Times rise, but for a few seconds of disorder.
    #[must_use]
    pub fn row(&self, number: u64) -> Access {
        let dice = self.dice(number, 0, 5);
        let step = (DAYS * DAY) as u64 as u128 * u128::from(number) / u128::from(self.rows.max(1));
        let at = BEGINS + step as i64 + (dice % 4000) as i64;
        let at = at.min(day(DAYS) - 1);
        let today = (at - BEGINS) / DAY;
        let dice = self.dice(number, 1, 5);
        let (did, partner) = match dice % 1000 {
            0..=819 => (Did::OwnName, self.usual(dice)),
            820..=889 => (Did::OwnAddress, self.usual(dice)),
            890..=959 => (Did::FriendNames, (dice / 1000 % 3) as u32),
            960..=969 if !(30..200).contains(&today) => (Did::FriendNames, odd::LAPSING),
            960..=974 => (Did::FriendAddresses, odd::PROMISED),
            975..=989 => (Did::Messages, 4),
            990..=991 => (Did::OwnName, odd::UNSIGNED),
            992..=994 => (Did::OwnName, odd::ENDED),
            995..=997 => (Did::OwnName, odd::SUSPENDED),
            998 => (Did::OwnName, odd::STRANGER),
            _ => (Did::Calendar, 3),
        };
        let person = self.somebody(number, partner);
        let named = if did == Did::Messages {
            vec![self.somebody(number ^ 1, 4), self.somebody(number ^ 2, 4)]
        } else {
            Vec::new()
        };
        Access {
            at,
            partner,
            did,
            person,
            named,
        }
    }

    fn usual(&self, dice: u64) -> u32 {
        (dice / 1000 % 14) as u32
    }

    /// Somebody who has connected the partner and is still there, nearly always.
    fn somebody(&self, number: u64, partner: u32) -> u64 {
        let what = self.dice(number, 2, 6) % 500;
        let mut person = FIRST_PERSON;
        for n in 0..if what == 0 { 1 } else { 40 } {
            let dice = self.dice(number, n, 7);
            person = FIRST_PERSON + dice % self.people.max(1);
            if what == 1 {
                // One of those who are gone.
                let next = person.next_multiple_of(503);
                person = if self.everybody().contains(&next) {
                    next
                } else {
                    person
                };
            }
            let live = self
                .connection(person, partner)
                .is_some_and(|it| it.ended.is_none());
            if live && (what == 1 || !gone(person)) || partner == odd::STRANGER {
                break;
            }
        }
        person
    }

    /// What is wrong with a row, by the names that reports use; empty: nothing is.
    #[must_use]
    pub fn truth(&self, row: &Access) -> Vec<&'static str> {
        let Access {
            at,
            partner,
            did,
            person,
            ..
        } = *row;
        let mut wrong = Vec::new();
        let mut note = |holds: bool, what: &'static str| {
            if holds && !wrong.contains(&what) {
                wrong.push(what);
            }
        };
        note(partner == odd::STRANGER, "no-agreement");
        note(partner == odd::UNSIGNED, "not-signed-by-partner");
        note(partner == odd::ENDED && at >= day(180), "after-end");
        note(
            partner == odd::SUSPENDED && (day(100)..day(130)).contains(&at),
            "while-suspended",
        );
        note(did == Did::Calendar, "wider-than-signed");
        let connection = self.connection(person, partner).filter(|it| it.from <= at);
        let live =
            connection.is_some_and(|it| at < it.until && it.ended.is_none_or(|ended| at < ended));
        // Whoever withdraws what they said to a power also takes it from their own connection.
        let through = !matches!(did, Did::OwnName | Did::OwnAddress | Did::Calendar);
        let withdrawn = through
            && self
                .consent(person, partner)
                .and_then(|it| it.ended)
                .is_some_and(|ended| ended <= at);
        let covered = did != Did::Calendar
            && !withdrawn
            && (did != Did::OwnAddress || self.covers_address(person, partner));
        note(!live || !covered, "person-not-asked");
        note(
            connection.is_some() && gone(person) && at >= day(176),
            "quiet-polled",
        );
        match did {
            Did::OwnName | Did::OwnAddress | Did::Calendar => {
                note(self.refuses(person, partner, at, did), "bar-ignored")
            }
            Did::FriendNames | Did::FriendAddresses | Did::Messages => {
                note(
                    did == Did::FriendNames && partner == odd::LAPSING && at >= day(200),
                    "lapsed-used",
                );
                let friends = if did == Did::Messages {
                    row.named.clone()
                } else {
                    self.friends(person)
                };
                note(
                    !friends.is_empty() && did == Did::FriendAddresses && at >= day(90),
                    "promise-broken",
                );
                for other in friends {
                    let said = self.consent(other, partner);
                    let agreed = said.is_some_and(|it| {
                        it.from <= at && at < it.until && it.ended.is_none_or(|ended| at < ended)
                    });
                    // Who is the person themselves is covered by their connection, if they have one.
                    let connected = other == person && connection.is_some();
                    note(!agreed && !connected, "bystander-not-asked");
                    note(self.refuses(other, partner, at, did), "bar-ignored");
                }
            }
        }
        wrong
    }

    fn refuses(&self, person: u64, partner: u32, at: i64, did: Did) -> bool {
        let own = matches!(did, Did::OwnName | Did::OwnAddress | Did::Calendar);
        let friends = matches!(did, Did::FriendNames | Did::FriendAddresses);
        self.refusals(person).iter().any(|(refusal, from, until)| {
            let stands = *from <= at && until.is_none_or(|until| at < until);
            stands
                && match refusal {
                    Refusal::Everything => true,
                    Refusal::ThroughFriends => friends,
                    Refusal::Partner(its) => *its == partner,
                    Refusal::Signal => !own,
                }
        })
    }
}

/// Has not been seen since five days before the log began.
fn gone(person: u64) -> bool {
    person.is_multiple_of(503)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: AccessLog = AccessLog {
        seed: 7,
        people: 20_000,
        rows: 60_000,
    };

    #[test]
    fn every_kind_of_violation_is_planted_and_most_rows_are_clean() {
        let mut counts = std::collections::BTreeMap::new();
        let mut clean = 0;
        for row in (0..LOG.rows).map(|n| LOG.row(n)) {
            let wrong = LOG.truth(&row);
            clean += usize::from(wrong.is_empty());
            for what in wrong {
                *counts.entry(what).or_insert(0) += 1;
            }
        }
        let kinds: Vec<&str> = counts.keys().copied().collect();
        assert_eq!(
            kinds,
            [
                "after-end",
                "bar-ignored",
                "bystander-not-asked",
                "lapsed-used",
                "no-agreement",
                "not-signed-by-partner",
                "person-not-asked",
                "promise-broken",
                "quiet-polled",
                "while-suspended",
                "wider-than-signed"
            ]
        );
        assert!(clean > 45_000, "{clean} clean: {counts:?}");
    }

    #[test]
    fn friendship_is_mutual() {
        for person in LOG.everybody().step_by(977) {
            for friend in LOG.friends(person) {
                assert!(
                    LOG.friends(friend).contains(&person),
                    "{person} and {friend}"
                );
            }
        }
    }
}
