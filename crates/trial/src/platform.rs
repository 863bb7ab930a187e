//! The sample platform, served by the harness itself: it stays up while the gateway is killed, and it notes everything
//! that it was really asked to do.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use http::{Method, StatusCode};
use rand::{Rng as _, RngCore as _};
use rand_chacha::ChaCha8Rng;
use sample::World;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::broken::{At as _, Result};
use crate::surroundings::{dice, unforeseeable};

/// The header by which the gateway names each write to the platform.
pub(crate) const NAMED: &str = "x-request-id";
/// For how long at most the platform thinks before it does something, and again before it says so: long enough for a
/// kill to fall in between.
const THINKS: Duration = Duration::from_millis(15);

/// Something that the platform was asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deed {
    /// The gateway's own name for it.
    pub(crate) named: String,
    /// What the partner wrote, by which it is recognised: each trial writes nothing twice.
    pub(crate) mark: String,
    /// What the platform answered; `None` while it has not.
    pub(crate) status: Option<u16>,
}

impl Deed {
    /// Whether the platform did it.
    pub(crate) fn is_done(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }
}

/// Serving until it is dropped.
#[derive(Debug)]
pub(crate) struct Platform {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
    deeds: Arc<Deeds>,
    serving: JoinHandle<std::io::Result<()>>,
}

#[derive(Debug)]
struct Deeds {
    all: Mutex<Vec<Deed>>,
    dice: Mutex<ChaCha8Rng>,
}

impl Platform {
    /// Serves this world on a port that the system chooses.
    pub(crate) async fn start(world: &World, seed: u64) -> Result<Platform> {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .at("the sample platform's port")?;
        let address = listener.local_addr().at("the sample platform's port")?;
        let mut secret = [0; 32];
        unforeseeable()?.fill_bytes(&mut secret);
        let token = hex::encode(secret);
        let deeds = Arc::new(Deeds {
            all: Mutex::default(),
            dice: Mutex::new(dice(seed, 4)),
        });
        let router = sample::Platform::router(world.clone(), sample::Options::new(token.as_str()));
        let router = router.layer(from_fn_with_state(deeds.clone(), note));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Platform {
            address,
            token,
            deeds,
            serving,
        })
    }

    /// Everything that it was asked to do so far, in the order in which it was asked.
    pub(crate) fn deeds(&self) -> Vec<Deed> {
        locked(&self.deeds.all).clone()
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Notes what is not a read, before it is done and after. Also where the gateway is gone meanwhile, it is done: a
/// connection that breaks does not take back what was asked.
async fn note(State(deeds): State<Arc<Deeds>>, request: Request, next: Next) -> Response {
    if request.method() == Method::GET {
        return next.run(request).await;
    }
    let done = tokio::spawn(async move { do_and_note(&deeds, request, next).await });
    done.await
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn do_and_note(deeds: &Deeds, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, 1 << 20).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let named = parts
        .headers
        .get(NAMED)
        .and_then(|value| value.to_str().ok());
    let deed = Deed {
        named: named.unwrap_or_default().to_owned(),
        mark: mark(parts.uri.path(), &body),
        status: None,
    };
    let place = {
        let mut all = locked(&deeds.all);
        all.push(deed);
        all.len() - 1
    };
    deeds.think().await;
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    if let Some(deed) = locked(&deeds.all).get_mut(place) {
        deed.status = Some(response.status().as_u16());
    }
    deeds.think().await;
    response
}

impl Deeds {
    async fn think(&self) {
        let part: f64 = locked(&self.dice).random();
        tokio::time::sleep(THINKS.mul_f64(part)).await;
    }
}

/// What a request is recognised by: its text, the first name in it, or the end of its path.
fn mark(path: &str, body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = ["/text", "/contacts/0/name"]
        .iter()
        .find_map(|at| body.pointer(at)?.as_str());
    text.or_else(|| path.rsplit('/').next())
        .unwrap_or_default()
        .to_owned()
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::mark;

    #[test]
    fn what_is_done_is_recognised_by_what_was_written() {
        assert_eq!(
            mark(
                "/v1/threads/t/messages",
                br#"{"from": "u_1", "text": "one"}"#
            ),
            "one"
        );
        assert_eq!(
            mark(
                "/v1/people/u/contact-book",
                br#"{"contacts": [{"name": "Cleo"}]}"#
            ),
            "Cleo"
        );
        assert_eq!(mark("/v1/posts/p_7", b""), "p_7");
    }
}
