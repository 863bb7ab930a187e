//! From the file's form to a [`Config`]: every file that it names is read here, and every mistake has its line.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use http::HeaderName;
use ledger::keyfile::{self, KeyFileError};
use ledger::note::Signer;
use toml::Spanned;

use super::error::ConfigError;
use super::file::{self, File};
use super::values::Span;
use super::{
    Admin, Config, Document, Ledger, Listen, PersonPlace, Platform, Register, Secret, Tls,
};

impl Config {
    /// Reads the configuration and every file that it names. Nothing is bound, opened for writing or created.
    ///
    /// # Errors
    /// The first mistake, with its line.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|error| ConfigError {
            file: path.to_owned(),
            line: None,
            wrong: format!("cannot be read: {error}"),
            expected: "a configuration in TOML".to_owned(),
            advice: "name the file, or begin with a copy of docs/countersign.toml".to_owned(),
        })?;
        Self::parse(path, &text)
    }

    /// As [`Config::load`], from text that is taken to lie at `path`.
    ///
    /// # Errors
    /// The first mistake, with its line.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let reader = Reader { path, text };
        let file: File = toml::from_str(text).map_err(|error| reader.form(&error))?;
        reader.check_tokens(&file.tokens)?;
        reader.check_limits(&file.limits)?;
        reader.check_storage(&file.storage)?;
        let listen = reader.listen(&file.listen)?;
        let login = file.login.as_ref();
        Ok(Self {
            login: login
                .map(|login| reader.login(login, &listen))
                .transpose()?,
            asking: reader.asking(file.asking.as_ref(), login.is_some())?,
            listen,
            admin: reader.admin(&file.admin)?,
            platform: reader.platform(&file.platform)?,
            ledger: reader.ledger(&file.ledger)?,
            register: reader.register(&file.register)?,
            policy: reader.document(&file.policy.document)?,
            cursor_key: reader.key(&file.cursor.key)?,
            tokens: file.tokens.into_inner(),
            limits: file.limits.into_inner(),
            storage: file.storage.into_inner(),
            telemetry: file.telemetry,
        })
    }
}

