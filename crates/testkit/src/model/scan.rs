//! Plain questions to a history, each answered by reading it from one end to the other.

use std::collections::BTreeSet;

use decide::{
    AgreementId, AgreementVersion, Bar, Connection, ConnectionId, Day, Event, Form, Happened,
    NoticeHash, PartnerId, Party, PersonNo, Policy, Power, PowerId, Promise, PromiseId, Reach,
    Time,
};

/// The events before now, in order.
pub(super) type History<'a> = &'a [Happened];

pub(super) fn latest(history: History<'_>) -> Option<Time> {
    history.last().map(|it| it.at)
}

pub(super) fn policy(history: History<'_>) -> Option<&Policy> {
    let mut policies = history.iter().filter_map(|it| match &it.event {
        Event::PolicySet { policy } => Some(policy),
        _ => None,
    });
    policies.next_back()
}

pub(super) fn joined(history: History<'_>) -> u64 {
    let counts = history.iter().map(|it| match it.event {
        Event::PeopleJoined { count, .. } => u64::from(count),
        _ => 0,
    });
    counts.sum()
}

pub(super) fn member(history: History<'_>, who: PersonNo) -> bool {
    let left = |it: &Happened| it.event == Event::PersonLeft { person: who };
    u64::from(who.0) < joined(history) && !history.iter().any(left)
}

pub(super) fn enrolled(history: History<'_>, partner: &PartnerId) -> bool {
    history
        .iter()
        .any(|it| matches!(&it.event, Event::PartnerEnrolled { partner: p } if p == partner))
}

pub(super) fn published(history: History<'_>, notice: NoticeHash) -> bool {
    history
        .iter()
        .any(|it| it.event == Event::NoticePublished { notice })
}

/// All versions offered, agreement by agreement in the order of their first offers.
pub(super) fn offers(history: History<'_>) -> Vec<&AgreementVersion> {
    let in_order: Vec<&AgreementVersion> = history
        .iter()
        .filter_map(|it| match &it.event {
            Event::AgreementOffered { offer } => Some(offer),
            _ => None,
        })
        .collect();
    let mut agreements: Vec<&AgreementId> = Vec::new();
    for offer in &in_order {
        if !agreements.contains(&&offer.agreement) {
            agreements.push(&offer.agreement);
        }
    }
    let of = |id: &AgreementId| {
        in_order
            .clone()
            .into_iter()
            .filter(move |it| it.agreement == *id)
            .collect::<Vec<_>>()
    };
    agreements.into_iter().flat_map(of).collect()
}

/// A power of the partner's by its id, from any version that was ever offered.
pub(super) fn power_of<'a>(
    history: History<'a>,
    partner: &PartnerId,
    id: PowerId,
) -> Option<&'a Power> {
    let theirs = offers(history)
        .into_iter()
        .filter(|offer| offer.partner == *partner);
    theirs
        .flat_map(|offer| &offer.powers)
        .find(|power| power.id() == id)
}

/// When one side first signed the version.
pub(super) fn signed(history: History<'_>, offer: &AgreementVersion, side: Party) -> Option<Time> {
    history.iter().find_map(|it| match &it.event {
        Event::AgreementSigned {
            agreement,
            version,
            by,
            ..
        } if *agreement == offer.agreement && *version == offer.version && *by == side => {
            Some(it.at)
        }
        _ => None,
    })
}

/// When the second of both signatures was there.
pub(super) fn countersigned(history: History<'_>, offer: &AgreementVersion) -> Option<Time> {
    let platform = signed(history, offer, Party::Platform)?;
    let partner = signed(history, offer, Party::Partner)?;
    Some(platform.max(partner))
}

/// From when the version could govern: both signatures there and its term begun.
pub(super) fn in_effect_from(history: History<'_>, offer: &AgreementVersion) -> Option<Time> {
    Some(countersigned(history, offer)?.max(offer.term.from))
}

/// Of the versions of one agreement that have come into effect, the highest.
pub(super) fn governing(history: History<'_>, agreement: &AgreementId, at: Time) -> Option<u32> {
    let its = offers(history)
        .into_iter()
        .filter(|offer| offer.agreement == *agreement);
    its.filter(|offer| in_effect_from(history, offer).is_some_and(|from| from <= at))
        .map(|offer| offer.version)
        .max()
}

pub(super) fn ended(history: History<'_>, id: &AgreementId) -> bool {
    history
        .iter()
        .any(|it| matches!(&it.event, Event::AgreementEnded { agreement } if agreement == id))
}

