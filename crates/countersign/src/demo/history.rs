//! What has happened before the demo begins: partners, agreements, promises, consents and connections, each at its
//! moment, each through the register's ordinary door.

use std::fmt::Write as _;

use decide::{
    Bar, Connection, ConnectionId, Day, Days, Event, OfficerId, PartnerId, Party, PowerId, Time,
};
use register::documents::agreement;
use register::load::{self, PeopleForm};
use register::signature::sign;
use register::{Change, IdempotencyKey, Register, Side};
use sample::{PersonNo, World};
use serde_json::json;

use super::cast::{PARTNERS, PLATFORM_OFFICER, POLICY, PROMISES, Partner};
use super::files::{Keys, key_set};
use crate::commands::{notice_hash, of_pair};
use crate::exit::{Exit, Failure};
use crate::output::thousands;
use crate::progress::Progress;
use crate::surroundings::random;

/// One in so many people refuses everything to every partner.
const BARRED_ONE_IN: u64 = 100;
/// How many days before the present the history begins.
pub(super) const BEGINS: u32 = 700;

/// Everything that the history is told from.
pub(super) struct Teller<'a> {
    pub(super) register: &'a Register,
    pub(super) world: &'a World,
    pub(super) keys: &'a Keys,
    /// Who has connected the partners.
    pub(super) connected: &'a [PersonNo],
    pub(super) seed: u64,
    pub(super) now: Time,
}

impl Teller<'_> {
    /// Tells it all, in the order of time.
    pub(super) fn tell(&self, progress: &mut Progress) -> Result<(), Failure> {
        self.take(
            BEGINS,
            Change::SetPolicy {
                document: POLICY.to_owned(),
            },
        )?;
        self.people(progress)?;
        for (number, partner) in PARTNERS.iter().enumerate() {
            self.enrol(number, partner)?;
        }
        self.agreements(|days| days > 100)?;
        self.consents(|days| days > 100, progress)?;
        for days in [600, 500, 400, 300, 200, 100] {
            self.active(days)?;
        }
        self.agreements(|days| days <= 100)?;
        self.consents(|days| days <= 100, progress)?;
        for promise in PROMISES {
            self.take(
                60,
                Change::MakePromise {
                    document: promise.to_owned(),
                },
            )?;
        }
        self.bars(progress)?;
        self.active(0)
    }

    fn people(&self, progress: &mut Progress) -> Result<(), Failure> {
        let mut ids = String::new();
        for person in self.world.people() {
            ids.push_str(&self.world.id_of(person));
            ids.push('\n');
        }
        let told = |so_far: &load::Progress| {
            progress.at(format_args!("{} people", thousands(so_far.taken)))
        };
        let at = self.ago(BEGINS);
        let loaded = load::people(
            self.register,
            "people",
            ids.as_bytes(),
            PeopleForm::Plain,
            at,
            told,
        )
        .map_err(no)?;
        progress.done(format_args!("{} people joined", thousands(loaded.taken)));
        Ok(())
    }

    fn enrol(&self, number: usize, partner: &Partner) -> Result<(), Failure> {
        let Some((officer, client)) = self.keys.partners.get(number) else {
            return Ok(());
        };
        let id: PartnerId = partner.id.parse().map_err(no)?;
        let jwks = key_set(&[officer, client])?;
        let key = jwks.keys.first().cloned();
        self.take(
            BEGINS,
            Change::EnrolPartner {
                partner: id.clone(),
                name: partner.name.to_owned(),
                jwks,
            },
        )?;
        if let Some(key) = key {
            let officer = partner.officer.parse().map_err(no)?;
            self.take(
                BEGINS,
                Change::EnrolOfficer {
                    side: Side::Partner(id),
                    officer,
                    key,
                },
            )?;
        }
        let (language, text) = ("en".to_owned(), partner.notice.to_owned());
        self.take(BEGINS, Change::PublishNotice { language, text })
    }

    /// Offers the agreements of this age, with the signatures there are.
    fn agreements(&self, of_age: impl Fn(u32) -> bool) -> Result<(), Failure> {
        let with_keys = PARTNERS.iter().zip(&self.keys.partners);
        for (partner, (officer, _)) in
            with_keys.filter(|(partner, _)| of_age(partner.signed_days_ago))
        {
            let at = self.ago(partner.signed_days_ago);
            let file = format!("agreement-{}.yaml", partner.id);
            let signed = |party, id: &str, key| {
                let id: OfficerId = id.parse().map_err(no)?;
                sign(&file, partner.agreement, party, &id, &of_pair(key)?, at).map_err(no)
            };
            let mut signatures = vec![signed(
                Party::Platform,
                PLATFORM_OFFICER,
                &self.keys.platform,
            )?];
            if partner.countersigned {
                signatures.push(signed(Party::Partner, partner.officer, officer)?);
            }
            let signatures: Vec<&str> = signatures.iter().map(String::as_str).collect();
            register::take_in(
                self.register,
                &file,
                partner.agreement.as_bytes(),
                &signatures,
                at,
            )
            .map_err(no)?;
        }
        Ok(())
    }

    /// People agree to all of a partner's powers or to none, ten days after it signed; some connect it.
    fn consents(
        &self,
        of_age: impl Fn(u32) -> bool,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        for (number, partner) in PARTNERS
            .iter()
            .enumerate()
            .filter(|(_, partner)| of_age(partner.signed_days_ago))
        {
            let days = partner.signed_days_ago.saturating_sub(10);
            let people: Vec<PersonNo> = self
                .world
                .people()
                .filter(|person| agrees(self.seed, number as u64, partner, *person))
                .collect();
            let powers = powers(partner)?;
            for power in &powers {
                let mut lines = String::new();
                for person in &people {
                    let line = json!({
                        "person": self.world.id_of(*person),
                        "partner": partner.id,
                        "power": power,
                        "notice": notice_hash(partner.notice),
                        "until": self.until(),
                    });
                    let _ = writeln!(lines, "{line}");
                }
                progress.at(format_args!(
                    "{} agree to {}",
                    thousands(people.len() as u64),
                    partner.name
                ));
                load::consents(
                    self.register,
                    "consents",
                    lines.as_bytes(),
                    self.ago(days),
                    |_| (),
                )
                .map_err(no)?;
            }
            self.connections(partner, &powers, days)?;
            progress.done(format_args!(
                "{}: {} people agreed to its {} powers, {} connected it",
                partner.name,
                thousands(people.len() as u64),
                powers.len(),
                self.connected.len()
            ));
        }
        Ok(())
    }

    fn connections(&self, partner: &Partner, powers: &[PowerId], days: u32) -> Result<(), Failure> {
        for (number, person) in self.connected.iter().enumerate() {
            let id = self.world.id_of(*person);
            let person = self.register.people().number(&id);
            let connection = Connection {
                connection: connection_id(partner, number)?,
                person: person.ok_or_else(|| no("a connected person has not joined"))?,
                partner: partner.id.parse().map_err(no)?,
                powers: powers.iter().copied().collect(),
                notice: notice_hash(partner.notice),
                until: self.until(),
            };
            self.take(days, Change::Fact(Event::Connected { connection }))?;
        }
        Ok(())
    }

    fn bars(&self, progress: &mut Progress) -> Result<(), Failure> {
        let mut barred = 0;
        for person in self
            .world
            .people()
            .filter(|person| refuses(self.seed, *person))
        {
            if self.connected.contains(&person) {
                continue;
            }
            let person = self.register.people().number(&self.world.id_of(person));
            let person = person.ok_or_else(|| no("a person has not joined"))?;
            self.take(
                50,
                Change::Fact(Event::BarSet {
                    person,
                    bar: Bar::Everything,
                }),
            )?;
            barred += 1;
        }
        progress.done(format_args!(
            "{} people want nothing given to any partner",
            thousands(barred)
        ));
        Ok(())
    }

    fn active(&self, days: u32) -> Result<(), Failure> {
        let ids = self
            .connected
            .iter()
            .map(|person| self.world.id_of(*person));
        let people = ids
            .filter_map(|id| self.register.people().number(&id))
            .collect();
        self.take(days, Change::Fact(Event::PeopleActive { people }))
    }

    fn take(&self, days_ago: u32, change: Change) -> Result<(), Failure> {
        let key = IdempotencyKey(random()?);
        self.register
            .append_blocking(self.ago(days_ago), change, key)
            .map_err(no)?;
        Ok(())
    }

    fn ago(&self, days: u32) -> Time {
        self.now.minus(Days(days))
    }

    fn until(&self) -> Day {
        self.now.day().plus(Days(250))
    }
}