pub(super) struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Reader<'_> {
    fn listen(&self, section: &Spanned<file::Listen>) -> Result<Listen, ConfigError> {
        let listen = section.get_ref();
        let tls = match (&listen.certificate, &listen.key, listen.plaintext) {
            (Some(certificate), Some(key), false) => Some(Tls {
                certificates: self.file(certificate)?,
                key: Secret::new(self.file(key)?),
            }),
            (None, None, true) => None,
            _ => {
                return Err(self.wrong(
                    section,
                    "[listen] says neither clearly that partners are served by TLS nor that they are not",
                    "certificate and key, or plaintext = true, and not both",
                    "name the certificate chain and its key; plaintext only behind something that ends TLS on this host",
                ));
            }
        };
        Ok(Listen {
            address: listen.address,
            public_url: listen.public_url.clone(),
            tls,
        })
    }

    fn admin(&self, section: &Spanned<file::Admin>) -> Result<Admin, ConfigError> {
        let admin = section.get_ref();
        if !admin.address.ip().is_loopback() && !admin.beyond_loopback {
            return Err(self.wrong(
                section,
                format!("[admin] would listen on {}, beyond this host, without TLS", admin.address),
                "a loopback address, for example 127.0.0.1:8444",
                "reach it through a tunnel; or say beyond-loopback = true where the network is private",
            ));
        }
        let token = self.admin_token(&admin.token)?;
        Ok(Admin {
            address: admin.address,
            staff: self.staff(&admin.staff, &token)?,
            token: Secret::new(token),
        })
    }

    /// A token of the administration, long enough that nobody guesses it.
    pub(super) fn admin_token(&self, path: &Spanned<PathBuf>) -> Result<String, ConfigError> {
        let token = self.line_of_text(path)?;
        if token.len() < 32 {
            return Err(self.wrong(
                path,
                format!("the administration's token has {} characters", token.len()),
                "at least 32, at random",
                "make one: openssl rand -hex 32",
            ));
        }
        Ok(token)
    }

    fn platform(&self, platform: &file::Platform) -> Result<Platform, ConfigError> {
        let upstream = platform.upstream.get_ref();
        if upstream.as_str().starts_with("https:") && platform.authorities.is_none() {
            return Err(self.wrong(
                &platform.upstream,
                "the platform is reached by https, and no authority is named whose certificates are trusted",
                "authorities, a file of certificates in PEM",
                "name the authority that signed the platform's certificate; the system's own list is not used",
            ));
        }
        let credential = match (&platform.token, &platform.token_header) {
            (None, None) => None,
            (None, Some(header)) => {
                return Err(self.wrong(
                    header,
                    "token-header names a header, and there is no token to put in it",
                    "token, too",
                    "name the file with the platform's service token, or leave token-header out",
                ));
            }
            (Some(token), header) => Some(self.credential(token, header.as_ref())?),
        };
        Ok(Platform {
            upstream: upstream.clone(),
            document: self.document(&platform.document)?,
            overlay: self.document(&platform.overlay)?,
            credential,
            person: self.person(platform)?,
            idempotency: platform
                .idempotency_header
                .as_ref()
                .map(|name| self.header(name))
                .transpose()?,
            authorities: platform
                .authorities
                .as_ref()
                .map(|path| self.file(path))
                .transpose()?,
        })
    }

    fn person(&self, platform: &file::Platform) -> Result<Option<PersonPlace>, ConfigError> {
        match (&platform.person_header, &platform.person_parameter) {
            (None, None) => Ok(None),
            (Some(header), None) => Ok(Some(PersonPlace::Header(self.header(header)?))),
            (None, Some(name)) => Ok(Some(PersonPlace::Parameter(self.parameter(name)?))),
            (Some(_), Some(name)) => Err(self.wrong(
                name,
                "the platform is told twice for whom a partner acts",
                "person-header or person-parameter, or neither",
                "keep the one that the platform reads",
            )),
        }
    }

    fn credential(
        &self,
        token: &Spanned<PathBuf>,
        header: Option<&Spanned<String>>,
    ) -> Result<(HeaderName, Secret<String>), ConfigError> {
        let secret = self.line_of_text(token)?;
        let (name, value) = match header {
            None => (http::header::AUTHORIZATION, format!("Bearer {secret}")),
            Some(name) => (self.header(name)?, secret),
        };
        if http::HeaderValue::from_str(&value).is_err() {
            return Err(self.wrong(
                token,
                "the platform's service token has characters that no header can carry",
                "printable ASCII",
                "look into the file: it should hold the token and nothing else",
            ));
        }
        Ok((name, Secret::new(value)))
    }

    fn ledger(&self, ledger: &file::Ledger) -> Result<Ledger, ConfigError> {
        Ok(Ledger {
            directory: self.beside(&ledger.directory),
            signer: self.signer(&ledger.signing_key)?,
            details_key: self.key(&ledger.details_key)?,
            anchor: ledger.anchor.as_ref().map(|path| self.beside(path)),
        })
    }

    fn register(&self, register: &file::Register) -> Result<Register, ConfigError> {
        Ok(Register {
            directory: self.beside(&register.directory),
            signer: self.signer(&register.signing_key)?,
            key_file: register.key.as_ref().map(|path| self.beside(path)),
            anchor: register.anchor.as_ref().map(|path| self.beside(path)),
        })
    }

    fn check_tokens(&self, section: &Spanned<file::Tokens>) -> Result<(), ConfigError> {
        let lifetime = section.get_ref().lifetime;
        if (Span::seconds(10)..=Span::seconds(600)).contains(&lifetime) {
            return Ok(());
        }
        Err(self.wrong(
            section,
            format!("[tokens] lifetime is {:?}", lifetime.0),
            "10s to 10min",
            "choose a short one: a partner can ask for another at any time",
        ))
    }

    fn check_storage(&self, section: &Spanned<file::Storage>) -> Result<(), ConfigError> {
        let storage = section.get_ref();
        if storage.reserve.0 > 0 && storage.keep_free >= super::Size::kib(16 << 10) {
            return Ok(());
        }
        Err(self.wrong(
            section,
            "[storage] keeps too little of the disk for withdrawals to be taken in when it is full",
            "a reserve, and keep-free of at least 16MiB",
            "leave the members out for their defaults",
        ))
    }

    fn check_limits(&self, section: &Spanned<file::Limits>) -> Result<(), ConfigError> {
        let limits = section.get_ref();
        let nothing = limits.request_body.0 == 0
            || limits.upstream_body.0 == 0
            || limits.connections == 0
            || limits.requests == 0
            || limits.requests_per_partner == 0
            || limits.rate_per_partner == 0
            || limits.burst_per_partner == 0
            || limits.waiting == 0
            || limits.waiting_per_partner == 0
            || limits.stream_record.0 == 0
            || limits.stream_time.0.is_zero()
            || limits.stream_keep_alive.0.is_zero();
        if nothing {
            return Err(self.wrong(
                section,
                "[limits] has a limit of 0, under which nothing could be answered",
                "at least 1 everywhere",
                "leave the limit out for its default",
            ));
        }
        if limits.request_head < super::Size::kib(8) {
            // hyper's own least buffer.
            return Err(self.wrong(
                section,
                "[limits] request-head is too small for a token and a proof",
                "at least 8KiB",
                "leave the limit out for its default",
            ));
        }
        if limits.upstream_time >= limits.request_time {
            return Err(self.wrong(
                section,
                "[limits] upstream-time is not shorter than request-time, so a slow platform could never be told apart",
                "upstream-time below request-time",
                "raise request-time or lower upstream-time",
            ));
        }
        Ok(())
    }
}

