//! The facts: the register folded up to a position, in the form that deciding reads.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

use crate::bar::Bar;
use crate::column::{Bits, Consents};
use crate::connection::Connection;
use crate::ids::{AgreementId, ConnectionId, PartnerId, PersonNo};
use crate::power::{Frequency, Per, PowerId};
use crate::standing::Standing;
use crate::time::{Day, Days, Time};

/// Everything that the rule knows, readable by every thread while one writer takes events in.
///
/// A withdrawal is visible to all readers when the call that applied it has returned. A question is judged at exactly
/// one position, so that replay can ask it again there; one that was judged before may since be out of date:
/// [`Facts::revocations`] changes with every fact that takes something away, so whoever releases an answer can see
/// whether to ask again.
pub struct Facts {
    /// Held for reading while a question is judged, for writing while an event is taken in.
    pub(crate) writing: RwLock<()>,
    pub(crate) standing: RwLock<Arc<Standing>>,
    pub(crate) members: Bits,
    pub(crate) numbers_given: AtomicU32,
    pub(crate) grants: RwLock<HashMap<(PartnerId, PowerId), Arc<Grant>>>,
    pub(crate) bars: RwLock<HashMap<Bar, Arc<Bits>>>,
    pub(crate) connections: RwLock<Connections>,
    pub(crate) used: RwLock<HashMap<(PartnerId, PowerId), Day>>,
    pub(crate) latest: AtomicI64,
    pub(crate) position: AtomicU64,
    pub(crate) revocations: AtomicU64,
}

/// What people have said to one power of one partner.
pub(crate) struct Grant {
    pub(crate) consents: Consents,
    /// Those whose Global Privacy Control was lifted for this power by a later explicit consent.
    pub(crate) lifted: Bits,
}

/// Connections, by id and by person.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connections {
    pub(crate) by_id: HashMap<ConnectionId, Linked>,
    pub(crate) of_person: HashMap<PersonNo, Vec<ConnectionId>>,
}

impl Connections {
    /// The person's, oldest first, whatever became of them.
    pub(crate) fn of(&self, person: PersonNo) -> impl Iterator<Item = &Linked> {
        let theirs = self.of_person.get(&person).into_iter().flatten();
        theirs.filter_map(|id| self.by_id.get(id))
    }
}

/// A connection with what happened to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Linked {
    pub(crate) connection: Connection,
    /// The last day on which the person did something, while it was not yet quiet.
    pub(crate) active: Day,
    /// It had gone quiet when a new policy came, and stays so.
    pub(crate) gone_quiet: bool,
    pub(crate) ended: bool,
}

impl Linked {
    /// Whether the person has done nothing for so long that the connection is closed until they connect again.
    pub(crate) fn quiet(&self, today: Day, after: Days) -> bool {
        self.gone_quiet || today.since(self.active) > after
    }
}

impl Default for Facts {
    fn default() -> Facts {
        Facts {
            writing: RwLock::default(),
            standing: RwLock::default(),
            members: Bits::new(),
            numbers_given: AtomicU32::new(0),
            grants: RwLock::default(),
            bars: RwLock::default(),
            connections: RwLock::default(),
            used: RwLock::default(),
            latest: AtomicI64::new(i64::MIN),
            position: AtomicU64::new(0),
            revocations: AtomicU64::new(0),
        }
    }
}

