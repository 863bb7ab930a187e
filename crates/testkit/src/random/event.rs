//! One attempt at an event.

use decide::{
    AgreementVersion, Bar, ClaimedRole, Connection, ConnectionId, Day, Days, Digest, Event, Form,
    Frequency, Happened, LegalBasis, NoticeHash, PartnerId, Party, Per, PersonNo, Policy, Power,
    PowerId, Promise, PromiseId, Scope, Term, Time, Verb,
};

use super::dice::Dice;
use crate::cast;

/// What powers are about: verb, category, reach, purpose.
const ACTS: [(Verb, &str, &str, &str); 12] = [
    (Verb::Read, "pd:Name", "friend", cast::PERSONALISATION),
    (Verb::Read, "pd:Name", "own", cast::PERSONALISATION),
    (Verb::Read, "pd:EmailAddress", "own", "dpv:Marketing"),
    (
        Verb::Read,
        "social:Message",
        "participant",
        cast::PERSONALISATION,
    ),
    (Verb::Read, "social:Message", "own", cast::PERSONALISATION),
    (Verb::Read, "pd:Name", "directory", cast::PERSONALISATION),
    (
        Verb::Write,
        "social:Message",
        "participant",
        cast::PERSONALISATION,
    ),
    (
        Verb::Read,
        "pd:Name",
        "friend-of-friend",
        cast::PERSONALISATION,
    ),
    (Verb::Delete, "social:Message", "own", "social:Offers"),
    (Verb::Read, "pd:EmailAddress", "contact", "social:Offers"),
    (
        Verb::Import,
        "social:Secret",
        "friend",
        cast::PERSONALISATION,
    ),
    (Verb::Read, "pd:Name", "colleague", "dpv:Marketing"),
];

const PARTNERS: [&str; 3] = ["findr", "reelbox", "tunely"];

pub(super) fn beginning(dice: &mut Dice) -> Vec<Happened> {
    if dice.chance(1, 16) {
        return Vec::new();
    }
    let powers = powers(dice);
    let findr = cast::partner("findr");
    let mut events = vec![
        Event::PolicySet {
            policy: Policy {
                power_lapses_after: Days(60),
                connection_quiet_after: Days(60),
                consent_at_most: Days(200),
                ..policy(dice, &powers)
            },
        },
        Event::NoticePublished {
            notice: cast::notice(),
        },
        Event::PeopleJoined {
            first: PersonNo(0),
            count: 6,
        },
        Event::PartnerEnrolled {
            partner: findr.clone(),
        },
    ];
    if dice.chance(1, 2) {
        events.push(Event::PartnerEnrolled {
            partner: cast::partner("reelbox"),
        });
    }
    let term = Term {
        from: cast::BEGINNING,
        until: cast::BEGINNING.plus(Days(400)),
    };
    events.push(Event::AgreementOffered {
        offer: version("with-findr", 1, &findr, term, &powers, dice),
    });
    events.extend([Party::Platform, Party::Partner].map(|by| signature("with-findr", 1, by)));
    let connection = Connection {
        connection: connection_id(0),
        person: cast::ADA,
        partner: findr.clone(),
        powers: powers.iter().map(Power::id).collect(),
        notice: cast::notice(),
        until: cast::BEGINNING.day().plus(Days(200)),
    };
    events.push(Event::Connected { connection });
    for power in &powers {
        let people: Vec<_> = (0..6).filter(|_| dice.chance(7, 8)).map(PersonNo).collect();
        let until = cast::BEGINNING
            .day()
            .plus(Days(30 + dice.below(170) as u32));
        let (partner, power, notice) = (findr.clone(), power.id(), cast::notice());
        events.push(Event::ConsentGiven {
            people,
            partner,
            power,
            notice,
            until,
        });
    }
    events
        .into_iter()
        .map(|event| Happened {
            at: cast::BEGINNING,
            event,
        })
        .collect()
}

/// One event after all these; what it names is mostly something that they know.
pub(super) fn attempt(dice: &mut Dice, history: &[Happened]) -> Happened {
    let at = moment(dice, history);
    Happened {
        at,
        event: event(dice, history, at),
    }
}

fn moment(dice: &mut Dice, history: &[Happened]) -> Time {
    let last = history.last().map_or(cast::BEGINNING, |it| it.at);
    match dice.below(32) {
        0 => Time(last.0 - 1),
        1..=5 => last.plus(Days(1 + dice.below(20) as u32)),
        6..=7 => last.plus(Days(20 + dice.below(40) as u32)),
        8..=12 => Time(last.0 + dice.below(40_000_000) as i64),
        _ => last,
    }
}

