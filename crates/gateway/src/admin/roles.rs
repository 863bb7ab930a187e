//! Which roles may ask for which endpoint: `roles.toml`, compiled in and read once.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde::Deserialize;

use crate::config::Role;

const FILE: &str = include_str!("roles.toml");

/// Who may ask for an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Allowed {
    /// Whoever can reach the port.
    Anybody,
    /// Those who have one of these roles.
    Roles(BTreeSet<Role>),
}

/// The whole of `roles.toml`, by method and path as the router writes them.
#[derive(Clone, Debug)]
pub struct RoleTable(BTreeMap<String, Allowed>);

/// The file's own form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    api: BTreeMap<String, Vec<Word>>,
    pages: BTreeMap<String, Vec<Word>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Anybody,
    #[serde(untagged)]
    Role(Role),
}

impl RoleTable {
    /// The table as compiled in. One that could not be read has nothing in it, and then nobody may do anything; a test
    /// sees to it that it can.
    #[must_use]
    pub fn new() -> Self {
        let file: Option<File> = toml::from_str(FILE).ok();
        let lines = file.into_iter().flat_map(|file| {
            let File { api, pages } = file;
            api.into_iter().chain(pages)
        });
        Self(lines.map(|(what, who)| (what, Allowed::of(&who))).collect())
    }

    /// Who may ask for it; `None`: it does not stand in the table, and so nobody.
    pub(super) fn allowed(&self, method: &Method, path: &str) -> Option<&Allowed> {
        // Whoever may read may ask how long it is.
        let method = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        self.0.get(&format!("{method} {path}"))
    }

    /// Every line: method and path, and the roles that may; `None` where it is anybody.
    pub fn lines(&self) -> impl Iterator<Item = (&str, Option<&BTreeSet<Role>>)> {
        self.0.iter().map(|(what, allowed)| match allowed {
            Allowed::Anybody => (what.as_str(), None),
            Allowed::Roles(roles) => (what.as_str(), Some(roles)),
        })
    }
}

impl Default for RoleTable {
    fn default() -> Self {
        Self::new()
    }
}

impl Allowed {
    /// Those who may, in words.
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Anybody => "anybody".to_owned(),
            Self::Roles(roles) => {
                let roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
                roles.join(" or ")
            }
        }
    }

    fn of(words: &[Word]) -> Self {
        let roles = words.iter().filter_map(|word| match word {
            Word::Anybody => None,
            Word::Role(role) => Some(*role),
        });
        let roles: BTreeSet<Role> = roles.collect();
        if words.len() == 1 && roles.is_empty() {
            return Self::Anybody;
        }
        Self::Roles(roles)
    }
}
