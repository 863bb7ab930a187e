//! The section about the people who keep the register: names, roles, and a token for each.

use std::collections::BTreeSet;

use decide::StaffId;
use serde::Deserialize;
use toml::Spanned;

use super::error::ConfigError;
use super::read::Reader;
use super::{Secret, file};

/// The name under which the token of `[admin]` is written down; nobody of the staff can be called so.
pub const PROGRAM: &str = "program";

/// What somebody at the administration is there for. Who may do what by it is another file: `admin/roles.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Keeps the register: drafts and offers agreements, takes signatures in, answers for promises.
    Steward,
    /// Reads what a steward has drafted, and approves it or sends it back.
    Reviewer,
    /// Reads everything and changes nothing.
    Auditor,
    /// Runs the gateway, and brings in what the platform's systems tell: people, connections, consents, bars.
    Operator,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 4] = [Role::Steward, Role::Reviewer, Role::Auditor, Role::Operator];

    /// As the configuration writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Steward => "steward",
            Role::Reviewer => "reviewer",
            Role::Auditor => "auditor",
            Role::Operator => "operator",
        }
    }
}

/// One of the people at the administration.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Under which name their changes are written down, for good.
    pub name: StaffId,
    /// What they are there for.
    pub roles: BTreeSet<Role>,
    /// By which they are known.
    pub token: Secret<String>,
}

impl Reader<'_> {
    /// Reads all of [[admin.staff]]. Names and tokens are each one person's: a shared one would make two people one.
    pub(super) fn staff(
        &self,
        all: &[Spanned<file::Staff>],
        program: &str,
    ) -> Result<Vec<Staff>, ConfigError> {
        let mut known: Vec<Staff> = Vec::new();
        for section in all {
            let one = self.one_of_staff(section)?;
            let taken = |token: &str| token == one.token.reveal();
            if taken(program) || known.iter().any(|other| taken(other.token.reveal())) {
                return Err(self.wrong(
                    &section.get_ref().token,
                    format!("the token of {} is somebody else's, too", one.name),
                    "a token of their own for everybody",
                    "make one: openssl rand -hex 32",
                ));
            }
            if known.iter().any(|other| other.name == one.name) {
                return Err(self.wrong(
                    &section.get_ref().name,
                    format!("{} is there twice", one.name),
                    "each name once: it is what a second person is told by",
                    "give everybody a name of their own, and all their roles in one place",
                ));
            }
            known.push(one);
        }
        Ok(known)
    }

    fn one_of_staff(&self, section: &Spanned<file::Staff>) -> Result<Staff, ConfigError> {
        let staff = section.get_ref();
        let name = staff.name.get_ref();
        let parsed: Option<StaffId> = name.parse().ok();
        let Some(parsed) = parsed.filter(|_| name != PROGRAM) else {
            return Err(self.wrong(
                &staff.name,
                format!("{name:?} cannot be the name of one of the staff"),
                "1 to 64 of a-z, 0-9, '-', beginning with a letter, and not \"program\"",
                "choose a short name that stays theirs: it stands in the register for good",
            ));
        };
        if staff.roles.is_empty() {
            return Err(self.wrong(
                section,
                format!("{name} has no role, and could do nothing"),
                "one or more of steward, reviewer, auditor, operator",
                "name what they are there for, or take them out",
            ));
        }
        Ok(Staff {
            name: parsed,
            roles: staff.roles.iter().copied().collect(),
            token: Secret::new(self.admin_token(&staff.token)?),
        })
    }
}
