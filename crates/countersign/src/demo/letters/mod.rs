//! The platform's letters: its side of docs/asking.md, on one port. The web hook takes digests; a page shows what the
//! people of the demo would find in their mail, and lets the days go by on which they are told.
//!
//! What it shows one would never see at a real platform: everybody's letters side by side, and a button for time.

mod hook;
mod page;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use decide::Days;
use sample::{PersonNo, World};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::files::LeftPerson;
use super::newcomers::Newcomers;
use crate::exit::{Exit, Failure};
use crate::surroundings::{now, random};
use hook::{Digest, Hook, Refused};

/// Where digests go.
const HOOK: &str = "/hook";
/// How many days one press lets go by: as many as lie between two of a person's own days.
const MONTH: u32 = 30;
/// How many days can go by at most. Who presses on beyond ten years has seen it.
const MOST: u32 = 3650;
/// Between two looks for letters; longer than the second in which the gateway tells whoever is due.
const LOOK: Duration = Duration::from_millis(1500);
/// How many looks a press waits for.
const LOOKS: u32 = 4;

/// How many days of asking have been let go by. Shared with the gateway's clock.
#[derive(Clone, Debug, Default)]
pub(super) struct Passed(Arc<AtomicU32>);

impl Passed {
    /// What has gone by so far.
    pub(super) fn days(&self) -> Days {
        Days(self.0.load(Ordering::Relaxed))
    }

    fn a_month(&self) {
        let later = |days: u32| Some(days.saturating_add(MONTH).min(MOST));
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
    }
}

/// The letters with their port, not serving yet: the configuration has to name it before the gateway has its own.
pub(super) struct Letters {
    /// Where they will be.
    pub(super) address: SocketAddr,
    /// The secret under which digests are signed, as both sides keep it.
    pub(super) secret: String,
    /// The days that have been let go by.
    pub(super) passed: Passed,
    key: [u8; 32],
    listener: TcpListener,
}

/// Whom the page is about.
pub(super) struct Cast {
    /// Whose letters are shown: those who can log in.
    pub(super) people: Vec<PersonNo>,
    /// Who could connect a partner, so that somebody is asked.
    pub(super) connects: LeftPerson,
    /// A friend of theirs, who would be.
    pub(super) bystander: LeftPerson,
    /// Where the partners' sites are.
    pub(super) shops: String,
}

impl Cast {
    pub(super) fn of(
        world: &World,
        newcomers: &Newcomers,
        people: Vec<PersonNo>,
        shops: SocketAddr,
    ) -> Cast {
        Cast {
            people,
            connects: newcomers.first_named(world),
            bystander: newcomers.bystander_named(world),
            shops: format!("http://{shops}"),
        }
    }
}

/// What is served.
struct Desk {
    hook: Hook,
    world: World,
    cast: Cast,
    passed: Passed,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    letters: Vec<Letter>,
    /// How many went to people who cannot log in here.
    others: usize,
}

/// A letter to somebody who can log in.
#[derive(Clone)]
struct Letter {
    to: String,
    digest: Digest,
}

impl Letters {
    /// Binds a port.
    pub(super) fn bind(runtime: &Runtime) -> Result<Letters, Failure> {
        let unavailable = |error| Exit::Unavailable.because(error);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
        let listener = listener.map_err(unavailable)?;
        let key = random::<32>()?;
        Ok(Letters {
            address: listener.local_addr().map_err(unavailable)?,
            secret: format!("whsec_{}", STANDARD.encode(key)),
            passed: Passed::default(),
            key,
            listener,
        })
    }

    /// The hook's address.
    pub(super) fn hook(address: SocketAddr) -> String {
        format!("http://{address}{HOOK}")
    }

    /// Serves for as long as the runtime lives.
    pub(super) fn start(self, runtime: &Runtime, world: &World, cast: Cast) {
        let router = router(Desk {
            hook: Hook::new(&self.key),
            world: world.clone(),
            cast,
            passed: self.passed,
            kept: Mutex::default(),
        });
        runtime.spawn(async move { axum::serve(self.listener, router).await });
    }
}

fn router(desk: Desk) -> Router {
    Router::new()
        .route("/", get(show))
        .route("/month", post(a_month))
        .route(HOOK, post(take))
        .with_state(Arc::new(desk))
}

impl Desk {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a letter, if there is somebody to write to.
    fn write(&self, digest: Digest) -> Result<(), Refused> {
        let person = self.world.person_with_id(&digest.person);
        let person = person.ok_or(Refused::Nobody)?;
        let known = self.world.person(person).ok_or(Refused::Nobody)?;
        let mut kept = self.kept();
        if self.cast.people.contains(&person) {
            let to = known.name();
            kept.letters.push(Letter { to, digest });
        } else {
            kept.others += 1;
        }
        Ok(())
    }

    /// How many letters there are by now.
    fn written(&self) -> usize {
        let kept = self.kept();
        kept.letters.len().saturating_add(kept.others)
    }
}

/// A digest comes in. Only what is written down is answered by 2xx.
async fn take(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: String) -> Response {
    let taken = desk.hook.believe(&headers, body, now().0.div_euclid(1000));
    let written = taken.and_then(|digest| {
        let Some(digest) = digest else { return Ok(()) };
        let id = digest.id.clone();
        desk.write(digest).inspect_err(|_| desk.hook.forget(&id))
    });
    match written {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refused) => (refused.status(), refused.to_string()).into_response(),
    }
}

async fn show(State(desk): State<Arc<Desk>>) -> Response {
    page::of(&desk)
}

/// Lets thirty days go by, and waits for what comes of it, but not for long.
async fn a_month(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Response {
    let site = headers.get("sec-fetch-site").map(|value| value.as_bytes());
    if !matches!(site, None | Some(b"same-origin")) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut written = desk.written();
    desk.passed.a_month();
    let mut some = false;
    for _ in 0..LOOKS {
        tokio::time::sleep(LOOK).await;
        let now = desk.written();
        if now == written && some {
            break;
        }
        some |= now != written;
        written = now;
    }
    Redirect::to("/").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_only_go_by_and_not_for_ever() {
        let passed = Passed::default();
        for expected in [30, 60, 90] {
            passed.a_month();
            assert_eq!(passed.days(), Days(expected));
        }
        for _ in 0..200 {
            passed.a_month();
        }
        assert_eq!(passed.days(), Days(MOST));
    }
}