impl Facts {
    /// How many entries of the register have been folded in or passed over: the position that a decision cites.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position.load(Ordering::Acquire)
    }

    /// The moment of the last event; `None` while there is none.
    #[must_use]
    pub fn latest(&self) -> Option<Time> {
        let latest = self.latest.load(Ordering::Acquire);
        (latest != i64::MIN).then_some(Time(latest))
    }

    /// Changes whenever a fact takes something away. Equal before and after judging means that nothing was.
    #[must_use]
    pub fn revocations(&self) -> u64 {
        self.revocations.load(Ordering::SeqCst)
    }

    /// The number that the next person to join will get.
    #[must_use]
    pub fn next_number(&self) -> PersonNo {
        PersonNo(self.numbers_given.load(Ordering::Acquire))
    }

    /// Whether somebody by this number is known and has not left.
    #[must_use]
    pub fn is_member(&self, person: PersonNo) -> bool {
        self.members.has(person)
    }

    /// The connection's grant, also when it has ended.
    #[must_use]
    pub fn connection(&self, id: &ConnectionId) -> Option<Connection> {
        Some(read(&self.connections).by_id.get(id)?.connection.clone())
    }

    /// The person's connections that have neither ended nor run out by this day, oldest first. A connection that has
    /// gone quiet is among them: it can still be ended.
    #[must_use]
    pub fn connections_of(&self, person: PersonNo, today: Day) -> Vec<Connection> {
        let connections = read(&self.connections);
        let theirs = connections.of(person);
        theirs
            .filter(|linked| !linked.ended && today < linked.connection.until)
            .map(|linked| linked.connection.clone())
            .collect()
    }

    /// The version of an agreement that governs at this moment: the latest that both have signed and whose term has
    /// begun. Not to be misread: whether it is suspended or over is another question, for [`crate::preview`].
    #[must_use]
    pub fn governing(&self, agreement: &AgreementId, at: Time) -> Option<u32> {
        let standing = self.standing();
        let version = standing.agreement(agreement)?.governing(at)?;
        Some(version.offer.version)
    }

    /// What the person has consented to for themselves and not withdrawn, as of this day: what others who connect a
    /// partner can bring it. Their own connections are another thing.
    #[must_use]
    pub fn consents_of(&self, person: PersonNo, today: Day) -> Vec<(PartnerId, PowerId)> {
        let grants = read(&self.grants);
        let holding = grants
            .iter()
            .filter(|(_, grant)| grant.consents.hold(person, today));
        let mut consents: Vec<_> = holding.map(|(key, _)| key.clone()).collect();
        consents.sort();
        consents
    }

    /// The day on whose beginning that consent expires; `None` where [`Facts::consents_of`] has none.
    #[must_use]
    pub fn consent_until(
        &self,
        person: PersonNo,
        partner: &PartnerId,
        power: PowerId,
        today: Day,
    ) -> Option<Day> {
        self.grant(partner, power)?.consents.until(person, today)
    }

    /// Whether the person's own consent to one power of one partner is in force on this day.
    #[must_use]
    pub fn consents(
        &self,
        person: PersonNo,
        partner: &PartnerId,
        power: PowerId,
        today: Day,
    ) -> bool {
        let grant = self.grant(partner, power);
        grant.is_some_and(|grant| grant.consents.hold(person, today))
    }

    /// The bars that the person has set.
    #[must_use]
    pub fn bars_of(&self, person: PersonNo) -> Vec<Bar> {
        let bars = read(&self.bars);
        let set = bars.iter().filter(|(_, bits)| bits.has(person));
        let mut set: Vec<Bar> = set.map(|(bar, _)| bar.clone()).collect();
        set.sort();
        set
    }

    /// How often a power of the partner's may be used, if any version of an agreement that has it limits that.
    #[must_use]
    pub fn frequency(&self, partner: &PartnerId, power: PowerId) -> Option<Frequency> {
        self.standing().power(partner, power)?.frequency
    }

    /// The longest span in which any agreement counts uses; `None` where none does.
    #[must_use]
    pub fn longest_span(&self) -> Option<Per> {
        let standing = self.standing();
        let versions = standing
            .agreements
            .iter()
            .flat_map(|agreement| &agreement.versions);
        let powers = versions.flat_map(|version| &version.offer.powers);
        powers.filter_map(|power| Some(power.frequency?.per)).max()
    }

    /// Clears consents that have expired by this day from the columns. Changes no answer; it keeps answers quick.
    pub fn sweep(&self, today: Day) {
        read(&self.grants)
            .values()
            .for_each(|grant| grant.consents.sweep(today));
    }

    pub(crate) fn standing(&self) -> Arc<Standing> {
        read(&self.standing).clone()
    }

    pub(crate) fn grant(&self, partner: &PartnerId, power: PowerId) -> Option<Arc<Grant>> {
        read(&self.grants).get(&(partner.clone(), power)).cloned()
    }

    pub(crate) fn bar(&self, bar: &Bar) -> Option<Arc<Bits>> {
        read(&self.bars).get(bar).cloned()
    }

    pub(crate) fn linked(&self, id: &ConnectionId) -> Option<Linked> {
        read(&self.connections).by_id.get(id).cloned()
    }

    pub(crate) fn last_used(&self, partner: &PartnerId, power: PowerId) -> Option<Day> {
        read(&self.used).get(&(partner.clone(), power)).copied()
    }
}

