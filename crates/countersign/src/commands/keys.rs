//! `partner`, `officer`: who is known, and by which public keys.

use std::path::Path;

use decide::{OfficerId, PartnerId};
use http::Method;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use register::signature::read_key_set;
use register::{Change, Side};
use serde_json::json;

use super::take;
use crate::args;
use crate::door::Step;
use crate::exit::{Exit, Failure};
use crate::output::Format;
use crate::surroundings::read;

/// `partner enrol`, `partner keys`
pub(crate) fn partner(args: &args::Partner, format: Format) -> Result<Exit, Failure> {
    match args {
        args::Partner::Enrol(args) => {
            let jwks = public_set(&args.jwks)?;
            let step = enrol(&args.partner, &args.name, &jwks)?;
            take(
                &args.door,
                &step,
                format,
                "The partner is known; it has no power by that",
            )
        }
        args::Partner::Keys(args) => {
            let jwks = public_set(&args.jwks)?;
            let partner = &args.partner;
            let step = Step::new(
                Method::PUT,
                format!("/partners/{partner}/keys"),
                json!(jwks).to_string(),
                |_| {
                    Ok(Change::PartnerKeys {
                        partner: partner.clone(),
                        jwks: jwks.clone(),
                    })
                },
            )?;
            take(
                &args.door,
                &step,
                format,
                "The partner has these keys and no others",
            )
        }
    }
}

/// A partner becomes known.
pub(crate) fn enrol<'a>(
    partner: &'a PartnerId,
    name: &'a str,
    jwks: &'a JwkSet,
) -> Result<Step<'a>, Failure> {
    let body = json!({ "partner": partner, "name": name, "jwks": jwks });
    Step::new(Method::POST, "/partners", body.to_string(), move |_| {
        Ok(Change::EnrolPartner {
            partner: partner.clone(),
            name: name.to_owned(),
            jwks: jwks.clone(),
        })
    })
}

/// `officer enrol`, `officer rotate`, `officer revoke`
pub(crate) fn officer(args: &args::Officer, format: Format) -> Result<Exit, Failure> {
    match args {
        args::Officer::Enrol(args) => {
            let key = public_key(&args.key)?;
            let (side, officer) = (side(&args.of.side)?, &args.of.officer);
            let step = keyed("/officers", &side, officer, &key, |side, officer, key| {
                Change::EnrolOfficer { side, officer, key }
            })?;
            take(
                &args.of.door,
                &step,
                format,
                "The officer may sign from here on",
            )
        }
        args::Officer::Rotate(args) => {
            let key = public_key(&args.key)?;
            let (side, officer) = (side(&args.of.side)?, &args.of.officer);
            let step = keyed(
                "/officers/rotate",
                &side,
                officer,
                &key,
                |side, officer, key| Change::RotateOfficerKey { side, officer, key },
            )?;
            take(
                &args.of.door,
                &step,
                format,
                "The officer signs with this key from here on",
            )
        }
        args::Officer::Revoke(args) => {
            let (side, officer) = (side(&args.side)?, &args.officer);
            let body = json!({ "side": side, "officer": officer });
            let step = Step::new(Method::POST, "/officers/revoke", body.to_string(), |_| {
                Ok(Change::RevokeOfficer {
                    side: side.clone(),
                    officer: officer.clone(),
                })
            })?;
            take(
                &args.door,
                &step,
                format,
                "The officer may not sign any more; what was signed before stands",
            )
        }
    }
}

/// A change about an officer's key.
fn keyed<'a>(
    path: &str,
    side: &'a Side,
    officer: &'a OfficerId,
    key: &'a Jwk,
    change: impl Fn(Side, OfficerId, Jwk) -> Change + 'a,
) -> Result<Step<'a>, Failure> {
    let body = json!({ "side": side, "officer": officer, "key": key });
    Step::new(Method::POST, path, body.to_string(), move |_| {
        Ok(change(side.clone(), officer.clone(), key.clone()))
    })
}

fn side(args: &args::Side) -> Result<Side, Failure> {
    match (&args.partner, args.platform) {
        (Some(partner), false) => Ok(Side::Partner(partner.clone())),
        (None, true) => Ok(Side::Platform),
        _ => Err(Exit::Usage.because("say for whom: --platform or --partner, and not both")),
    }
}

/// A set of public keys from a file. A private one in it is refused: it would be published for good.
pub(crate) fn public_set(path: &Path) -> Result<JwkSet, Failure> {
    read_key_set(&path.display().to_string(), &read(path)?)
        .map_err(|error| Exit::Document.because(error))
}

/// A public key from a file.
fn public_key(path: &Path) -> Result<Jwk, Failure> {
    let set = [br#"{"keys":["#.as_slice(), &read(path)?, b"]}"].concat();
    let set = read_key_set(&path.display().to_string(), &set)
        .map_err(|error| Exit::Document.because(error))?;
    set.keys
        .into_iter()
        .next()
        .ok_or_else(|| Exit::Document.at(path, "no key in it"))
}
