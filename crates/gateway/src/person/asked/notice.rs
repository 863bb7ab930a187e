//! What a person is told before they answer a request: the same for everybody who is asked for the same power, so that
//! its exact text can be kept once and named by its hash.

use std::fmt::Write as _;

use decide::{Day, NoticeHash, PartnerId, PowerId, Reach};
use register::documents::agreement;
use register::{Notice, Offered};

use super::super::page::Failure;
use super::super::screen::{Said, after, longest};
use super::super::{Visit, words};

/// One request, in sentences. The page shows these and [`Asks::text`] holds these.
pub(super) struct Asks {
    pub(super) partner: String,
    pub(super) address: String,
    pub(super) title: String,
    pub(super) lead: String,
    pub(super) what: String,
    pub(super) in_words: String,
    pub(super) more: String,
    pub(super) after: Vec<Said>,
    /// The day on whose beginning a yes of today ends.
    pub(super) until: Day,
}

impl Asks {
    /// What is told about this power at this moment.
    pub(super) fn of(
        visit: &Visit<'_>,
        partner: &PartnerId,
        power: PowerId,
    ) -> Result<Self, Failure> {
        let book = visit.gateway.register.book();
        let offered = governing(visit, partner, power).ok_or(Failure::Withdrawn)?;
        let document = agreement::parse("agreement", &offered.document.text);
        let document = document.map_err(|_| Failure::Internal)?;
        let mut powers = document.powers.iter();
        let granted = powers
            .find(|granted| granted.power.id() == power)
            .ok_or(Failure::Withdrawn)?;
        let known = book.partners.get(partner).ok_or(Failure::Withdrawn)?;
        let (name, platform) = (known.name.as_str(), &visit.persons.login.platform);
        let days = longest(&book)?;
        let until = visit.now.day().plus(days).min(document.term.until.day());
        if until <= visit.now.day() {
            return Err(Failure::Withdrawn);
        }
        let mut after = after(name, platform, &document, &offered, days, &book, &[granted]);
        after.insert(0, silence(name));
        let whole = &granted.power;
        Ok(Self {
            partner: name.to_owned(),
            address: format!("{}/{partner}/{power}", super::ASKED_PATH),
            title: format!("{name} asks you"),
            lead: format!(
                "{name} asks for something about you, {}. You are asked yourself: nobody else's yes is yours. Who else it is, is not told here.",
                through(&whole.reach)
            ),
            what: format!(
                "{}: about you, {}",
                words::act(whole),
                through(&whole.reach)
            ),
            in_words: granted.in_words.clone(),
            more: format!(
                "for the feature {}; purpose: {}; {}",
                granted.feature,
                words::spelled(whole.purpose.as_str()),
                words::limits(whole)
            ),
            after,
            until,
        })
    }

    /// The exact text that a yes is given to.
    pub(super) fn notice(&self) -> Notice {
        let mut text = format!("{}\n\n{}\n\n- {}\n", self.title, self.lead, self.what);
        let _ = write!(
            text,
            "  \u{201c}{}\u{201d}\n  {}\n",
            self.in_words, self.more
        );
        for said in &self.after {
            let _ = write!(text, "\n{}\n{}\n", said.about, said.text);
        }
        Notice {
            language: "en".to_owned(),
            text,
        }
    }

    pub(super) fn hash(&self) -> NoticeHash {
        self.notice().hash()
    }
}

/// The version of the partner's agreement that has the power and governs now.
fn governing(
    visit: &Visit<'_>,
    partner: &PartnerId,
    power: PowerId,
) -> Option<std::sync::Arc<Offered>> {
    let book = visit.gateway.register.book();
    let facts = visit.gateway.register.facts();
    let governing = book.agreements.iter().filter_map(|(id, versions)| {
        let version = facts.governing(id, visit.now)?;
        versions.iter().find(|it| it.offer.version == version)
    });
    let mut theirs = governing.filter(|offered| offered.offer.partner == *partner);
    let has = |offered: &&std::sync::Arc<Offered>| {
        let mut powers = offered.offer.powers.iter();
        powers.any(|it| it.id() == power)
    };
    theirs.find(has).cloned()
}

/// How the partner comes to a person, as far as they are told: never by whom.
fn through(reach: &Reach) -> String {
    match reach {
        Reach::Own | Reach::Friend | Reach::Participant | Reach::Contact => {
            "through somebody you know".to_owned()
        }
        Reach::FriendOfFriend => "through somebody whom somebody you know knows".to_owned(),
        Reach::Directory => "because you are in the directory".to_owned(),
        Reach::Named(name) => format!("through somebody else, as {}", words::spelled(name)),
    }
}

fn silence(partner: &str) -> Said {
    Said {
        about: "If you say no, or nothing",
        text: format!(
            "Then {partner} gets nothing about you, as it got nothing until now, and is not told that you were asked. To it you are like somebody who is not there. A no is remembered, so that you are not asked this again."
        ),
    }
}
