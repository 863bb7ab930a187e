//! `key`: keys for officers, partners and logs, each in a file that only its owner can read.

use std::path::Path;

use ledger::note::Signer;
use partner::{Algorithm, Key as Pair};
use serde_json::{Value, json};

use crate::args;
use crate::exit::{Exit, Failure};
use crate::output::{Format, print, print_json};
use crate::surroundings::{random, read, write_new};

/// `key new`, `key log`
pub(crate) fn key(args: &args::Key, format: Format) -> Result<Exit, Failure> {
    match args {
        args::Key::New(args) => new(args, format),
        args::Key::Log(args) => log(args, format),
    }
}

/// A fresh key pair.
pub(crate) fn generate(algorithm: Algorithm) -> Result<Pair, Failure> {
    // A draw that is no key of P-256 comes once in 2³²; eight in a row mean that the randomness is none.
    for _ in 0..8 {
        if let Ok(key) = Pair::from_secret(algorithm, random()?) {
            return Ok(key);
        }
    }
    Err(Exit::Internal.because("the operating system's random bytes make no key"))
}

/// A private JWK from a file.
pub(crate) fn read_pair(path: &Path) -> Result<Pair, Failure> {
    let wrong = |what: &dyn std::fmt::Display| {
        Exit::Document.at(
            path,
            format_args!("{what}\n  to do: make one with `countersign key new --out FILE`"),
        )
    };
    let jwk: Value = serde_json::from_slice(&read(path)?).map_err(|error| {
        wrong(&format_args!(
            "not JSON ({error})\n  expected: a private JWK"
        ))
    })?;
    Pair::from_jwk(&jwk).map_err(|error| wrong(&error))
}

/// Writes a private JWK to a new file.
pub(crate) fn write_pair(path: &Path, key: &Pair) -> Result<(), Failure> {
    write_new(path, format!("{:#}\n", key.private_jwk()).as_bytes(), true)
}

fn new(args: &args::NewKey, format: Format) -> Result<Exit, Failure> {
    let mut key = generate(args.algorithm.into())?;
    if let Some(kid) = &args.kid {
        key = key.named(kid);
    }
    write_pair(&args.out, &key)?;
    let public = key.public_jwk();
    match format {
        Format::Plain => print(&format!("{public}\n"))?,
        Format::Human | Format::Json => print_json(&public)?,
    }
    Ok(Exit::Done)
}

fn log(args: &args::NewLogKey, format: Format) -> Result<Exit, Failure> {
    let signer =
        Signer::from_seed(&args.origin, random()?).map_err(|error| Exit::Usage.because(error))?;
    write_signer(&args.out, &signer)?;
    match format {
        Format::Json => print_json(&json!({ "verifier": signer.verifier().to_string() }))?,
        Format::Human | Format::Plain => print(&format!("{}\n", signer.verifier()))?,
    }
    Ok(Exit::Done)
}

/// Writes the key of a log to a new file.
pub(crate) fn write_signer(path: &Path, signer: &Signer) -> Result<(), Failure> {
    if path.exists() {
        let what = "exists already, and nothing is overwritten; name another file";
        return Err(Exit::Exists.at(path, what));
    }
    signer.write(path).map_err(|error| Exit::Io.because(error))
}

impl From<args::Algorithm> for Algorithm {
    fn from(algorithm: args::Algorithm) -> Algorithm {
        match algorithm {
            args::Algorithm::Es256 => Algorithm::Es256,
            args::Algorithm::Eddsa => Algorithm::EdDsa,
        }
    }
}
