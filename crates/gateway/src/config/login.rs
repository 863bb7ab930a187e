//! The section about people's login: what must hold before anybody is asked for their name.

use http::Uri;
use toml::Spanned;

use super::error::ConfigError;
use super::read::Reader;
use super::{BaseUrl, Listen, Login, Secret, file};
use crate::oauth::is_loopback;

impl Reader<'_> {
    /// Reads [login]. People's passwords and sessions are at stake, so plain http is for trials on this host alone.
    pub(super) fn login(
        &self,
        section: &Spanned<file::Login>,
        listen: &Listen,
    ) -> Result<Login, ConfigError> {
        let login = section.get_ref();
        if !is_guarded(listen.public_url.as_str()) {
            return Err(self.wrong(
                section,
                format!(
                    "[login] would have people log in at {}, in the clear",
                    listen.public_url
                ),
                "a public-url with https://, or http:// on a loopback address for a trial",
                "end TLS here or in front, and let public-url say so",
            ));
        }
        let issuer = login.issuer.get_ref();
        let bare = issuer.strip_suffix('/').unwrap_or(issuer);
        if BaseUrl::try_from(bare.to_owned()).is_err() || !is_guarded(issuer) {
            return Err(self.wrong(
                &login.issuer,
                format!("{issuer:?} is not an issuer to log in at"),
                "https:// with a host, or http:// on a loopback address for a trial",
                "copy `issuer` from the provider's /.well-known/openid-configuration",
            ));
        }
        if issuer.starts_with("https:") && login.authorities.is_none() {
            return Err(self.wrong(
                &login.issuer,
                "the provider is reached by https, and no authority is named whose certificates are trusted",
                "authorities, a file of certificates in PEM",
                "name the authority that signed the provider's certificate; the system's own list is not used",
            ));
        }
        for (name, text) in [
            ("platform", &login.platform),
            ("client-id", &login.client_id),
            ("person-claim", &login.person_claim),
        ] {
            if text.trim().is_empty() || text.contains(char::is_control) {
                return Err(self.wrong(
                    section,
                    format!("[login] {name} is {text:?}"),
                    "a name on one line",
                    "write it as people, or the provider, know it",
                ));
            }
        }
        Ok(Login {
            platform: login.platform.clone(),
            issuer: issuer.clone(),
            client_id: login.client_id.clone(),
            client_secret: Secret::new(self.line_of_text(&login.client_secret)?),
            authorities: login
                .authorities
                .as_ref()
                .map(|path| self.file(path))
                .transpose()?,
            person_claim: login.person_claim.clone(),
        })
    }
}

/// Whether what goes there is encrypted, or does not leave this host.
pub(super) fn is_guarded(address: &str) -> bool {
    let uri: Option<Uri> = address.parse().ok();
    uri.is_some_and(|uri| match uri.scheme_str() {
        Some("https") => true,
        Some("http") => uri.host().is_some_and(is_loopback),
        _ => false,
    })
}
