//! Running the program as a user does, in a directory of its own.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests may fail loudly; each test uses some"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// How a run of the program ended.
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// A directory with what an operator has before `init`.
pub struct Desk {
    dir: tempfile::TempDir,
}

/// The repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs the program.
pub fn run(args: &[&str], dir: &Path) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(args)
        .current_dir(dir)
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    Ran::of(output)
}

impl Ran {
    /// From what the system says.
    pub fn of(output: Output) -> Ran {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {:?}", self.out))
    }
}

impl Desk {
    /// Configuration, documents and a platform officer's key; no register and no ledger.
    pub fn before_init() -> Desk {
        let desk = Desk {
            dir: tempfile::tempdir().unwrap(),
        };
        desk.copy("examples/sample-social/overlay.json", "overlay.json");
        desk.copy("examples/demo/policy.yaml", "policy.yaml");
        desk.copy("crates/sample/openapi.json", "openapi.json");
        desk.write_secret("platform.token", "a-token-of-the-platform\n");
        desk.write("countersign.toml", CONFIGURATION);
        let key = desk.ok(&["key", "new", "--out", "greta.jwk", "--kid", "greta"]);
        desk.write("officers.json", &format!("{{\"keys\": [{key}]}}"));
        desk
    }

    /// As before, after `init`.
    pub fn after_init() -> Desk {
        let desk = Desk::before_init();
        let init = [
            "init",
            "--config",
            "countersign.toml",
            "--officers",
            "officers.json",
            "--format",
            "json",
        ];
        let made: serde_json::Value = serde_json::from_str(&desk.ok(&init)).unwrap();
        for log in ["ledger", "register"] {
            desk.write(&format!("{log}.vkey"), made[log].as_str().unwrap());
        }
        desk
    }

    /// After `init`, with a partner and an agreement that both officers have signed and nobody has offered yet; and the
    /// id of its power.
    pub fn signed() -> (Desk, String) {
        let desk = Desk::after_init();
        let frida = desk.ok(&[
            "key",
            "new",
            "--out",
            "frida.jwk",
            "--kid",
            "frida",
            "--algorithm",
            "eddsa",
        ]);
        let client = desk.ok(&["key", "new", "--out", "findr.jwk"]);
        desk.write("frida.json", &frida);
        desk.write("jwks.json", &format!("{{\"keys\": [{frida}, {client}]}}"));
        desk.ok(&[
            &[
                "partner",
                "enrol",
                "findr",
                "--name",
                "Findr",
                "--jwks",
                "jwks.json",
            ][..],
            &HERE,
        ]
        .concat());
        desk.ok(&[
            &[
                "officer",
                "enrol",
                "frida",
                "--partner",
                "findr",
                "--key",
                "frida.json",
            ][..],
            &HERE,
        ]
        .concat());
        let draft = desk.ok(&["agreement", "draft", "findr-search", "--partner", "findr"]);
        let draft = draft
            .replace("platform-officer", "greta")
            .replace("partner-officer", "frida");
        desk.write("findr.yaml", &draft);
        for (name, side) in [
            ("greta", ["--platform"].as_slice()),
            ("frida", &["--partner", "findr"]),
        ] {
            let key = format!("{name}.jwk");
            let sign = [
                "agreement",
                "sign",
                "findr.yaml",
                "--key",
                &key,
                "--officer",
                name,
            ];
            let jws = desk.ok(&[&sign[..], side].concat());
            desk.write(&format!("{name}.jws"), &jws);
        }
        let checked = desk
            .run(&["agreement", "check", "findr.yaml", "--format", "json"])
            .json();
        let power = checked["powers"][0]["id"].as_str().unwrap().to_owned();
        (desk, power)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file into it.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }

    /// Writes a file that only its owner may read.
    pub fn write_secret(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        self.write(name, text);
        let path = self.path().join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Reads a file in it.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    fn copy(&self, from: &str, to: &str) {
        fs::copy(repository().join(from), self.path().join(to)).unwrap();
    }

    /// Runs the program in it.
    pub fn run(&self, args: &[&str]) -> Ran {
        run(args, self.path())
    }

    /// Runs the program in it, which must succeed; its standard output.
    pub fn ok(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.err);
        ran.out
    }
}

/// Where the register of a desk is.
pub const HERE: [&str; 2] = ["--config", "countersign.toml"];

/// The least that a configuration says; ports on which nobody listens.
pub const CONFIGURATION: &str = r#"[listen]
address = "127.0.0.1:0"
public-url = "http://gateway.sample.example"
plaintext = true

[admin]
address = "127.0.0.1:1"
token = "keys/admin.token"

[platform]
upstream = "http://127.0.0.1:1"
document = "openapi.json"
overlay = "overlay.json"
token = "platform.token"

[ledger]
directory = "ledger"
signing-key = "keys/ledger.key"
details-key = "keys/details.key"

[register]
directory = "register"
signing-key = "keys/register.key"

[policy]
document = "policy.yaml"

[cursor]
key = "keys/cursor.key"
"#;
