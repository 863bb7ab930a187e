//! A whole deployment in a directory: configuration, documents, keys, register and ledger, made by the program's own
//! `init` and by the register's ordinary door.

mod founding;
mod papers;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use decide::PowerId;
use ledger::note::VerifierKey;
use partner::{Algorithm, Key};
use rand::RngCore as _;
use release::Api;
use sample::{PersonNo, World};
use serde_json::json;
use tempfile::TempDir;

pub(crate) use founding::{UNTIL_DAYS, connection_id, open};
pub(crate) use papers::{Addresses, Settings, notice};

use crate::broken::{At as _, Broken, Result};
use crate::cast::PARTNERS;
use crate::surroundings::unforeseeable;

const OVERLAY: &str = include_str!("../../../../examples/sample-social/overlay.json");

/// The deployment, and everything about it that an operator or a partner would know.
#[derive(Debug)]
pub(crate) struct Place {
    dir: PathBuf,
    temporary: Option<TempDir>,
    pub(crate) world: World,
    /// Who has connected every partner.
    pub(crate) connected: Vec<PersonNo>,
    pub(crate) addresses: Addresses,
    /// In the order of [`PARTNERS`].
    pub(crate) partners: Vec<Party>,
    /// The token of the administration.
    pub(crate) admin_token: String,
    /// The program on trial.
    pub(crate) program: PathBuf,
}

/// A partner's side.
#[derive(Debug)]
pub(crate) struct Party {
    pub(crate) client_key: Key,
    officer_key: Key,
    /// Every power of its agreement: the id, and whether it reaches the person who connected.
    pub(crate) powers: Vec<decide::Power>,
}

impl Party {
    /// The powers that reach others than whoever connected: those that a bystander can withdraw.
    pub(crate) fn of_others(&self) -> impl Iterator<Item = PowerId> + '_ {
        let others = self
            .powers
            .iter()
            .filter(|power| power.reach != decide::Reach::Own);
        others.map(decide::Power::id)
    }
}

/// What a deployment is made from.
pub(crate) struct Plot<'a> {
    /// The program.
    pub(crate) program: &'a Path,
    /// Where; `None`: a temporary directory.
    pub(crate) dir: Option<&'a Path>,
    pub(crate) world: World,
    pub(crate) connected: Vec<PersonNo>,
    pub(crate) platform: SocketAddr,
    pub(crate) platform_token: &'a str,
    pub(crate) settings: Settings,
}

impl Place {
    /// Furnishes it. Blocks; must not be called from async code.
    pub(crate) fn furnish(plot: Plot<'_>) -> Result<Place> {
        let (dir, temporary) = room(plot.dir)?;
        let api = Api::load(
            sample::OPENAPI.as_bytes(),
            "openapi.json",
            OVERLAY.as_bytes(),
            "overlay.json",
        )
        .at("the sample platform's documents")?;
        let addresses = Addresses {
            platform: plot.platform,
            gateway: free_port()?,
            admin: free_port()?,
        };
        let parties = PARTNERS.iter().map(|partner| {
            Ok(Party {
                client_key: new_key()?,
                officer_key: new_key()?.named(&papers::officer_of(partner)),
                powers: papers::powers(&api, partner)?,
            })
        });
        let mut place = Place {
            temporary,
            world: plot.world,
            connected: plot.connected,
            addresses,
            partners: parties.collect::<Result<_>>()?,
            admin_token: String::new(),
            program: plot.program.to_owned(),
            dir,
        };
        let platform_officer = new_key()?.named(papers::PLATFORM_OFFICER);
        for dir in ["keys", "anchors"] {
            fs::create_dir_all(place.path(dir)).at(dir)?;
        }
        place.write("openapi.json", sample::OPENAPI)?;
        place.write("overlay.json", OVERLAY)?;
        place.write("policy.yaml", &papers::policy(&api)?)?;
        place.write("keys/platform.token", plot.platform_token)?;
        place.write(
            "countersign.toml",
            &papers::configuration(&addresses, plot.settings),
        )?;
        let officers = json!({ "keys": [platform_officer.public_jwk()] });
        place.write("officers.json", &officers.to_string())?;
        place.run(&[
            "init",
            "--config",
            "countersign.toml",
            "--officers",
            "officers.json",
        ])?;
        place.admin_token = place.read("keys/admin.token")?.trim_end().to_owned();
        founding::found(&place, &platform_officer)?;
        Ok(place)
    }

