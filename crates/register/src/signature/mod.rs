//! Officers' signatures over one exact version of an agreement: JWS in compact form (RFC 7515), EdDSA over Ed25519
//! (RFC 8037) or ES256 (RFC 7518), the algorithm chosen by the enrolled key and never by the signature's own header.

mod conflict;
mod error;
mod judge;
mod keys;
mod sign;
pub mod take_in;

pub use conflict::{Conflict, conflicts};
pub use error::{BadKey, BadSignature};
pub use judge::{Claims, TYP, verify};
pub use keys::{SigningKey, read_key_set};
pub use sign::{SignError, sign};

pub(crate) use judge::judge;
pub(crate) use keys::algorithm;
