//! The people who withdraw and agree again during a trial, and since when which of them may be in nobody's answer.
//!
//! Only what the gateway has acknowledged counts against it: a person is *out* of a partner's answers from the moment
//! the call that withdraws returned until the moment before the call that agrees again was begun.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sample::{PersonNo, World};

use crate::cast::PARTNERS;
use crate::surroundings::Moment;

/// What is known of one person towards one partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Agreed, acknowledged.
    In,
    /// Withdrawn or barred, acknowledged.
    Out,
    /// A call is under way, or was cut off: either may hold.
    Unknown,
}

/// How a person takes away what they gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Every power that reaches them, of one partner.
    Withdraw,
    /// A bar against everything, so every partner at once.
    Bar,
}

/// One stretch of time in which somebody was out.
#[derive(Clone, Copy, Debug)]
struct Out {
    from: Moment,
    until: Option<Moment>,
    /// The position of the register from which on it holds.
    after: u64,
    /// The position with which the person had agreed again, as far as is known.
    before: Option<u64>,
}

#[derive(Debug)]
struct Towards {
    standing: Standing,
    outs: Vec<Out>,
}

/// One person who withdraws.
#[derive(Debug)]
pub(crate) struct Wavering {
    pub(crate) id: String,
    pub(crate) manner: Manner,
    /// Texts that identify this person and nobody else, id included.
    planted: Vec<memchr::memmem::Finder<'static>>,
    towards: Vec<Mutex<Towards>>,
}

/// Everybody, and who of them withdraws.
#[derive(Debug)]
pub(crate) struct People {
    by_id: HashMap<[u8; ID], PersonNo>,
    pub(crate) wavering: Vec<Wavering>,
    place: HashMap<PersonNo, usize>,
}

/// The length of the sample platform's ids of people, prefix included.
const ID: usize = 14;
const PREFIX: &[u8] = b"u_";

impl People {
    /// The people of a world; the first third of those who waver do so by bars.
    pub(crate) fn new(world: &World, wavering: &[PersonNo]) -> People {
        let by_id = world
            .people()
            .filter_map(|person| Some((world.id_of(person).as_bytes().try_into().ok()?, person)));
        let one = |(nth, person): (usize, &PersonNo)| Wavering {
            id: world.id_of(*person),
            manner: if nth.is_multiple_of(3) {
                Manner::Bar
            } else {
                Manner::Withdraw
            },
            planted: planted(world, *person),
            towards: PARTNERS
                .iter()
                .map(|_| {
                    Mutex::new(Towards {
                        standing: Standing::In,
                        outs: Vec::new(),
                    })
                })
                .collect(),
        };
        People {
            by_id: by_id.collect(),
            wavering: wavering.iter().enumerate().map(one).collect(),
            place: wavering
                .iter()
                .enumerate()
                .map(|(nth, person)| (*person, nth))
                .collect(),
        }
    }

    /// Everybody whose id stands anywhere in these bytes, each once, in order.
    pub(crate) fn named_in(&self, bytes: &[u8]) -> Vec<u32> {
        let found = memchr::memmem::find_iter(bytes, PREFIX).filter_map(|at| {
            let id: [u8; ID] = bytes.get(at..at + ID)?.try_into().ok()?;
            self.by_id.get(&id).map(|person| person.0)
        });
        let mut people: Vec<u32> = found.collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    /// The place of a person among those who waver.
    pub(crate) fn place(&self, person: u32) -> Option<usize> {
        self.place.get(&PersonNo(person)).copied()
    }
}

/// Without the surname in its spellings where the platform has people who share it as a first name or a street: only
/// texts of some length are sure to be nobody else's.
fn planted(world: &World, person: PersonNo) -> Vec<memchr::memmem::Finder<'static>> {
    let texts = world
        .planted(person)
        .into_iter()
        .filter(|text| text.len() >= 8);
    texts
        .map(|text| memchr::memmem::Finder::new(text.as_bytes()).into_owned())
        .collect()
}

impl Wavering {
    pub(crate) fn standing(&self, partner: usize) -> Standing {
        self.with(partner, |towards| towards.standing)
            .unwrap_or(Standing::Unknown)
    }

    /// A call that takes away is about to be sent.
    pub(crate) fn taking(&self, partner: usize) {
        self.with(partner, |towards| towards.standing = Standing::Unknown);
    }

    /// It has been acknowledged at this moment, with this position of the register.
    pub(crate) fn taken(&self, partner: usize, at: Moment, position: u64) {
        self.with(partner, |towards| {
            towards.standing = Standing::Out;
            towards.outs.push(Out {
                from: at,
                until: None,
                after: position,
                before: None,
            });
        });
    }