fn event(dice: &mut Dice, history: &[Happened], at: Time) -> Event {
    match dice.below(48) {
        0..=1 => Event::PolicySet {
            policy: policy(dice, &offered(history)),
        },
        2 => Event::PeopleJoined {
            first: PersonNo(next_number(dice, history)),
            count: dice.below(3) as u32,
        },
        3 => Event::PersonLeft {
            person: person(dice),
        },
        4..=7 => Event::PeopleActive {
            people: people(dice),
        },
        8 => Event::PartnerEnrolled {
            partner: partner(dice),
        },
        9..=11 => Event::AgreementOffered {
            offer: offer(dice, history, at),
        },
        12..=16 => sign(dice, history),
        17 => Event::AgreementSuspended {
            agreement: agreement(dice),
        },
        18..=19 => Event::AgreementResumed {
            agreement: agreement(dice),
        },
        20 if dice.chance(1, 2) => Event::AgreementEnded {
            agreement: agreement(dice),
        },
        20 | 21 => {
            let (partner, power) = partners_power(dice, history);
            Event::PowerHandedBack { partner, power }
        }
        22..=25 => {
            let (partner, power) = partners_power(dice, history);
            Event::PowerUsed { partner, power }
        }
        26 => Event::NoticePublished {
            notice: notice(dice),
        },
        27..=31 => {
            let (partner, power) = partners_power(dice, history);
            let (people, notice, until) = (people(dice), notice(dice), until(dice, at));
            Event::ConsentGiven {
                people,
                partner,
                power,
                notice,
                until,
            }
        }
        32..=33 => {
            let (partner, power) = partners_power(dice, history);
            Event::ConsentWithdrawn {
                person: person(dice),
                partner,
                power,
            }
        }
        34..=36 => Event::BarSet {
            person: person(dice),
            bar: bar(dice),
        },
        37..=38 => Event::BarLifted {
            person: person(dice),
            bar: bar(dice),
        },
        39..=40 => Event::PromiseMade {
            promise: promise(dice, at),
        },
        41..=42 => weakening(dice, at),
        43..=45 => Event::Connected {
            connection: connection(dice, history, at),
        },
        _ => Event::Disconnected {
            connection: connection_id(dice.below(4)),
        },
    }
}

fn policy(dice: &mut Dice, powers: &[Power]) -> Policy {
    let days = |dice: &mut Dice| Days(dice.pick(&[0, 10, 30, 60, 60, 60, 90, 90]));
    let named = powers.iter().filter(|_| dice.chance(5, 6));
    let other_bases = named
        .map(|power| (power.id(), power.legal_basis.clone()))
        .collect();
    Policy {
        power_lapses_after: days(dice),
        connection_quiet_after: days(dice),
        consent_at_most: Days(dice.pick(&[5, 200, 365])),
        advertising: if dice.chance(1, 2) {
            [cast::purpose("social:Offers")].into()
        } else {
            [].into()
        },
        other_bases,
        ..cast::policy()
    }
}

fn powers(dice: &mut Dice) -> Vec<Power> {
    let mut powers: Vec<Power> = Vec::new();
    for _ in 0..1 + dice.below(5) {
        let power = power(dice);
        // Mostly not twice, which is invalid.
        let twice = powers.iter().any(|it| {
            (it.verb, &it.category, &it.reach) == (power.verb, &power.category, &power.reach)
        });
        if !twice || dice.chance(1, 64) {
            powers.push(power);
        }
    }
    powers
}

pub(super) fn power(dice: &mut Dice) -> Power {
    let (verb, category, reach, purpose) = dice.pick(&ACTS);
    let other = dice.chance(if reach == "own" { 1 } else { 0 }, 4) || dice.chance(1, 32);
    Power {
        verb,
        category: cast::category(category),
        reach: cast::reach(reach),
        purpose: cast::purpose(purpose),
        window: dice.chance(1, 6).then(|| Days(dice.pick(&[0, 10, 10, 10]))),
        frequency: dice.chance(1, 6).then(|| Frequency {
            times: dice.pick(&[0, 2, 2, 2, 2, 2]),
            per: Per::Day,
        }),
        retention: Days(dice.pick(&[30, 30, 30, 31])),
        legal_basis: if other {
            LegalBasis::Other("eu-gdpr:A6-1-c".into())
        } else {
            LegalBasis::Consent
        },
    }
}

