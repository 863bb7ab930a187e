//! The documents of a trial: configuration, policy, notice and agreements, as an operator would write them.

use std::fmt::Write as _;
use std::net::SocketAddr;

use decide::{Days, LegalBasis, NoticeHash, Power, Verb};
use release::Api;

use crate::broken::{At as _, Result};
use crate::cast::{PARTNERS, Partner};
use crate::platform::NAMED;

/// The platform's officer in every agreement.
pub(crate) const PLATFORM_OFFICER: &str = "greta";
/// What people were shown.
pub(crate) const NOTICE: &str = "Partners may see what you agreed to here.\n";

/// The partner's officer.
pub(crate) fn officer_of(partner: &Partner) -> String {
    format!("{}-officer", partner.id)
}

pub(crate) fn notice() -> NoticeHash {
    NoticeHash(ledger::Hash::of(NOTICE.as_bytes()).0)
}

/// What a trial sets otherwise than by default.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// Requests a second for each partner; `None`: the program's own limit.
    pub(crate) rate_per_partner: Option<u32>,
}

/// Where everybody listens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addresses {
    pub(crate) platform: SocketAddr,
    pub(crate) gateway: SocketAddr,
    pub(crate) admin: SocketAddr,
}

pub(crate) fn configuration(addresses: &Addresses, settings: Settings) -> String {
    let Addresses {
        platform,
        gateway,
        admin,
    } = addresses;
    let limits = settings.rate_per_partner.map_or(String::new(), |rate| {
        format!("[limits]\nrate-per-partner = {rate}\nburst-per-partner = {rate}\n")
    });
    format!(
        r#"# Written by the harness `trial`; `countersign serve --config` reads it.
[listen]
address = "{gateway}"
public-url = "http://{gateway}"
plaintext = true # everything is on this host

[admin]
address = "{admin}"
token = "keys/admin.token"

[platform]
upstream = "http://{platform}"
document = "openapi.json"
overlay = "overlay.json"
token = "keys/platform.token"
idempotency-header = "{NAMED}"

[ledger]
directory = "ledger"
signing-key = "keys/ledger.key"
details-key = "keys/details.key"
anchor = "anchors/ledger"

[register]
directory = "register"
signing-key = "keys/register.key"
anchor = "anchors/register"

[policy]
document = "policy.yaml"

[cursor]
key = "keys/cursor.key"

[telemetry]
log = "warn"

{limits}"#
    )
}

/// Every power that the partner's operations can ask for, as the overlay has it.
pub(crate) fn powers(api: &Api, partner: &Partner) -> Result<Vec<Power>> {
    let operations = api.operations().iter();
    let of_partner = operations.filter(|operation| partner.operations.contains(&operation.id()));
    let mut asked: Vec<_> = of_partner
        .flat_map(|operation| {
            let pairs = operation.pairs().iter().cloned();
            pairs.map(|(category, reach)| (operation.verb(), category, reach))
        })
        .collect();
    asked.sort();
    asked.dedup();
    let purpose: decide::Purpose = partner.purpose.parse().at(partner.purpose)?;
    let power = |(verb, category, reach)| Power {
        verb,
        category,
        reach,
        purpose: purpose.clone(),
        window: None,
        frequency: None,
        retention: Days(30),
        legal_basis: LegalBasis::Consent,
    };
    Ok(asked.into_iter().map(power).collect())
}

/// The platform's policy: every category that anybody's powers name.
pub(crate) fn policy(api: &Api) -> Result<String> {
    let mut categories = Vec::new();
    for partner in &PARTNERS {
        categories.extend(
            powers(api, partner)?
                .into_iter()
                .map(|power| power.category),
        );
    }
    categories.sort();
    categories.dedup();
    let lines: String = categories
        .iter()
        .map(|category| format!("  - {category}\n"))
        .collect();
    Ok(format!(
        "categories:\n{lines}power-lapses-after-days: 90\nconnection-quiet-after-days: 180\nconsent-at-most-days: 365\n"
    ))
}

/// The partner's agreement over these powers.
pub(crate) fn agreement(partner: &Partner, powers: &[Power]) -> String {
    let (id, officer, notice) = (partner.id, officer_of(partner), notice());
    let mut text = format!(
        "agreement: {id}-trial\nversion: 1\npartner: {id}\nclaimed-role: third-party\nin-return: Nothing; this is a trial.\n\
         term:\n  from: 2026-01-01T00:00:00Z\n  until: 2046-01-01T00:00:00Z\n\
         officers:\n  platform:\n    - officer: {PLATFORM_OFFICER}\n      name: Greta Lindqvist\n      title: Head of Partnerships\n\
         \x20 partner:\n    - officer: {officer}\n      name: Olaf Officer\n      title: Head of Data\n\
         approvals:\n  - by: privacy review\n    on: 2026-01-01\nnotices:\n  - {notice}\npowers:\n"
    );
    for power in powers {
        let verb = match power.verb {
            Verb::Read => "read",
            Verb::Write => "write",
            Verb::Delete => "delete",
            Verb::Import => "import",
        };
        let _ = write!(
            text,
            "  - verb: {verb}\n    category: {}\n    reach: {}\n    purpose: {}\n    retention-days: 30\n    \
             legal-basis: consent\n    feature: Everything\n    needed: true\n    in-words: {} uses it.\n",
            power.category, power.reach, power.purpose, partner.name
        );
    }
    text
}