pub(super) fn suspended(history: History<'_>, id: &AgreementId) -> bool {
    let mut suspended = false;
    for it in history {
        match &it.event {
            Event::AgreementSuspended { agreement } if agreement == id => suspended = true,
            Event::AgreementResumed { agreement } if agreement == id => suspended = false,
            _ => {}
        }
    }
    suspended
}

/// Whether the partner handed the power back when this version was signed, or afterwards.
pub(super) fn handed_back(history: History<'_>, offer: &AgreementVersion, id: PowerId) -> bool {
    let signed = countersigned(history, offer);
    history.iter().any(|it| {
        let this = matches!(&it.event, Event::PowerHandedBack { partner, power }
            if *partner == offer.partner && *power == id);
        this && signed.is_none_or(|signed| signed <= it.at)
    })
}

/// Whether the power of this version has lapsed from disuse: once for more than the allowed days unused, for good.
///
/// Days of disuse begin when the version comes into effect; a use of the power by the partner begins them anew, unless
/// the power had lapsed already in every version that had it in effect.
pub(super) fn lapsed(history: History<'_>, of: &AgreementVersion, id: PowerId, at: Time) -> bool {
    let mut last_use: Option<Day> = None;
    let mut gone: Vec<(&AgreementId, u32)> = Vec::new();
    for (n, it) in history.iter().enumerate() {
        let before = &history[..n];
        match &it.event {
            Event::PowerUsed { partner, power } if *partner == of.partner && *power == id => {
                let counts = offers(before).into_iter().any(|offer| {
                    offer.partner == *partner
                        && offer.powers.iter().any(|power| power.id() == id)
                        && in_effect_from(before, offer).is_some_and(|from| from <= it.at)
                        && !gone.contains(&(&offer.agreement, offer.version))
                        && !unused_for_long(before, offer, last_use, it.at)
                });
                if counts {
                    last_use = Some(it.at.day());
                }
            }
            Event::PolicySet { .. } => {
                for offer in offers(before) {
                    if offer.partner == of.partner
                        && unused_for_long(before, offer, last_use, it.at)
                    {
                        gone.push((&offer.agreement, offer.version));
                    }
                }
            }
            _ => {}
        }
    }
    in_effect_from(history, of).is_some()
        && (gone.contains(&(&of.agreement, of.version))
            || unused_for_long(history, of, last_use, at))
}

fn unused_for_long(
    history: History<'_>,
    offer: &AgreementVersion,
    last_use: Option<Day>,
    at: Time,
) -> bool {
    let (Some(from), Some(policy)) = (in_effect_from(history, offer), policy(history)) else {
        return false;
    };
    let since = last_use.unwrap_or(from.day()).max(from.day());
    i64::from(at.day().0) - i64::from(since.0) > i64::from(policy.power_lapses_after.0)
}

pub(super) fn connection<'a>(history: History<'a>, id: &ConnectionId) -> Option<&'a Connection> {
    history.iter().find_map(|it| match &it.event {
        Event::Connected { connection } if connection.connection == *id => Some(connection),
        _ => None,
    })
}

/// Whether the person ended it, or left, or its day has come.
pub(super) fn disconnected(history: History<'_>, link: &Connection, today: Day) -> bool {
    let over = history.iter().any(|it| match &it.event {
        Event::Disconnected { connection } => *connection == link.connection,
        Event::PersonLeft { person } => *person == link.person,
        _ => false,
    });
    over || today >= link.until
}

/// Whether the connection covers the power: agreed to when connecting and not withdrawn since.
pub(super) fn covers(history: History<'_>, link: &Connection, id: PowerId) -> bool {
    let mut covers = false;
    for it in history {
        match &it.event {
            Event::Connected { connection } if connection == link => {
                covers = link.powers.contains(&id)
            }
            Event::ConsentWithdrawn {
                person,
                partner,
                power,
            } if *person == link.person && *partner == link.partner && *power == id => {
                covers = false;
            }
            _ => {}
        }
    }
    covers
}

/// Whether the connecting person has ever done nothing for more than the allowed days since they connected.
pub(super) fn quiet(history: History<'_>, link: &Connection, today: Day) -> bool {
    let mut active: Option<Day> = None;
    let mut quiet = false;
    for (n, it) in history.iter().enumerate() {
        match &it.event {
            Event::Connected { connection } if connection == link => active = Some(it.at.day()),
            Event::PolicySet { .. } => quiet |= idle_for_long(&history[..n], active, it.at.day()),
            Event::PeopleActive { people } if active.is_some() && people.contains(&link.person) => {
                quiet |= idle_for_long(&history[..n], active, it.at.day());
                active = Some(it.at.day());
            }
            _ => {}
        }
    }
    quiet || idle_for_long(history, active, today)
}

