//! The demo's directory: the same configuration, keys and documents that an operator would write.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use jsonwebtoken::jwk::JwkSet;
use partner::{Algorithm, Key};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tempfile::TempDir;

use super::cast::{OVERLAY, PARTNERS, PLATFORM_OFFICER, POLICY, PROMISES};
use super::letters::Letters;
use crate::commands::{generate, write_pair};
use crate::exit::{Exit, Failure};
use crate::surroundings::{read, write_new};

/// Where everything lies; a temporary one goes when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    dir: PathBuf,
    _temporary: Option<TempDir>,
}

/// Keys of everybody who acts in the demo. An operator would never have them all.
#[derive(Debug)]
pub(super) struct Keys {
    /// The platform's officer.
    pub(super) platform: Key,
    /// In the order of [`PARTNERS`]: the partner's officer, and its client.
    pub(super) partners: Vec<(Key, Key)>,
}

/// Where everybody listens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Addresses {
    /// The sample platform.
    pub(super) platform: SocketAddr,
    /// Its login.
    pub(super) login: SocketAddr,
    /// Its letters.
    pub(super) letters: SocketAddr,
    /// The gateway.
    pub(super) gateway: SocketAddr,
    /// Its administration.
    pub(super) admin: SocketAddr,
}

/// What the gateway and the platform's servers have in common, each a line of text.
pub(super) struct Secrets<'a> {
    /// The gateway's token at the platform.
    pub(super) platform: &'a str,
    /// Its secret at the login.
    pub(super) login: &'a str,
    /// Under which it signs what it sends to the web hook.
    pub(super) hook: &'a str,
}

impl Place {
    /// A new or empty directory, or a temporary one.
    pub(super) fn new(dir: Option<&Path>) -> Result<Place, Failure> {
        let Some(dir) = dir else {
            let temporary = tempfile::Builder::new()
                .prefix("countersign-demo-")
                .tempdir();
            let temporary = temporary.map_err(|error| Exit::Io.because(error))?;
            return Ok(Place {
                dir: temporary.path().to_owned(),
                _temporary: Some(temporary),
            });
        };
        if fs::read_dir(dir).is_ok_and(|mut inside| inside.next().is_some()) {
            let what = "not empty, and nothing is overwritten; name a new or empty directory";
            return Err(Exit::Exists.at(dir, what));
        }
        make_dir(dir)?;
        Ok(Place {
            dir: dir.to_owned(),
            _temporary: None,
        })
    }

    /// A path inside.
    pub(super) fn path(&self, inside: &str) -> PathBuf {
        self.dir.join(inside)
    }

    /// The directory.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes documents, keys and the configuration. Keys of the logs and the like are made by `init`.
    pub(super) fn furnish(
        &self,
        addresses: &Addresses,
        secrets: &Secrets<'_>,
    ) -> Result<Keys, Failure> {
        for dir in ["keys", "documents"] {
            make_dir(&self.path(dir))?;
        }
        let write =
            |inside: &str, text: &str| write_new(&self.path(inside), text.as_bytes(), false);
        write("documents/openapi.json", sample::OPENAPI)?;
        write("documents/overlay.json", OVERLAY)?;
        write("documents/policy.yaml", POLICY)?;
        for (number, promise) in PROMISES.iter().enumerate() {
            write(&format!("documents/promise-{}.yaml", number + 1), promise)?;
        }
        for partner in &PARTNERS {
            write(
                &format!("documents/agreement-{}.yaml", partner.id),
                partner.agreement,
            )?;
            write(
                &format!("documents/notice-{}.txt", partner.id),
                partner.notice,
            )?;
        }
        for (file, secret) in [
            ("keys/platform.token", secrets.platform),
            ("keys/login.secret", secrets.login),
            ("keys/hook.secret", secrets.hook),
        ] {
            write_new(&self.path(file), format!("{secret}\n").as_bytes(), true)?;
        }
        write("countersign.toml", &configuration(addresses))?;
        self.make_keys()
    }

    fn make_keys(&self) -> Result<Keys, Failure> {
        let keep = |name: &str, key: Key| {
            write_pair(&self.path(&format!("keys/{name}.jwk")), &key)?;
            Ok::<Key, Failure>(key)
        };
        let new = || generate(Algorithm::Es256);
        let platform = keep("officer-of-the-platform", new()?.named(PLATFORM_OFFICER))?;
        let mut partners = Vec::new();
        for partner in &PARTNERS {
            let officer = keep(
                &format!("officer-of-{}", partner.id),
                new()?.named(partner.officer),
            )?;
            partners.push((officer, keep(partner.id, new()?)?));
        }
        Ok(Keys { platform, partners })
    }
}

