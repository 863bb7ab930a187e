//! The trials, each a question put to the whole program.

pub mod faults;
pub mod flood;
pub mod kills;
pub mod soak;
pub mod withdrawals;

use std::sync::Arc;

use crate::broken::Result;
use crate::held;
use crate::in_force::{LookedUp, look_up};
use crate::place::{Log, Settings, open};
use crate::process::Gateway;
use crate::scene::{Counts, Scene};
use crate::work::Harvest;

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
    findings.wrong.extend(scene.findings());
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

/// Stops the gateway, lets the program's own command verify both logs, looks up whether everything acknowledged is in
/// force, and compares everything received with everything on the ledger. Blocks.
fn reckon(
    scene: &Scene,
    gateway: Gateway,
    harvest: &Harvest,
    findings: &mut Findings,
) -> Result<LookedUp> {
    let status = gateway.stop()?;
    if !status.success() {
        findings.wrong(format!("told to stop, the gateway ended with {status}"));
    }
    for log in [Log::Ledger, Log::Register] {
        let key = scene.place.verifier(log)?.to_string();
        if let Err(error) = scene
            .place
            .run(&["verify", "--ledger", log.dir(), "--key", &key])
        {
            findings.wrong(error.to_string());
        }
    }
    let looked = look_up(scene)?;
    let register = open(&scene.place, &scene.place.path(Log::Register.name()))?;
    let held = held::read(&scene.place, &register)?;
    let compared = held::compare(&harvest.receipts, &held, &mut |what| scene.found(what));
    let counts = &scene.counts;
    findings.add("answers received", wide(harvest.receipts.len()));
    findings.add("answers cut off", Counts::get(&counts.cut));
    findings.add("requests without any answer", Counts::get(&counts.lost));
    findings.add("entries on the ledger", held.entries);
    findings.add("answers found on the ledger", compared.matched);
    findings.add("answers not on the ledger", compared.unmatched);
    findings.add(
        "disclosures recorded beyond those received",
        compared.beyond,
    );
    findings.add("withdrawals acknowledged", Counts::get(&counts.taken));
    findings.add("consents acknowledged", Counts::get(&counts.given));
    findings.add(
        "changes by people without an answer",
        Counts::get(&counts.unacknowledged),
    );
    findings.add("wavering people in answers", Counts::get(&counts.there));
    findings.add(
        "wavering people rightly kept out",
        Counts::get(&counts.kept_out),
    );
    Ok(looked)
}

fn wide(many: usize) -> u64 {
    u64::try_from(many).unwrap_or(u64::MAX)
}