    /// A path inside.
    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.dir.join(inside)
    }

    /// The configuration as the gateway itself reads it.
    pub(crate) fn config(&self) -> Result<gateway::Config> {
        gateway::Config::load(&self.path("countersign.toml")).at("the configuration")
    }

    /// The public key of one of the logs.
    pub(crate) fn verifier(&self, log: Log) -> Result<VerifierKey> {
        let config = self.config()?;
        let signer = match log {
            Log::Ledger => &config.ledger.signer,
            Log::Register => &config.register.signer,
        };
        VerifierKey::parse(&signer.verifier().to_string()).at("the log's public key")
    }

    /// Runs a command of the program in the directory; what it said.
    pub(crate) fn run(&self, args: &[&str]) -> Result<String> {
        let output = Command::new(&self.program)
            .args(args)
            .current_dir(&self.dir)
            .output();
        let output = output.at(self.program.display())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        let (status, said) = (output.status, text(&output.stderr));
        Err(Broken::new(format_args!(
            "`countersign {}` ended with {status}: {said}",
            args.join(" ")
        )))
    }

    /// Lets the directory stay, for somebody to look at; where it is.
    pub(crate) fn keep(&mut self) -> &Path {
        if let Some(temporary) = self.temporary.take() {
            let _ = temporary.keep();
        }
        &self.dir
    }

    /// The partner's number of the first of [`PARTNERS`] that reads, and so on.
    pub(crate) fn party(&self, partner: usize) -> Result<&Party> {
        self.partners.get(partner).at("a partner of the cast")
    }

    fn write(&self, inside: &str, text: &str) -> Result<()> {
        fs::write(self.path(inside), text).at(inside)
    }

    fn read(&self, inside: &str) -> Result<String> {
        fs::read_to_string(self.path(inside)).at(inside)
    }
}

/// The two logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Log {
    Ledger,
    Register,
}

impl Log {
    /// What it is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Log::Ledger => "ledger",
            Log::Register => "register",
        }
    }

    /// Its directory, as `countersign verify` wants it: the register's log is one of the things in the register's.
    pub(crate) fn dir(self) -> &'static str {
        match self {
            Log::Ledger => "ledger",
            Log::Register => "register/log",
        }
    }
}

fn room(dir: Option<&Path>) -> Result<(PathBuf, Option<TempDir>)> {
    let Some(dir) = dir else {
        let temporary = tempfile::Builder::new()
            .prefix("countersign-trial-")
            .tempdir();
        let temporary = temporary.at("a temporary directory")?;
        return Ok((temporary.path().to_owned(), Some(temporary)));
    };
    fs::create_dir_all(dir).at(dir.display())?;
    if fs::read_dir(dir).at(dir.display())?.next().is_some() {
        return Err(Broken::new(format_args!(
            "{}: not empty; name a new or empty directory",
            dir.display()
        )));
    }
    let whole = dir.canonicalize().at(dir.display())?;
    Ok((whole, None))
}

/// A port that nobody listens on at the moment; the configuration has to name it before the gateway binds it.
fn free_port() -> Result<SocketAddr> {
    let bound =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    bound.at("a free port")
}

fn new_key() -> Result<Key> {
    let mut secret = [0; 32];
    unforeseeable()?.fill_bytes(&mut secret);
    Key::from_secret(Algorithm::Es256, secret).at("a new key")
}
