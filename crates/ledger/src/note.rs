//! Signed notes and their keys (C2SP signed-note v1.0.0), Ed25519 only.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The algorithm byte of Ed25519 in key ids and encoded keys.
const ED25519_TYPE: u8 = 1;
/// The em dash that opens a signature line.
const SIGNATURE_START: &str = "\u{2014} ";

/// Why a note was not accepted.
#[derive(Debug, Error, PartialEq, Eq)]
#[expect(missing_docs, reason = "each message says what it means")]
pub enum NoteError {
    #[error("malformed note: {0}")]
    Malformed(&'static str),
    #[error("no signature by {0}")]
    NotSigned(String),
    #[error("the signature by {0} does not verify")]
    BadSignature(String),
}

/// Why a key was not read or written.
#[derive(Debug, Error)]
#[expect(
    missing_docs,
    reason = "each message says what it means and what to do"
)]
pub enum KeyError {
    #[error("not a verifier key: expected <name>+<8 hex digits>+<base64 of 0x01 and 32 bytes>")]
    VerifierForm,
    #[error(
        "{path}: not a signer key: expected PRIVATE+KEY+<name>+<8 hex digits>+<base64 of 0x01 and 32 bytes>"
    )]
    SignerForm { path: PathBuf },
    #[error(
        "the name {0:?} cannot be a key's name: it must not be empty, and hold neither space nor plus"
    )]
    Name(String),
    #[error("the seed was not accepted as an Ed25519 key")]
    Seed,
    #[error(
        "{path}: readable by others (mode {mode:o}); run `chmod 600` on it, and replace the key if others may have read it"
    )]
    Permissions { path: PathBuf, mode: u32 },
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
}

/// A public key with its name, as `<name>+<key id>+<key>`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifierKey {
    name: String,
    public: [u8; 32],
}

impl VerifierKey {
    /// A key from its parts; refuses names that a note cannot carry.
    pub fn new(name: &str, public: [u8; 32]) -> Result<Self, KeyError> {
        check_name(name)?;
        Ok(Self {
            name: name.to_owned(),
            public,
        })
    }

    /// Reads the form that [`fmt::Display`] writes; the key id must be right.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (name, id, public) = split_key(text).ok_or(KeyError::VerifierForm)?;
        let key = Self::new(name, public)?;
        (key.id() == id)
            .then_some(key)
            .ok_or(KeyError::VerifierForm)
    }

    /// The key's name; for a log's key, the origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key id: SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), first four bytes.
    pub fn id(&self) -> [u8; 4] {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519_TYPE])
            .chain_update(self.public)
            .finalize()
            .into();
        let [a, b, c, d, ..] = digest;
        [a, b, c, d]
    }

    fn verifies(&self, body: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.public)
            .verify(body.as_bytes(), signature)
            .is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}+{}+{}",
            self.name,
            hex4(self.id()),
            encode_key(&self.public)
        )
    }
}

/// A private key with its name. Never prints itself.
pub struct Signer {
    key: VerifierKey,
    seed: [u8; 32],
    pair: Ed25519KeyPair,
}

impl Signer {
    /// A key from 32 random bytes, which the caller draws: whoever knows them can sign.
    pub fn from_seed(name: &str, seed: [u8; 32]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| KeyError::Seed)?;
        let public = pair
            .public_key()
            .as_ref()
            .try_into()
            .map_err(|_| KeyError::Seed)?;
        Ok(Self {
            key: VerifierKey::new(name, public)?,
            seed,
            pair,
        })
    }

    /// Reads a key file; refuses one that others can read.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let io = |source| KeyError::Io {
            path: path.to_owned(),
            source,
        };
        check_mode(path)?;
        let text = std::fs::read_to_string(path).map_err(io)?;
        let form = || KeyError::SignerForm {
            path: path.to_owned(),
        };
        let rest = text
            .trim_end()
            .strip_prefix("PRIVATE+KEY+")
            .ok_or_else(form)?;
        let (name, id, seed) = split_key(rest).ok_or_else(form)?;
        let signer = Self::from_seed(name, seed)?;
        (signer.key.id() == id).then_some(signer).ok_or_else(form)
    }

    /// Writes the key to a new file that only its owner can read; an existing file is never replaced.
    pub fn write(&self, path: &Path) -> Result<(), KeyError> {
        use std::io::Write;
        let io = |source| KeyError::Io {
            path: path.to_owned(),
            source,
        };
        let text = format!(
            "PRIVATE+KEY+{}+{}+{}\n",
            self.key.name,
            hex4(self.key.id()),
            encode_key(&self.seed)
        );
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(io)?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(io)
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.key
    }

    /// The key's name; for a log's key, the origin.
    pub fn name(&self) -> &str {
        &self.key.name
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}, secret)", self.key.name)
    }
}

