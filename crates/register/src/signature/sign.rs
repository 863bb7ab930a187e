//! Signing: done by an officer, on the officer's own machine.

use decide::{OfficerId, Party, Time};
use jsonwebtoken::Header;

use super::error::BadKey;
use super::judge::{Claims, TYP};
use super::keys::SigningKey;
use crate::documents::{Problems, agreement};

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// An unsound document is not signed.
    #[error(transparent)]
    Document(#[from] Problems),
    /// The document does not name the officer for that side.
    #[error(
        "the document does not name {officer} among the officers of the {side}: sign as one whom it names, or ask for a version that names {officer}"
    )]
    NotNamed {
        /// Who wanted to sign.
        officer: OfficerId,
        /// For whom.
        side: &'static str,
    },
    /// The key cannot sign.
    #[error(transparent)]
    Key(#[from] BadKey),
}

/// Signs one exact document as one of the officers whom it names.
///
/// # Errors
/// The document is unsound or does not name the officer, or the key cannot sign.
pub fn sign(
    file: &str,
    document: &str,
    party: Party,
    officer: &OfficerId,
    key: &SigningKey,
    now: Time,
) -> Result<String, SignError> {
    let agreement = agreement::parse(file, document)?;
    let named = agreement
        .signatories(party)
        .iter()
        .any(|it| it.officer == *officer);
    if !named {
        let side = match party {
            Party::Platform => "platform",
            Party::Partner => "partner",
        };
        return Err(SignError::NotNamed {
            officer: officer.clone(),
            side,
        });
    }
    let claims = Claims {
        typ: TYP.to_owned(),
        agreement: agreement.agreement,
        version: agreement.version,
        digest: agreement::digest(document.as_bytes()),
        party,
        officer: officer.clone(),
        iat: now.0.div_euclid(1000),
    };
    let mut header = Header::new(key.algorithm);
    header.typ = Some("JWT".to_owned());
    header.kid = Some(officer.as_str().to_owned());
    jsonwebtoken::encode(&header, &claims, &key.key).map_err(|_| BadKey::Pem.into())
}
