//! Whether a power can be used on a person now: asked of the rule itself, so that a page never says otherwise than a gate.

use decide::{
    Asker, Bar, Behalf, Connection, Datum, Facts, Known, Link, MissingFact, Now, PartnerId,
    PersonNo, Power, Question, Reach, Reason, Subject, Through, Time, Way, Who, decide, preview,
};

/// What stands against a power of a connection of this person's: about themselves the whole answer of the rule, about
/// others what stands against it whoever they are.
pub(super) fn of_connection(
    facts: &Facts,
    connection: &Connection,
    power: &Power,
    now: Time,
) -> Vec<Reason> {
    let asker = Asker {
        partner: connection.partner.clone(),
        behalf: Behalf::Connection(connection.connection.clone()),
        purpose: power.purpose.clone(),
        verb: power.verb,
        draws: Vec::new(),
    };
    let against = if power.reach == Reach::Own {
        about(facts, &asker, connection.person, power, now)
    } else {
        let pair = [(power.category.clone(), power.reach.clone())];
        let looked = preview(facts, &asker, &pair, Now::At(now));
        looked.into_iter().flat_map(|it| it.reasons).collect()
    };
    lasting(against)
}

fn about(facts: &Facts, asker: &Asker, person: PersonNo, power: &Power, now: Time) -> Vec<Reason> {
    let datum = Datum {
        category: 0,
        subjects: 0..1,
        made: Some(now),
    };
    let subject = Subject {
        who: Who::Known(person),
        reach: 0,
    };
    let question = Question {
        asker,
        categories: std::slice::from_ref(&power.category),
        reaches: std::slice::from_ref(&power.reach),
        subjects: &[subject],
        data: &[datum],
    };
    let decision = decide(facts, &question, Now::At(now));
    [decision.reasons(0), decision.reasons_of_person(0, 0)].concat()
}

/// What stands against a consent of this person's, whoever it is that has connected the partner.
pub(super) fn of_consent(
    facts: &Facts,
    person: PersonNo,
    partner: &PartnerId,
    power: &Power,
    now: Time,
) -> Vec<Reason> {
    let act = (power.verb, &power.category, &power.reach, &power.purpose);
    let way = match Way::at(facts, partner, act, now) {
        Ok(way) => way,
        Err(reason) => return vec![reason],
    };
    let bars = facts.bars_of(person);
    let known = Known {
        member: facts.is_member(person),
        connected: false,
        // A consent is to one power; what is granted now may be another one.
        consents: way.power() == Some(power.id()),
        lifted: false,
        everything: bars.contains(&Bar::Everything),
        through: bars.contains(&Bar::Through(power.reach.clone())),
        partner: bars.contains(&Bar::Partner(partner.clone())),
        signal: bars.contains(&Bar::GlobalPrivacyControl),
    };
    let through = match power.reach {
        Reach::Directory => Through::Nobody,
        _ => Through::Connection(Link {
            covers: true,
            ..Link::default()
        }),
    };
    lasting(way.reasons(through, Some(known)))
}

/// Without what depends on the single use: how often it was asked today, how old the datum is.
fn lasting(mut reasons: Vec<Reason>) -> Vec<Reason> {
    reasons.retain(|reason| {
        !matches!(
            reason,
            Reason::TooOften
                | Reason::OutsideWindow
                | Reason::Missing(MissingFact::Use | MissingFact::WhenMade)
        )
    });
    reasons
}
