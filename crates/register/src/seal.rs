//! The register's own key, and sealing under it.

use std::fmt;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use ledger::keyfile;

/// 32 random bytes in a file of mode 0600; details of entries and snapshots are sealed under keys derived from it.
pub(crate) struct RegisterKey([u8; 32]);

/// The cipher refused: a wrong key, or altered bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot be opened with the register's key: another key, or altered bytes")]
pub(crate) struct Unsealed;

impl RegisterKey {
    pub(crate) fn from_random(bytes: [u8; 32]) -> RegisterKey {
        RegisterKey(bytes)
    }

    /// Reads the file; see [`ledger::keyfile`].
    pub(crate) fn read(path: &Path) -> io::Result<RegisterKey> {
        let text = std::fs::read_to_string(path)?;
        let key = keyfile::decode(&text);
        key.map(RegisterKey)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// Writes a new file of mode 0600; one that exists is an error.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(keyfile::encode(&self.0).as_bytes())?;
        file.sync_all()
    }

    /// The key for one purpose and salt: under it, a counter is nonce enough.
    pub(crate) fn sealer(&self, purpose: &str, salt: &[u8; 32]) -> Result<Sealer, Unsealed> {
        let mac = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let mut context = hmac::Context::with_key(&mac);
        context.update(purpose.as_bytes());
        context.update(salt);
        let key = UnboundKey::new(&AES_256_GCM, context.sign().as_ref()).map_err(|_| Unsealed)?;
        Ok(Sealer(LessSafeKey::new(key)))
    }
}

impl Drop for RegisterKey {
    fn drop(&mut self) {
        self.0.fill(0);
        std::hint::black_box(&self.0);
    }
}

impl fmt::Debug for RegisterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegisterKey(secret)")
    }
}

/// AES-256-GCM under a key used for one salt only.
pub(crate) struct Sealer(LessSafeKey);

impl Sealer {
    /// Seals part number `n`; a number is used once.
    pub(crate) fn seal(&self, n: u64, aad: &[u8], mut bytes: Vec<u8>) -> Result<Vec<u8>, Unsealed> {
        self.0
            .seal_in_place_append_tag(nonce(n), Aad::from(aad), &mut bytes)
            .map_err(|_| Unsealed)?;
        Ok(bytes)
    }

    /// Opens part number `n`.
    pub(crate) fn open(&self, n: u64, aad: &[u8], mut bytes: Vec<u8>) -> Result<Vec<u8>, Unsealed> {
        let plain = self
            .0
            .open_in_place(nonce(n), Aad::from(aad), &mut bytes)
            .map_err(|_| Unsealed)?
            .len();
        bytes.truncate(plain);
        Ok(bytes)
    }
}

fn nonce(n: u64) -> Nonce {
    let mut bytes = [0; 12];
    let (_, counter) = bytes.split_at_mut(4);
    counter.copy_from_slice(&n.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_with_the_same_key_salt_number_and_header_only() {
        let key = RegisterKey::from_random([1; 32]);
        let seal = |sealer: Sealer| sealer.seal(7, b"header", b"ada".to_vec()).unwrap();
        let sealed = seal(key.sealer("entry", &[2; 32]).unwrap());
        let open = |key: &RegisterKey, purpose, salt, n, aad: &[u8]| {
            key.sealer(purpose, &salt)
                .unwrap()
                .open(n, aad, sealed.clone())
        };
        assert_eq!(open(&key, "entry", [2; 32], 7, b"header").unwrap(), b"ada");
        let other = RegisterKey::from_random([9; 32]);
        assert_eq!(open(&other, "entry", [2; 32], 7, b"header"), Err(Unsealed));
        assert_eq!(open(&key, "other", [2; 32], 7, b"header"), Err(Unsealed));
        assert_eq!(open(&key, "entry", [3; 32], 7, b"header"), Err(Unsealed));
        assert_eq!(open(&key, "entry", [2; 32], 8, b"header"), Err(Unsealed));
        assert_eq!(open(&key, "entry", [2; 32], 7, b"headed"), Err(Unsealed));
    }

    #[test]
    fn a_key_file_is_for_its_owner_alone_and_never_overwritten() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("register.key");
        RegisterKey::from_random([5; 32]).write(&path).unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(RegisterKey::read(&path).unwrap().0, [5; 32]);
        assert!(RegisterKey::from_random([6; 32]).write(&path).is_err());
    }

    #[test]
    fn a_damaged_key_file_is_refused_without_repeating_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("register.key");
        std::fs::write(&path, "beefbeef").unwrap();
        let said = RegisterKey::read(&path).unwrap_err().to_string();
        assert!(said.contains("64 hexadecimal digits") && !said.contains("beef"));
    }
}
