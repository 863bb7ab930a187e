//! What the platform has promised, and how often each promise made it refuse.

use askama::Template;
use decide::{Day, Form, Promise, PromiseId, Scope, Time};
use http::Response;
use register::PromiseKept;
use register::documents::promise::{self, PromiseDocument};
use serde::Serialize;

use super::Look;
use crate::body::Body;
use crate::person::page::Failure;
use crate::person::words;

/// Counts below this are not shown: so few could be told apart.
pub(super) const SHOWN_FROM: u64 = 20;

#[derive(Template)]
#[template(path = "public_promises.html")]
struct List<'a> {
    look: &'a Look<'a>,
    promises: &'a [Told],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Told {
    promise: PromiseId,
    /// The day on which it was made in public.
    made: Day,
    /// In the steward's own words; the wording itself stands at the address.
    summary: String,
    address: String,
    form: &'static str,
    #[serde(skip)]
    form_in_words: String,
    scope: Scope,
    #[serde(skip)]
    scope_in_words: Vec<(&'static str, String)>,
    /// Since when the register holds it.
    taken_in: Day,
    /// What it becomes, and when, where that was announced.
    announced: Vec<Announced>,
    refused: Refused,
}

/// How often it made the platform refuse.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Refused {
    /// Nobody can judge it, so nothing is refused by it.
    NotJudgeable,
    FewerThan(u64),
    Times(u64),
    /// Older entries of the ledger are still being counted.
    StillBeingCounted,
}

#[derive(Serialize)]
struct Announced {
    from: Day,
    /// `None`: nothing any more.
    form: Option<&'static str>,
    /// Whether it has begun.
    begun: bool,
}

impl Told {
    fn how_often(&self) -> String {
        // What depends on people's consent is not counted, so it is not claimed.
        let did = match self.form {
            "unless-consented" => "stood over calls",
            _ => "made the gateway refuse",
        };
        match self.refused {
            Refused::NotJudgeable => String::new(),
            Refused::FewerThan(few) => {
                format!("It has {did} fewer than {few} times.")
            }
            Refused::Times(times) => format!("It has {did} {} times.", page::thousands(times)),
            Refused::StillBeingCounted => {
                format!("How often it has {did} is still being counted.")
            }
        }
    }
}

/// `promises`
pub(super) fn list(look: &Look<'_>) -> Result<Response<Body>, Failure> {
    let book = look.gateway.register.book();
    let told = book.promises.iter().map(|(id, kept)| told(look, id, kept));
    let promises: Vec<Told> = told.collect::<Option<_>>().ok_or(Failure::Internal)?;
    look.told(
        &List {
            look,
            promises: &promises,
        },
        &promises,
    )
}

fn told(look: &Look<'_>, id: &PromiseId, kept: &PromiseKept) -> Option<Told> {
    let document = promise::parse("promise", &kept.document.text).ok()?;
    let PromiseDocument {
        promise: made_as,
        made,
        summary,
        address,
    } = document;
    let (taken_in, _) = kept.stages.first()?;
    let later = kept.stages.iter().skip(1);
    let present = kept.at(look.now).unwrap_or(&made_as);
    Some(Told {
        refused: refused(look, id, &made_as),
        form: name(present.form),
        form_in_words: in_words(present.form),
        scope_in_words: spelled(&present.scope),
        scope: present.scope.clone(),
        taken_in: taken_in.day(),
        announced: later
            .map(|(from, promise)| Announced {
                from: from.day(),
                form: promise.as_ref().map(|promise| name(promise.form)),
                begun: *from <= look.now,
            })
            .collect(),
        promise: id.clone(),
        made,
        summary: summary.trim().to_owned(),
        address,
    })
}

fn refused(look: &Look<'_>, id: &PromiseId, promise: &Promise) -> Refused {
    if promise.form == Form::NotJudgeable {
        return Refused::NotJudgeable;
    }
    let count = look.gateway.promise_counts.of(id);
    match count.times {
        _ if !count.whole => Refused::StillBeingCounted,
        few if few < SHOWN_FROM => Refused::FewerThan(SHOWN_FROM),
        times => Refused::Times(times),
    }
}

fn name(form: Form) -> &'static str {
    match form {
        Form::Absolute => "absolute",
        Form::UnlessConsented => "unless-consented",
        Form::Dated { .. } => "dated",
        Form::NotJudgeable => "not-judgeable",
    }
}

fn in_words(form: Form) -> String {
    let day = |at: Time| at.day();
    match form {
        Form::Absolute => "Absolute: what it covers does not happen.".to_owned(),
        Form::UnlessConsented => {
            "It does not happen unless every person concerned has consented.".to_owned()
        }
        Form::Dated { from, until } => match (from, until) {
            (Some(from), Some(until)) => {
                format!("Absolute from {} until {}.", day(from), day(until))
            }
            (Some(from), None) => format!("Absolute from {} on.", day(from)),
            (None, Some(until)) => format!("Absolute until {}.", day(until)),
            (None, None) => "Absolute.".to_owned(),
        },
        Form::NotJudgeable => {
            "Nobody can judge whether it is kept. It is listed, and never counted as enforced."
                .to_owned()
        }
    }
}

/// What it covers, where it does not cover everything of a kind.
fn spelled(scope: &Scope) -> Vec<(&'static str, String)> {
    fn listed<T: ToString>(set: &Option<std::collections::BTreeSet<T>>) -> Option<String> {
        let words = set
            .as_ref()?
            .iter()
            .map(|it| words::spelled(&it.to_string()));
        Some(words.collect::<Vec<_>>().join(", "))
    }
    let kinds = [
        ("verb", listed(&scope.verbs)),
        ("data", listed(&scope.categories)),
        ("reach", listed(&scope.reaches)),
        ("purpose", listed(&scope.purposes)),
        ("partner", listed(&scope.partners)),
    ];
    let limited = kinds.into_iter();
    limited
        .filter_map(|(kind, set)| Some((kind, set?)))
        .collect()
}
