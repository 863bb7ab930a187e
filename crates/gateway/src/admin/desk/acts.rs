//! What is done at the desk to an agreement: each form is one change of the register, under the name of who sent it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use decide::{AgreementId, Digest, Event};
use register::{Change, Verdict};

use super::see;
use super::session::{Sent, Visit};
use crate::admin::act::{self, Problem};
use crate::admin::drafts;
use crate::gateway::Gateway;

/// One form.
type Form = (State<Arc<Gateway>>, Path<String>, Visit, Sent);

/// A second person approves the draft or sends it back.
pub(super) async fn review(form: Form) -> Response {
    done(form, |_, agreement, sent| {
        let digest: Option<Digest> = sent.get("digest").and_then(|text| text.parse().ok());
        let verdict = match sent.get("do").as_deref() {
            Some("approve") => Some(Verdict::Approved),
            Some("send-back") => Some(Verdict::SentBack),
            _ => None,
        };
        let (Some(digest), Some(verdict)) = (digest, verdict) else {
            return Err(unread());
        };
        Ok(Change::ReviewDraft {
            agreement,
            digest,
            verdict,
            note: sent.text("note"),
        })
    })
    .await
}

/// The approved draft is offered, as it is.
pub(super) async fn offer(form: Form) -> Response {
    done(form, |gateway, agreement, sent| {
        let book = gateway.register.book();
        let draft = book.drafts.get(&agreement);
        // What is offered is the draft that the page showed, and not one that came since.
        let shown = sent.get("digest").and_then(|text| text.parse().ok());
        let draft = draft.filter(|draft| Some(draft.document.digest) == shown);
        let draft = draft.ok_or_else(|| {
            Problem::Body("the draft is another by now; look at it again".to_owned())
        })?;
        let document = draft.document.text.clone();
        if !draft.approved() {
            return Err(Problem::NotReviewed);
        }
        drafts::may_offer(gateway, &document)?;
        Ok(Change::OfferAgreement { document })
    })
    .await
}

/// An officer's signature is taken in.
pub(super) async fn sign(form: Form) -> Response {
    done(form, |_, _, sent| {
        let jws = sent.text("signature");
        let jws = jws.split_whitespace().collect();
        Ok(Change::SignAgreement { jws })
    })
    .await
}

/// Nothing passes under the agreement until it is resumed.
pub(super) async fn suspend(form: Form) -> Response {
    done(form, |_, agreement, _| {
        Ok(Change::Fact(Event::AgreementSuspended { agreement }))
    })
    .await
}

/// It governs again.
pub(super) async fn resume(form: Form) -> Response {
    done(form, |_, agreement, _| {
        Ok(Change::Fact(Event::AgreementResumed { agreement }))
    })
    .await
}

/// It is over for good. The id has to be typed: nothing brings it back.
pub(super) async fn end(form: Form) -> Response {
    done(form, |_, agreement, sent| {
        if sent
            .get("id")
            .is_none_or(|id| id.trim() != agreement.as_str())
        {
            return Err(Problem::Body(format!(
                "an end is for good, so type the agreement's id: {agreement}"
            )));
        }
        Ok(Change::Fact(Event::AgreementEnded { agreement }))
    })
    .await
}

fn unread() -> Problem {
    Problem::Body("the form is not one of the agreement's page".to_owned())
}

async fn done(
    (State(gateway), Path(id), visit, sent): Form,
    change: impl FnOnce(&Gateway, AgreementId, &Sent) -> Result<Change, Problem>,
) -> Response {
    let page = format!("/desk/agreements/{id}");
    let Ok(agreement) = id.parse::<AgreementId>() else {
        return visit.nothing("There is no agreement of this name.");
    };
    let made = change(&gateway, agreement, &sent);
    let taken = match made {
        Ok(change) => act::change(&gateway, &visit.asking(), change).await,
        Err(problem) => Err(problem),
    };
    match taken {
        Ok(_) => see(&page),
        Err(problem) => visit.refused(&problem, &page),
    }
}