impl Grant {
    pub(crate) fn new() -> Grant {
        Grant {
            consents: Consents::new(),
            lifted: Bits::new(),
        }
    }
}

/// Locks that a panic elsewhere cannot poison: every write below is finished or not begun.
pub(crate) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// The facts as plain data, for a snapshot. Loading one and folding what came later gives the same facts as folding
/// everything.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Image {
    standing: Standing,
    members: RoaringBitmap,
    numbers_given: u32,
    grants: Vec<GrantImage>,
    bars: Vec<(Bar, RoaringBitmap)>,
    connections: Vec<Linked>,
    used: Vec<(PartnerId, PowerId, Day)>,
    latest: Option<Time>,
    position: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct GrantImage {
    partner: PartnerId,
    power: PowerId,
    consents: Vec<(Day, RoaringBitmap)>,
    lifted: RoaringBitmap,
}

impl Facts {
    /// The facts as plain data, in a fixed order. Events wait meanwhile.
    #[must_use]
    pub fn image(&self) -> Image {
        let _still = read(&self.writing);
        let grants: BTreeMap<_, _> = read(&self.grants)
            .iter()
            .map(|(key, grant)| (key.clone(), grant.clone()))
            .collect();
        let bars: BTreeMap<_, _> = read(&self.bars)
            .iter()
            .map(|(bar, bits)| (bar.clone(), bits.members()))
            .collect();
        let connections: BTreeMap<_, _> =
            read(&self.connections).by_id.clone().into_iter().collect();
        let used: BTreeMap<_, _> = read(&self.used).clone().into_iter().collect();
        Image {
            standing: Standing::clone(&self.standing()),
            members: self.members.members(),
            numbers_given: self.numbers_given.load(Ordering::Acquire),
            grants: grants
                .into_iter()
                .map(|((partner, power), grant)| GrantImage {
                    partner,
                    power,
                    consents: grant.consents.image(),
                    lifted: grant.lifted.members(),
                })
                .collect(),
            bars: bars.into_iter().collect(),
            connections: connections.into_values().collect(),
            used: used
                .into_iter()
                .map(|((partner, power), day)| (partner, power, day))
                .collect(),
            latest: self.latest(),
            position: self.position(),
        }
    }

    /// The facts of a snapshot.
    #[must_use]
    pub fn from_image(image: Image) -> Facts {
        let mut connections = Connections::default();
        for linked in image.connections {
            let id = linked.connection.connection.clone();
            connections
                .of_person
                .entry(linked.connection.person)
                .or_default()
                .push(id.clone());
            connections.by_id.insert(id, linked);
        }
        let grants = image.grants.into_iter().map(|grant| {
            let columns = Grant {
                consents: Consents::from_image(grant.consents),
                lifted: Bits::of(&grant.lifted),
            };
            ((grant.partner, grant.power), Arc::new(columns))
        });
        let bars = image
            .bars
            .iter()
            .map(|(bar, people)| (bar.clone(), Arc::new(Bits::of(people))));
        Facts {
            writing: RwLock::default(),
            standing: RwLock::new(Arc::new(image.standing)),
            members: Bits::of(&image.members),
            numbers_given: AtomicU32::new(image.numbers_given),
            grants: RwLock::new(grants.collect()),
            bars: RwLock::new(bars.collect()),
            connections: RwLock::new(connections),
            used: RwLock::new(
                image
                    .used
                    .into_iter()
                    .map(|(p, id, day)| ((p, id), day))
                    .collect(),
            ),
            latest: AtomicI64::new(image.latest.map_or(i64::MIN, |latest| latest.0)),
            position: AtomicU64::new(image.position),
            revocations: AtomicU64::new(0),
        }
    }
}