fn version(
    agreement: &str,
    number: u32,
    with: &PartnerId,
    term: Term,
    powers: &[Power],
    dice: &mut Dice,
) -> AgreementVersion {
    let roles = [
        ClaimedRole::ThirdParty,
        ClaimedRole::ServiceProvider,
        ClaimedRole::JointController,
    ];
    AgreementVersion {
        agreement: agreement.parse().expect("an agreement id"),
        version: number,
        partner: with.clone(),
        digest: cast::digest(number),
        claimed_role: dice.pick(&roles),
        term,
        powers: powers.to_vec(),
    }
}

/// Mostly the next version of an agreement, with most of the powers of the last, or a first one.
fn offer(dice: &mut Dice, history: &[Happened], at: Time) -> AgreementVersion {
    let id = agreement(dice);
    let last = offers(history)
        .into_iter()
        .rfind(|offer| offer.agreement == id);
    let mut granted = powers(dice);
    if let Some(last) = last {
        let new = granted.split_off(granted.len() / 2);
        let kept: Vec<Power> = last
            .powers
            .iter()
            .filter(|_| dice.chance(3, 4))
            .cloned()
            .collect();
        let clash = |power: &Power| {
            kept.iter().any(|it| {
                (it.verb, &it.category, &it.reach) == (power.verb, &power.category, &power.reach)
            })
        };
        granted = new.into_iter().filter(|power| !clash(power)).collect();
        granted.extend(kept);
    }
    let from = dice.pick(&[at, at, Time(at.0 - 1), at.plus(Days(7))]);
    let until = from.plus(Days(dice.pick(&[20, 90, 400, 400, 0])));
    let expected = last.map_or(1, |last| last.version + 1);
    let number = if dice.chance(1, 16) {
        dice.below(4) as u32
    } else {
        expected
    };
    let with = match last {
        Some(last) if dice.chance(15, 16) => last.partner.clone(),
        _ if id.as_str() == "with-findr" => cast::partner("findr"),
        _ => partner(dice),
    };
    version(
        id.as_str(),
        number,
        &with,
        Term { from, until },
        &granted,
        dice,
    )
}

fn sign(dice: &mut Dice, history: &[Happened]) -> Event {
    let by = dice.pick(&[Party::Platform, Party::Partner]);
    let all = offers(history);
    let offer = match all.len() {
        0 => None,
        _ if dice.chance(3, 4) => all.last(),
        _ => dice.one(&all),
    };
    match offer {
        Some(offer) if dice.chance(15, 16) => {
            signature(offer.agreement.as_str(), offer.version, by)
        }
        _ => Event::AgreementSigned {
            agreement: agreement(dice),
            version: dice.below(4) as u32,
            digest: Digest([9; 32]),
            by,
            officer: "somebody".parse().expect("an officer id"),
        },
    }
}

fn signature(agreement: &str, version: u32, by: Party) -> Event {
    Event::AgreementSigned {
        agreement: agreement.parse().expect("an agreement id"),
        version,
        digest: cast::digest(version),
        by,
        officer: "an-officer".parse().expect("an officer id"),
    }
}

fn promise(dice: &mut Dice, at: Time) -> Promise {
    let (verb, category, reach, purpose) = dice.pick(&ACTS);
    let (category, reach, purpose) = (
        cast::category(category),
        cast::reach(reach),
        cast::purpose(purpose),
    );
    let some_partner = partner(dice);
    let scope = Scope {
        verbs: dice.chance(1, 4).then(|| [verb].into()),
        categories: dice.chance(1, 2).then(|| [category].into()),
        reaches: dice.chance(1, 2).then(|| [reach].into()),
        purposes: dice.chance(1, 4).then(|| [purpose].into()),
        partners: dice.chance(1, 4).then(|| [some_partner].into()),
    };
    let moment = |dice: &mut Dice| {
        dice.chance(1, 2)
            .then(|| dice.pick(&[at, Time(at.0 - 1), at.plus(Days(5)), at.plus(Days(40))]))
    };
    let form = match dice.below(6) {
        0 => Form::Absolute,
        1..=2 => Form::UnlessConsented,
        3..=4 => Form::Dated {
            from: moment(dice),
            until: moment(dice),
        },
        _ => Form::NotJudgeable,
    };
    Promise {
        promise: promise_id(dice),
        form,
        scope,
    }
}