    /// A call that gives again is about to be sent at this moment.
    pub(crate) fn giving(&self, partner: usize, at: Moment) {
        self.with(partner, |towards| {
            towards.standing = Standing::Unknown;
            if let Some(out) = towards.outs.last_mut() {
                out.until.get_or_insert(at);
                // Until it is acknowledged nobody knows from which position on it holds.
                out.before.get_or_insert(out.after);
            }
        });
    }

    /// It has been acknowledged; the first of its changes has this position of the register.
    pub(crate) fn given(&self, partner: usize, position: u64) {
        self.with(partner, |towards| {
            towards.standing = Standing::In;
            if let Some(out) = towards.outs.last_mut() {
                out.before = Some(position);
            }
        });
    }

    /// Whether the person was out of this partner's answers at a position of the register: no decision that cites it may
    /// have let anything about them pass.
    pub(crate) fn was_out_at(&self, partner: usize, position: u64) -> bool {
        let was = |towards: &mut Towards| {
            let later = towards.outs.partition_point(|out| out.after <= position);
            let last = later.checked_sub(1).and_then(|last| towards.outs.get(last));
            last.is_some_and(|out| out.before.is_none_or(|before| position < before))
        };
        self.with(partner, was).unwrap_or(false)
    }

    /// Whether the person was out of this partner's answers from before this stretch of time began until after it
    /// ended.
    pub(crate) fn was_out(&self, partner: usize, begun: Moment, ended: Moment) -> bool {
        let out = |out: &Out| out.from < begun && out.until.is_none_or(|until| until > ended);
        // The latest are the likely ones, and older ones than the request cannot count.
        self.with(partner, |towards| {
            towards.outs.iter().rev().take(8).any(out)
        })
        .unwrap_or(false)
    }

    /// A text that identifies this person and stands in these bytes.
    pub(crate) fn trace_in(&self, bytes: &[u8]) -> Option<String> {
        let found = self
            .planted
            .iter()
            .find(|text| text.find(bytes).is_some())?;
        Some(String::from_utf8_lossy(found.needle()).into_owned())
    }

    fn with<T>(&self, partner: usize, see: impl FnOnce(&mut Towards) -> T) -> Option<T> {
        let towards = self.towards.get(partner)?;
        Some(see(&mut towards
            .lock()
            .unwrap_or_else(PoisonError::into_inner)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sample::Seed;

    fn one() -> (World, People) {
        let world = World::generate(Seed(1), 50);
        let people = People::new(&world, &[PersonNo(7)]);
        (world, people)
    }

    #[test]
    fn somebody_is_out_from_the_acknowledgement_until_they_begin_to_agree_again() {
        let (_, people) = one();
        let ada = &people.wavering[0];
        let out = |partner, begun, ended| ada.was_out(partner, Moment(begun), Moment(ended));
        ada.taking(0);
        assert!(!out(0, 20, 30), "not acknowledged yet");
        ada.taken(0, Moment(10), 5);
        assert!(out(0, 11, 30));
        assert!(!out(0, 10, 30), "begun before it returned");
        assert!(!out(1, 11, 30), "another partner");
        ada.giving(0, Moment(40));
        assert!(out(0, 11, 39), "ended before they agreed again");
        assert!(!out(0, 11, 41));
        ada.given(0, 9);
        ada.taking(0);
        ada.taken(0, Moment(60), 12);
        assert!(out(0, 61, 70));
    }

    #[test]
    fn somebody_is_out_from_one_position_of_the_register_to_another() {
        let (_, people) = one();
        let ada = &people.wavering[0];
        let out = |position| ada.was_out_at(0, position);
        ada.taken(0, Moment(10), 5);
        assert!(!out(4) && out(5) && out(1000));
        ada.giving(0, Moment(20));
        assert!(!out(5) && !out(6), "who knows from when on it holds");
        ada.given(0, 9);
        assert!(out(5) && out(8) && !out(9));
        ada.taken(0, Moment(30), 12);
        assert!(out(8) && !out(9) && !out(11) && out(12));
    }

    #[test]
    fn ids_are_found_in_any_bytes_and_half_an_id_is_nobody() {
        let (world, people) = one();
        let (ada, bert) = (world.id_of(PersonNo(7)), world.id_of(PersonNo(8)));
        let text =
            format!("{{\"{bert}\": \"https://sample.example/{ada}/x\", \"also\": \"{ada}\"}}");
        assert_eq!(people.named_in(text.as_bytes()), [7, 8]);
        assert_eq!(people.named_in(&ada.as_bytes()[..13]), [0_u32; 0]);
        assert!(people.wavering[0].trace_in(text.as_bytes()).is_some());
        assert_eq!(people.wavering[0].trace_in(bert.as_bytes()), None);
    }
}
