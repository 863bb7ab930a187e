//! Powers, purposes and limits in plain words, where the agreement's own words do not say them.

use decide::{Bar, Frequency, LegalBasis, Per, Power, Reach, Verb};

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
pub(super) fn whom(reach: &Reach) -> String {
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
pub(super) fn basis(power: &Power) -> Option<String> {
    match &power.legal_basis {
        LegalBasis::Consent => None,
        LegalBasis::Other(term) => Some(format!(
            "This stands on another ground than your agreement ({term}), which the platform's policy names."
        )),
    }
}

/// A person's own standing refusal, as they are reminded of it.
pub(super) fn bar(bar: &Bar, partner: &str) -> String {
    match bar {
        Bar::Everything => "You have refused everything to every partner. That stays stronger than a yes here.".to_owned(),
        Bar::Partner(_) => format!("You have refused everything to {partner}. That stays stronger than a yes here."),
        Bar::Through(reach) => format!("You have refused what comes through this way: {}. That stays stronger than a yes here.", spelled(reach.as_str())),
        Bar::GlobalPrivacyControl => "Your browser has said for you that you object to sharing (Global Privacy Control). A yes here sets that aside for the powers about you that you agree to, and for nothing else.".to_owned(),
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
