//! A register of invented people, who agree to everything or to nothing: for counting and trying out, never for answering.

use std::collections::BTreeSet;

use decide::{
    AgreementVersion, Asker, Bar, Behalf, Category, ClaimedRole, Connection, ConnectionId, Days,
    Decision, Digest, Event, Facts, Happened, LegalBasis, NoticeHash, Now, PartnerId, Party,
    PersonNo, Policy, Power, Purpose, Question, Reach, Term, Time, Verb, decide,
};

use crate::cursor::Nonce;
use crate::judged::Judged;
use crate::walk::Walk;

/// Any moment: nothing in here depends on it.
const NOW: Time = Time(1_800_000_000_000);
const NOTICE: NoticeHash = NoticeHash([0; 32]);
const DIGEST: Digest = Digest([0; 32]);

/// One partner, and people who agree to all that it has signed for.
pub(crate) struct Town {
    facts: Facts,
    pub(crate) asker: Asker,
}

impl Town {
    /// So many people; the partner has signed for these pairs, `me` has connected it, and all consent. `None` only where
    /// the facts do not take an event in, which would be a mistake of this module's.
    pub(super) fn new(
        people: u32,
        me: Option<PersonNo>,
        pairs: &[(Category, Reach)],
    ) -> Option<Town> {
        let granted: Vec<_> = pairs.iter().collect();
        let everybody = (0..people).map(PersonNo).collect();
        Self::where_agree((people, me), &granted, pairs, everybody)
    }

    /// The same, where only some agree, and the partner has signed for a part of what the policy knows. Whoever connected
    /// has agreed by that.
    pub(crate) fn where_agree(
        (people, me): (u32, Option<PersonNo>),
        granted: &[&(Category, Reach)],
        known: &[(Category, Reach)],
        agreed: Vec<PersonNo>,
    ) -> Option<Town> {
        let partner: PartnerId = "check".parse().ok()?;
        let connection: ConnectionId = "check".parse().ok()?;
        let purpose: Purpose = "dpv:ServiceProvision".parse().ok()?;
        let pairs: BTreeSet<&(Category, Reach)> = granted.iter().copied().collect();
        let powers: Vec<Power> = pairs.iter().map(|pair| power(pair, &purpose)).collect();
        let town = Town {
            facts: Facts::default(),
            asker: Asker {
                partner: partner.clone(),
                behalf: me.map_or(Behalf::Nobody, |_| Behalf::Connection(connection.clone())),
                purpose,
                verb: Verb::Read,
                draws: Vec::new(),
            },
        };
        let categories = known.iter().map(|(category, _)| category.clone()).collect();
        town.open(people, &partner, &powers, categories)?;
        let until = NOW.day().plus(Days(100));
        if let Some(person) = me {
            town.happens(Event::Connected {
                connection: Connection {
                    connection,
                    person,
                    partner: partner.clone(),
                    powers: powers.iter().map(Power::id).collect(),
                    notice: NOTICE,
                    until,
                },
            })?;
        }
        let others = powers.iter().filter(|power| power.reach != Reach::Own);
        for power in others.filter(|_| !agreed.is_empty()) {
            town.happens(Event::ConsentGiven {
                people: agreed.clone(),
                partner: partner.clone(),
                power: power.id(),
                notice: NOTICE,
                until,
            })?;
        }
        Some(town)
    }

    fn open(
        &self,
        people: u32,
        partner: &PartnerId,
        powers: &[Power],
        categories: BTreeSet<Category>,
    ) -> Option<()> {
        let offer = AgreementVersion {
            agreement: "check".parse().ok()?,
            version: 1,
            partner: partner.clone(),
            digest: DIGEST,
            claimed_role: ClaimedRole::ThirdParty,
            term: Term {
                from: NOW.minus(Days(10)),
                until: NOW.plus(Days(900)),
            },
            powers: powers.to_vec(),
        };
        let policy = Policy {
            categories,
            power_lapses_after: Days(90),
            connection_quiet_after: Days(90),
            consent_at_most: Days(365),
            advertising: BTreeSet::new(),
            other_bases: BTreeSet::new(),
        };
        self.happens(Event::PolicySet { policy })?;
        self.happens(Event::PeopleJoined {
            first: PersonNo(0),
            count: people,
        })?;
        self.happens(Event::PartnerEnrolled {
            partner: partner.clone(),
        })?;
        self.happens(Event::AgreementOffered { offer })?;
        for by in [Party::Platform, Party::Partner] {
            self.happens(Event::AgreementSigned {
                agreement: "check".parse().ok()?,
                version: 1,
                digest: DIGEST,
                by,
                officer: "check".parse().ok()?,
            })?;
        }
        self.happens(Event::NoticePublished { notice: NOTICE })
    }

    fn happens(&self, event: Event) -> Option<()> {
        let at = NOW.minus(Days(1));
        self.facts.apply(&Happened { at, event }).ok()
    }

    /// From here on this person refuses everything, or no longer does.
    pub(super) fn refuses(&self, person: PersonNo, refuses: bool) -> Option<()> {
        let bar = Bar::Everything;
        self.happens(if refuses {
            Event::BarSet { person, bar }
        } else {
            Event::BarLifted { person, bar }
        })
    }

    fn decide(&self, question: &Question<'_>) -> Decision {
        decide(&self.facts, question, Now::At(NOW))
    }

    /// A whole answer, judged. `None` only where the rule could not be asked about it.
    pub(crate) fn judge(&self, walk: Walk) -> Option<Judged> {
        let settled = walk.uncut();
        let decision = self.decide(&settled.question(&self.asker));
        settled.judge(decision.permit(), Nonce([0; 12])).ok()
    }
}

fn power((category, reach): &(Category, Reach), purpose: &Purpose) -> Power {
    Power {
        verb: Verb::Read,
        category: category.clone(),
        reach: reach.clone(),
        purpose: purpose.clone(),
        window: None,
        frequency: None,
        retention: Days(30),
        legal_basis: LegalBasis::Consent,
    }
}
