//! Taking an agreement and its signatures in.
#![expect(clippy::todo, unused_variables, reason = "skeleton")]

use decide::{AgreementId, Time};

use crate::change::Position;
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

/// Why an agreement was not taken in, or not whole.
#[derive(Debug, thiserror::Error)]
pub enum TakeInError {
    /// The document or a signature was refused.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// Offers the document's version unless it was offered before, then takes each signature in. Every signature is checked
/// before anything is written; taking the same in again changes nothing. Blocks.
///
/// # Errors
/// What was refused; nothing has changed then.
pub fn take_in(
    register: &Register,
    document: &[u8],
    signatures: &[&str],
    now: Time,
) -> Result<Taken, TakeInError> {
    todo!()
}
