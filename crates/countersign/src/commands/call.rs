//! `call`: the gateway from a partner's side, since a DPoP proof cannot be typed by hand.

use std::path::Path;

use http::Method;
use partner::{Client, Gateway, Roots};
use serde_json::{Value, json};

use super::key::read_pair;
use super::runtime;
use crate::args;
use crate::demo::Left;
use crate::exit::{Exit, Failure};
use crate::output::{Format, print, print_json};
use crate::surroundings::{of_partner, read};

/// Who calls where.
struct Caller {
    client: Client,
    connection: Option<String>,
    purpose: String,
    base: String,
}

/// Calls, or prints what to call with.
pub(crate) fn call(args: &args::Call, format: Format) -> Result<Exit, Failure> {
    let caller = caller(args)?;
    runtime()?.block_on(async {
        let token = caller
            .client
            .token(caller.connection.as_deref(), &caller.purpose)
            .await;
        let token = token.map_err(|error| match error {
            partner::CallError::Refused { .. } => Exit::No.because(error),
            error => Exit::Unavailable.because(error),
        })?;
        if args.curl {
            let headers = caller.client.headers(&token, &Method::GET, &args.path);
            let headers = headers.map_err(|error| Exit::Internal.because(error))?;
            print(&curl(&caller.base, &args.path, &headers))?;
            return Ok(Exit::Done);
        }
        let answer = caller.client.get(&token, &args.path).await;
        let answer = answer.map_err(|error| Exit::Unavailable.because(error))?;
        let body = answer
            .json()
            .unwrap_or_else(|_| Value::String(answer.text()));
        match format {
            Format::Human => print(&format!("{}\n{body:#}\n", answer.status))?,
            Format::Plain => print(&format!("{body}\n"))?,
            Format::Json => print_json(&json!({ "status": answer.status.as_u16(), "body": body }))?,
        }
        Ok(if answer.status.is_success() {
            Exit::Done
        } else {
            Exit::No
        })
    })
}

fn caller(args: &args::Call) -> Result<Caller, Failure> {
    let (base, key, connection, purpose) = match (&args.dir, &args.gateway, &args.key) {
        (Some(dir), _, _) => {
            let left = Left::read(dir)?;
            let of = left.partner(&args.partner)?;
            (
                left.gateway.clone(),
                dir.join(&of.key),
                Some(of.connection.clone()),
                Some(of.purpose.clone()),
            )
        }
        (None, Some(gateway), Some(key)) => (
            gateway.trim_end_matches('/').to_owned(),
            key.clone(),
            None,
            None,
        ),
        _ => return Err(Exit::Usage.because("say where to call: --dir, or --gateway with --key")),
    };
    let key = read_pair(&key)?;
    let roots = roots(args.authorities.as_deref())?;
    let purpose = args.purpose.clone().or(purpose);
    let gateway = gateway_at(&base);
    Ok(Caller {
        client: Client::new(&args.partner, key, gateway, roots, of_partner()),
        connection: args.connection.clone().or(connection),
        purpose: purpose.ok_or_else(|| Exit::Usage.because("say what for: --purpose"))?,
        base,
    })
}

/// The authorities of a file, if one was named.
pub(super) fn roots(path: Option<&Path>) -> Result<Option<Roots>, Failure> {
    let of_file =
        |path: &Path| Roots::from_pem(&read(path)?).map_err(|error| Exit::Document.at(path, error));
    path.map(of_file).transpose()
}

/// Where a gateway of ours has what, by its public address.
pub(crate) fn gateway_at(base: &str) -> Gateway {
    Gateway {
        base: base.to_owned(),
        issuer: base.to_owned(),
        token_endpoint: format!("{base}/oauth/token"),
    }
}

fn curl(base: &str, path: &str, headers: &[(&str, String)]) -> String {
    let headers: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("  -H '{name}: {value}' \\\n"))
        .collect();
    format!(
        "# good once, within a minute; the token for five\ncurl -sS \\\n{}  '{}'\n",
        headers.concat(),
        format_args!("{base}{path}")
            .to_string()
            .replace('\'', "%27")
    )
}