/// Whether this person agreed to this partner, the so-maniest of [`PARTNERS`]: chosen by the seed, so that the same demo
/// has the same people.
pub(super) fn agrees(seed: u64, number: u64, partner: &Partner, person: PersonNo) -> bool {
    mix(seed, number, person) % 100 < partner.agreed_of_100
}

/// Whether this person refuses everything to everybody, unless they are one of those who have connected the partners.
pub(super) fn refuses(seed: u64, person: PersonNo) -> bool {
    mix(seed, 99, person).is_multiple_of(BARRED_ONE_IN)
}

fn mix(seed: u64, salt: u64, person: PersonNo) -> u64 {
    // SplitMix64: enough to scatter choices, and the same on every machine.
    let mut z =
        seed.wrapping_add((salt << 32 | u64::from(person.0)).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A connection of the demo's.
pub(super) fn connection_id(partner: &Partner, number: usize) -> Result<ConnectionId, Failure> {
    format!("c-{}-{}", partner.id, number + 1)
        .parse()
        .map_err(no)
}

/// The ids of all powers in a partner's agreement.
pub(super) fn powers(partner: &Partner) -> Result<Vec<PowerId>, Failure> {
    let file = format!("agreement-{}.yaml", partner.id);
    let read = agreement::parse(&file, partner.agreement).map_err(no)?;
    Ok(read
        .powers
        .iter()
        .map(|granted| granted.power.id())
        .collect())
}

/// Something in the demo's own documents or data that the register will not have: a mistake of ours.
fn no(error: impl std::fmt::Display) -> Failure {
    Exit::Internal.because(format_args!("the demo's own data are refused: {error}"))
}