/// Signing and opening notes.
#[derive(Debug)]
pub struct Note;

impl Note {
    /// `body` (which ends in a newline) with one signature line beneath it.
    pub fn sign(body: &str, signer: &Signer) -> String {
        let signature = signer.pair.sign(body.as_bytes());
        let mut bytes = signer.key.id().to_vec();
        bytes.extend_from_slice(signature.as_ref());
        format!(
            "{body}\n{SIGNATURE_START}{} {}\n",
            signer.key.name,
            STANDARD.encode(bytes)
        )
    }

    /// The body of a note that `key` signed. Signatures by other keys (witnesses) are passed over,
    /// as the form demands; at most 100 are looked at.
    pub fn open(text: &str, key: &VerifierKey) -> Result<String, NoteError> {
        if text.len() > 1 << 20 {
            return Err(NoteError::Malformed("longer than 1 MiB"));
        }
        let split = text
            .rfind("\n\n")
            .ok_or(NoteError::Malformed("no blank line before signatures"))?;
        let (body, rest) = text.split_at(split + 1);
        let signatures = rest
            .strip_prefix('\n')
            .and_then(|lines| lines.strip_suffix('\n'))
            .ok_or(NoteError::Malformed("signatures do not end in a newline"))?;
        if signatures.split('\n').count() > 100 {
            return Err(NoteError::Malformed("more than 100 signatures"));
        }
        for line in signatures.split('\n') {
            let (name, bytes) = signature_line(line)
                .ok_or(NoteError::Malformed("a line that is not a signature"))?;
            let Some((id, signature)) = bytes.split_first_chunk::<4>() else {
                return Err(NoteError::Malformed("a signature shorter than its key id"));
            };
            if name == key.name && *id == key.id() {
                return if key.verifies(body, signature) {
                    Ok(body.to_owned())
                } else {
                    Err(NoteError::BadSignature(key.name.clone()))
                };
            }
        }
        Err(NoteError::NotSigned(key.name.clone()))
    }
}

fn signature_line(line: &str) -> Option<(&str, Vec<u8>)> {
    let (name, encoded) = line.strip_prefix(SIGNATURE_START)?.split_once(' ')?;
    check_name(name).ok()?;
    Some((name, STANDARD.decode(encoded).ok()?))
}

fn check_name(name: &str) -> Result<(), KeyError> {
    let bad = name.is_empty() || name.chars().any(|c| c.is_whitespace() || c == '+');
    if bad {
        Err(KeyError::Name(name.to_owned()))
    } else {
        Ok(())
    }
}

fn hex4(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

fn encode_key(key: &[u8; 32]) -> String {
    let mut bytes = vec![ED25519_TYPE];
    bytes.extend_from_slice(key);
    STANDARD.encode(bytes)
}

/// `<name>+<8 hex digits>+<base64(0x01 ‖ 32 bytes)>` in its parts. Base64 may itself hold a plus.
fn split_key(text: &str) -> Option<(&str, [u8; 4], [u8; 32])> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    if id.len() != 8 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let id = u32::from_str_radix(id, 16).ok()?.to_be_bytes();
    let bytes = STANDARD.decode(key).ok()?;
    let (&kind, key) = bytes.split_first()?;
    (kind == ED25519_TYPE).then_some((name, id, key.try_into().ok()?))
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = std::fs::metadata(path).map_err(|source| KeyError::Io {
        path: path.to_owned(),
        source,
    })?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(KeyError::Permissions {
            path: path.to_owned(),
            mode,
        })
    }
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<(), KeyError> {
    Ok(())
}
