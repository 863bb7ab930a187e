//! A real Synapse, made by the example's own script, and asked directly.

use std::path::{Path, PathBuf};
use std::process::Command;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::reading::{TERMS, quoted};

/// What the script ends with where Synapse cannot be had.
const NOT_TO_BE_HAD: i32 = 3;

/// A homeserver with invented people, for as long as this lives.
pub(crate) struct Synapse {
    pub upstream: String,
    pub token: String,
    /// What the seed says: people, rooms, moments.
    pub seeded: Value,
    client: legacy::Client<HttpConnector, Full<Bytes>>,
    directory: TempDir,
}

impl Synapse {
    /// `None` where there is no Python or no package index, told on stderr.
    pub(crate) fn start() -> Option<Synapse> {
        let directory = tempfile::tempdir().unwrap();
        // Next to what cargo builds, so that it is installed once.
        let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("synapse");
        let told = match script(&["up", "--venv", venv.to_str().unwrap()], directory.path()) {
            Ok(told) => told,
            Err(why) => {
                eprintln!("the live test against Synapse did NOT run: {why}");
                return None;
            }
        };
        let at: Value = serde_json::from_slice(&told).unwrap();
        let read = |name: &str| std::fs::read_to_string(at[name].as_str().unwrap()).unwrap();
        Some(Synapse {
            upstream: at["upstream"].as_str().unwrap().to_owned(),
            token: read("token_file").trim().to_owned(),
            seeded: serde_json::from_str(&read("seeded")).unwrap(),
            client: legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http(),
            directory,
        })
    }

    /// Waits until the directory of people holds still for each of these: the server fills it beside its other work. What
    /// comes while it is at that it may overlook until something else comes (`notify_new_event` in Synapse's
    /// `handlers/user_directory.py`), so somebody says where they are.
    pub(crate) async fn has_its_directory(&self, readers: &[&str]) {
        let mut before = Vec::new();
        for n in 0..60 {
            let word = ["coming home", "at home"][n % 2];
            self.is_present(self.seeded["present"][0].as_str().unwrap(), word)
                .await;
            let mut now = Vec::new();
            let asked = readers
                .iter()
                .flat_map(|reader| TERMS.map(|term| (*reader, term)));
            for (reader, term) in asked {
                let body = json!({ "search_term": term, "limit": 50 });
                let at = "/_matrix/client/v3/user_directory/search";
                now.push(self.ask("POST", at, reader, Some(&body)).await["results"].clone());
            }
            let filled = now
                .iter()
                .all(|found| found.as_array().is_some_and(|it| !it.is_empty()));
            if filled && now == before {
                return;
            }
            before = now;
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
        panic!("the directory does not hold still: {before:?}");
    }

    /// Somebody is online, and says where.
    pub(crate) async fn is_present(&self, person: &str, word: &str) {
        let path = format!("/_matrix/client/v3/presence/{}/status", quoted(person));
        let body = json!({ "presence": "online", "status_msg": word });
        self.ask("PUT", &path, person, Some(&body)).await;
    }

    /// What the homeserver itself answers to this person.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        person: &str,
        body: Option<&Value>,
    ) -> Value {
        let and = if path.contains('?') { '&' } else { '?' };
        let person = person
            .replace('@', "%40")
            .replace('+', "%2B")
            .replace('/', "%2F");
        let address = format!("{}{path}{and}user_id={person}", self.upstream);
        let content = body.map_or(Bytes::new(), |body| Bytes::from(body.to_string()));
        let request = http::Request::builder()
            .method(method)
            .uri(&address)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .body(Full::new(content))
            .unwrap();
        let answer = self.client.request(request).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(status, 200, "{method} {address}: {body:?}");
        serde_json::from_slice(&body).unwrap()
    }
}

impl Drop for Synapse {
    fn drop(&mut self) {
        if let Err(why) = script(&["clean"], self.directory.path()) {
            eprintln!("{why}");
        }
    }
}

fn script(arguments: &[&str], directory: &Path) -> Result<Vec<u8>, String> {
    let script: PathBuf =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/matrix/synapse.py");
    let done = Command::new("python3")
        .arg(script)
        .args(arguments)
        .arg("--dir")
        .arg(directory.join("server"))
        .output()
        .map_err(|error| format!("python3: {error}"))?;
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    match done.status.code() {
        Some(0) => Ok(done.stdout),
        Some(NOT_TO_BE_HAD) => Err(told),
        other => panic!("synapse.py ended with {other:?}: {told}"),
    }
}
