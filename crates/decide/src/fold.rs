//! The fold: how each event changes the facts, and which events cannot be.
//!
//! Every event is judged before anything changes, so a refused one leaves no trace.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::agreement::{AgreementVersion, Party};
use crate::bar::Bar;
use crate::connection::Connection;
use crate::event::{Event, Happened, Invalid};
use crate::facts::{Connections, Facts, Grant, Linked, read, write};
use crate::ids::{AgreementId, NoticeHash, PartnerId, PersonNo, PromiseId};
use crate::power::{Power, PowerId, Reach};
use crate::promise::Promise;
use crate::route::lapsed;
use crate::standing::{Agreement, Promised, Standing, Version};
use crate::time::{Day, Days, Time};

/// A weakened promise holds for at least so long after the announcement.
pub const NOTICE_OF_WEAKENING: Days = Days(30);

impl Facts {
    /// Takes one event in. Questions are judged wholly before it or wholly after it.
    ///
    /// When this returns, every later question sees the event.
    ///
    /// # Errors
    /// The event contradicts the facts; nothing has changed then, and the register must not hold it.
    pub fn apply(&self, happened: &Happened) -> Result<(), Invalid> {
        let _alone = write(&self.writing);
        self.check(happened)?;
        self.change(happened.at, &happened.event);
        self.latest.fetch_max(happened.at.0, Ordering::AcqRel);
        self.position.fetch_add(1, Ordering::AcqRel);
        if takes_away(&happened.event) {
            self.revocations.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    }

    /// Counts an entry of the register that is no fact of the rule's (an officer's key, a notice's text), so that
    /// [`Facts::position`] stays the register's own position.
    pub fn pass_over(&self) {
        self.position.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether [`Facts::apply`] would take the event in.
    ///
    /// # Errors
    /// What the event contradicts.
    pub fn check(&self, Happened { at, event }: &Happened) -> Result<(), Invalid> {
        if let Some(last) = self.latest().filter(|last| at < last) {
            return Err(Invalid::Earlier { at: *at, last });
        }
        let standing = self.standing();
        match event {
            Event::PolicySet { .. } | Event::PowerUsed { .. } | Event::NoticePublished { .. } => {
                Ok(())
            }
            Event::PeopleJoined { first, count } => self.check_numbers(*first, *count),
            Event::PersonLeft { person }
            | Event::BarSet { person, .. }
            | Event::BarLifted { person, .. } => self.check_member(*person),
            Event::PeopleActive { people } => people
                .iter()
                .try_for_each(|person| self.check_member(*person)),
            Event::PartnerEnrolled { partner } => {
                if standing.partners.contains(partner) {
                    return Err(Invalid::PartnerExists(partner.clone()));
                }
                Ok(())
            }
            Event::AgreementOffered { offer } => check_offer(&standing, offer, *at),
            Event::AgreementSigned {
                agreement,
                version,
                digest,
                ..
            } => {
                let agreement = not_ended(&standing, agreement)?;
                let unknown = || Invalid::UnknownVersion {
                    agreement: agreement.id.clone(),
                    version: *version,
                };
                let signed = agreement
                    .versions
                    .iter()
                    .find(|v| v.offer.version == *version);
                if signed.ok_or_else(unknown)?.offer.digest != *digest {
                    return Err(Invalid::OtherDocument {
                        agreement: agreement.id.clone(),
                        version: *version,
                    });
                }
                Ok(())
            }
            Event::AgreementSuspended { agreement }
            | Event::AgreementResumed { agreement }
            | Event::AgreementEnded { agreement } => not_ended(&standing, agreement).map(drop),
            Event::PowerHandedBack { partner, power } => check_power(&standing, partner, *power),
            Event::ConsentGiven {
                people,
                partner,
                power,
                notice,
                until,
            } => {
                check_power(&standing, partner, *power)?;
                check_consent(&standing, *notice, *at, *until)?;
                people
                    .iter()
                    .try_for_each(|person| self.check_member(*person))
            }
            Event::ConsentWithdrawn {
                person,
                partner,
                power,
            } => {
                self.check_member(*person)?;
                check_power(&standing, partner, *power)
            }
            Event::PromiseMade { promise } => {
                if standing
                    .promises
                    .iter()
                    .any(|known| known.id == promise.promise)
                {
                    return Err(Invalid::PromiseExists(promise.promise.clone()));
                }
                Ok(())
            }
            Event::PromiseWeakened {
                promise,
                to,
                effective,
            } => check_weakening(&standing, promise, to.as_ref(), *at, *effective),
            Event::Connected { connection } => self.check_connection(&standing, connection, *at),
            Event::Disconnected { connection } => {
                match read(&self.connections).by_id.get(connection) {
                    Some(_) => Ok(()),
                    None => Err(Invalid::UnknownConnection(connection.clone())),
                }
            }
        }
    }

    fn check_numbers(&self, first: PersonNo, count: u32) -> Result<(), Invalid> {
        let expected = self.next_number();
        if first != expected {
            return Err(Invalid::NumberOutOfOrder {
                expected: expected.0,
                first: first.0,
            });
        }
        first
            .0
            .checked_add(count)
            .map(drop)
            .ok_or(Invalid::NoNumbersLeft)
    }

    fn check_member(&self, person: PersonNo) -> Result<(), Invalid> {
        if self.is_member(person) {
            Ok(())
        } else {
            Err(Invalid::UnknownPerson(person.0))
        }
    }

    fn check_connection(
        &self,
        standing: &Standing,
        it: &Connection,
        at: Time,
    ) -> Result<(), Invalid> {
        if read(&self.connections).by_id.contains_key(&it.connection) {
            return Err(Invalid::ConnectionExists(it.connection.clone()));
        }
        if !standing.partners.contains(&it.partner) {
            return Err(Invalid::UnknownPartner(it.partner.clone()));
        }
        self.check_member(it.person)?;
        it.powers
            .iter()
            .try_for_each(|power| check_power(standing, &it.partner, *power))?;
        check_consent(standing, it.notice, at, it.until)
    }

    /// Changes the facts by an event that has been checked.
    fn change(&self, at: Time, event: &Event) {
        match event {
            Event::PeopleJoined { first, count } => self.join(*first, *count),
            Event::PersonLeft { person } => self.leave(*person),
            Event::PeopleActive { people } => self.note_activity(people, at.day()),
            Event::PowerUsed { partner, power } => self.note_use(partner, *power, at),
            Event::ConsentGiven {
                people,
                partner,
                power,
                until,
                ..
            } => {
                self.consent(people, partner, *power, *until);
            }
            Event::ConsentWithdrawn {
                person,
                partner,
                power,
            } => self.withdraw(*person, partner, *power),
            Event::BarSet { person, bar } => self.set_bar(*person, bar),
            Event::BarLifted { person, bar } => {
                if let Some(bits) = self.bar(bar) {
                    bits.clear(*person);
                }
            }
            Event::Connected { connection } => self.connect(connection, at.day()),
            Event::PolicySet { policy } => {
                self.close_what_ran_out(at);
                Arc::make_mut(&mut write(&self.standing)).policy = Some(policy.clone());
            }
            Event::Disconnected { connection } => {
                if let Some(linked) = write(&self.connections).by_id.get_mut(connection) {
                    linked.ended = true;
                }
            }
            _ => change_standing(Arc::make_mut(&mut write(&self.standing)), at, event),
        }
    }

    fn join(&self, first: PersonNo, count: u32) {
        let end = first.0.saturating_add(count);
        (first.0..end).for_each(|number| self.members.set(PersonNo(number)));
        self.numbers_given.store(end, Ordering::Release);
    }

    fn leave(&self, person: PersonNo) {
        self.members.clear(person);
        for grant in read(&self.grants).values() {
            grant.consents.withdraw(person);
            grant.lifted.clear(person);
        }
        read(&self.bars)
            .values()
            .for_each(|bits| bits.clear(person));
        write(&self.connections).for_each_of(person, |linked| linked.ended = true);
    }

    /// What has lapsed or gone quiet under the old policy stays so under a new one with longer limits.
    fn close_what_ran_out(&self, at: Time) {
        let old = self.standing();
        let Some(policy) = &old.policy else {
            return;
        };
        for linked in write(&self.connections).by_id.values_mut() {
            linked.gone_quiet = linked.quiet(at.day(), policy.connection_quiet_after);
        }
        let standing = &mut write(&self.standing);
        for agreement in &mut Arc::make_mut(standing).agreements {
            let known = old.agreement(&agreement.id);
            let before = known.into_iter().flat_map(|known| &known.versions);
            for (version, before) in agreement.versions.iter_mut().zip(before) {
                let ran_out = before.ids.iter().filter(|id| {
                    known.is_some_and(|known| lapsed(self, &old, known, before, **id, at))
                });
                version.lapsed.extend(ran_out);
            }
        }
    }

    /// A connection that has gone quiet stays quiet: coming back after months does not reopen it unasked.
    fn note_activity(&self, people: &[PersonNo], day: Day) {
        let Some(quiet_after) = self
            .standing()
            .policy
            .as_ref()
            .map(|policy| policy.connection_quiet_after)
        else {
            return;
        };
        let mut connections = write(&self.connections);
        for person in people {
            connections.for_each_of(*person, |linked| {
                if !linked.quiet(day, quiet_after) {
                    linked.active = linked.active.max(day);
                }
            });
        }
    }

    fn note_use(&self, partner: &PartnerId, power: PowerId, at: Time) {
        let standing = self.standing();
        let alive = crate::route::alive(self, &standing, partner, power, at);
        if alive {
            write(&self.used).insert((partner.clone(), power), at.day());
        }
    }

    fn consent(&self, people: &[PersonNo], partner: &PartnerId, power: PowerId, until: Day) {
        let grant = self.grant_or_new(partner, power);
        let own = self
            .standing()
            .power(partner, power)
            .is_some_and(|power| power.reach == Reach::Own);
        for person in people {
            grant.consents.give(*person, until);
            if own {
                grant.lifted.set(*person);
            }
        }
    }

    fn withdraw(&self, person: PersonNo, partner: &PartnerId, power: PowerId) {
        if let Some(grant) = self.grant(partner, power) {
            grant.consents.withdraw(person);
            grant.lifted.clear(person);
        }
        write(&self.connections).for_each_of(person, |linked| {
            if linked.connection.partner == *partner {
                linked.connection.powers.remove(&power);
            }
        });
    }

    /// A signal repeated while it stands changes nothing; one that comes anew undoes what lifted the former.
    fn set_bar(&self, person: PersonNo, bar: &Bar) {
        let bits = write(&self.bars)
            .entry(bar.clone())
            .or_insert_with(|| Arc::new(crate::column::Bits::new()))
            .clone();
        if bits.has(person) {
            return;
        }
        if *bar == Bar::GlobalPrivacyControl {
            read(&self.grants)
                .values()
                .for_each(|grant| grant.lifted.clear(person));
        }
        bits.set(person);
    }

    fn connect(&self, connection: &Connection, day: Day) {
        let standing = self.standing();
        for id in &connection.powers {
            if standing
                .power(&connection.partner, *id)
                .is_some_and(|power| power.reach == Reach::Own)
            {
                self.grant_or_new(&connection.partner, *id)
                    .lifted
                    .set(connection.person);
            }
        }
        let mut connections = write(&self.connections);
        let id = connection.connection.clone();
        connections
            .of_person
            .entry(connection.person)
            .or_default()
            .push(id.clone());
        connections.by_id.insert(
            id,
            Linked {
                connection: connection.clone(),
                active: day,
                gone_quiet: false,
                ended: false,
            },
        );
    }

    fn grant_or_new(&self, partner: &PartnerId, power: PowerId) -> Arc<Grant> {
        let mut grants = write(&self.grants);
        grants
            .entry((partner.clone(), power))
            .or_insert_with(|| Arc::new(Grant::new()))
            .clone()
    }
}

impl Connections {
    fn for_each_of(&mut self, person: PersonNo, mut change: impl FnMut(&mut Linked)) {
        for id in self.of_person.get(&person).into_iter().flatten() {
            if let Some(linked) = self.by_id.get_mut(id) {
                change(linked);
            }
        }
    }
}

/// Whether the event can turn a yes into a no.
fn takes_away(event: &Event) -> bool {
    match event {
        Event::PolicySet { .. }
        | Event::PersonLeft { .. }
        | Event::AgreementSigned { .. }
        | Event::AgreementSuspended { .. }
        | Event::AgreementEnded { .. }
        | Event::PowerHandedBack { .. }
        | Event::ConsentWithdrawn { .. }
        | Event::BarSet { .. }
        | Event::PromiseMade { .. }
        | Event::Disconnected { .. } => true,
        Event::PeopleJoined { .. }
        | Event::PeopleActive { .. }
        | Event::PartnerEnrolled { .. }
        | Event::AgreementOffered { .. }
        | Event::AgreementResumed { .. }
        | Event::PowerUsed { .. }
        | Event::NoticePublished { .. }
        | Event::ConsentGiven { .. }
        | Event::BarLifted { .. }
        | Event::PromiseWeakened { .. }
        | Event::Connected { .. } => false,
    }
}

fn change_standing(standing: &mut Standing, at: Time, event: &Event) {
    match event {
        Event::PartnerEnrolled { partner } => {
            standing.partners.insert(partner.clone());
        }
        Event::AgreementOffered { offer } => add_version(standing, offer),
        Event::AgreementSigned {
            agreement,
            version,
            by,
            ..
        } => {
            let versions = standing
                .agreement_mut(agreement)
                .map(|agreement| &mut agreement.versions);
            let signed =
                versions.and_then(|all| all.iter_mut().find(|v| v.offer.version == *version));
            if let Some(version) = signed {
                match by {
                    Party::Platform => version.by_platform.get_or_insert(at),
                    Party::Partner => version.by_partner.get_or_insert(at),
                };
            }
        }
        Event::AgreementSuspended { agreement } => set_suspended(standing, agreement, true),
        Event::AgreementResumed { agreement } => set_suspended(standing, agreement, false),
        Event::AgreementEnded { agreement } => {
            if let Some(agreement) = standing.agreement_mut(agreement) {
                agreement.ended = true;
            }
        }
        Event::PowerHandedBack { partner, power } => {
            standing
                .handed_back
                .retain(|(p, id, _)| (p, id) != (partner, power));
            standing.handed_back.push((partner.clone(), *power, at));
        }
        Event::NoticePublished { notice } => {
            standing.notices.insert(*notice);
        }
        Event::PromiseMade { promise } => standing.promises.push(Promised {
            id: promise.promise.clone(),
            stages: vec![(at, Some(promise.clone()))],
        }),
        Event::PromiseWeakened {
            promise,
            to,
            effective,
        } => {
            if let Some(known) = standing
                .promises
                .iter_mut()
                .find(|known| known.id == *promise)
            {
                known.stages.push((*effective, to.clone()));
                known.stages.sort_by_key(|(from, _)| *from);
            }
        }
        // Facts::change has dealt with the rest.
        _ => {}
    }
}

fn set_suspended(standing: &mut Standing, agreement: &AgreementId, suspended: bool) {
    if let Some(agreement) = standing.agreement_mut(agreement) {
        agreement.suspended = suspended;
    }
}

fn add_version(standing: &mut Standing, offer: &AgreementVersion) {
    let version = Version {
        ids: offer.powers.iter().map(Power::id).collect(),
        offer: offer.clone(),
        by_platform: None,
        by_partner: None,
        lapsed: BTreeSet::new(),
    };
    match standing.agreement_mut(&offer.agreement) {
        Some(agreement) => agreement.versions.push(version),
        None => standing.agreements.push(Agreement {
            id: offer.agreement.clone(),
            partner: offer.partner.clone(),
            versions: vec![version],
            suspended: false,
            ended: false,
        }),
    }
}

fn not_ended<'a>(standing: &'a Standing, id: &AgreementId) -> Result<&'a Agreement, Invalid> {
    let agreement = standing
        .agreement(id)
        .ok_or_else(|| Invalid::UnknownAgreement(id.clone()))?;
    if agreement.ended {
        Err(Invalid::AgreementOver(id.clone()))
    } else {
        Ok(agreement)
    }
}

