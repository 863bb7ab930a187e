//! What a person is told before they answer: the same for everybody who is asked for the same powers, so that its exact
//! text can be kept once and named by its hash.

use std::fmt::Write as _;

use decide::{Day, Days, LegalBasis, PartnerId, PowerId, Reach, Time};
use register::documents::agreement::{self, Agreement, Granted};
use register::documents::policy;
use register::{Book, Offered};

use super::page::Failure;
use super::words;
use crate::gateway::Gateway;
use crate::oauth::Wanted;

/// No consent given here runs longer, whatever the policy allows.
const AT_MOST: Days = Days(365);

/// All that is told, in sentences. The page shows these and [`Screen::text`] holds these.
pub(super) struct Screen {
    pub(super) partner: String,
    pub(super) title: String,
    pub(super) lead: String,
    pub(super) groups: Vec<Group>,
    pub(super) after: Vec<Said>,
    /// The day on whose beginning a yes of today ends.
    pub(super) until: Day,
}

/// The powers about you, and those about others.
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) note: String,
    pub(super) lines: Vec<Line>,
}

/// One power.
pub(super) struct Line {
    pub(super) id: PowerId,
    pub(super) what: String,
    pub(super) in_words: String,
    pub(super) more: String,
    pub(super) basis: Option<String>,
    /// Whether the feature works without it, so that it has a box of its own.
    pub(super) refusable: bool,
}

/// A sentence under a heading.
pub(super) struct Said {
    pub(super) about: &'static str,
    pub(super) text: String,
}

impl Screen {
    /// What is told about these powers at this moment.
    pub(super) fn of(
        gateway: &Gateway,
        platform: &str,
        partner: &PartnerId,
        wanted: &Wanted,
        now: Time,
    ) -> Result<Self, Failure> {
        let book = gateway.register.book();
        let offered = book.version(&wanted.agreement, wanted.version);
        let offered = offered.ok_or(Failure::Withdrawn)?;
        let document = agreement::parse("agreement", &offered.document.text);
        let document = document.map_err(|_| Failure::Internal)?;
        let days = longest(&book)?;
        let until = now.day().plus(days).min(document.term.until.day());
        if until <= now.day() {
            return Err(Failure::Withdrawn);
        }
        let name = book.partners.get(partner).map(|known| known.name.clone());
        let name = name.ok_or(Failure::Withdrawn)?;
        let granted: Vec<&Granted> = document
            .powers
            .iter()
            .filter(|granted| wanted.powers.contains(&granted.power.id()))
            .collect();
        Ok(Self {
            title: format!("{name} asks you"),
            lead: format!(
                "{name} asks to be connected to your account at {platform}. Read what it would be able to do, and answer as you like."
            ),
            groups: groups(&name, &granted),
            after: after(&name, platform, &document, offered, days, &book, &granted),
            partner: name,
            until,
        })
    }

    /// The exact text that a yes is given to.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n\n{}\n", self.title, self.lead);
        for group in &self.groups {
            let _ = write!(text, "\n{}\n{}\n", group.title, group.note);
            for line in &group.lines {
                let box_or_not = if line.refusable {
                    "if ticked"
                } else {
                    "with a yes"
                };
                let _ = writeln!(text, "\n- {} ({box_or_not}; power {})", line.what, line.id);
                let _ = writeln!(text, "  {}\n  {}", line.in_words, line.more);
                if let Some(basis) = &line.basis {
                    let _ = writeln!(text, "  {basis}");
                }
            }
        }
        for said in &self.after {
            let _ = write!(text, "\n{}\n{}\n", said.about, said.text);
        }
        text
    }

    /// The powers that a yes grants by itself.
    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        self.groups.iter().flat_map(|group| &group.lines)
    }
}

/// How long a yes lasts: as long as the policy allows, and never longer than a year.
pub(super) fn longest(book: &Book) -> Result<Days, Failure> {
    let document = book.policy.as_ref().ok_or(Failure::Closed)?;
    let policy = policy::parse("policy", &document.text).map_err(|_| Failure::Internal)?;
    Ok(policy.consent_at_most.min(AT_MOST))
}

fn groups(partner: &str, granted: &[&Granted]) -> Vec<Group> {
    let lines = |own: bool| -> Vec<Line> {
        let these = granted
            .iter()
            .filter(|granted| (granted.power.reach == Reach::Own) == own);
        these.map(|granted| line(granted)).collect()
    };
    let groups = [
        Group {
            title: "About you",
            note: "What is ticked or marked as needed is given with a yes. What has a box is not needed for the feature: leave it empty and it is refused.".to_owned(),
            lines: lines(true),
        },
        Group {
            title: "About other people, through you",
            note: format!("Your yes is not theirs. {partner} may ask for these through you, and gets them only about people who have agreed themselves. Each of them is asked in the words in quotes, and nobody else's data comes along because you agreed."),
            lines: lines(false),
        },
    ];
    groups
        .into_iter()
        .filter(|group| !group.lines.is_empty())
        .collect()
}

fn line(granted: &Granted) -> Line {
    let power = &granted.power;
    let need = if granted.needed { "needed for" } else { "for" };
    let in_words = match power.reach {
        Reach::Own => granted.in_words.clone(),
        _ => format!("\u{201c}{}\u{201d}", granted.in_words),
    };
    Line {
        id: power.id(),
        what: format!("{}: about {}", words::act(power), words::whom(&power.reach)),
        in_words,
        more: format!(
            "{need} the feature {}; purpose: {}; {}",
            granted.feature,
            words::spelled(power.purpose.as_str()),
            words::limits(power)
        ),
        basis: words::basis(power),
        refusable: !granted.needed && power.legal_basis == LegalBasis::Consent,
    }
}

pub(super) fn after(
    partner: &str,
    platform: &str,
    document: &Agreement,
    offered: &Offered,
    days: Days,
    book: &Book,
    granted: &[&Granted],
) -> Vec<Said> {
    let said = |about, text: String| Said { about, text };
    let mut after = vec![
        said(
            "What the platform gets in return",
            format!(
                "{platform} says in the agreement: {}",
                document.in_return.trim()
            ),
        ),
        said(
            "For how long",
            format!(
                "A yes lasts for {} days, and no longer than the agreement, which ends on {}. It ends sooner when you stop it, which you can do at any time. It can be renewed before it ends; nothing renews itself.",
                days.0,
                document.term.until.day()
            ),
        ),
        said(
            "What is written down",
            format!(
                "That you answered, when, and to this very text. Whatever leaves to {partner} is written on a ledger before it leaves."
            ),
        ),
        said(
            "The agreement",
            format!(
                "{} version {}, SHA-256 {}. {}",
                document.agreement,
                document.version,
                offered.offer.digest,
                role(partner, document)
            ),
        ),
    ];
    if granted
        .iter()
        .any(|granted| !granted.power.retention.eq(&Days(0)))
    {
        after.push(said("What nobody can take back", format!("What {partner} has already got when you stop it. It has signed to keep it no longer than said above, and that cannot be enforced from here.")));
    }
    for notice in &document.notices {
        if let Some(notice) = book.notices.get(notice) {
            after.push(said(
                "The notice that belongs to the agreement",
                notice.text.trim().to_owned(),
            ));
        }
    }
    after
}

fn role(partner: &str, document: &Agreement) -> String {
    let role = words::role(document.claimed_role);
    format!("It calls {partner} {role}; that changes nothing about what you are asked.")
}
