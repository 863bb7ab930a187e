//! Why a signature or a key is refused, each by name.

use decide::{AgreementId, BadName, Digest, OfficerId, Party, PromiseId, Time};

/// Why a signature is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "each message says what it means and what to do"
)]
pub enum BadSignature {
    #[error(
        "not a signature: {0}; expected a JWS in compact form (three parts of base64url joined by dots)"
    )]
    Form(&'static str),
    #[error("the signature says alg none: it is unsigned; sign it with the officer's key")]
    Unsigned,
    #[error(
        "the signature says alg {said}, the officer's enrolled key is for {expected}; sign with the enrolled key"
    )]
    Algorithm {
        said: String,
        expected: &'static str,
    },
    #[error(
        "the signature's header has crit: it demands something that is not understood here; sign without it"
    )]
    Critical,
    #[error(
        "the signed claims cannot be read: {0}; expected typ, agreement, version, digest, party, officer and iat, nothing else"
    )]
    Claims(String),
    #[error(
        "the signature is a {0:?}, not an agreement-signature; sign the agreement with `countersign agreement sign`"
    )]
    Typ(String),
    #[error(
        "version {version} of agreement {agreement} was never offered; offer the document first"
    )]
    UnknownVersion {
        agreement: AgreementId,
        version: u32,
    },
    #[error(
        "the signature is over version {signed} of agreement {agreement}, not over version {expected}; sign this version"
    )]
    OtherVersion {
        agreement: AgreementId,
        signed: u32,
        expected: u32,
    },
    #[error("the signature is over agreement {signed}, not over {expected}; sign this document")]
    OtherAgreement {
        signed: AgreementId,
        expected: AgreementId,
    },
    #[error(
        "the signature is over another document (SHA-256 {signed}) than the one offered ({offered}); sign its exact bytes"
    )]
    OtherDocument { signed: Digest, offered: Digest },
    #[error("officer {officer} is not enrolled for the {}; enrol the key first", side(.party))]
    UnknownOfficer { officer: OfficerId, party: Party },
    #[error(
        "officer {officer} signs for the {}, but is an officer of the other side; each side signs for itself", side(.party)
    )]
    WrongParty { officer: OfficerId, party: Party },
    #[error("agreement {agreement} does not name {officer} among the officers of the {}; offer a version that does", side(.party))]
    NotNamed {
        agreement: AgreementId,
        officer: OfficerId,
        party: Party,
    },
    #[error("officer {officer} was revoked on {at}; another officer has to sign")]
    Revoked { officer: OfficerId, at: Time },
    #[error(
        "the signature is by a key of officer {officer} that ended on {at}; sign with the key in force"
    )]
    EndedKey { officer: OfficerId, at: Time },
    #[error("the signature is not by the enrolled key of officer {0}, or its bytes were altered")]
    WrongKey(OfficerId),
    #[error("the signature is dated {iat}, after now ({now}); check the signer's clock")]
    Future { iat: Time, now: Time },
    #[error(
        "the platform cannot sign this: promise {promise} is in force and forbids {}; leave the power out, or weaken the promise in public", powers.join("; ")
    )]
    Forbidden {
        promise: PromiseId,
        powers: Vec<String>,
    },
}

/// Why a key cannot be an officer's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "each message says what it means and what to do"
)]
pub enum BadKey {
    #[error("a key of this kind cannot sign agreements; use Ed25519 (kty OKP) or P-256 (kty EC)")]
    Kind,
    #[error("the key says alg {said}, but is one for {expected}; correct its alg")]
    Algorithm {
        said: String,
        expected: &'static str,
    },
    #[error("the key is not for signing (use or key_ops); choose another")]
    Use,
    #[error("the key itself is broken: its public point cannot be read")]
    Broken,
    #[error("the key's kid: {0}")]
    Kid(BadName),
    #[error("{file}: not a JWK set: {what}; expected {{\"keys\": [...]}} as in RFC 7517")]
    Set { file: String, what: String },
    #[error(
        "{file}: key {kid:?} has private parts ({member}); publish public keys only, and replace this one: it is no longer secret"
    )]
    Private {
        file: String,
        kid: String,
        member: &'static str,
    },
    #[error("{file}: kid {kid:?} stands there twice; give each key a kid of its own")]
    KidTwice { file: String, kid: String },
    #[error("the private key cannot be read: expected Ed25519 or P-256 in PEM (PKCS #8)")]
    Pem,
}

fn side(party: &Party) -> &'static str {
    match party {
        Party::Platform => "platform",
        Party::Partner => "partner",
    }
}
