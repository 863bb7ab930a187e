//! The trials, each a question put to the whole program.

pub mod faults;
pub mod flood;
pub mod kills;
mod reckoning;
pub mod soak;
pub mod withdrawals;

use std::sync::Arc;

use crate::place::Settings;
use crate::scene::Scene;

use reckoning::reckon;

/// Any rate: what is asked for is everything.
const UNLIMITED: Settings = Settings {
    rate_per_partner: Some(1_000_000),
};
/// As an operator runs it who has set nothing.
const THE_PROGRAMS_OWN: Settings = Settings {
    rate_per_partner: None,
};

/// What a trial came to.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Counts, in the order in which they are told.
    pub counts: Vec<(&'static str, u64)>,
    /// Further lines: times, sizes.
    pub lines: Vec<String>,
    /// Everything that must not be. Empty where the trial was stood.
    pub wrong: Vec<String>,
    /// Where the deployment still lies, if it stayed.
    pub kept: Option<std::path::PathBuf>,
}

impl Findings {
    /// The count of this name; 0 where there is none.
    #[must_use]
    pub fn count(&self, name: &str) -> u64 {
        self.counts
            .iter()
            .find(|(named, _)| *named == name)
            .map_or(0, |(_, count)| *count)
    }

    pub(crate) fn add(&mut self, name: &'static str, count: u64) {
        self.counts.push((name, count));
    }

    pub(crate) fn wrong(&mut self, what: impl Into<String>) {
        self.wrong.push(what.into());
    }
}

/// Ends a trial: its findings are told, and its place stays where there are some.
pub(crate) fn close(scene: Arc<Scene>, findings: &mut Findings) {
    findings.wrong.extend(scene.told_findings());
    let statuses = scene.counts.statuses();
    if !statuses.is_empty() {
        let each: Vec<String> = statuses
            .iter()
            .map(|(status, count)| format!("{status}: {count}"))
            .collect();
        findings
            .lines
            .push(format!("other answers than 200: {}", each.join(", ")));
    }
    if !findings.wrong.is_empty()
        && let Some(mut scene) = Arc::into_inner(scene)
    {
        findings.kept = Some(scene.place.keep().to_owned());
    }
}

fn wide(many: usize) -> u64 {
    u64::try_from(many).unwrap_or(u64::MAX)
}
