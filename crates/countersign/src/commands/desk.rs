//! `desk`: a link to a partner's own desk, for whoever holds an enrolled key. Nobody has a password there.

use partner::{CallError, Client};
use serde_json::json;

use super::call::{gateway_at, roots};
use super::key::read_pair;
use super::runtime;
use crate::args;
use crate::demo::Left;
use crate::exit::{Exit, Failure};
use crate::output::{Format, print, print_json};
use crate::surroundings::of_partner;

/// Prints the link.
pub(crate) fn desk(args: &args::Desk, format: Format) -> Result<Exit, Failure> {
    let (base, key) = match (&args.dir, &args.gateway, &args.key) {
        (Some(dir), _, _) => {
            let left = Left::read(dir)?;
            let id = &left.partner(&args.partner)?.partner;
            let key = dir.join(format!("keys/officer-of-{id}.jwk"));
            (left.gateway, key)
        }
        (None, Some(gateway), Some(key)) => (gateway.trim_end_matches('/').to_owned(), key.clone()),
        _ => {
            return Err(
                Exit::Usage.because("say where the desk is: --dir, or --gateway with --key")
            );
        }
    };
    let (pair, roots) = (read_pair(&key)?, roots(args.authorities.as_deref())?);
    let client = Client::new(&args.partner, pair, gateway_at(&base), roots, of_partner());
    let made = runtime()?.block_on(client.desk_link());
    let made = made.map_err(|error| match error {
        CallError::Refused { .. } => Exit::No.because(error),
        error => Exit::Unavailable.because(error),
    })?;
    match format {
        Format::Human => print(&format!(
            "{}\n\nOpen it in a browser within {} seconds. It is good once, and whoever opens it is in.\n",
            made.link, made.expires_in
        ))?,
        Format::Plain => print(&format!("{}\n", made.link))?,
        Format::Json => print_json(&json!({ "link": made.link, "expires_in": made.expires_in }))?,
    }
    Ok(Exit::Done)
}
