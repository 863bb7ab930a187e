//! Judging a signature: by whom it can be, over what, and whether it is genuine.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use decide::{AgreementId, AgreementVersion, Digest, OfficerId, Party, Time};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::Jwk;
use serde::{Deserialize, Serialize};

use super::conflict;
use super::error::BadSignature;
use super::keys;
use crate::book::{Book, Officer};
use crate::change::Side;
use crate::documents::agreement::{self, Agreement};

/// The claim `typ` of every signature of an agreement.
pub const TYP: &str = "agreement-signature";
/// A signer's clock may be ahead by so much.
const AHEAD_MS: i64 = 300_000;

/// What an officer signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// [`TYP`].
    pub typ: String,
    /// Which agreement.
    pub agreement: AgreementId,
    /// Which version.
    pub version: u32,
    /// SHA-256 of the exact document, hexadecimal.
    pub digest: Digest,
    /// For which side.
    pub party: Party,
    /// Who.
    pub officer: OfficerId,
    /// When, in seconds since 1970.
    pub iat: i64,
}

/// A JWS taken apart; nothing in it is believed yet.
struct Parts<'a> {
    /// What is signed: header and payload as they stand.
    message: &'a str,
    signature: &'a str,
    alg: String,
    critical: bool,
    claims: Result<Claims, BadSignature>,
}

/// Checks a signature over one document by one public key, without a register: for an officer or anybody else who has
/// the document, the signature and the key.
///
/// # Errors
/// What is wrong with it.
pub fn verify(jws: &str, key: &Jwk, document: &str) -> Result<Claims, BadSignature> {
    let parts = take_apart(jws)?;
    let claims = genuine(&parts, key)?;
    let agreement = agreement::parse("document", document)
        .map_err(|problems| BadSignature::Claims(format!("the document is unsound: {problems}")))?;
    fits(&claims, &agreement.offer(document))?;
    named(&claims, &agreement)?;
    Ok(claims)
}

/// Checks a signature against all that the register knows; `pending` is a document about to be offered.
pub(crate) fn judge(
    jws: &str,
    book: &Book,
    pending: Option<(&Agreement, &str)>,
    now: Time,
) -> Result<Claims, BadSignature> {
    let parts = take_apart(jws)?;
    // Only to find whose key it would have to be; believed after that key has verified it.
    let claimed = parts.claims.clone()?;
    let (offer, agreement) = match pending {
        Some((agreement, text)) => (agreement.offer(text), agreement.clone()),
        None => offered(book, &claimed)?,
    };
    let side = match claimed.party {
        Party::Platform => Side::Platform,
        Party::Partner => Side::Partner(offer.partner.clone()),
    };
    let officer = officer(book, &offer, &side, &claimed)?;
    let claims = by_officer(&parts, officer, &claimed.officer)?;
    fits(&claims, &offer)?;
    named(&claims, &agreement)?;
    let iat = Time(claims.iat.saturating_mul(1000));
    if iat.0 > now.0.saturating_add(AHEAD_MS) {
        return Err(BadSignature::Future { iat, now });
    }
    if claims.party == Party::Platform {
        conflict::refuse_forbidden(&offer, book, now)?;
    }
    Ok(claims)
}

fn offered(book: &Book, claimed: &Claims) -> Result<(AgreementVersion, Agreement), BadSignature> {
    let unknown = || BadSignature::UnknownVersion {
        agreement: claimed.agreement.clone(),
        version: claimed.version,
    };
    let offered = book
        .version(&claimed.agreement, claimed.version)
        .ok_or_else(unknown)?;
    let agreement = agreement::parse("agreement", &offered.document.text).map_err(|_| unknown())?;
    Ok((offered.offer.clone(), agreement))
}

fn officer<'a>(
    book: &'a Book,
    offer: &AgreementVersion,
    side: &Side,
    claimed: &Claims,
) -> Result<&'a Officer, BadSignature> {
    if let Some(officer) = book.officer(side, &claimed.officer) {
        return Ok(officer);
    }
    let other = match side {
        Side::Platform => Side::Partner(offer.partner.clone()),
        Side::Partner(_) => Side::Platform,
    };
    let (officer, party) = (claimed.officer.clone(), claimed.party);
    Err(match book.officer(&other, &claimed.officer) {
        Some(_) => BadSignature::WrongParty { officer, party },
        None => BadSignature::UnknownOfficer { officer, party },
    })
}

