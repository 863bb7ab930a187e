//! What the template shows, ready to be shown.

use askama::Template;
use decide::{ClaimedRole, Form};
use page::{Axis, Place, Year};

use super::lane::{Lane, lanes};
use super::rows::{RowView, rows};
use crate::dates::enforced;
use crate::outcome::Outcome;
use crate::read::Case;
use crate::record::Figure;

/// All of it.
#[derive(Template)]
#[template(path = "case.html")]
pub(super) struct Page<'a> {
    pub(super) case: &'a Case,
    pub(super) style: &'static str,
    pub(super) policy: &'static str,
    pub(super) asked_as: Option<&'static str>,
    pub(super) figures: Vec<(&'a Figure, Vec<Cite>)>,
    pub(super) about: Vec<Cite>,
    pub(super) claim: Vec<Cite>,
    pub(super) counts: Counts,
    pub(super) years: Vec<Year>,
    pub(super) flags: Vec<Flag>,
    pub(super) promises: Vec<PromiseView<'a>>,
    pub(super) lanes: Vec<Lane<'a>>,
    pub(super) rows: Vec<RowView<'a>>,
}

/// A citation: the source's id and its number on the page.
#[derive(Clone, Debug)]
pub(super) struct Cite {
    pub(super) id: String,
    pub(super) number: usize,
}

/// What was asked and answered, counted.
pub(super) struct Counts {
    pub(super) rows: usize,
    pub(super) dates: usize,
    pub(super) asked: usize,
    pub(super) passed: usize,
    pub(super) about_others: usize,
    /// Verdicts about others that the label changed.
    pub(super) changed: usize,
}

/// One or several promises made close together, named above the lanes.
pub(super) struct Flag {
    pub(super) at: Place,
    pub(super) names: String,
    pub(super) enforced: bool,
    /// On which side of its line the name stands.
    pub(super) anchor: &'static str,
}

/// A promise in words.
pub(super) struct PromiseView<'a> {
    pub(super) id: &'a str,
    pub(super) made: String,
    pub(super) summary: &'a str,
    pub(super) address: &'a str,
    pub(super) form: &'static str,
    pub(super) enforced: bool,
    pub(super) cites: Vec<Cite>,
}

impl<'a> Page<'a> {
    pub(super) fn new(case: &'a Case, outcome: &'a Outcome, labelled: &Outcome) -> Page<'a> {
        let axis = Axis::new(case.head.axis.from, case.head.axis.until);
        let cited = |figure: &'a Figure| (figure, cites(case, &figure.sources));
        Page {
            case,
            style: page::STYLE,
            policy: page::POLICY,
            asked_as: outcome.asked_as.map(role),
            figures: case.head.figures.iter().map(cited).collect(),
            about: cites(case, &case.head.sources),
            claim: cites(case, &case.head.claimed_role.sources),
            counts: Counts::of(outcome, labelled),
            years: axis.years(),
            flags: flags(case, &axis),
            promises: case.promises.iter().map(|it| promise(case, it)).collect(),
            lanes: lanes(case, outcome, &axis),
            rows: rows(case, outcome),
        }
    }
}

/// The sources' ids, as an attribute takes them.
pub(super) fn ids(cites: &[Cite]) -> String {
    let ids: Vec<&str> = cites.iter().map(|cite| cite.id.as_str()).collect();
    ids.join(" ")
}

pub(super) fn cites(case: &Case, sources: &[String]) -> Vec<Cite> {
    let mut cites: Vec<Cite> = sources
        .iter()
        .filter_map(|id| {
            let number = case.number(id)?;
            Some(Cite {
                id: id.clone(),
                number,
            })
        })
        .collect();
    cites.sort_by_key(|cite| cite.number);
    cites.dedup_by_key(|cite| cite.number);
    cites
}

pub(super) fn role(role: ClaimedRole) -> &'static str {
    match role {
        ClaimedRole::ThirdParty => "third party",
        ClaimedRole::ServiceProvider => "service provider",
        ClaimedRole::JointController => "joint controller",
    }
}

fn promise<'a>(
    case: &'a Case,
    document: &'a register::documents::promise::PromiseDocument,
) -> PromiseView<'a> {
    let id = &document.promise.promise;
    let sources = case.head.statements.iter().find(|it| it.promise == *id);
    PromiseView {
        id: id.as_str(),
        made: document.made.to_string(),
        summary: &document.summary,
        address: &document.address,
        form: match document.promise.form {
            Form::Absolute => "enforced without exception",
            Form::UnlessConsented => "enforced unless everybody concerned has agreed",
            Form::Dated { .. } => "enforced between two dates",
            Form::NotJudgeable => "listed, not enforceable as said",
        },
        enforced: enforced(document.promise.form),
        cites: sources
            .map(|it| cites(case, &it.sources))
            .unwrap_or_default(),
    }
}

/// Promises in the order of their days; those too close together to be read apart share a flag.
fn flags(case: &Case, axis: &Axis) -> Vec<Flag> {
    let mut flags: Vec<Flag> = Vec::new();
    for document in &case.promises {
        let (at, name) = (axis.at(document.made), document.promise.promise.as_str());
        let enforced = enforced(document.promise.form);
        match flags.last_mut() {
            Some(last) if at.0 - last.at.0 < 2.0 && last.enforced == enforced => {
                last.names = format!("{} {}", last.names, name.to_uppercase());
            }
            _ => flags.push(Flag {
                at,
                names: name.to_uppercase(),
                enforced,
                anchor: "middle",
            }),
        }
    }
    // Neighbours on one height turn away from each other.
    let mut last: Option<&mut Flag> = None;
    for flag in flags.iter_mut().filter(|flag| !flag.enforced) {
        if let Some(last) = last.take().filter(|last| flag.at.0 - last.at.0 < 9.0) {
            (last.anchor, flag.anchor) = ("end", "start");
        }
        last = Some(flag);
    }
    flags
}

impl Counts {
    fn of(outcome: &Outcome, labelled: &Outcome) -> Counts {
        let all = || outcome.verdicts().map(|(_, _, verdict)| verdict);
        let changed = outcome.verdicts().zip(labelled.verdicts());
        Counts {
            rows: outcome.rows.len(),
            dates: outcome.rows.iter().map(|row| row.dates.len()).sum(),
            asked: all().count(),
            passed: all().filter(|verdict| verdict.passes).count(),
            about_others: all().filter(|verdict| verdict.reaches_others()).count(),
            changed: changed
                .filter(|((_, _, before), (_, _, after))| {
                    before.reaches_others() && before != after
                })
                .count(),
        }
    }
}
