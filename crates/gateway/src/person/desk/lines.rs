//! The desk's lists: what partners that the person has connected can do, and what others can bring a partner.

use std::collections::BTreeMap;

use decide::{Bar, Connection, ConnectionId, Day, PartnerId, Power, PowerId, Reach, Reason};

use crate::person::renewal::{self, SOON, Stands};
use crate::person::session::Person;
use crate::person::told::{Told, spelled};
use crate::person::{Visit, standing, words};
use crate::trail::By;

/// A partner that the person has connected.
pub(super) struct Connected {
    pub(super) id: ConnectionId,
    pub(super) partner: PartnerId,
    pub(super) name: String,
    pub(super) lines: Vec<Line>,
    pub(super) until: Day,
    /// How long it still runs, if it ends soon.
    pub(super) soon: Option<String>,
    pub(super) notice: String,
    /// Whether the person refuses everything to this partner.
    pub(super) barred: bool,
}

/// What one partner sees of the person when others have connected it.
pub(super) struct Through {
    pub(super) partner: PartnerId,
    pub(super) name: String,
    pub(super) lines: Vec<Line>,
    pub(super) barred: bool,
}

/// One power.
pub(super) struct Line {
    pub(super) power: PowerId,
    /// What its button stops.
    pub(super) act: String,
    pub(super) what: String,
    pub(super) in_words: String,
    /// Where it stands on another ground than agreement.
    pub(super) basis: Option<String>,
    pub(super) until: Option<Day>,
    /// That it ends soon, and what can be done about it.
    pub(super) ending: Option<Ending>,
    /// Why nothing passes by it now; empty: it is open.
    pub(super) closed: Vec<String>,
}

/// A consent that ends soon.
pub(super) struct Ending {
    /// How long it still runs.
    pub(super) left: String,
    /// Where it can be renewed, if it can.
    pub(super) renew: Option<String>,
    /// Whether it cannot only because nothing would make it run longer yet.
    pub(super) no_longer: bool,
}

pub(super) fn connected(
    visit: &Visit<'_>,
    told: &Told,
    bars: &[Bar],
    connection: &Connection,
) -> Connected {
    let facts = visit.gateway.register.facts();
    let powers = connection.powers.iter();
    let known = powers.filter_map(|id| facts.power(&connection.partner, *id));
    let mut lines: Vec<(Power, Line)> = known
        .map(|power| {
            let against = standing::of_connection(facts, connection, &power, visit.now);
            let line = line(visit, told, &connection.partner, &power, &against);
            (power, line)
        })
        .collect();
    // What is about oneself first.
    lines.sort_by(|(one, _), (other, _)| {
        let order = |power: &Power| (power.reach != Reach::Own, power.clone());
        order(one).cmp(&order(other))
    });
    let left = connection.until.since(visit.now.day());
    Connected {
        id: connection.connection.clone(),
        name: told.name(&connection.partner),
        lines: lines.into_iter().map(|(_, line)| line).collect(),
        until: connection.until,
        soon: (left <= SOON).then(|| page::between(visit.now.day(), connection.until)),
        notice: connection.notice.to_string(),
        barred: bars.contains(&Bar::Partner(connection.partner.clone())),
        partner: connection.partner.clone(),
    }
}

/// What the person has agreed to be seen by when somebody else has connected the partner, partner by partner.
pub(super) fn through(visit: &Visit<'_>, person: &Person, told: &Told) -> Vec<Through> {
    let facts = visit.gateway.register.facts();
    let today = visit.now.day();
    let mut partners: BTreeMap<PartnerId, Vec<Line>> = BTreeMap::new();
    for (partner, id) in facts.consents_of(person.number, today) {
        let Some(power) = facts.power(&partner, id) else {
            continue;
        };
        let against = standing::of_consent(facts, person.number, &partner, &power, visit.now);
        let mut line = line(visit, told, &partner, &power, &against);
        line.until = facts.consent_until(person.number, &partner, id, today);
        line.ending = line
            .until
            .filter(|until| until.since(today) <= SOON)
            .and_then(|_| ending(visit, person, &partner, id));
        let by = match power.reach {
            Reach::Own => By::Themselves,
            _ => By::Another,
        };
        // About the person here, and not about whoever connected the partner.
        line.what = format!(
            "{}, {}, for {}",
            words::act(&power),
            words::by(by, Some(&power.reach)),
            words::spelled(power.purpose.as_str())
        );
        partners.entry(partner).or_default().push(line);
    }
    let bars = facts.bars_of(person.number);
    let groups = partners.into_iter().map(|(partner, lines)| Through {
        name: told.name(&partner),
        lines,
        barred: bars.contains(&Bar::Partner(partner.clone())),
        partner,
    });
    groups.collect()
}

/// How a consent that is near its end stands; `None` where it is none of a bystander's.
fn ending(
    visit: &Visit<'_>,
    person: &Person,
    partner: &PartnerId,
    power: PowerId,
) -> Option<Ending> {
    let (ends, stands) = renewal::stands(visit, person.number, partner, power)?;
    Some(Ending {
        left: page::between(visit.now.day(), ends),
        renew: matches!(stands, Stands::Renewable).then(|| renewal::address(partner, power)),
        no_longer: matches!(stands, Stands::NoLonger),
    })
}

fn line(
    visit: &Visit<'_>,
    told: &Told,
    partner: &PartnerId,
    power: &Power,
    against: &[Reason],
) -> Line {
    let platform = &visit.persons.login.platform;
    Line {
        power: power.id(),
        act: match &power.reach {
            Reach::Own => words::act(power),
            others => format!("{} about {}", words::act(power), words::whom(others)),
        },
        what: spelled(power),
        in_words: told.in_words(partner, power.id()),
        basis: words::basis(power),
        until: None,
        ending: None,
        closed: against
            .iter()
            .map(|reason| words::closed(reason, platform))
            .collect(),
    }
}