/// Whether the officer's key in force made it; a key that has ended is named as such.
fn by_officer(
    parts: &Parts<'_>,
    officer: &Officer,
    id: &OfficerId,
) -> Result<Claims, BadSignature> {
    let wrong = || BadSignature::WrongKey(id.clone());
    let Some(in_force) = officer.in_force() else {
        let at = officer
            .keys
            .last()
            .and_then(|key| key.ended)
            .ok_or_else(wrong)?;
        return Err(BadSignature::Revoked {
            officer: id.clone(),
            at,
        });
    };
    genuine(parts, &in_force.key).map_err(|error| {
        let former = officer
            .keys
            .iter()
            .filter_map(|key| Some((key, key.ended?)));
        let mut ended = former.filter(|(key, _)| genuine(parts, &key.key).is_ok());
        match ended.next() {
            Some((_, at)) => BadSignature::EndedKey {
                officer: id.clone(),
                at,
            },
            None => error,
        }
    })
}

/// The claims, once this key has verified them. The key says which algorithm; the header can only agree.
fn genuine(parts: &Parts<'_>, key: &Jwk) -> Result<Claims, BadSignature> {
    let claims = parts.claims.clone()?;
    let wrong = || BadSignature::WrongKey(claims.officer.clone());
    let algorithm = keys::algorithm(key).map_err(|_| wrong())?;
    let expected = keys::name(algorithm);
    if parts.alg.eq_ignore_ascii_case("none") {
        return Err(BadSignature::Unsigned);
    }
    if parts.alg != expected {
        return Err(BadSignature::Algorithm {
            said: parts.alg.clone(),
            expected,
        });
    }
    if parts.critical {
        return Err(BadSignature::Critical);
    }
    let key = DecodingKey::from_jwk(key).map_err(|_| wrong())?;
    match jsonwebtoken::crypto::verify(parts.signature, parts.message.as_bytes(), &key, algorithm) {
        Ok(true) => Ok(claims),
        _ => Err(wrong()),
    }
}

fn fits(claims: &Claims, offer: &AgreementVersion) -> Result<(), BadSignature> {
    if claims.agreement != offer.agreement {
        return Err(BadSignature::OtherAgreement {
            signed: claims.agreement.clone(),
            expected: offer.agreement.clone(),
        });
    }
    if claims.version != offer.version {
        return Err(BadSignature::OtherVersion {
            agreement: offer.agreement.clone(),
            signed: claims.version,
            expected: offer.version,
        });
    }
    if claims.digest != offer.digest {
        return Err(BadSignature::OtherDocument {
            signed: claims.digest,
            offered: offer.digest,
        });
    }
    Ok(())
}

fn named(claims: &Claims, agreement: &Agreement) -> Result<(), BadSignature> {
    let signatories = agreement.signatories(claims.party);
    if signatories.iter().any(|it| it.officer == claims.officer) {
        return Ok(());
    }
    Err(BadSignature::NotNamed {
        agreement: agreement.agreement.clone(),
        officer: claims.officer.clone(),
        party: claims.party,
    })
}

fn take_apart(jws: &str) -> Result<Parts<'_>, BadSignature> {
    let jws = jws.trim();
    let (message, signature) = jws
        .rsplit_once('.')
        .ok_or(BadSignature::Form("it has no dots"))?;
    let (header, payload) = message
        .split_once('.')
        .ok_or(BadSignature::Form("it has one dot only"))?;
    if payload.contains('.') {
        return Err(BadSignature::Form("it has more than two dots"));
    }
    let decode = |part: &str, what| {
        URL_SAFE_NO_PAD
            .decode(part)
            .map_err(|_| BadSignature::Form(what))
    };
    let header = decode(header, "its header is not base64url")?;
    let payload = decode(payload, "its payload is not base64url")?;
    let header: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&header)
        .map_err(|_| BadSignature::Form("its header is not JSON"))?;
    let alg = header.get("alg").and_then(|alg| alg.as_str());
    let alg = alg
        .ok_or(BadSignature::Form("its header has no alg"))?
        .to_owned();
    let claims = serde_json::from_slice(&payload)
        .map_err(|error| BadSignature::Claims(error.to_string()))
        .and_then(|claims: Claims| match claims.typ.as_str() {
            TYP => Ok(claims),
            other => Err(BadSignature::Typ(other.to_owned())),
        });
    Ok(Parts {
        message,
        signature,
        alg,
        critical: header.contains_key("crit"),
        claims,
    })
}
