//! A register's facts for tests: Findr has signed for some powers, and some people have consented to them.
#![allow(
    dead_code,
    reason = "every test that uses it compiles its own copy and uses a part of it"
)]

use std::collections::BTreeSet;

use decide::{
    AgreementVersion, Asker, Behalf, Category, ClaimedRole, Connection, ConnectionId, Day, Days,
    Decision, Digest, Event, Facts, Happened, LegalBasis, NoticeHash, Now, PartnerId, Party,
    PersonNo, Policy, Power, Question, Reach, Term, Time, Verb, decide,
};

pub(crate) const NOW: Time = Time(1_800_000_000_000);

/// A test's register.
pub(crate) struct Town {
    pub(crate) facts: Facts,
    pub(crate) asker: Asker,
    powers: Vec<Power>,
}

pub(crate) fn findr() -> PartnerId {
    "findr".parse().unwrap()
}

pub(crate) fn connection() -> ConnectionId {
    "c1".parse().unwrap()
}

impl Town {
    /// So many people; Findr has signed for these powers, and `me` has connected it with all of them. Nobody else has
    /// consented to anything. `me: None`: Findr acts for nobody.
    pub(crate) fn new(people: u32, me: Option<PersonNo>, pairs: &[(Category, Reach)]) -> Town {
        Town::by(Verb::Read, people, me, pairs)
    }

    /// The same, with powers of another verb.
    pub(crate) fn by(
        verb: Verb,
        people: u32,
        me: Option<PersonNo>,
        pairs: &[(Category, Reach)],
    ) -> Town {
        let powers: Vec<Power> = pairs
            .iter()
            .map(|(category, reach)| power(verb, category, reach))
            .collect();
        let behalf = me.map_or(Behalf::Nobody, |_| Behalf::Connection(connection()));
        let asker = Asker {
            partner: findr(),
            behalf,
            purpose: "dpv:ServiceProvision".parse().unwrap(),
            verb,
            draws: Vec::new(),
        };
        let town = Town {
            facts: Facts::default(),
            asker,
            powers,
        };
        town.open(people);
        if let Some(me) = me {
            town.happens(Event::Connected {
                connection: Connection {
                    connection: connection(),
                    person: me,
                    partner: findr(),
                    powers: town.powers.iter().map(Power::id).collect::<BTreeSet<_>>(),
                    notice: NOTICE,
                    until: NOW.day().plus(Days(100)),
                },
            });
        }
        town
    }

    fn open(&self, people: u32) {
        let categories = self
            .powers
            .iter()
            .map(|power| power.category.clone())
            .collect();
        let digest = Digest([7; 32]);
        let offer = AgreementVersion {
            agreement: "findr-1".parse().unwrap(),
            version: 1,
            partner: findr(),
            digest,
            claimed_role: ClaimedRole::ThirdParty,
            term: Term {
                from: NOW.minus(Days(10)),
                until: NOW.plus(Days(900)),
            },
            powers: self.powers.clone(),
        };
        let signed = |by| Event::AgreementSigned {
            agreement: "findr-1".parse().unwrap(),
            version: 1,
            digest,
            by,
            officer: "olga".parse().unwrap(),
        };
        let policy = Policy {
            categories,
            power_lapses_after: Days(90),
            connection_quiet_after: Days(90),
            consent_at_most: Days(365),
            advertising: BTreeSet::new(),
            other_bases: BTreeSet::new(),
        };
        self.happens(Event::PolicySet { policy });
        self.happens(Event::PeopleJoined {
            first: PersonNo(0),
            count: people,
        });
        self.happens(Event::PartnerEnrolled { partner: findr() });
        self.happens(Event::AgreementOffered { offer });
        self.happens(signed(Party::Platform));
        self.happens(signed(Party::Partner));
        self.happens(Event::NoticePublished { notice: NOTICE });
    }

    fn happens(&self, event: Event) {
        self.facts
            .apply(&Happened {
                at: NOW.minus(Days(1)),
                event,
            })
            .unwrap();
    }

    /// These people consent to every power of which `to` says so.
    pub(crate) fn consent(&self, people: &[PersonNo], to: impl Fn(&Category, &Reach) -> bool) {
        for power in self
            .powers
            .iter()
            .filter(|power| to(&power.category, &power.reach))
        {
            self.happens(Event::ConsentGiven {
                people: people.to_vec(),
                partner: findr(),
                power: power.id(),
                notice: NOTICE,
                until: day(100),
            });
        }
    }

    pub(crate) fn decide(&self, question: &Question<'_>) -> Decision {
        decide(&self.facts, question, Now::At(NOW))
    }
}

const NOTICE: NoticeHash = NoticeHash([1; 32]);

fn day(ahead: u32) -> Day {
    NOW.day().plus(Days(ahead))
}

fn power(verb: Verb, category: &Category, reach: &Reach) -> Power {
    Power {
        verb,
        category: category.clone(),
        reach: reach.clone(),
        purpose: "dpv:ServiceProvision".parse().unwrap(),
        window: None,
        frequency: None,
        retention: Days(30),
        legal_basis: LegalBasis::Consent,
    }
}