fn check_offer(standing: &Standing, offer: &AgreementVersion, at: Time) -> Result<(), Invalid> {
    let id = &offer.agreement;
    if !standing.partners.contains(&offer.partner) {
        return Err(Invalid::UnknownPartner(offer.partner.clone()));
    }
    if offer.term.until <= offer.term.from {
        return Err(Invalid::EmptyTerm(id.clone()));
    }
    let mut expected = 1;
    if standing.agreement(id).is_some() {
        let known = not_ended(standing, id)?;
        if known.partner != offer.partner {
            return Err(Invalid::OtherPartner(id.clone()));
        }
        expected = u32::try_from(known.versions.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
    }
    if offer.version != expected {
        return Err(Invalid::VersionOutOfOrder {
            agreement: id.clone(),
            expected,
            version: offer.version,
        });
    }
    check_powers(standing, offer, at)
}

/// A partner has each (verb, category, reach, purpose) at most once: else nobody could say which limits hold.
fn check_powers(standing: &Standing, offer: &AgreementVersion, at: Time) -> Result<(), Invalid> {
    let others = standing.agreements.iter().filter(|other| {
        other.partner == offer.partner && other.id != offer.agreement && !other.over(at)
    });
    let mut seen = Vec::new();
    for power in &offer.powers {
        let key = (power.verb, &power.category, &power.reach, &power.purpose);
        if seen.contains(&key) {
            return Err(Invalid::PowerTwice {
                agreement: offer.agreement.clone(),
                power: power.in_words(),
            });
        }
        let has_it = |other: &&Agreement| {
            let mut all = other
                .versions
                .iter()
                .flat_map(|version| &version.offer.powers);
            all.any(|its| (its.verb, &its.category, &its.reach, &its.purpose) == key)
        };
        if let Some(other) = others.clone().find(has_it) {
            return Err(Invalid::PowerGrantedElsewhere {
                other: other.id.clone(),
                power: power.in_words(),
            });
        }
        seen.push(key);
    }
    Ok(())
}

fn check_power(standing: &Standing, partner: &PartnerId, power: PowerId) -> Result<(), Invalid> {
    match standing.power(partner, power) {
        Some(_) => Ok(()),
        None => Err(Invalid::UnknownPower {
            partner: partner.clone(),
            power,
        }),
    }
}

fn check_consent(
    standing: &Standing,
    notice: NoticeHash,
    at: Time,
    until: Day,
) -> Result<(), Invalid> {
    let policy = standing.policy.as_ref().ok_or(Invalid::NoPolicy)?;
    if !standing.notices.contains(&notice) {
        return Err(Invalid::UnknownNotice(notice));
    }
    let latest = at.day().plus(policy.consent_at_most);
    if until > latest {
        return Err(Invalid::ConsentTooLong { until, latest });
    }
    if until <= at.day() {
        return Err(Invalid::ConsentOver(until));
    }
    Ok(())
}

fn check_weakening(
    standing: &Standing,
    id: &PromiseId,
    to: Option<&Promise>,
    at: Time,
    effective: Time,
) -> Result<(), Invalid> {
    if !standing.promises.iter().any(|known| known.id == *id) {
        return Err(Invalid::UnknownPromise(id.clone()));
    }
    if to.is_some_and(|to| to.promise != *id) {
        return Err(Invalid::OtherPromise(id.clone()));
    }
    let earliest = at.plus(NOTICE_OF_WEAKENING);
    if effective < earliest {
        return Err(Invalid::TooSoon {
            promise: id.clone(),
            earliest,
        });
    }
    Ok(())
}
