//! Powers, purposes and limits in plain words, where the agreement's own words do not say them.

use decide::{Bar, ClaimedRole, Frequency, LegalBasis, Per, Power, Reach, Reason, Verb};
use ledger::entry::Became;

use crate::trail::{By, Deed};

/// A term without its prefix, as words: `pd:EmailAddress` is "email address".
pub(crate) fn spelled(term: &str) -> String {
    let bare = term.split_once(':').map_or(term, |(_, bare)| bare);
    let mut words: Vec<String> = Vec::new();
    let mut former = ' ';
    for letter in bare.chars() {
        let begins = letter.is_uppercase() && !former.is_uppercase() || "-_".contains(former);
        match words.last_mut() {
            Some(word) if !begins => word.extend(letter.to_lowercase()),
            _ => words.push(letter.to_lowercase().collect()),
        }
        former = letter;
    }
    let words = words.iter().map(|word| word.trim_end_matches(['-', '_']));
    words.collect::<Vec<_>>().join(" ")
}

/// What a power lets a partner do: "see email address".
pub(crate) fn act(power: &Power) -> String {
    let verb = match power.verb {
        Verb::Read => "see",
        Verb::Write => "add or change",
        Verb::Delete => "delete",
        Verb::Import => "hand in",
    };
    format!("{verb} {}", spelled(power.category.as_str()))
}

/// Whom a reach means, to the person who connects.
pub(crate) fn whom(reach: &Reach) -> String {
    match reach {
        Reach::Own => "you",
        Reach::Friend => "your friends",
        Reach::FriendOfFriend => "friends of your friends",
        Reach::Participant => "people who are in a conversation with you",
        Reach::Contact => "people in your contact book",
        Reach::Directory => "people in the directory",
        Reach::Named(name) => return format!("people reached as {}", spelled(name)),
    }
    .to_owned()
}

/// What a partner calls itself. It changes nothing about what passes.
pub(crate) fn role(claimed: ClaimedRole) -> &'static str {
    match claimed {
        ClaimedRole::ThirdParty => "a third party",
        ClaimedRole::ServiceProvider => "a service provider",
        ClaimedRole::JointController => "a joint controller",
    }
}

/// Everything by which a power is narrower than its words.
pub(crate) fn limits(power: &Power) -> String {
    let mut limits = Vec::new();
    if let Some(window) = power.window {
        limits.push(format!("only what was made in the last {} days", window.0));
    }
    if let Some(Frequency { times, per }) = power.frequency {
        let span = match per {
            Per::Hour => "an hour",
            Per::Day => "a day",
            Per::Week => "a week",
            Per::Month => "in 30 days",
        };
        limits.push(format!("at most {times} times {span}"));
    }
    limits.push(match power.retention.0 {
        0 => "not kept".to_owned(),
        1 => "kept for at most a day".to_owned(),
        days => format!("kept for at most {days} days"),
    });
    limits.join("; ")
}

/// What is said where a power does not stand on consent.
pub(crate) fn basis(power: &Power) -> Option<String> {
    match &power.legal_basis {
        LegalBasis::Consent => None,
        LegalBasis::Other(term) => Some(format!(
            "This stands on another ground than your agreement ({term}), which the platform's policy names."
        )),
    }
}

/// A person's own standing refusal, as they are reminded of it.
pub(crate) fn bar(bar: &Bar, partner: &str) -> String {
    match bar {
        Bar::Everything => "You have refused everything to every partner. That stays stronger than a yes here.".to_owned(),
        Bar::Partner(_) => format!("You have refused everything to {partner}. That stays stronger than a yes here."),
        Bar::Through(reach) => format!("You have refused what comes through this way: {}. That stays stronger than a yes here.", spelled(reach.as_str())),
        Bar::GlobalPrivacyControl => "Your browser has said for you that you object to sharing (Global Privacy Control). A yes here sets that aside for the powers about you that you agree to, and for nothing else.".to_owned(),
    }
}

/// A way through others, as people know it.
fn way(reach: &Reach) -> String {
    match reach {
        Reach::Own => "your own connections",
        Reach::Friend => "friends",
        Reach::FriendOfFriend => "friends of friends",
        Reach::Participant => "people in a conversation with you",
        Reach::Contact => "contact books",
        Reach::Directory => "the directory",
        Reach::Named(name) => return format!("people who reach you as {}", spelled(name)),
    }
    .to_owned()
}

