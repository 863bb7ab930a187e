//! The register's history before a trial: partners and agreements, everybody consenting to everything that any partner
//! can ask for, some people connected, all of them active today.

use std::fmt::Write as _;

use decide::{
    Connection, ConnectionId, Day, Days, Event, OfficerId, PartnerId, Party as Side_, PowerId, Time,
};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use ledger::note::Signer;
use partner::Key;
use rand::RngCore as _;
use register::load::{self, PeopleForm};
use register::signature::{SigningKey, sign};
use register::{Change, IdempotencyKey, Register, Side};
use serde_json::json;

use super::papers::{NOTICE, PLATFORM_OFFICER, agreement, notice, officer_of};
use super::{Party, Place};
use crate::broken::{At as _, Result};
use crate::cast::{PARTNERS, Partner};
use crate::surroundings::{fill, now, unforeseeable};

/// For how many days consents are given.
pub(crate) const UNTIL_DAYS: u32 = 200;

/// The id of the connection of the nth person who connected.
pub(crate) fn connection_id(partner: &Partner, nth: usize) -> Result<ConnectionId> {
    format!("c-{}-{nth}", partner.id)
        .parse()
        .at("a connection's id")
}

/// Opens the place's register, or a copy of it, in `dir`; nobody else may have that open. Without the anchor, so that
/// looking at a copy moves nothing.
pub(crate) fn open(place: &Place, dir: &std::path::Path) -> Result<Register> {
    let signer = Signer::read(&place.path("keys/register.key")).at("the register's key")?;
    Register::open(dir, register::Options::new(signer, fill()?)).at(dir.display())
}

struct Teller<'a> {
    place: &'a Place,
    register: Register,
    at: Time,
}

/// Tells the register all of it.
pub(super) fn found(place: &Place, platform_officer: &Key) -> Result<()> {
    let register = open(place, &place.path("register"))?;
    let teller = Teller {
        place,
        register,
        at: now(),
    };
    let policy = place.read("policy.yaml")?;
    teller.take(Change::SetPolicy { document: policy })?;
    teller.take(Change::PublishNotice {
        language: "en".to_owned(),
        text: NOTICE.to_owned(),
    })?;
    teller.people()?;
    for (partner, party) in PARTNERS.iter().zip(&place.partners) {
        teller.enrol(partner, party)?;
        teller.agreement(partner, party, platform_officer)?;
        let powers: Vec<PowerId> = party.powers.iter().map(decide::Power::id).collect();
        for power in &powers {
            teller.consents(partner, *power)?;
        }
        teller.connections(partner, &powers)?;
    }
    teller.active()
}

impl Teller<'_> {
    fn people(&self) -> Result<()> {
        let world = &self.place.world;
        let ids: String = world
            .people()
            .map(|person| world.id_of(person) + "\n")
            .collect();
        let loaded = load::people(
            &self.register,
            "people",
            ids.as_bytes(),
            PeopleForm::Plain,
            self.at,
            |_| (),
        );
        loaded.at("people")?;
        Ok(())
    }

    fn enrol(&self, partner: &Partner, party: &Party) -> Result<()> {
        let id: PartnerId = partner.id.parse().at(partner.id)?;
        let officer_key = public(&party.officer_key)?;
        let jwks = JwkSet {
            keys: vec![public(&party.client_key)?, officer_key.clone()],
        };
        self.take(Change::EnrolPartner {
            partner: id.clone(),
            name: partner.name.to_owned(),
            jwks,
        })?;
        let officer = officer_of(partner).parse().at("an officer's id")?;
        self.take(Change::EnrolOfficer {
            side: Side::Partner(id),
            officer,
            key: officer_key,
        })
    }

    fn agreement(&self, partner: &Partner, party: &Party, platform_officer: &Key) -> Result<()> {
        let text = agreement(partner, &party.powers);
        let signed = |side, officer: &str, key: &Key| {
            let officer: OfficerId = officer.parse().at("an officer's id")?;
            let key = key.to_pem().at("an officer's key")?;
            let key = SigningKey::from_pem(key.as_bytes()).at("an officer's key")?;
            sign("agreement", &text, side, &officer, &key, self.at).at("an agreement")
        };
        let mut signatures = vec![signed(Side_::Platform, PLATFORM_OFFICER, platform_officer)?];
        if partner.countersigned {
            signatures.push(signed(
                Side_::Partner,
                &officer_of(partner),
                &party.officer_key,
            )?);
        }
        let signatures: Vec<&str> = signatures.iter().map(String::as_str).collect();
        register::take_in(
            &self.register,
            "agreement",
            text.as_bytes(),
            &signatures,
            self.at,
        )
        .at("an agreement")?;
        Ok(())
    }

    fn consents(&self, partner: &Partner, power: PowerId) -> Result<()> {
        let world = &self.place.world;
        let mut lines = String::new();
        for person in world.people() {
            let line = json!({
                "person": world.id_of(person),
                "partner": partner.id,
                "power": power,
                "notice": notice(),
                "until": self.until(),
            });
            let _ = writeln!(lines, "{line}");
        }
        load::consents(
            &self.register,
            "consents",
            lines.as_bytes(),
            self.at,
            |_| (),
        )
        .at("consents")?;
        Ok(())
    }

    fn connections(&self, partner: &Partner, powers: &[PowerId]) -> Result<()> {
        for (nth, person) in self.place.connected.iter().enumerate() {
            let person = self
                .register
                .people()
                .number(&self.place.world.id_of(*person));
            let connection = Connection {
                connection: connection_id(partner, nth)?,
                person: person.at("a person who connects")?,
                partner: partner.id.parse().at(partner.id)?,
                powers: powers.iter().copied().collect(),
                notice: notice(),
                until: self.until(),
            };
            self.take(Change::Fact(Event::Connected { connection }))?;
        }
        Ok(())
    }

    fn active(&self) -> Result<()> {
        let ids = self
            .place
            .connected
            .iter()
            .map(|person| self.place.world.id_of(*person));
        let people = ids
            .filter_map(|id| self.register.people().number(&id))
            .collect();
        self.take(Change::Fact(Event::PeopleActive { people }))
    }

    fn take(&self, change: Change) -> Result<()> {
        let mut key = [0; 16];
        unforeseeable()?.fill_bytes(&mut key);
        let taken = self
            .register
            .append_blocking(self.at, change, IdempotencyKey(key));
        taken.at("the register's history")?;
        Ok(())
    }

    fn until(&self) -> Day {
        self.at.day().plus(Days(UNTIL_DAYS))
    }
}

fn public(key: &Key) -> Result<Jwk> {
    serde_json::from_value(key.public_jwk()).at("a public key")
}
