//! Which events can happen, as the events' own descriptions say.

use std::collections::BTreeSet;

use decide::{
    AgreementId, AgreementVersion, Connection, Day, Days, Event, Happened, NoticeHash, PartnerId,
    PersonNo, Power, PowerId, PromiseId, Time,
};

use super::scan::{self, History};

pub(super) fn accepts(history: History<'_>, Happened { at, event }: &Happened) -> bool {
    let in_order = scan::latest(history).is_none_or(|latest| latest <= *at);
    in_order && can_be(history, *at, event)
}

fn can_be(history: History<'_>, at: Time, event: &Event) -> bool {
    let known = |who: &PersonNo| scan::member(history, *who);
    match event {
        Event::PolicySet { .. } | Event::PowerUsed { .. } | Event::NoticePublished { .. } => true,
        Event::PeopleJoined { first, count } => {
            u64::from(first.0) == scan::joined(history)
                && u64::from(first.0) + u64::from(*count) <= u64::from(u32::MAX)
        }
        Event::PersonLeft { person }
        | Event::BarSet { person, .. }
        | Event::BarLifted { person, .. } => known(person),
        Event::PeopleActive { people } => people.iter().all(known),
        Event::PartnerEnrolled { partner } => !scan::enrolled(history, partner),
        Event::AgreementOffered { offer } => can_be_offered(history, at, offer),
        Event::AgreementSigned {
            agreement,
            version,
            digest,
            ..
        } => {
            let offered = scan::offers(history)
                .into_iter()
                .find(|offer| offer.agreement == *agreement && offer.version == *version);
            live(history, agreement) && offered.is_some_and(|offer| offer.digest == *digest)
        }
        Event::AgreementSuspended { agreement }
        | Event::AgreementResumed { agreement }
        | Event::AgreementEnded { agreement } => live(history, agreement),
        Event::PowerHandedBack { partner, power } => power_known(history, partner, *power),
        Event::ConsentGiven {
            people,
            partner,
            power,
            notice,
            until,
        } => {
            power_known(history, partner, *power)
                && runs(history, at, *notice, *until)
                && people.iter().all(known)
        }
        Event::ConsentWithdrawn {
            person,
            partner,
            power,
        } => known(person) && power_known(history, partner, *power),
        Event::PromiseMade { promise } => !made(history, &promise.promise),
        Event::PromiseWeakened {
            promise,
            to,
            effective,
        } => {
            made(history, promise)
                && to.as_ref().is_none_or(|to| to.promise == *promise)
                && *effective >= at.plus(Days(30))
        }
        Event::Connected { connection } => can_connect(history, at, connection),
        Event::Disconnected { connection } => scan::connection(history, connection).is_some(),
    }
}

/// Known and not over for good.
fn live(history: History<'_>, id: &AgreementId) -> bool {
    let offered = scan::offers(history)
        .into_iter()
        .any(|offer| offer.agreement == *id);
    offered && !scan::ended(history, id)
}

fn can_be_offered(history: History<'_>, at: Time, offer: &AgreementVersion) -> bool {
    let all = scan::offers(history);
    let (earlier, others): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|it| it.agreement == offer.agreement);
    let next = earlier.len() as u32 + 1;
    let acts: BTreeSet<_> = offer.powers.iter().map(act).collect();
    let open = |id: &AgreementId| {
        let mut versions = others.iter().filter(|it| it.agreement == *id);
        !scan::ended(history, id) && versions.any(|it| it.term.until > at)
    };
    let elsewhere = others.iter().any(|it| {
        it.partner == offer.partner
            && open(&it.agreement)
            && it.powers.iter().any(|power| acts.contains(&act(power)))
    });
    scan::enrolled(history, &offer.partner)
        && offer.term.from < offer.term.until
        && earlier.iter().all(|it| it.partner == offer.partner)
        && !scan::ended(history, &offer.agreement)
        && offer.version == next
        && acts.len() == offer.powers.len()
        && !elsewhere
}

fn act(power: &Power) -> (&str, &str, &str, &str) {
    (
        power.verb.as_str(),
        power.category.as_str(),
        power.reach.as_str(),
        power.purpose.as_str(),
    )
}

fn power_known(history: History<'_>, partner: &PartnerId, power: PowerId) -> bool {
    scan::power_of(history, partner, power).is_some()
}

fn runs(history: History<'_>, at: Time, notice: NoticeHash, until: Day) -> bool {
    let today = at.day();
    let short_enough = scan::policy(history).is_some_and(|policy| {
        i64::from(until.0) - i64::from(today.0) <= i64::from(policy.consent_at_most.0)
    });
    short_enough && scan::published(history, notice) && today < until
}

fn made(history: History<'_>, id: &PromiseId) -> bool {
    history
        .iter()
        .any(|it| matches!(&it.event, Event::PromiseMade { promise } if promise.promise == *id))
}

fn can_connect(history: History<'_>, at: Time, it: &Connection) -> bool {
    scan::connection(history, &it.connection).is_none()
        && scan::enrolled(history, &it.partner)
        && scan::member(history, it.person)
        && it
            .powers
            .iter()
            .all(|power| power_known(history, &it.partner, *power))
        && runs(history, at, it.notice, it.until)
}