/// Files and texts.
impl Reader<'_> {
    pub(super) fn beside(&self, path: &Path) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }

    pub(super) fn file(&self, path: &Spanned<PathBuf>) -> Result<Vec<u8>, ConfigError> {
        let full = self.beside(path.get_ref());
        fs::read(&full).map_err(|error| {
            self.wrong(
                path,
                format!("{} cannot be read: {error}", full.display()),
                "a file that the gateway's user can read",
                "put it there or correct the path; relative paths begin at the configuration's directory",
            )
        })
    }

    fn document(&self, path: &Spanned<PathBuf>) -> Result<Document, ConfigError> {
        Ok(Document {
            bytes: self.file(path)?,
            path: self.beside(path.get_ref()),
        })
    }

    /// One line of text, without the line's end.
    pub(super) fn line_of_text(&self, path: &Spanned<PathBuf>) -> Result<String, ConfigError> {
        let text = String::from_utf8(self.file(path)?).unwrap_or_default();
        let line = text.trim_end_matches(['\r', '\n']);
        if line.is_empty() || line.contains(['\r', '\n']) {
            return Err(self.wrong(
                path,
                format!(
                    "{} does not hold one line of text",
                    self.beside(path.get_ref()).display()
                ),
                "the token, on one line",
                "write the token into the file, and nothing else",
            ));
        }
        Ok(line.to_owned())
    }

    fn key(&self, path: &Spanned<PathBuf>) -> Result<Secret<[u8; 32]>, ConfigError> {
        let text = String::from_utf8(self.file(path)?).unwrap_or_default();
        let why = match keyfile::decode(&text) {
            Ok(key) => return Ok(Secret::new(key)),
            Err(newer @ KeyFileError::Newer { .. }) => newer.to_string(),
            // The message does not repeat what is in the file: it may be most of a key.
            Err(KeyFileError::Form) => "does not hold a key".to_owned(),
        };
        Err(self.wrong(
            path,
            format!("{} {why}", self.beside(path.get_ref()).display()),
            "32 random bytes as 64 hexadecimal digits on one line",
            "make one: openssl rand -hex 32",
        ))
    }

    fn signer(&self, path: &Spanned<PathBuf>) -> Result<Arc<Signer>, ConfigError> {
        let full = self.beside(path.get_ref());
        Signer::read(&full).map(Arc::new).map_err(|error| {
            self.wrong(
                path,
                format!("{}: {error}", full.display()),
                "a signing key whose name is the log's origin",
                "make one with `countersign key`, readable by the gateway's user alone",
            )
        })
    }

    fn header(&self, name: &Spanned<String>) -> Result<HeaderName, ConfigError> {
        HeaderName::from_str(name.get_ref()).map_err(|_| {
            self.wrong(
                name,
                format!("{:?} is not the name of a header", name.get_ref()),
                "letters, digits and '-', for example x-on-behalf-of",
                "correct the name",
            )
        })
    }

    fn parameter(&self, name: &Spanned<String>) -> Result<String, ConfigError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let text = name.get_ref();
        if !text.is_empty() && text.bytes().all(plain) {
            return Ok(text.clone());
        }
        Err(self.wrong(
            name,
            format!("{text:?} is not the name of a query parameter"),
            "letters, digits, '-', '_' and '.', for example user_id",
            "correct the name",
        ))
    }
}

/// Mistakes.
impl Reader<'_> {
    pub(super) fn wrong<T>(
        &self,
        at: &Spanned<T>,
        wrong: impl Into<String>,
        expected: &str,
        advice: &str,
    ) -> ConfigError {
        let span = at.span();
        ConfigError {
            file: self.path.to_owned(),
            // A section that is not there has an empty span at the beginning.
            line: (!span.is_empty()).then(|| self.line(span.start)),
            wrong: wrong.into(),
            expected: expected.to_owned(),
            advice: advice.to_owned(),
        }
    }

    /// A mistake in the file's form, as the TOML reader found it.
    fn form(&self, error: &toml::de::Error) -> ConfigError {
        let message = error.message();
        let (wrong, expected) = message
            .split_once(", expected ")
            .or_else(|| message.split_once(": expected "))
            .unwrap_or_else(|| match message.split_once(" field ") {
                Some(("missing", _)) => (message, "a value for it: it has no default"),
                _ if message.starts_with("duplicate") => (message, "each member once"),
                _ => (message, "what docs/countersign.toml shows here"),
            });
        ConfigError {
            file: self.path.to_owned(),
            line: error.span().map(|span| self.line(span.start)),
            wrong: wrong.to_owned(),
            expected: expected.to_owned(),
            advice: "compare with docs/countersign.toml, which has every member with its meaning"
                .to_owned(),
        }
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().iter().take(offset);
        before.filter(|byte| **byte == b'\n').count() + 1
    }
}
