//! From what a person has said, event by event, to records.

use std::collections::BTreeMap;

use decide::{
    Connection, Day, Event, Facts, LegalBasis, NoticeHash, PartnerId, PowerId, Time, Verb,
};

use super::form::{
    Consent, Happening, Notice, Processing, Purpose, RecordHead, Refusal, RefusalEvent, SCHEMA,
};
use crate::person::desk::name_of_bar;
use crate::trail::Said;

/// What the records of one person are made with.
pub(super) struct Builder<'a> {
    pub(super) facts: &'a Facts,
    pub(super) person: &'a str,
    /// Where people reach this gateway.
    pub(super) public: &'a str,
    pub(super) now: Time,
}

/// A record that is being made.
struct Made {
    partner: PartnerId,
    /// What is still given.
    left: Vec<PowerId>,
    until: Day,
    over: bool,
    consent: Consent,
}

impl Builder<'_> {
    /// The records, oldest first.
    pub(super) fn records(&self, said: &[Said]) -> Vec<Consent> {
        let mut records: Vec<Made> = Vec::new();
        let mut by_connection = BTreeMap::new();
        for it in said {
            self.expire(&mut records, it.at);
            match &it.event {
                Event::Connected { connection } => {
                    by_connection.insert(connection.connection.clone(), records.len());
                    records.push(self.connected(connection, it.at));
                }
                Event::ConsentGiven {
                    partner,
                    power,
                    notice,
                    until,
                    ..
                } => {
                    let before = records
                        .iter_mut()
                        .filter(|made| made.is_of(partner, *power));
                    let renewed = before.fold(false, |_, made| {
                        made.over = true;
                        true
                    });
                    let id = format!("register-{}", it.entry);
                    let one = self.begun(id, partner, (&[*power], *notice), *until, it.at, renewed);
                    records.push(one);
                }
                Event::ConsentWithdrawn { partner, power, .. } => {
                    for made in &mut records {
                        made.withdraw(partner, *power, it.at);
                    }
                }
                Event::Disconnected { connection } => {
                    let made = by_connection
                        .get(connection)
                        .and_then(|at| records.get_mut(*at));
                    made.into_iter().for_each(|made| made.end(it.at));
                }
                _ => {}
            }
        }
        self.expire(&mut records, self.now);
        records.into_iter().map(|made| made.consent).collect()
    }

    /// Standing refusals, in the order of their names.
    pub(super) fn refusals(said: &[Said]) -> Vec<Refusal> {
        let mut refusals: BTreeMap<String, Vec<RefusalEvent>> = BTreeMap::new();
        for it in said {
            let (bar, stands) = match &it.event {
                Event::BarSet { bar, .. } => (bar, true),
                Event::BarLifted { bar, .. } => (bar, false),
                _ => continue,
            };
            let events = refusals.entry(name_of_bar(bar)).or_default();
            events.push(RefusalEvent {
                event_time: it.at.to_string(),
                stands,
            });
        }
        let refusals = refusals.into_iter();
        refusals
            .map(|(refusal, event)| Refusal { refusal, event })
            .collect()
    }

    fn connected(&self, connection: &Connection, at: Time) -> Made {
        let powers: Vec<PowerId> = connection.powers.iter().copied().collect();
        let id = connection.connection.to_string();
        let said = (powers.as_slice(), connection.notice);
        self.begun(id, &connection.partner, said, connection.until, at, false)
    }

    fn begun(
        &self,
        record_id: String,
        partner: &PartnerId,
        (powers, notice): (&[PowerId], NoticeHash),
        until: Day,
        at: Time,
        renewed: bool,
    ) -> Made {
        let given = Happening {
            event_time: at.to_string(),
            duration: Some(format!("P{}D", until.since(at.day()).0)),
            entity_id: partner.to_string(),
            kind: "explicit",
            state: if renewed {
                "dpv:RenewedConsentGiven"
            } else {
                "dpv:ConsentGiven"
            },
            powers: Vec::new(),
        };
        let purposes = powers.iter().filter_map(|id| self.purpose(partner, *id));
        Made {
            partner: partner.clone(),
            left: powers.to_vec(),
            until,
            over: false,
            consent: Consent {
                record: RecordHead {
                    schema_version: SCHEMA,
                    record_id,
                    pii_principal_id: self.person.to_owned(),
                },
                pii_processing: Processing {
                    privacy_notice: Notice {
                        sha256: notice.to_string(),
                        address: format!("{}/notices/{notice}", self.public),
                    },
                    purposes: purposes.collect(),
                },
                event: vec![given],
            },
        }
    }

    fn purpose(&self, partner: &PartnerId, id: PowerId) -> Option<Purpose> {
        let power = self.facts.power(partner, id)?;
        Some(Purpose {
            purpose_type: power.purpose.to_string(),
            lawful_basis: match &power.legal_basis {
                LegalBasis::Consent => "dpv:Consent".to_owned(),
                LegalBasis::Other(term) => term.to_string(),
            },
            pii_information: vec![power.category.to_string()],
            processing: match power.verb {
                Verb::Read => "dpv:Disclose",
                Verb::Write => "dpv:Alter",
                Verb::Delete => "dpv:Erase",
                Verb::Import => "dpv:Obtain",
            },
            recipient_third_parties: vec![partner.to_string()],
            retention_period: format!("P{}D", power.retention.0),
            withdrawal_method: format!("{}{}", self.public, crate::person::DESK_PATH),
            reach: power.reach.to_string(),
            power: id.to_string(),
        })
    }

    /// Ends what has expired by a moment: an expiry is a day and no event of the register's.
    fn expire(&self, records: &mut [Made], by: Time) {
        for made in records.iter_mut().filter(|made| !made.over) {
            if made.until <= by.day() {
                made.over = true;
                made.happened(made.until.begins(), "expiry", "dpv:ConsentExpired");
            }
        }
    }
}

impl Made {
    /// Whether it is the person's own consent to this power, and in force.
    fn is_of(&self, partner: &PartnerId, power: PowerId) -> bool {
        !self.over && self.is_single() && self.partner == *partner && self.left.contains(&power)
    }

    fn is_single(&self) -> bool {
        self.consent.record.record_id.starts_with("register-")
    }

    /// One power is withdrawn, wherever it was given.
    fn withdraw(&mut self, partner: &PartnerId, power: PowerId, at: Time) {
        if self.over || self.partner != *partner || !self.left.contains(&power) {
            return;
        }
        let single = self.is_single();
        self.left.retain(|id| *id != power);
        self.over = single;
        self.happened(at, "withdrawal", "dpv:ConsentWithdrawn");
        if let Some(last) = self.consent.event.last_mut()
            && !single
        {
            last.powers.push(power.to_string());
        }
    }

    /// A connection has ended: by the person, by the partner, or by a later answer in its place. The register does not
    /// say which.
    fn end(&mut self, at: Time) {
        if !self.over {
            self.over = true;
            self.happened(at, "end", "dpv:ConsentInvalidated");
        }
    }

    fn happened(&mut self, at: Time, kind: &'static str, state: &'static str) {
        self.consent.event.push(Happening {
            event_time: at.to_string(),
            duration: None,
            entity_id: self.partner.to_string(),
            kind,
            state,
            powers: Vec::new(),
        });
    }
}
