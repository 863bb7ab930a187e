//! How the book changes with each entry. What may change it was checked before.

use std::sync::Arc;

use decide::{Event, OfficerId, StaffId, Time};
use jsonwebtoken::jwk::Jwk;

use super::{Book, Document, Notice, Offered, OfficerKey, Partner, PromiseKept, Signed};
use crate::change::{Change, Side};
use crate::entry::Body;

impl Book {
    /// Whether an entry says anything to the book. Most do not, and a book is copied to be changed.
    pub(crate) fn concerns(body: &Body) -> bool {
        body.change.is_some() || matches!(body.fact, Some(Event::PromiseWeakened { .. }))
    }

    /// Takes in what an entry says.
    pub(crate) fn learn(&mut self, body: &Body) {
        match (&body.change, &body.fact) {
            (Some(change), fact) => {
                self.learn_change(body.at, change, fact.as_ref(), body.by.as_ref());
            }
            (
                None,
                Some(Event::PromiseWeakened {
                    promise,
                    to,
                    effective,
                }),
            ) => {
                if let Some(kept) = self.promises.get_mut(promise) {
                    kept.stages.push((*effective, to.clone()));
                    kept.stages.sort_by_key(|(from, _)| *from);
                }
            }
            (None, _) => {}
        }
    }

    fn learn_change(
        &mut self,
        at: Time,
        change: &Change,
        fact: Option<&Event>,
        by: Option<&StaffId>,
    ) {
        match (change, fact) {
            (
                Change::EnrolPartner {
                    partner,
                    name,
                    jwks,
                },
                _,
            ) => {
                let enrolled = Partner {
                    name: name.clone(),
                    jwks: jwks.clone(),
                    since: at,
                };
                self.partners.insert(partner.clone(), enrolled);
            }
            (Change::PartnerKeys { partner, jwks }, _) => {
                if let Some(known) = self.partners.get_mut(partner) {
                    known.jwks = jwks.clone();
                }
            }
            (Change::EnrolOfficer { side, officer, key }, _)
            | (Change::RotateOfficerKey { side, officer, key }, _) => {
                self.end_key(side, officer, at);
                self.begin_key(side, officer, key, at);
            }
            (Change::RevokeOfficer { side, officer }, _) => self.end_key(side, officer, at),
            (Change::OfferAgreement { document }, Some(Event::AgreementOffered { offer })) => {
                let offered = Offered {
                    at,
                    offer: offer.clone(),
                    document: Document::of(document),
                    signatures: Vec::new(),
                    prepared: self.taken_draft(offer),
                    offered_by: by.cloned(),
                };
                let versions = self.agreements.entry(offer.agreement.clone()).or_default();
                versions.push(Arc::new(offered));
            }
            (Change::SignAgreement { jws }, Some(signed)) => self.learn_signature(at, jws, signed),
            (Change::MakePromise { document }, Some(Event::PromiseMade { promise })) => {
                let kept = PromiseKept {
                    document: Arc::new(Document::of(document)),
                    stages: vec![(at, Some(promise.clone()))],
                };
                self.promises.insert(promise.promise.clone(), kept);
            }
            (Change::SetPolicy { document }, _) => {
                self.policy = Some(Arc::new(Document::of(document)));
            }
            (Change::PublishNotice { language, text }, _) => {
                let notice = Notice {
                    language: language.clone(),
                    text: text.clone(),
                };
                self.notices.insert(notice.hash(), Arc::new(notice));
            }
            (change, _) => self.learn_prepared(at, change, by),
        }
    }

    fn learn_signature(&mut self, at: Time, jws: &str, event: &Event) {
        let Event::AgreementSigned {
            agreement,
            version,
            by,
            officer,
            ..
        } = event
        else {
            return;
        };
        let versions = self.agreements.get_mut(agreement);
        let of_version = |all: &'_ mut Vec<Arc<Offered>>| {
            all.iter_mut()
                .find(|it| it.offer.version == *version)
                .map(|it| {
                    Arc::make_mut(it).signatures.push(Signed {
                        by: *by,
                        officer: officer.clone(),
                        at,
                        jws: jws.to_owned(),
                    });
                })
        };
        versions.and_then(of_version);
    }

    fn begin_key(&mut self, side: &Side, officer: &OfficerId, key: &Jwk, since: Time) {
        let officers = self.officers.entry(side.clone()).or_default();
        officers
            .entry(officer.clone())
            .or_default()
            .keys
            .push(OfficerKey {
                key: key.clone(),
                since,
                ended: None,
            });
    }

    fn end_key(&mut self, side: &Side, officer: &OfficerId, at: Time) {
        let known = self
            .officers
            .get_mut(side)
            .and_then(|all| all.get_mut(officer));
        if let Some(last) = known.and_then(|officer| officer.keys.last_mut()) {
            last.ended.get_or_insert(at);
        }
    }
}