fn idle_for_long(history: History<'_>, active: Option<Day>, today: Day) -> bool {
    let (Some(active), Some(policy)) = (active, policy(history)) else {
        return false;
    };
    i64::from(today.0) - i64::from(active.0) > i64::from(policy.connection_quiet_after.0)
}

/// Whether the person's own last word to this power of this partner is a consent that still runs.
pub(super) fn consented(
    history: History<'_>,
    who: PersonNo,
    whom: &PartnerId,
    what: PowerId,
    today: Day,
) -> bool {
    let mut until_when = None;
    for it in history {
        match &it.event {
            Event::ConsentGiven {
                people,
                partner,
                power,
                until,
                ..
            } if people.contains(&who) && partner == whom && *power == what => {
                until_when = Some(*until);
            }
            Event::ConsentWithdrawn {
                person,
                partner,
                power,
            } if *person == who && partner == whom && *power == what => {
                until_when = None;
            }
            Event::PersonLeft { person } if *person == who => until_when = None,
            _ => {}
        }
    }
    until_when.is_some_and(|until| today < until)
}

pub(super) fn barred(history: History<'_>, who: PersonNo, what: &Bar) -> bool {
    let mut barred = false;
    for it in history {
        match &it.event {
            Event::BarSet { person, bar } if *person == who && bar == what => barred = true,
            Event::BarLifted { person, bar } if *person == who && bar == what => barred = false,
            Event::PersonLeft { person } if *person == who => barred = false,
            _ => {}
        }
    }
    barred
}

/// Whether an explicit consent to this `own` power came after the person's Global Privacy Control signal did, and was
/// not withdrawn. The signal repeated while it stands is no new one.
pub(super) fn signal_lifted(
    history: History<'_>,
    who: PersonNo,
    whom: &PartnerId,
    what: PowerId,
) -> bool {
    let mut lifted = false;
    for (n, it) in history.iter().enumerate() {
        let before = &history[..n];
        let is_own = || power_of(before, whom, what).is_some_and(|power| power.reach == Reach::Own);
        match &it.event {
            Event::BarSet {
                person,
                bar: bar @ Bar::GlobalPrivacyControl,
            } if *person == who && !barred(before, who, bar) => {
                lifted = false;
            }
            Event::ConsentGiven {
                people,
                partner,
                power,
                ..
            } if people.contains(&who) && partner == whom && *power == what => {
                lifted |= is_own();
            }
            Event::Connected { connection }
                if connection.person == who
                    && connection.partner == *whom
                    && connection.powers.contains(&what) =>
            {
                lifted |= is_own();
            }
            Event::ConsentWithdrawn {
                person,
                partner,
                power,
            } if *person == who && partner == whom && *power == what => {
                lifted = false;
            }
            _ => {}
        }
    }
    lifted
}

/// The promises that hold at this moment, each as it reads then.
pub(super) fn promises(history: History<'_>, at: Time) -> Vec<&Promise> {
    let ids: BTreeSet<&PromiseId> = history
        .iter()
        .filter_map(|it| match &it.event {
            Event::PromiseMade { promise } => Some(&promise.promise),
            _ => None,
        })
        .collect();
    ids.into_iter()
        .filter_map(|id| as_it_reads(history, id, at))
        .collect()
}

fn as_it_reads<'a>(history: History<'a>, id: &PromiseId, at: Time) -> Option<&'a Promise> {
    let mut since = None;
    let mut reads = None;
    for it in history {
        let (from, to) = match &it.event {
            Event::PromiseMade { promise } if promise.promise == *id => (it.at, Some(promise)),
            Event::PromiseWeakened {
                promise,
                to,
                effective,
            } if promise == id => (*effective, to.as_ref()),
            _ => continue,
        };
        if from <= at && since.is_none_or(|since| since <= from) {
            since = Some(from);
            reads = to;
        }
    }
    let holds = |promise: &&Promise| match promise.form {
        Form::Absolute | Form::UnlessConsented => true,
        Form::NotJudgeable => false,
        Form::Dated { from, until } => {
            let begun = from.or(since).is_some_and(|from| at >= from);
            begun && until.is_none_or(|until| at < until)
        }
    };
    reads.filter(holds)
}
