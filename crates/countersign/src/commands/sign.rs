//! `agreement sign`: done by an officer, on the officer's own machine; needs no register.

use std::path::Path;

use decide::Party;
use register::signature::{SignError, SigningKey, sign as sign_document};
use serde_json::json;

use super::key::read_pair;
use crate::args;
use crate::exit::{Exit, Failure};
use crate::output::{Format, print, print_json};
use crate::surroundings::{now, read_text};

/// Prints the signature.
pub(super) fn sign(args: &args::Sign, format: Format) -> Result<Exit, Failure> {
    let document = read_text(&args.file)?;
    let party = match &args.side.partner {
        Some(_) => Party::Partner,
        None => Party::Platform,
    };
    let file = args.file.display().to_string();
    let key = signing_key(&args.key)?;
    let jws =
        sign_document(&file, &document, party, &args.officer, &key, now()).map_err(|error| {
            match error {
                SignError::Document(_) => Exit::Document.because(error),
                SignError::NotNamed { .. } => Exit::No.at(&args.file, error),
                SignError::Key(_) => Exit::Document.at(&args.key, error),
            }
        })?;
    match format {
        Format::Json => print_json(&json!({ "signature": jws }))?,
        Format::Human | Format::Plain => print(&format!("{jws}\n"))?,
    }
    Ok(Exit::Done)
}

/// An officer's key from its JWK.
pub(crate) fn signing_key(path: &Path) -> Result<SigningKey, Failure> {
    of_pair(&read_pair(path)?)
}

/// An officer's key as the register's signatures want it.
pub(crate) fn of_pair(pair: &partner::Key) -> Result<SigningKey, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Exit::Internal.because(error);
    let pem = pair.to_pem().map_err(|error| wrong(&error))?;
    SigningKey::from_pem(pem.as_bytes()).map_err(|error| wrong(&error))
}
