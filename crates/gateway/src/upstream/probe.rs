//! One call of the platform, for an operator who asks whether it can be reached. Its answer's body is not read.

use http::Method;
use http::header::CONTENT_TYPE;

use super::{Asking, AuthoritiesError, Upstream, UpstreamRefused};
use crate::config::Config;
use crate::media::is_json;

/// How the platform answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probed {
    /// The status.
    pub status: u16,
    /// Whether what it answers is said to be JSON.
    pub is_json: bool,
}

/// Why the platform could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// See [`AuthoritiesError`].
    #[error(transparent)]
    Authorities(#[from] AuthoritiesError),
    /// No answer came.
    #[error("{0}")]
    NoAnswer(String),
}

/// Asks the platform for `target` (path and query), with the gateway's own credential and within its limits of time.
///
/// # Errors
/// It cannot be reached, or did not answer in time.
pub async fn probe(config: &Config, target: &str) -> Result<Probed, ProbeError> {
    let upstream = Upstream::new(&config.platform, &config.limits)?;
    let asking = Asking {
        target,
        body: None,
        person: None,
    };
    let no = |refused: UpstreamRefused| ProbeError::NoAnswer(refused.to_string());
    let request = upstream
        .request(Method::GET, asking)
        .ok_or(UpstreamRefused::BadRequest)
        .map_err(no)?;
    let answer = tokio::time::timeout(upstream.patience, upstream.client.request(request)).await;
    let answer = answer.map_err(|_| no(UpstreamRefused::Slow))?;
    let answer = answer.map_err(|error| {
        no(UpstreamRefused::Unreachable(
            super::kind_of(&error).to_owned(),
        ))
    })?;
    let content_type = answer.headers().get(CONTENT_TYPE);
    Ok(Probed {
        status: answer.status().as_u16(),
        is_json: content_type
            .and_then(|value| value.to_str().ok())
            .is_some_and(is_json),
    })
}
