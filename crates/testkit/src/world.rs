//! Worlds made in one line, for tests of `decide`, `register` and `gateway`.

use decide::{
    AgreementId, AgreementVersion, Bar, ClaimedRole, Connection, ConnectionId, Days, Event, Facts,
    Form, Happened, Party, PersonNo, Policy, Power, Promise, Scope, Term, Time,
};

use crate::cast;

/// A history that is written line by line, with a clock of its own.
///
/// `World::new().with_people(5).with_agreement("findr", &[read("pd:Name", "friend")])`. Every step happens at the
/// world's present moment; [`World::wait`] moves it. Panics where the rule refuses an event: a test that wants that asks
/// [`Facts::check`].
#[derive(Clone, Debug)]
pub struct World {
    happened: Vec<Happened>,
    now: Time,
    people: u32,
}

impl Default for World {
    fn default() -> World {
        World::new()
    }
}

impl World {
    /// A platform with [`cast::policy`] and one published notice, at [`cast::BEGINNING`].
    #[must_use]
    pub fn new() -> World {
        World::bare()
            .with_policy(cast::policy())
            .happens(Event::NoticePublished {
                notice: cast::notice(),
            })
    }

    /// Nothing has happened yet, not even a policy.
    #[must_use]
    pub fn bare() -> World {
        World {
            happened: Vec::new(),
            now: cast::BEGINNING,
            people: 0,
        }
    }

    /// So many people join; the first five are the cast.
    #[must_use]
    pub fn with_people(mut self, count: u32) -> World {
        let first = PersonNo(self.people);
        self.people += count;
        self.happens(Event::PeopleJoined { first, count })
    }

    /// Another policy from here on.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> World {
        self.happens(Event::PolicySet { policy })
    }

    /// The next version of the agreement named after the partner, signed by both, for ten years from the beginning. The
    /// partner is enrolled if it was not.
    #[must_use]
    pub fn with_agreement(self, partner: &str, powers: &[Power]) -> World {
        let world = self.with_offer(partner, powers);
        let version = world.versions(partner);
        world
            .signed(partner, version, Party::Platform)
            .signed(partner, version, Party::Partner)
    }

    /// The next version, offered and not signed.
    #[must_use]
    pub fn with_offer(self, partner: &str, powers: &[Power]) -> World {
        let term = Term {
            from: cast::BEGINNING,
            until: cast::BEGINNING.plus(Days(3650)),
        };
        let offer = AgreementVersion {
            agreement: agreement(partner),
            version: self.versions(partner) + 1,
            partner: cast::partner(partner),
            digest: cast::digest(self.versions(partner) + 1),
            claimed_role: ClaimedRole::ThirdParty,
            term,
            powers: powers.to_vec(),
        };
        self.with_partner(partner)
            .happens(Event::AgreementOffered { offer })
    }

    /// The partner is enrolled, if it was not.
    #[must_use]
    pub fn with_partner(self, partner: &str) -> World {
        let enrolment = Event::PartnerEnrolled {
            partner: cast::partner(partner),
        };
        if self.happened.iter().any(|it| it.event == enrolment) {
            return self;
        }
        self.happens(enrolment)
    }

    /// One side signs a version of the agreement named after the partner.
    #[must_use]
    pub fn signed(self, partner: &str, version: u32, by: Party) -> World {
        let officer = format!("officer-of-{partner}")
            .parse()
            .expect("an officer id");
        self.happens(Event::AgreementSigned {
            agreement: agreement(partner),
            version,
            digest: cast::digest(version),
            by,
            officer,
        })
    }

    /// A person connects a partner; the connection is named after both ([`connection`]).
    #[must_use]
    pub fn connected(self, person: PersonNo, partner: &str, powers: &[Power]) -> World {
        let until = self.a_year_ahead();
        self.happens(Event::Connected {
            connection: Connection {
                connection: connection(person, partner),
                person,
                partner: cast::partner(partner),
                powers: powers.iter().map(Power::id).collect(),
                notice: cast::notice(),
                until,
            },
        })
    }

    /// People consent for a year.
    #[must_use]
    pub fn with_consent(self, people: &[PersonNo], partner: &str, power: &Power) -> World {
        let until = self.a_year_ahead();
        self.happens(Event::ConsentGiven {
            people: people.to_vec(),
            partner: cast::partner(partner),
            power: power.id(),
            notice: cast::notice(),
            until,
        })
    }

    /// A person withdraws.
    #[must_use]
    pub fn withdrawn(self, person: PersonNo, partner: &str, power: &Power) -> World {
        self.happens(Event::ConsentWithdrawn {
            person,
            partner: cast::partner(partner),
            power: power.id(),
        })
    }

    /// A person refuses from here on.
    #[must_use]
    pub fn with_bar(self, person: PersonNo, bar: Bar) -> World {
        self.happens(Event::BarSet { person, bar })
    }

    /// The platform promises.
    #[must_use]
    pub fn with_promise(self, id: &str, form: Form, scope: Scope) -> World {
        let promise = id.parse().expect("a promise id");
        self.happens(Event::PromiseMade {
            promise: Promise {
                promise,
                form,
                scope,
            },
        })
    }

    /// Anything else happens.
    ///
    /// # Panics
    /// The rule refuses the event.
    #[must_use]
    pub fn happens(mut self, event: Event) -> World {
        self.happened.push(Happened {
            at: self.now,
            event,
        });
        if let Err(invalid) = self.facts_of_last() {
            panic!("{:?}: {invalid}", self.happened.last());
        }
        self
    }

    /// Days go by.
    #[must_use]
    pub fn wait(mut self, days: u32) -> World {
        self.now = self.now.plus(Days(days));
        self
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// All that has happened.
    #[must_use]
    pub fn history(&self) -> &[Happened] {
        &self.happened
    }

    /// The facts.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let facts = Facts::default();
        for happened in &self.happened {
            facts.apply(happened).expect("checked when it was written");
        }
        facts
    }

    fn facts_of_last(&self) -> Result<(), decide::Invalid> {
        let facts = Facts::default();
        self.happened
            .iter()
            .try_for_each(|happened| facts.apply(happened))
    }

    fn versions(&self, partner: &str) -> u32 {
        let id = agreement(partner);
        let offers = self.happened.iter().filter(
            |it| matches!(&it.event, Event::AgreementOffered { offer } if offer.agreement == id),
        );
        offers.count() as u32
    }

    fn a_year_ahead(&self) -> decide::Day {
        self.now.day().plus(Days(365))
    }
}

/// The agreement with a partner, named after it.
#[must_use]
pub fn agreement(partner: &str) -> AgreementId {
    format!("with-{partner}").parse().expect("an agreement id")
}

/// The connection of a person with a partner, named after both.
#[must_use]
pub fn connection(PersonNo(number): PersonNo, partner: &str) -> ConnectionId {
    let name = cast::PEOPLE
        .get(number as usize)
        .map_or(format!("person-{number}"), |it| it.0.to_owned());
    format!("{name}-{partner}")
        .parse()
        .expect("a connection id")
}
