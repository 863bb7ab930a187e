//! What the template shows, ready to be shown.

use askama::Template;
use decide::{Form, Time};
use page::{Year, thousands};

use super::lanes::{self, Months, PartnerLane, PromiseLane, Share};
use crate::report::{Finding, NotJudged, Outcome, PromiseLine, Report, Role};

/// All of it.
#[derive(Template)]
#[template(path = "audit.html")]
pub(super) struct Page<'a> {
    pub(super) report: &'a Report,
    pub(super) style: &'static str,
    pub(super) policy: &'static str,
    pub(super) outcome: &'static str,
    pub(super) outcome_class: &'static str,
    pub(super) period: Option<(String, String)>,
    pub(super) figures: Vec<(String, &'static str)>,
    pub(super) years: Vec<Year>,
    pub(super) partners: Vec<PartnerLane>,
    pub(super) promise_lanes: Vec<PromiseLane>,
    pub(super) shares: Vec<Share>,
    pub(super) findings: Vec<FindingView<'a>>,
    pub(super) promises: Vec<PromiseView<'a>>,
    pub(super) not_judged: Vec<(&'a NotJudged, String, Vec<String>)>,
}

/// A finding.
pub(super) struct FindingView<'a> {
    pub(super) it: &'a Finding,
    pub(super) accesses: String,
    pub(super) people: String,
    pub(super) first: String,
    pub(super) last: String,
}

/// A promise and what became of it.
pub(super) struct PromiseView<'a> {
    pub(super) it: &'a PromiseLine,
    pub(super) form: &'static str,
    pub(super) judged: bool,
    pub(super) accesses: String,
}

impl<'a> Page<'a> {
    pub(super) fn new(report: &'a Report) -> Page<'a> {
        let months = Months::of(report);
        let (outcome, outcome_class) = outcome(report);
        Page {
            report,
            style: page::STYLE,
            policy: page::POLICY,
            outcome,
            outcome_class,
            period: report.period.map(|it| (day(&it.first), day(&it.last))),
            figures: figures(report),
            years: months
                .as_ref()
                .map(|it| it.axis.years())
                .unwrap_or_default(),
            partners: months
                .as_ref()
                .map(|it| lanes::partners(report, it))
                .unwrap_or_default(),
            promise_lanes: months
                .as_ref()
                .map(|it| lanes::promises(report, it))
                .unwrap_or_default(),
            shares: lanes::shares(report),
            findings: report.findings.iter().map(finding).collect(),
            promises: report.promises.iter().map(promise).collect(),
            not_judged: report.not_judged.iter().map(not_judged).collect(),
        }
    }
}

pub(super) fn number(number: &u64) -> String {
    thousands(*number)
}

pub(super) fn day(at: &Time) -> String {
    at.day().to_string()
}

pub(super) fn role(role: &Role) -> &'static str {
    match role {
        Role::Policy => "policy",
        Role::Agreement => "agreement",
        Role::Promise => "promise",
        Role::People => "people",
        Role::Consents => "consents",
        Role::Bars => "bars",
        Role::Connections => "connections",
        Role::Activity => "activity",
        Role::Bystanders => "whose data is in answers",
        Role::Log => "access log",
    }
}

fn outcome(report: &Report) -> (&'static str, &'static str) {
    match report.outcome() {
        Outcome::Clean => (
            "Everything was judged, and nothing stands against any of it.",
            "ok",
        ),
        Outcome::Findings => ("Something was found.", "no"),
        Outcome::NotJudged => (
            "Nothing was found, but not everything could be judged. That is not the same as \u{201c}all was well\u{201d}.",
            "open",
        ),
    }
}

fn figures(report: &Report) -> Vec<(String, &'static str)> {
    let totals = &report.totals;
    [
        (totals.rows, "rows of access logs"),
        (totals.refused, "rows against which something stands"),
        (
            totals.permitted,
            "rows that the rule would have let through",
        ),
        (totals.not_judged, "rows on which no verdict is possible"),
        (totals.open, "permitted rows with a question open"),
        (
            totals.people,
            "people about whom data left, as far as known",
        ),
    ]
    .map(|(count, words)| (thousands(count), words))
    .to_vec()
}

fn finding(it: &Finding) -> FindingView<'_> {
    let moment = |at: Option<Time>| at.as_ref().map_or_else(|| "\u{2013}".to_owned(), day);
    FindingView {
        it,
        accesses: thousands(it.accesses),
        people: thousands(it.people),
        first: moment(it.first),
        last: moment(it.last),
    }
}

fn promise(it: &PromiseLine) -> PromiseView<'_> {
    PromiseView {
        it,
        form: match it.form {
            Form::Absolute => "without exception",
            Form::UnlessConsented => "unless everybody concerned has agreed",
            Form::Dated { .. } => "between two dates",
            Form::NotJudgeable => "nobody can judge it: listed, and neither kept nor broken",
        },
        judged: it.form != Form::NotJudgeable,
        accesses: thousands(it.accesses),
    }
}

fn not_judged(it: &NotJudged) -> (&NotJudged, String, Vec<String>) {
    let rows = match it.rows {
        0 => "not known".to_owned(),
        rows => thousands(rows),
    };
    let places = it.places.iter().map(|place| match place.line {
        Some(line) => format!("{}:{line}", place.file),
        None => place.file.clone(),
    });
    (it, rows, places.collect())
}
