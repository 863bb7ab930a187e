//! A row in full: what is on record, beside what the rule says.

use std::collections::BTreeSet;

use super::view::{Cite, cites, role};
use crate::dates::{Mark, end};
use crate::outcome::{DateOutcome, Outcome, RowOutcome, Verdict, in_words};
use crate::read::{Case, Row};
use crate::record::{Confidence, Deal, Moment};

/// One row.
pub(super) struct RowView<'a> {
    pub(super) row: &'a Row,
    pub(super) cites: Vec<Cite>,
    pub(super) all_refused: bool,
    pub(super) moments: Vec<MomentView<'a>>,
    pub(super) in_return: &'a str,
    pub(super) in_return_cites: Vec<Cite>,
    pub(super) role: &'static str,
    pub(super) deal: &'static str,
    pub(super) firm: &'static str,
    pub(super) signatures: Vec<(u32, String, &'a str)>,
    pub(super) dates: Vec<DateView<'a>>,
    pub(super) unreadable: Option<&'a str>,
    /// For the table: days or what is known of them.
    pub(super) began: String,
    pub(super) claimed: String,
    pub(super) observed: String,
    pub(super) against: Vec<String>,
}

/// A moment of the record.
pub(super) struct MomentView<'a> {
    pub(super) what: &'static str,
    pub(super) day: Option<String>,
    pub(super) words: &'a str,
    pub(super) cites: Vec<Cite>,
}

/// A date that matters.
pub(super) struct DateView<'a> {
    pub(super) day: String,
    pub(super) why: String,
    pub(super) standing: &'static str,
    pub(super) asks: Vec<AskView<'a>>,
}

/// A question with its answer.
pub(super) struct AskView<'a> {
    pub(super) ask: &'a str,
    pub(super) passes: bool,
    /// Person by person, what stands against it.
    pub(super) why: Vec<String>,
}

pub(super) fn rows<'a>(case: &'a Case, outcome: &'a Outcome) -> Vec<RowView<'a>> {
    let pairs = case.rows.iter().zip(&outcome.rows);
    pairs.map(|(row, said)| view(case, row, said)).collect()
}

fn view<'a>(case: &'a Case, row: &'a Row, said: &'a RowOutcome) -> RowView<'a> {
    let record = &row.record;
    let verdicts = || said.dates.iter().flat_map(|date| &date.verdicts);
    let moments = [
        ("It began", &record.from),
        ("It was there by", &record.known_by),
        ("It is said to have ended", &record.claimed_end),
        ("It was last seen on", &record.observed_end),
    ];
    let of = |(what, moment): (&'static str, &'a Option<Moment>)| {
        let moment = moment.as_ref()?;
        Some(MomentView {
            what,
            day: moment.day.map(|day| day.to_string()),
            words: &moment.on_record,
            cites: cites(case, &moment.sources),
        })
    };
    let day = |moment: &Option<Moment>| match moment {
        Some(Moment { day: Some(day), .. }) => day.to_string(),
        Some(_) => "yes, day not on record".to_owned(),
        None => "not on record".to_owned(),
    };
    let reasons: BTreeSet<_> = verdicts().flat_map(|it| &it.reasons).collect();
    RowView {
        row,
        cites: cites(case, &record.sources),
        all_refused: verdicts().all(|verdict| !verdict.passes),
        moments: moments.into_iter().filter_map(of).collect(),
        in_return: row
            .versions
            .first()
            .map_or("", |it| it.agreement.in_return.as_str()),
        in_return_cites: cites(case, &record.in_return_sources),
        role: role(said.claimed_role),
        deal: deal(record.deal),
        firm: match record.confidence {
            Confidence::Source => "published, not contradicted",
            Confidence::Conflict => "published accounts contradict each other",
            Confidence::OneSide => "one side alone says so",
        },
        signatures: row.versions.iter().map(signature).collect(),
        dates: said.dates.iter().map(|it| date(case, row, it)).collect(),
        unreadable: said.unreadable.as_deref(),
        began: match (&record.from, &record.known_by) {
            (Some(from), _) => day(&Some(from.clone())),
            (None, known) => format!("by {}", day(known)),
        },
        claimed: day(&record.claimed_end),
        observed: day(&record.observed_end),
        against: reasons.into_iter().map(in_words).collect(),
    }
}

fn signature(version: &crate::read::Version) -> (u32, String, &str) {
    let it = &version.record;
    let side = |signed: bool, whose: &str| match signed {
        true => format!("the {whose} is taken to have signed"),
        false => format!("the {whose} has not signed"),
    };
    let both = format!(
        "{}, {}",
        side(it.signed_by_platform, "platform"),
        side(it.signed_by_partner, "partner")
    );
    (it.version, both, &it.because)
}

fn date<'a>(case: &'a Case, row: &Row, date: &'a DateOutcome) -> DateView<'a> {
    let why: Vec<String> = date.marks.iter().map(|mark| why(row, mark)).collect();
    DateView {
        day: date.day.to_string(),
        why: why.join("; "),
        standing: date.standing.words(),
        asks: date.verdicts.iter().map(|it| ask(case, it)).collect(),
    }
}

fn why(row: &Row, mark: &Mark) -> String {
    match mark {
        Mark::Began => "it begins".to_owned(),
        Mark::KnownBy => "it is known to be there".to_owned(),
        Mark::Said(id) => format!("{} is said in public", id.as_str().to_uppercase()),
        Mark::ClaimedEnd => "it is said to end".to_owned(),
        Mark::ObservedEnd if end(row) == row.record.observed_end.as_ref().and_then(|it| it.day) => {
            "it is last seen".to_owned()
        }
        Mark::ObservedEnd => "it stands in the records".to_owned(),
    }
}

fn ask<'a>(case: &Case, verdict: &'a Verdict) -> AskView<'a> {
    let mut why = Vec::new();
    for about in &verdict.about {
        if about.against.is_empty() {
            continue;
        }
        let name = case
            .person(&about.who)
            .map_or(about.who.as_str(), |it| it.name.as_str());
        let reasons: Vec<String> = about.against.iter().map(in_words).collect();
        why.push(format!("{name} ({}): {}", about.reach, reasons.join("; ")));
    }
    AskView {
        ask: &verdict.ask,
        passes: verdict.passes,
        why,
    }
}

fn deal(deal: Deal) -> &'static str {
    match deal {
        Deal::Integration => "features rebuilt inside the partner's product",
        Deal::Device => "features rebuilt on devices",
        Deal::InstantPersonalisation => "a site that knows people on arrival",
        Deal::Messaging => "messages from inside the partner's product",
        Deal::Extension => "more time after an interface was closed",
        Deal::Whitelist => "a list of apps that kept what others lost",
        Deal::PlatformApp => "an app like any other",
        Deal::ContactImport => "contact lists from the partner to the platform",
    }
}
