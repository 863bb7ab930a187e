//! Taking an agreement and its signatures in.

use decide::{AgreementId, Event, Happened, Party, Time};
use ledger::{Hash, IdempotencyKey};

use super::judge;
use crate::change::{Change, Position};
use crate::documents::agreement;
use crate::error::Refused;
use crate::register::Register;

/// What was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Which agreement.
    pub agreement: AgreementId,
    /// Which version.
    pub version: u32,
    /// Whether both sides have signed it now.
    pub complete: bool,
    /// The register's position afterwards.
    pub position: Position,
}

/// Why an agreement was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum TakeInError {
    /// The document or a signature was refused.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A document is text.
    #[error("{0}: the document is not UTF-8 text")]
    NotText(String),
}

/// Offers the document's version unless it was offered before, then takes each signature in. Every signature is checked
/// before anything is written; taking the same in again changes nothing. `file` is how errors name the document.
/// Blocks; must not be called from async code.
///
/// # Errors
/// What was refused; nothing has changed then (unless the register stopped half way).
pub fn take_in(
    register: &Register,
    file: &str,
    document: &[u8],
    signatures: &[&str],
    now: Time,
) -> Result<Taken, TakeInError> {
    let text = std::str::from_utf8(document).map_err(|_| TakeInError::NotText(file.to_owned()))?;
    let agreement = agreement::parse(file, text).map_err(Refused::from)?;
    let offer = agreement.offer(text);
    let book = register.book();
    let known = book
        .version(&offer.agreement, offer.version)
        .is_some_and(|known| known.offer == offer);
    if !known {
        let event = Event::AgreementOffered {
            offer: offer.clone(),
        };
        register
            .facts()
            .check(&Happened { at: now, event })
            .map_err(Refused::from)?;
    }
    for jws in signatures {
        judge(jws, &book, Some((&agreement, text)), now).map_err(Refused::from)?;
    }
    if !known {
        let change = Change::OfferAgreement {
            document: text.to_owned(),
        };
        register.append_blocking(now, change, key("offer", text))?;
    }
    for jws in signatures {
        let change = Change::SignAgreement {
            jws: (*jws).to_owned(),
        };
        register.append_blocking(now, change, key("sign", jws))?;
    }
    let book = register.book();
    let version = book.version(&offer.agreement, offer.version);
    let complete =
        version.is_some_and(|it| it.signed_by(Party::Platform) && it.signed_by(Party::Partner));
    Ok(Taken {
        agreement: offer.agreement,
        version: offer.version,
        complete,
        position: register.position(),
    })
}

/// The same document or signature has the same key, so that a retry after a lost answer is recognised.
fn key(what: &str, text: &str) -> IdempotencyKey {
    let digest = Hash::of(format!("countersign {what}\n{text}").as_bytes()).0;
    IdempotencyKey(digest.first_chunk::<16>().copied().unwrap_or_default())
}
