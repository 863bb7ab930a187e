//! The section about asking people: where digests go, and the key by which the platform knows them as ours.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use toml::Spanned;

use super::error::ConfigError;
use super::login::is_guarded;
use super::read::Reader;
use super::{Asking, Secret, file};

/// How many bytes a secret may have by Standard Webhooks.
const SECRET: std::ops::RangeInclusive<usize> = 24..=64;

impl Reader<'_> {
    /// Reads [asking], if it is there. A digest names a person, so it goes by TLS, or stays on this host.
    pub(super) fn asking(
        &self,
        section: Option<&Spanned<file::Asking>>,
        has_login: bool,
    ) -> Result<Option<Asking>, ConfigError> {
        let Some(section) = section else {
            return Ok(None);
        };
        let asking = section.get_ref();
        if !has_login {
            return Err(self.wrong(
                section,
                "[asking] would ask people who have nowhere to log in and answer",
                "[login], too",
                "add the section, or leave [asking] out",
            ));
        }
        if asking.most == 0 || asking.most_per_person == 0 {
            return Err(self.wrong(
                section,
                "[asking] has a limit of 0, under which nobody would be asked",
                "at least 1",
                "leave the limit out for its default, or the whole section to ask nobody",
            ));
        }
        let hook = asking.hook.get_ref();
        if !is_guarded(hook.as_str()) {
            return Err(self.wrong(
                &asking.hook,
                format!("digests would go to {hook}, in the clear"),
                "https://, or http:// on a loopback address",
                "a digest names a person: let the hook be reached by TLS",
            ));
        }
        if hook.as_str().starts_with("https:") && asking.authorities.is_none() {
            return Err(self.wrong(
                &asking.hook,
                "the hook is reached by https, and no authority is named whose certificates are trusted",
                "authorities, a file of certificates in PEM",
                "name the authority that signed the hook's certificate; the system's own list is not used",
            ));
        }
        Ok(Some(Asking {
            hook: hook.clone(),
            authorities: asking
                .authorities
                .as_ref()
                .map(|path| self.file(path))
                .transpose()?,
            secret: self.hook_secret(asking)?,
            store: self.beside(&asking.store),
            most: asking.most,
            most_per_person: asking.most_per_person,
        }))
    }

    /// A secret in the form of Standard Webhooks: `whsec_` and base64.
    fn hook_secret(&self, asking: &file::Asking) -> Result<Secret<Vec<u8>>, ConfigError> {
        let text = self.line_of_text(&asking.secret)?;
        let bytes = text
            .strip_prefix("whsec_")
            .and_then(|it| STANDARD.decode(it).ok());
        let bytes = bytes.filter(|bytes| SECRET.contains(&bytes.len()));
        // What stands in the file is not repeated: it may be most of a secret.
        bytes.map(Secret::new).ok_or_else(|| {
            self.wrong(
                &asking.secret,
                format!(
                    "{} does not hold a secret of a web hook",
                    self.beside(asking.secret.get_ref()).display()
                ),
                "whsec_ and 24 to 64 random bytes as base64, on one line",
                "make one: echo \"whsec_$(openssl rand -base64 32)\"",
            )
        })
    }
}
