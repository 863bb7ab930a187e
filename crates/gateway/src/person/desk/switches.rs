//! The standing refusals that have a switch on the desk: whatever a person can refuse at once, whoever asks.

use std::collections::BTreeSet;

use decide::{Bar, Reach};
use register::Book;

use crate::person::told::Told;
use crate::person::{Visit, words};

/// A refusal and whether it stands.
pub(super) struct Switch {
    /// As the form names it.
    pub(super) name: String,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) on: bool,
    /// Whether it can be lifted here.
    pub(super) liftable: bool,
}

/// The switches: everything, every way through others that any agreement knows, the browser's own signal, and every partner
/// that is refused, since its card can be gone.
pub(super) fn all(visit: &Visit<'_>, told: &Told, set: &[Bar]) -> Vec<Switch> {
    let mut bars = vec![Bar::Everything];
    let reaches = reaches(&visit.gateway.register.book());
    bars.extend(reaches.into_iter().map(Bar::Through));
    bars.push(Bar::GlobalPrivacyControl);
    let refused = set.iter().filter(|bar| matches!(bar, Bar::Partner(_)));
    bars.extend(refused.cloned());
    let switch = |bar: Bar| {
        let (mut title, text) = words::switch(&bar);
        if let Bar::Partner(partner) = &bar {
            title = format!("Nothing to {}", told.name(partner));
        }
        Switch {
            name: name(&bar),
            title,
            text,
            on: set.contains(&bar),
            // What the browser says again with every request would only be set anew.
            liftable: bar != Bar::GlobalPrivacyControl || !visit.signal,
        }
    };
    bars.into_iter().map(switch).collect()
}

/// Every way through others that any agreement ever knew, and friends in any case.
pub(super) fn reaches(book: &Book) -> BTreeSet<Reach> {
    let versions = book.agreements.values().flatten();
    let powers = versions.flat_map(|offered| &offered.offer.powers);
    let others = powers.filter(|power| power.reach != Reach::Own);
    let reaches = others.map(|power| power.reach.clone());
    reaches.chain([Reach::Friend]).collect()
}

/// A bar as a form names it.
pub(in crate::person) fn name(bar: &Bar) -> String {
    match bar {
        Bar::Everything => "everything".to_owned(),
        Bar::Through(reach) => format!("through-{reach}"),
        Bar::Partner(partner) => format!("partner-{partner}"),
        Bar::GlobalPrivacyControl => "gpc".to_owned(),
    }
}

/// The bar that a form means.
pub(super) fn named(name: &str) -> Option<Bar> {
    match name {
        "everything" => Some(Bar::Everything),
        "gpc" => Some(Bar::GlobalPrivacyControl),
        other => match other.split_once('-')? {
            ("through", reach) => {
                let reach: Reach = reach.parse().ok()?;
                (reach != Reach::Own).then_some(Bar::Through(reach))
            }
            ("partner", partner) => Some(Bar::Partner(partner.parse().ok()?)),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bar_reads_back_from_its_name_and_nothing_else_is_one() {
        let through = |reach: &str| Bar::Through(reach.parse().unwrap_or(Reach::Friend));
        for bar in [
            Bar::Everything,
            Bar::GlobalPrivacyControl,
            through("friend"),
            through("friend-of-friend"),
            through("colleague"),
        ] {
            assert_eq!(named(&name(&bar)), Some(bar));
        }
        for none in [
            "",
            "partner",
            "through-",
            "through-own",
            "partner-",
            "Everything",
        ] {
            assert_eq!(named(none), None, "{none:?}");
        }
    }
}