/// A standing refusal with a switch: its title, and what it does.
pub(super) fn switch(bar: &Bar) -> (String, String) {
    match bar {
        Bar::Everything => (
            "Nothing to any partner".to_owned(),
            "Whatever you have agreed to, and whatever you are asked: no partner gets anything about you while this is on.".to_owned(),
        ),
        Bar::Through(reach) => {
            let way = way(reach);
            let text = match reach {
                Reach::Friend => "A partner that a friend of yours has connected gets nothing about you, while this is on.".to_owned(),
                _ => format!("A partner gets nothing about you through {way}, while this is on."),
            };
            (format!("Nothing through {way}"), text)
        }
        Bar::Partner(partner) => (
            format!("Nothing to {partner}"),
            "This partner gets nothing about you while this is on.".to_owned(),
        ),
        Bar::GlobalPrivacyControl => (
            "Global Privacy Control".to_owned(),
            "Set when your browser says that you object to sharing. While it is on, no partner gets anything about you through others, and none gets anything for advertising, but for what you have agreed to yourself since.".to_owned(),
        ),
    }
}

/// Why a power that a person has agreed to is closed for the moment, to that person.
pub(super) fn closed(reason: &Reason, platform: &str) -> String {
    match reason {
        Reason::Barred(Bar::Everything) => "you refuse everything to every partner".to_owned(),
        Reason::Barred(Bar::Partner(_)) => "you refuse everything to this partner".to_owned(),
        Reason::Barred(Bar::Through(reach)) => {
            format!("you refuse what comes through {}", way(reach))
        }
        Reason::Barred(Bar::GlobalPrivacyControl) => {
            "your browser's Global Privacy Control stands against it".to_owned()
        }
        Reason::Promised(promise) => {
            format!("{platform} has promised in public that it does not happen ({promise})")
        }
        Reason::ConnectionQuiet => format!(
            "you have done nothing at {platform} for so long that the connection sleeps; it opens only if you connect again"
        ),
        Reason::NotCovered | Reason::NoConsent => {
            "what you agreed to is not what the agreement grants now; you would be asked again"
                .to_owned()
        }
        Reason::NotTheirOwn | Reason::NoConnection | Reason::ConnectionEnded => {
            "you have not connected the partner yourself, so it cannot ask for this".to_owned()
        }
        Reason::Lapsed => "the partner has not used it for so long that it has lapsed".to_owned(),
        other => other.to_string(),
    }
}

/// By which way something happened, to the person it is about.
pub(super) fn by(by: By, reach: Option<&Reach>) -> String {
    let through = match (by, reach) {
        (By::Themselves, _) => return "as yourself".to_owned(),
        (By::Nobody, _) => return "from the directory, for nobody in particular".to_owned(),
        (By::Another, None | Some(Reach::Own)) => "somebody else",
        (By::Another, Some(reach)) => match reach {
            Reach::Own => "somebody else",
            Reach::Friend => "a friend",
            Reach::FriendOfFriend => "a friend of a friend",
            Reach::Participant => "somebody in a conversation with you",
            Reach::Contact => "somebody's contact book",
            Reach::Directory => "the directory",
            Reach::Named(name) => {
                return format!("through somebody who reaches you as {}", spelled(name));
            }
        },
    };
    format!("through {through}")
}

/// What became of something that was to be done, where that is not "done".
pub(super) fn became(deed: Deed) -> &'static str {
    match deed {
        Deed::Disclosed | Deed::Intended(Some(Became::Done)) => "",
        Deed::Intended(Some(Became::Refused)) => " (it was not done)",
        Deed::Intended(Some(Became::Unknown)) => " (nobody knows whether it was done)",
        Deed::Intended(None) => " (under way)",
    }
}

/// How often, since when, and when last.
pub(super) fn times(count: u64, since: &str, last: &str) -> String {
    match count {
        1 => format!("once, {last}"),
        _ => format!(
            "{} times since {since}, last {last}",
            page::thousands(count)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_spelled_as_words() {
        for (term, words) in [
            ("pd:EmailAddress", "email address"),
            ("pd:UID", "uid"),
            ("dpv:ServicePersonalisation", "service personalisation"),
            ("social:ShareInThreads", "share in threads"),
            ("social:first-degree_tie", "first degree tie"),
            ("colleague", "colleague"),
        ] {
            assert_eq!(spelled(term), words);
        }
    }
}
