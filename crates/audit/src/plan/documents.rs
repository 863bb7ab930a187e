//! Policy, agreements and promises as dated events.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use decide::{Event, Happened, OfficerId, Party, Time};
use register::documents::{agreement, policy, promise};
use register::signature;
use serde::Deserialize;

use super::{ANCIENT, Documents, PlanError, read_text};
use crate::report::{Act, Role, Source, Words};

/// One version of an agreement, and what became of it. Moments are RFC 3339, or a day (its first moment in UTC).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct AgreementForm {
    document: PathBuf,
    /// When it was offered; left out: when it was first signed, or its term began.
    offered: Option<When>,
    /// When each side signed, as the auditor states it.
    signed_by_platform: Option<When>,
    signed_by_partner: Option<When>,
    /// Signatures as files (JWS), to be checked by the officers' public keys (JWK sets); each has its own moment.
    #[serde(default)]
    signatures: Vec<PathBuf>,
    #[serde(default)]
    keys: Vec<PathBuf>,
    /// From when to when it was suspended; the second may be left out.
    #[serde(default)]
    suspended: Vec<Vec<When>>,
    ended: Option<When>,
}

/// A promise, and when it was given up, if it was.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PromiseForm {
    document: PathBuf,
    /// When it was announced in public that it would no longer hold.
    given_up: Option<When>,
    /// From when it no longer held; at least 30 days after that.
    from: Option<When>,
}

/// A moment or a day.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct When(Time);

impl TryFrom<String> for When {
    type Error = String;

    fn try_from(text: String) -> Result<When, String> {
        match crate::read::list_moment(&text) {
            Ok(at) => Ok(When(at)),
            Err(_) => match crate::read::day(&text) {
                Some(day) => Ok(When(decide::Day(day).begins())),
                None => Err(format!(
                    "{text:?} is no moment: expected RFC 3339 with a zone, or a day such as 2018-12-18"
                )),
            },
        }
    }
}

pub(super) fn read(
    home: &Path,
    policy_at: &Path,
    agreements: &[AgreementForm],
    promises: &[PromiseForm],
    sources: &mut Vec<Source>,
) -> Result<Documents, PlanError> {
    let wrong = |problems: register::documents::Problems| PlanError::Document(problems.to_string());
    let mut documents = Documents {
        standing: Vec::new(),
        words: BTreeMap::new(),
        powers: Vec::new(),
    };
    let path = home.join(policy_at);
    let text = read_text(&path)?;
    let policy = policy::parse(&path.display().to_string(), &text).map_err(wrong)?;
    sources.push(source(policy_at, Role::Policy, &text));
    documents.standing.push(Happened {
        at: ANCIENT,
        event: Event::PolicySet { policy },
    });
    for form in agreements {
        let path = home.join(&form.document);
        let text = read_text(&path)?;
        let read = agreement::parse(&path.display().to_string(), &text).map_err(wrong)?;
        sources.push(source(&form.document, Role::Agreement, &text));
        agreement_events(home, form, &read, &text, &mut documents)?;
    }
    for form in promises {
        let path = home.join(&form.document);
        let text = read_text(&path)?;
        let read = promise::parse(&path.display().to_string(), &text).map_err(wrong)?;
        sources.push(source(&form.document, Role::Promise, &text));
        promise_events(form, read, &mut documents);
    }
    Ok(documents)
}

fn source(path: &Path, role: Role, text: &str) -> Source {
    Source {
        file: path.display().to_string(),
        role,
        form: "yaml".to_owned(),
        bytes: text.len() as u64,
        rows: 1,
        broken: 0,
    }
}

fn promise_events(form: &PromiseForm, read: promise::PromiseDocument, documents: &mut Documents) {
    let id = read.promise.promise.clone();
    let words = Words {
        promise: id.clone(),
        made: read.made,
        summary: read.summary,
        address: read.address,
    };
    documents.words.insert(id.clone(), words);
    documents.standing.push(Happened {
        at: read.made.begins(),
        event: Event::PromiseMade {
            promise: read.promise,
        },
    });
    if let Some(When(at)) = form.given_up {
        let effective = form
            .from
            .map_or(at.plus(decide::NOTICE_OF_WEAKENING), |from| from.0);
        documents.standing.push(Happened {
            at,
            event: Event::PromiseWeakened {
                promise: id,
                to: None,
                effective,
            },
        });
    }
}

