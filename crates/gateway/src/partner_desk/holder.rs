//! Whose key it is that somebody came in by, and whether it still holds.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use decide::{OfficerId, PartnerId};
use register::{Book, Side};
use serde::Serialize;

use crate::oauth::read_key;

/// An enrolled key that holds.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Holder {
    /// As the partner calls it.
    pub(super) kid: Option<String>,
    /// Its thumbprint (RFC 7638).
    pub(super) thumbprint: String,
    /// The officer whose key it is; `None`: a client's.
    pub(super) officer: Option<OfficerId>,
}

impl Holder {
    /// The key of this thumbprint, as long as the partner publishes it and it is no officer's former one.
    pub(super) fn of(book: &Book, partner: &PartnerId, thumbprint: &[u8; 32]) -> Option<Self> {
        let keys = &book.partners.get(partner)?.jwks.keys;
        let jwk = keys.iter().find(|jwk| print(jwk) == Some(*thumbprint))?;
        let side = Side::Partner(partner.clone());
        let officers = book.officers.get(&side).into_iter().flatten();
        let mut former = false;
        let mut of_officer = None;
        for (id, officer) in officers {
            for key in &officer.keys {
                if print(&key.key) == Some(*thumbprint) {
                    match key.ended {
                        None => of_officer = Some(id.clone()),
                        Some(_) => former = true,
                    }
                }
            }
        }
        let ended = former && of_officer.is_none();
        (!ended).then(|| Self {
            kid: jwk.common.key_id.clone(),
            thumbprint: URL_SAFE_NO_PAD.encode(thumbprint),
            officer: of_officer,
        })
    }
}

/// The thumbprint of a key; `None` for one that nothing is verified by here.
pub(super) fn print(jwk: &impl Serialize) -> Option<[u8; 32]> {
    read_key(jwk).map(|(_, key)| key.thumbprint())
}

/// How it signs, and its thumbprint, for people.
pub(super) fn described(jwk: &impl Serialize) -> Option<(&'static str, String)> {
    let (_, key) = read_key(jwk)?;
    Some((key.algorithm(), URL_SAFE_NO_PAD.encode(key.thumbprint())))
}
