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

/// A private JWK from a file, with its `kid`.
pub(crate) fn read_pair(path: &Path) -> Result<(Pair, Option<String>), Failure> {
    let wrong = |what: &dyn std::fmt::Display| {
        Exit::Document.at(
            path,
            format_args!("{what}\n  to do: make one with `countersign key new --out FILE`"),
        )
    };
    let jwk: Value = serde_json::from_slice(&read(path)?).map_err(|error| wrong(&error))?;
    let kid = jwk.get("kid").and_then(Value::as_str).map(str::to_owned);
    let key = Pair::from_jwk(&jwk).map_err(|error| wrong(&error))?;
    Ok((key, kid))
}

/// Writes a private JWK to a new file.
pub(crate) fn write_pair(path: &Path, key: &Pair, kid: &str) -> Result<(), Failure> {
    let jwk = with_kid(key.private_jwk(), kid);
    write_new(path, format!("{jwk:#}\n").as_bytes(), true)
}

/// A JWK under another id.
pub(crate) fn with_kid(mut jwk: Value, kid: &str) -> Value {
    if let Some(members) = jwk.as_object_mut() {
        members.insert("kid".into(), kid.into());
    }
    jwk
}

fn new(args: &args::NewKey, format: Format) -> Result<Exit, Failure> {
    let key = generate(args.algorithm.into())?;
    let kid = args.kid.as_deref().unwrap_or(key.thumbprint());
    write_pair(&args.out, &key, kid)?;
    let public = with_kid(key.public_jwk(), kid);
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