fn weakening(dice: &mut Dice, at: Time) -> Event {
    let id = promise_id(dice);
    let effective = dice.pick(&[
        at.plus(Days(30)),
        at.plus(Days(31)),
        at.plus(Days(45)),
        at.plus(Days(60)),
        Time(at.plus(Days(30)).0 - 1),
    ]);
    let to = dice.chance(1, 2).then(|| {
        let promise = if dice.chance(15, 16) {
            id.clone()
        } else {
            promise_id(dice)
        };
        Promise {
            promise,
            ..self::promise(dice, effective)
        }
    });
    Event::PromiseWeakened {
        promise: id,
        to,
        effective,
    }
}

fn connection(dice: &mut Dice, history: &[Happened], at: Time) -> Connection {
    let (partner, power) = partners_power(dice, history);
    let mut powers: std::collections::BTreeSet<PowerId> = offers(history)
        .into_iter()
        .filter(|offer| offer.partner == partner)
        .flat_map(|offer| offer.powers.iter().map(Power::id))
        .filter(|_| dice.chance(3, 4))
        .collect();
    powers.insert(power);
    Connection {
        connection: connection_id(dice.below(4)),
        person: person(dice),
        partner,
        powers,
        notice: notice(dice),
        until: until(dice, at),
    }
}

fn bar(dice: &mut Dice) -> Bar {
    match dice.below(8) {
        0 => Bar::Everything,
        1..=2 => Bar::Through(cast::reach(dice.pick(&ACTS).2)),
        3 => Bar::Partner(partner(dice)),
        _ => Bar::GlobalPrivacyControl,
    }
}

fn until(dice: &mut Dice, at: Time) -> Day {
    let today = at.day();
    match dice.below(32) {
        0 => today,
        1 => today.plus(Days(366)),
        _ => today.plus(Days(1 + dice.below(100) as u32)),
    }
}

fn notice(dice: &mut Dice) -> NoticeHash {
    if dice.chance(15, 16) {
        cast::notice()
    } else {
        NoticeHash([8; 32])
    }
}

fn next_number(dice: &mut Dice, history: &[Happened]) -> u32 {
    let joined: u32 = history
        .iter()
        .map(|it| {
            if let Event::PeopleJoined { count, .. } = it.event {
                count
            } else {
                0
            }
        })
        .sum();
    if dice.chance(7, 8) {
        joined
    } else {
        dice.below(9) as u32
    }
}

/// Mostly somebody who has joined.
fn person(dice: &mut Dice) -> PersonNo {
    PersonNo(dice.pick(&[0, 0, 0, 1, 1, 2, 3, 4, 5, 6]))
}

fn people(dice: &mut Dice) -> Vec<PersonNo> {
    (0..1 + dice.below(3)).map(|_| person(dice)).collect()
}

pub(super) fn partner(dice: &mut Dice) -> PartnerId {
    cast::partner(dice.pick(&PARTNERS))
}

fn agreement(dice: &mut Dice) -> decide::AgreementId {
    dice.pick(&[
        "with-findr",
        "with-findr",
        "with-findr",
        "more-findr",
        "with-reelbox",
    ])
    .parse()
    .expect("an agreement id")
}

fn promise_id(dice: &mut Dice) -> PromiseId {
    dice.pick(&["p-one", "p-two"])
        .parse()
        .expect("a promise id")
}

pub(super) fn connection_id(number: u64) -> ConnectionId {
    format!("link-{number}").parse().expect("a connection id")
}

pub(super) fn offers(history: &[Happened]) -> Vec<&AgreementVersion> {
    let offered = history.iter().filter_map(|it| match &it.event {
        Event::AgreementOffered { offer } => Some(offer),
        _ => None,
    });
    offered.collect()
}

fn offered(history: &[Happened]) -> Vec<Power> {
    offers(history)
        .into_iter()
        .flat_map(|offer| offer.powers.clone())
        .collect()
}

/// Mostly a power and the partner to whom it was offered.
fn partners_power(dice: &mut Dice, history: &[Happened]) -> (PartnerId, PowerId) {
    let all: Vec<_> = offers(history)
        .into_iter()
        .flat_map(|offer| {
            offer
                .powers
                .iter()
                .map(|power| (offer.partner.clone(), power.id()))
        })
        .collect();
    match dice.one(&all) {
        Some((theirs, power)) if dice.chance(15, 16) => (theirs.clone(), *power),
        Some((_, power)) if dice.chance(1, 2) => (partner(dice), *power),
        _ => (partner(dice), power(dice).id()),
    }
}
