//! A connection: a person has connected a partner to their account.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{ConnectionId, NoticeHash, PartnerId, PersonNo};
use crate::power::PowerId;
use crate::time::Day;

/// The grant behind a token: which person let which partner act for them, with which powers.
///
/// It carries the connecting person's own consent and nobody else's: that a power with reach `friend` is covered says
/// only that the person lets the partner ask through them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Connection {
    /// Its id; never used twice.
    pub connection: ConnectionId,
    /// Who connected.
    pub person: PersonNo,
    /// Whom.
    pub partner: PartnerId,
    /// The powers that the person agreed to, each on its own.
    pub powers: BTreeSet<PowerId>,
    /// The notice that the person saw.
    pub notice: NoticeHash,
    /// The day on whose beginning it ends.
    pub until: Day,
}