/// A set of public keys.
pub(super) fn key_set(keys: &[&Key]) -> Result<JwkSet, Failure> {
    let keys: Vec<_> = keys.iter().map(|key| key.public_jwk()).collect();
    serde_json::from_value(json!({ "keys": keys })).map_err(|error| Exit::Internal.because(error))
}

fn make_dir(dir: &Path) -> Result<(), Failure> {
    fs::create_dir_all(dir).map_err(|error| Exit::Io.at(dir, error))
}

/// What an operator would write. Everything left out has its default; docs/countersign.toml explains all of it.
fn configuration(addresses: &Addresses) -> String {
    let Addresses {
        platform,
        login,
        letters,
        gateway,
        admin,
    } = addresses;
    let hook = Letters::hook(*letters);
    format!(
        r#"# Written by `countersign demo`; `countersign serve --config` reads the same.
[listen]
address = "{gateway}"
public-url = "http://{gateway}"
plaintext = true # everything is on this host

[admin]
address = "{admin}"
token = "keys/admin.token"

[[admin.staff]]
name = "stella"
roles = ["steward"]
token = "keys/stella.token"

[[admin.staff]]
name = "rhea"
roles = ["reviewer", "auditor"]
token = "keys/rhea.token"

[platform]
upstream = "http://{platform}"
document = "documents/openapi.json"
overlay = "documents/overlay.json"
token = "keys/platform.token"

[login]
platform = "Sample Social"
issuer = "http://{login}"
client-id = "countersign"
client-secret = "keys/login.secret"

[asking]
hook = "{hook}"
secret = "keys/hook.secret"
store = "asking"

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
document = "documents/policy.yaml"

[cursor]
key = "keys/cursor.key"

[telemetry]
log = "warn"
"#
    )
}

/// What the demo leaves in its directory, for `countersign call --dir`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Left {
    /// The gateway's public address.
    pub(crate) gateway: String,
    /// Its administration's.
    pub(crate) admin: String,
    /// Where people log in.
    pub(crate) login: String,
    /// The partners' own sites.
    pub(crate) shops: String,
    /// The platform's letters.
    pub(crate) letters: String,
    /// Who can call.
    pub(crate) partners: Vec<LeftPartner>,
    /// Who can log in and has connected nothing yet.
    pub(crate) newcomers: Vec<LeftPerson>,
    /// A friend of the first of them, who has agreed to be seen by Findr through friends.
    pub(crate) friend: LeftPerson,
    /// Another friend, who has agreed to nothing of Findr's and refused nothing.
    pub(crate) bystander: LeftPerson,
}

/// A person of the demo.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LeftPerson {
    /// The platform's id.
    pub(crate) id: String,
    /// What the login's button says.
    pub(crate) name: String,
}

/// A partner that can call.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LeftPartner {
    /// Its id.
    pub(crate) partner: String,
    /// Its private key, below the directory.
    pub(crate) key: PathBuf,
    /// Its first connection.
    pub(crate) connection: String,
    /// The purpose of its agreement.
    pub(crate) purpose: String,
}

impl Left {
    const FILE: &str = "demo.json";

    /// Reads what a demo left.
    pub(crate) fn read(dir: &Path) -> Result<Left, Failure> {
        let path = dir.join(Self::FILE);
        let text = read(&path)?;
        serde_json::from_slice(&text).map_err(|error| Exit::Document.at(&path, error))
    }

    /// Writes it.
    pub(super) fn write(&self, place: &Place) -> Result<(), Failure> {
        let text =
            serde_json::to_string_pretty(self).map_err(|error| Exit::Internal.because(error))?;
        write_new(&place.path(Self::FILE), text.as_bytes(), false)
    }

    /// The partner with this id.
    pub(crate) fn partner(&self, id: &str) -> Result<&LeftPartner, Failure> {
        let known: Vec<&str> = self
            .partners
            .iter()
            .map(|partner| partner.partner.as_str())
            .collect();
        self.partners
            .iter()
            .find(|partner| partner.partner == id)
            .ok_or_else(|| {
                Exit::Usage.because(format_args!(
                    "no partner {id:?} in this demo; expected one of {}",
                    known.join(", ")
                ))
            })
    }
}