fn agreement_events(
    home: &Path,
    form: &AgreementForm,
    read: &agreement::Agreement,
    text: &str,
    documents: &mut Documents,
) -> Result<(), PlanError> {
    let offer = read.offer(text);
    let partner = offer.partner.clone();
    let enrolled = Event::PartnerEnrolled {
        partner: partner.clone(),
    };
    if !documents.standing.iter().any(|it| it.event == enrolled) {
        documents.standing.push(Happened {
            at: ANCIENT,
            event: enrolled,
        });
    }
    let mut signed: Vec<(Party, Time, OfficerId)> = Vec::new();
    for (party, stated) in [
        (Party::Platform, form.signed_by_platform),
        (Party::Partner, form.signed_by_partner),
    ] {
        let officer = read.signatories(party).first().map(|it| it.officer.clone());
        signed.extend(
            stated
                .zip(officer)
                .map(|(When(at), officer)| (party, at, officer)),
        );
    }
    signed.extend(checked(home, form, text)?);
    let offered = form.offered.map(|when| when.0);
    let first = signed.iter().map(|(_, at, _)| *at).min();
    let offered = offered.or(first).unwrap_or(offer.term.from);
    for power in &offer.powers {
        let act = Act {
            verb: power.verb,
            category: power.category.clone(),
            reach: power.reach.clone(),
            purpose: power.purpose.clone(),
        };
        let known = (partner.clone(), power.id(), act);
        if !documents.powers.contains(&known) {
            documents.powers.push(known);
        }
    }
    let (agreement, version, digest) = (offer.agreement.clone(), offer.version, offer.digest);
    let mut happens = |at: Time, event: Event| documents.standing.push(Happened { at, event });
    happens(offered, Event::AgreementOffered { offer });
    for (by, at, officer) in signed {
        happens(
            at.max(offered),
            Event::AgreementSigned {
                agreement: agreement.clone(),
                version,
                digest,
                by,
                officer,
            },
        );
    }
    for span in &form.suspended {
        if let Some(When(from)) = span.first() {
            happens(
                *from,
                Event::AgreementSuspended {
                    agreement: agreement.clone(),
                },
            );
        }
        if let Some(When(until)) = span.get(1) {
            happens(
                *until,
                Event::AgreementResumed {
                    agreement: agreement.clone(),
                },
            );
        }
    }
    if let Some(When(at)) = form.ended {
        happens(at, Event::AgreementEnded { agreement });
    }
    Ok(())
}

/// Signatures that a key of the given sets has made over this very document.
fn checked(
    home: &Path,
    form: &AgreementForm,
    text: &str,
) -> Result<Vec<(Party, Time, OfficerId)>, PlanError> {
    let mut keys = Vec::new();
    for path in &form.keys {
        let path = home.join(path);
        let set =
            signature::read_key_set(&path.display().to_string(), read_text(&path)?.as_bytes());
        keys.extend(
            set.map_err(|error| PlanError::Document(error.to_string()))?
                .keys,
        );
    }
    let mut all = Vec::new();
    for path in &form.signatures {
        let path = home.join(path);
        let jws = read_text(&path)?;
        let mut last = "no key was given".to_owned();
        let claims = keys
            .iter()
            .find_map(|key| match signature::verify(jws.trim(), key, text) {
                Ok(claims) if key.common.key_id.as_deref() == Some(claims.officer.as_str()) => {
                    Some(claims)
                }
                Ok(claims) => {
                    last = format!(
                        "the key that made it is not that of officer {}",
                        claims.officer
                    );
                    None
                }
                Err(error) => {
                    last = error.to_string();
                    None
                }
            });
        let claims = claims.ok_or_else(|| {
            PlanError::Document(format!(
                "{}: {last}\n  to do: correct signatures and keys in the plan",
                path.display()
            ))
        })?;
        all.push((
            claims.party,
            Time(claims.iat.saturating_mul(1000)),
            claims.officer,
        ));
    }
    Ok(all)
}
