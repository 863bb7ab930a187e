//! Asks the rule: every question of every row, on every date that matters.

use decide::{
    Asker, Behalf, ClaimedRole, Datum, Day, Facts, LegalBasis, Now, Question, Reason, Subject, Who,
    decide,
};

use crate::dates;
use crate::history::{connection, facts, noon, number};
use crate::outcome::{About, DateOutcome, Outcome, RowOutcome, Verdict};
use crate::read::{Case, Row};
use crate::record::AskRecord;
use crate::wrong::Wrong;

/// How a case is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// What every partner is said to be, instead of what its row says.
    pub role: Option<ClaimedRole>,
    /// The ground on which every power stands instead of consent, named for each of them in the policy: the most that
    /// a label was ever said to bring.
    pub basis: Option<LegalBasis>,
}

/// What the rule says of all of it.
///
/// # Errors
/// The documents make no history that the rule would take.
pub fn judge(case: &Case, asked: &Asked) -> Result<Outcome, Wrong> {
    let mut rows = Vec::new();
    for row in &case.rows {
        let mut of_dates = Vec::new();
        for (day, marks) in dates::of(case, row) {
            let facts = facts(case, row, day, asked)?;
            let asks = row.record.asks.iter().enumerate();
            let verdicts = asks.map(|(nth, ask)| verdict(case, row, &facts, nth, ask, day));
            of_dates.push(DateOutcome {
                day,
                marks,
                standing: dates::standing(row, day),
                verdicts: verdicts.collect(),
            });
        }
        let role = row
            .versions
            .first()
            .map(|version| version.agreement.claimed_role);
        rows.push(RowOutcome {
            row: row.record.row.clone(),
            claimed_role: asked.role.or(role).unwrap_or(ClaimedRole::ThirdParty),
            dates: of_dates,
            unreadable: row.refused.clone(),
        });
    }
    Ok(Outcome {
        case: case.head.case.clone(),
        asked_as: asked.role,
        rows,
    })
}

fn verdict(
    case: &Case,
    row: &Row,
    facts: &Facts,
    nth: usize,
    ask: &AskRecord,
    day: Day,
) -> Verdict {
    let asker = Asker {
        partner: row.record.partner.clone(),
        behalf: connection(nth).map_or(Behalf::Nobody, Behalf::Connection),
        purpose: ask.purpose.clone(),
        verb: ask.verb,
        draws: Vec::new(),
    };
    let reaches: Vec<_> = ask.about.iter().map(|about| about.reach.clone()).collect();
    let subjects: Vec<_> = ask
        .about
        .iter()
        .zip(0u8..)
        .map(|(about, reach)| Subject {
            who: number(case, &about.who).map_or(Who::Unresolved, Who::Known),
            reach,
        })
        .collect();
    let data = [Datum {
        category: 0,
        subjects: 0..u32::try_from(subjects.len()).unwrap_or(u32::MAX),
        made: None,
    }];
    let question = Question {
        asker: &asker,
        categories: std::slice::from_ref(&ask.category),
        reaches: &reaches,
        subjects: &subjects,
        data: &data,
    };
    let decision = decide(facts, &question, Now::At(noon(day)));
    let about: Vec<About> = ask
        .about
        .iter()
        .enumerate()
        .map(|(nth, about)| About {
            who: about.who.clone(),
            reach: about.reach.clone(),
            against: decision.reasons_of_person(0, nth).to_vec(),
        })
        .collect();
    let mut reasons: Vec<Reason> = decision.reasons(0).to_vec();
    reasons.extend(about.iter().flat_map(|about| about.against.iter().cloned()));
    reasons.sort();
    reasons.dedup();
    Verdict {
        ask: ask.ask.clone(),
        verb: ask.verb,
        category: ask.category.clone(),
        purpose: ask.purpose.clone(),
        passes: decision.passes(0),
        reasons,
        about,
    }
}
