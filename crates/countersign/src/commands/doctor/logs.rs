//! The two logs: whole, of one another, and not ahead of the clock; and what the register says about agreements.

use decide::{Days, Time};
use gateway::Config;
use ledger::entry::{self, Entry, Intents};
use ledger::{Hash, Look};
use register::Seen;

use super::Findings;
use crate::output::thousands;
use crate::surroundings::now;
use crate::wiring::seen_register;

/// How many of the ledger's last entries are looked at for the register's position.
const LAST: u64 = 512;

/// An agreement that ends within this is told of.
const SOON: Days = Days(30);

/// Looks at both logs, as the gateway would when it starts. The ledger first, so that every position it cites exists.
pub(super) fn look(config: &Config, found: &mut Findings) -> Option<Seen> {
    let ledger = &config.ledger;
    let anchor = ledger.anchor.as_deref();
    let looked = Look::open(&ledger.directory, ledger.signer.verifier(), anchor);
    let ledger = match looked {
        Ok(ledger) => {
            found.well("ledger", summary(&ledger));
            Some(ledger)
        }
        Err(error) => {
            found.wrong(
                "ledger",
                error,
                "see docs/operate.md; what is there is left as it is",
            );
            None
        }
    };
    let register = match seen_register(config, true) {
        Ok(register) => {
            let people = thousands(u64::from(register.people().len()));
            let summary = summary(register.log());
            found.well("register", format!("{summary}; {people} people"));
            Some(register)
        }
        Err(error) => {
            found.wrong(
                "register",
                error,
                "see docs/operate.md; what is there is left as it is",
            );
            None
        }
    };
    if let (Some(ledger), Some(register)) = (&ledger, &register) {
        positions(ledger, register, found);
    }
    let latest = register.as_ref().and_then(|seen| seen.facts().latest());
    clock(latest.max(ledger.as_ref().and_then(last_minute)), found);
    register
}

fn summary(log: &Look) -> String {
    let beyond = log.size() - log.checkpoint().size;
    let beyond = match beyond {
        0 => String::new(),
        more => format!(", {} of them not yet under a checkpoint", thousands(more)),
    };
    format!("{} entries{beyond}", thousands(log.size()))
}

/// No entry of the ledger may cite a position that the register has not reached.
fn positions(ledger: &Look, register: &Seen, found: &mut Findings) {
    let size = register.log().size();
    let from = ledger.size().saturating_sub(LAST);
    let cited = ledger.iter(from).filter_map(|stored| {
        let entry = Entry::parse(&stored.ok()?.record.entry).ok()?;
        Some(entry.header().register_position)
    });
    match cited.max() {
        Some(cited) if cited > size => found.wrong(
            "positions",
            format!(
                "the ledger cites position {cited} of the register, which has {size} entries: the register is an older copy than the ledger"
            ),
            "restore the newest copy of the register; what it lacks may be withdrawals",
        ),
        _ => found.well("positions", "the register has every position that the ledger cites"),
    }
}

fn last_minute(ledger: &Look) -> Option<Time> {
    let last = ledger.read(ledger.size().checked_sub(1)?).ok()?;
    let entry = Entry::parse(&last.record.entry).ok()?;
    Some(Time(
        i64::from(entry.header().minute.0).saturating_mul(60_000),
    ))
}

fn clock(latest: Option<Time>, found: &mut Findings) {
    let now = now();
    let Some(latest) = latest else {
        return found.well("clock", format!("{now}; nothing to compare it with"));
    };
    let ahead = now.0.saturating_sub(latest.0);
    if ahead < -decide::Watch::CLAMPED_MS {
        found.wrong(
            "clock",
            format!("it says {now}, and something was written down at {latest}: it went back, so everything is refused"),
            "correct the host's clock; nothing has to be restarted",
        );
    } else if ahead > decide::Watch::LEAP_MS {
        found.note(
            "clock",
            format!("it says {now}; the last thing was written down at {latest}, more than an hour before"),
            "a gateway that starts now waits: look at the clock, then serve with --clock-is-right",
        );
    } else {
        found.well(
            "clock",
            format!("{now}, and the last thing was written down at {latest}"),
        );
    }
}

/// Reads and hashes everything.
pub(super) fn verify(config: &Config, found: &mut Findings) {
    let (register, ledger) = (&config.register, &config.ledger);
    let logs = [
        (
            "register",
            register.directory.join("log"),
            &register.signer,
            &register.anchor,
        ),
        (
            "ledger",
            ledger.directory.clone(),
            &ledger.signer,
            &ledger.anchor,
        ),
    ];
    for (name, dir, signer, anchor) in logs {
        let mut intents = Intents::default();
        let mut each = |stored: &ledger::Stored, _: u64| {
            let record = &stored.record;
            if name == "register" {
                return Ok(());
            }
            let entry = entry::check(&record.entry, &record.tags, &record.details);
            let entry = entry.map_err(|error| error.to_string())?;
            let taken = intents.take(stored.index, &entry, Hash::leaf(&record.entry));
            taken.map_err(|error| error.to_string())
        };
        match ledger::verify(&dir, signer.verifier(), anchor.as_deref(), &mut each) {
            Ok(report) => found.well(
                name,
                format!(
                    "{} entries read and hashed again",
                    thousands(report.records)
                ),
            ),
            Err(error) => found.wrong(
                name,
                error,
                "restore this file from a copy; everything else is as it was signed",
            ),
        }
        unknowns(&intents, found);
    }
}

/// Writes of which nobody knows what became.
fn unknowns(intents: &Intents, found: &mut Findings) {
    let many = intents.unknown().count() as u64;
    if many > 0 {
        found.note(
            "writes",
            format!("of {} nobody knows what became", thousands(many)),
            "`countersign unknowns` lists them; look at the platform, and say what you found",
        );
    }
}

/// Agreements whose term ends soon.
pub(super) fn agreements(register: &Seen, found: &mut Findings) {
    let now = now();
    let soon = now.plus(SOON);
    let book = register.book();
    let mut ending = Vec::new();
    for (id, versions) in &book.agreements {
        let signed = |offered: &&std::sync::Arc<register::Offered>| {
            use decide::Party::{Partner, Platform};
            offered.signed_by(Platform) && offered.signed_by(Partner)
        };
        let Some(version) = versions.iter().rfind(signed) else {
            continue;
        };
        let until = version.offer.term.until;
        if until > now && until <= soon {
            ending.push(format!("{id} on {until}"));
        }
    }
    if ending.is_empty() {
        found.well("agreements", "none ends within 30 days");
    } else {
        found.note(
            "agreements",
            format!("ending within 30 days: {}", ending.join(", ")),
            "agree on a new version, or let it end: nothing passes under it afterwards",
        );
    }
}

/// Whether the policy in force is the one of the configuration.
pub(super) fn policy(config: &Config, register: &Seen, found: &mut Findings) {
    let same = register
        .book()
        .policy
        .as_ref()
        .is_some_and(|kept| kept.text.as_bytes() == config.policy.bytes);
    if same {
        found.well("policy", "the one in force is the one of the configuration");
    } else {
        found.note(
            "policy",
            format!("{} is not the one in force", config.policy.path.display()),
            "a gateway that starts takes it in; or `countersign policy set`",
        );
    }
}
