//! What a person is told before they answer a request, or renew their answer: the same for everybody who is asked for the
//! same power, so that its exact text can be kept once and named by its hash.

use std::fmt::Write as _;
use std::sync::Arc;

use decide::{Day, NoticeHash, PartnerId, Party, PowerId, Reach, Time};
use register::documents::agreement;
use register::{Notice, Offered};

use super::super::page::Failure;
use super::super::screen::{Said, after, longest};
use super::super::{RENEW_PATH, Visit, words};
use crate::paper;

/// One request, in sentences. The page shows these and [`Asks::notice`] holds these.
pub(in crate::person) struct Asks {
    pub(in crate::person) partner: String,
    pub(in crate::person) address: String,
    pub(in crate::person) title: String,
    pub(in crate::person) lead: String,
    pub(in crate::person) what: String,
    pub(in crate::person) in_words: String,
    pub(in crate::person) more: String,
    pub(in crate::person) after: Vec<Said>,
    /// The day on whose beginning a yes of today ends.
    pub(in crate::person) until: Day,
}

/// Why somebody is told.
#[derive(Clone, Copy)]
enum Occasion {
    /// A partner asks.
    First,
    /// They have said yes, and that ends soon.
    Again,
}

impl Asks {
    /// What is told about this power at this moment.
    pub(super) fn of(
        visit: &Visit<'_>,
        partner: &PartnerId,
        power: PowerId,
    ) -> Result<Self, Failure> {
        let offered = governing(visit, partner, power).ok_or(Failure::Withdrawn)?;
        let end = offered.offer.term.until;
        Self::told(visit, Occasion::First, (&offered, end), partner, power)
    }

    /// What is told to somebody who has agreed to this power and can renew that.
    pub(in crate::person) fn again(
        visit: &Visit<'_>,
        partner: &PartnerId,
        power: PowerId,
    ) -> Result<Self, Failure> {
        let (offered, end) = lasting(visit, partner, power).ok_or(Failure::Withdrawn)?;
        Self::told(visit, Occasion::Again, (&offered, end), partner, power)
    }

    fn told(
        visit: &Visit<'_>,
        occasion: Occasion,
        (offered, end): (&Offered, Time),
        partner: &PartnerId,
        power: PowerId,
    ) -> Result<Self, Failure> {
        let book = visit.gateway.register.book();
        let document = agreement::parse("agreement", &offered.document.text);
        let document = document.map_err(|_| Failure::Internal)?;
        let mut powers = document.powers.iter();
        let granted = powers
            .find(|granted| granted.power.id() == power)
            .ok_or(Failure::Withdrawn)?;
        let known = book.partners.get(partner).ok_or(Failure::Withdrawn)?;
        let (name, platform) = (known.name.as_str(), &visit.persons.login.platform);
        let days = longest(&book)?;
        let until = visit.now.day().plus(days).min(end.day());
        if until <= visit.now.day() {
            return Err(Failure::Withdrawn);
        }
        let mut after = after(name, platform, &document, offered, days, &book, &[granted]);
        after.insert(0, occasion.silence(name));
        let whole = &granted.power;
        let through = through(&whole.reach);
        Ok(Self {
            partner: name.to_owned(),
            address: format!("{}/{partner}/{power}", occasion.path()),
            title: occasion.title(name),
            lead: occasion.lead(name, &through),
            what: format!("{}: about you, {through}", words::act(whole)),
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
    pub(in crate::person) fn notice(&self) -> Notice {
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

    pub(in crate::person) fn hash(&self) -> NoticeHash {
        self.notice().hash()
    }
}

impl Occasion {
    fn path(self) -> &'static str {
        match self {
            Self::First => super::ASKED_PATH,
            Self::Again => RENEW_PATH,
        }
    }

    fn title(self, partner: &str) -> String {
        match self {
            Self::First => format!("{partner} asks you"),
            Self::Again => format!("Renew this for {partner}?"),
        }
    }

    fn lead(self, partner: &str, through: &str) -> String {
        match self {
            Self::First => format!(
                "{partner} asks for something about you, {through}. You are asked yourself: nobody else's yes is yours. Who else it is, is not told here."
            ),
            Self::Again => format!(
                "You have agreed that {partner} gets something about you, {through}. That ends by itself, and a new yes takes its place. Who else it is, is not told here."
            ),
        }
    }

    fn silence(self, partner: &str) -> Said {
        let text = match self {
            Self::First => format!(
                "Then {partner} gets nothing about you, as it got nothing until now, and is not told that you were asked. To it you are like somebody who is not there. A no is remembered, so that you are not asked this again."
            ),
            Self::Again => format!(
                "Then your yes ends by itself on its day, and by it {partner} gets nothing about you from then on. It is not told that you could renew it, or what you answered: to it you are like somebody who is not there. A no is remembered, so that you are not asked this again."
            ),
        };
        let about = "If you say no, or nothing";
        Said { about, text }
    }
}

/// The version of the partner's agreement that has the power and governs now.
fn governing(visit: &Visit<'_>, partner: &PartnerId, power: PowerId) -> Option<Arc<Offered>> {
    let book = visit.gateway.register.book();
    let facts = visit.gateway.register.facts();
    let mut theirs = paper::governing(&book, facts, visit.now)
        .filter(|offered| offered.offer.partner == *partner);
    let has = |offered: &&Arc<Offered>| {
        let mut powers = offered.offer.powers.iter();
        powers.any(|it| it.id() == power)
    };
    theirs.find(has).cloned()
}

/// The version by which the power goes on, and until when it does: the one that governs or, where both sides have signed a
/// next one that has it and begins before this one is over, that one. Agreements run for a year and so do consents to
/// their powers, which would end on the very day before which nobody could renew them.
pub(in crate::person) fn lasting(
    visit: &Visit<'_>,
    partner: &PartnerId,
    power: PowerId,
) -> Option<(Arc<Offered>, Time)> {
    let first = governing(visit, partner, power)?;
    let book = visit.gateway.register.book();
    let versions = book.agreements.get(&first.offer.agreement)?;
    let governs = first.offer.version;
    let signed = || {
        versions.iter().filter(|it| {
            let by_both = it.signed_by(Party::Platform) && it.signed_by(Party::Partner);
            by_both && it.offer.version > governs
        })
    };
    let mut end = first.offer.term.until;
    let mut last = first;
    for next in signed() {
        let (term, version) = (&next.offer.term, next.offer.version);
        // One that a later one overtakes never governs.
        let overtaken =
            signed().any(|it| it.offer.version > version && it.offer.term.from <= term.from);
        if overtaken {
            continue;
        }
        if term.from > end {
            break;
        }
        if next.offer.powers.iter().all(|it| it.id() != power) {
            return Some((last, end.min(term.from)));
        }
        (last, end) = (Arc::clone(next), term.until);
    }
    Some((last, end))
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
