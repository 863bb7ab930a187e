//! `agreement`: from a draft to a version that both sides have signed.

use std::path::Path;

use decide::{AgreementId, Event};
use http::Method;
use register::documents::agreement::{self, Agreement};
use register::{Change, Position};
use serde_json::json;

use super::{fact, say, take};
use crate::args;
use crate::door::{Step, Way};
use crate::exit::{Exit, Failure};
use crate::output::{Format, Table, print, print_json};
use crate::surroundings::{now, read_text};

/// All of it.
pub(crate) fn agreement(args: &args::Agreement, format: Format) -> Result<Exit, Failure> {
    match args {
        args::Agreement::Draft { agreement, partner } => {
            print(&agreement::draft(agreement, partner))?;
            Ok(Exit::Done)
        }
        args::Agreement::Check(args) => check(&args.file, format),
        args::Agreement::Sign(args) => super::sign::sign(args, format),
        args::Agreement::Offer(args) => offer(args, format),
        args::Agreement::Suspend(args) => {
            let event = |agreement| Event::AgreementSuspended { agreement };
            changed(
                args,
                "suspend",
                event,
                format,
                "Suspended: nothing passes under it until it is resumed",
            )
        }
        args::Agreement::Resume(args) => {
            let event = |agreement| Event::AgreementResumed { agreement };
            changed(args, "resume", event, format, "Resumed: it governs again")
        }
        args::Agreement::End(args) => {
            let event = |agreement| Event::AgreementEnded { agreement };
            changed(args, "end", event, format, "Ended for good")
        }
    }
}

/// Reads an agreement, or says everything that is wrong in it.
pub(super) fn read_agreement(path: &Path) -> Result<(Agreement, String), Failure> {
    let text = read_text(path)?;
    match agreement::parse(&path.display().to_string(), &text) {
        Ok(read) => Ok((read, text)),
        Err(problems) => Err(Exit::Document.because(problems)),
    }
}

fn check(path: &Path, format: Format) -> Result<Exit, Failure> {
    let (read, text) = read_agreement(path)?;
    let digest = agreement::digest(text.as_bytes());
    if format == Format::Json {
        let powers = read.powers.iter().map(|granted| {
            json!({
                "id": granted.power.id(),
                "power": granted.power,
                "feature": granted.feature,
                "needed": granted.needed,
                "in_words": granted.in_words,
                "line": granted.line,
            })
        });
        print_json(&json!({
            "agreement": read.agreement,
            "version": read.version,
            "partner": read.partner,
            "digest": digest,
            "powers": powers.collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["line", "power", "grants", "for", "in words"], &[0]);
    for granted in &read.powers {
        let power = &granted.power;
        table.row(vec![
            granted.line.to_string(),
            power.id().to_string(),
            format!(
                "{} {} through {}",
                power.verb,
                power.category,
                power.reach.as_str()
            ),
            power.purpose.to_string(),
            granted.in_words.clone(),
        ]);
    }
    if format == Format::Human {
        print(&format!(
            "{} version {} with {}, document {digest}\n\n",
            read.agreement, read.version, read.partner
        ))?;
    }
    print(&table.text(format))?;
    Ok(Exit::Done)
}

fn offer(args: &args::Offer, format: Format) -> Result<Exit, Failure> {
    let (read, document) = read_agreement(&args.file)?;
    let signatures: Vec<String> = args
        .signatures
        .iter()
        .map(|path| read_text(path))
        .collect::<Result<_, _>>()?;
    let signatures: Vec<&str> = signatures.iter().map(|text| text.trim()).collect();
    let file = args.file.display().to_string();
    let position = match Way::of(&args.door)? {
        Way::Directory(register) => {
            register::take_in(&register, &file, document.as_bytes(), &signatures, now())
                .map_err(|error| Exit::No.because(error))?
                .position
        }
        way @ Way::Admin(_) => in_steps(&way, &document, &signatures)?,
    };
    say(
        position,
        format,
        &format!(
            "{} version {} is offered, with {} signatures",
            read.agreement,
            read.version,
            signatures.len()
        ),
    )
}

/// First the document, then each signature; what was taken in before is recognised.
fn in_steps(way: &Way, document: &str, signatures: &[&str]) -> Result<Position, Failure> {
    let offer = Step::new(Method::POST, "/agreements", document, |_| {
        Ok(Change::OfferAgreement {
            document: document.to_owned(),
        })
    })?;
    let mut position = way.take(&offer.once())?;
    for jws in signatures {
        let step = Step::new(Method::POST, "/agreements/signatures", *jws, |_| {
            Ok(Change::SignAgreement {
                jws: (*jws).to_owned(),
            })
        })?;
        position = way.take(&step.once())?;
    }
    Ok(position)
}

fn changed(
    args: &args::AgreementOf,
    what: &str,
    event: impl Fn(AgreementId) -> Event,
    format: Format,
    done: &str,
) -> Result<Exit, Failure> {
    let agreement = &args.agreement;
    let path = format!("/agreements/{agreement}/{what}");
    let step = Step::new(Method::POST, path, "", |_| {
        Ok(fact(event(agreement.clone())))
    })?;
    take(&args.door, &step, format, done)
}
