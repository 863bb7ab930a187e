//! The platform's HTTP API: plain JSON, one bearer token per service, no Countersign anywhere.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::answers::{Failure, answer, created};
use crate::edits::Edits;
use crate::pages::{Asked, Page};
use crate::render::Render;
use crate::threads::Thread;
use crate::world::{PersonNo, World};

/// How the platform is served.
#[derive(Clone)]
pub struct Options {
    /// The service token that callers must bring (`Authorization: Bearer …`).
    pub token: String,
    /// The longest page; longer ones asked for are cut to it. The document says 100; measurements
    /// that want a whole list in one answer set more.
    pub max_limit: usize,
    /// What links start with (`https://api.sample.example`), whatever host was asked. Without it,
    /// `http://` and the request's own host.
    pub public_url: Option<String>,
}

impl Options {
    /// As the platform's document says, with this service token.
    pub fn new(token: impl Into<String>) -> Self {
        Self {
            token: token.into(),
            max_limit: 100,
            public_url: None,
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            token: _,
            max_limit,
            public_url,
        } = self;
        f.debug_struct("Options")
            .field("token", &"(secret)")
            .field("max_limit", max_limit)
            .field("public_url", public_url)
            .finish()
    }
}

/// Sample Social: a world, and the messages sent and deleted since it started.
#[derive(Debug)]
pub struct Platform {
    world: World,
    options: Options,
    edits: Edits,
}

impl Platform {
    /// The API as a router. Every router has its own sent and deleted messages.
    pub fn router(world: World, options: Options) -> Router {
        let platform = Arc::new(Self {
            world,
            options,
            edits: Edits::default(),
        });
        Router::new()
            .route("/v1/people", get(search_people))
            .route("/v1/people/{person}", get(get_person))
            .route("/v1/people/{person}/friends", get(list_friends))
            .route(
                "/v1/people/{person}/friends/contacts",
                get(list_friend_contacts),
            )
            .route("/v1/people/{person}/contact-book", get(list_contact_book))
            .route("/v1/people/{person}/feed", get(get_feed))
            .route("/v1/people/{person}/threads", get(list_threads))
            .route(
                "/v1/threads/{thread}/messages",
                get(list_messages).post(send_message),
            )
            .route(
                "/v1/threads/{thread}/messages/{message}",
                delete(delete_message),
            )
            .fallback(nothing_here)
            .with_state(platform)
    }
}

/// Serves Sample Social until `stop` is done; answers under way are finished first.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    world: World,
    options: Options,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, Platform::router(world, options))
        .with_graceful_shutdown(stop)
        .await
}

/// An authenticated request: no handler runs without one.
struct Call {
    platform: Arc<Platform>,
    uri: Uri,
    base: String,
    parameters: HashMap<String, String>,
}

impl FromRequestParts<Arc<Platform>> for Call {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        platform: &Arc<Platform>,
    ) -> Result<Self, Failure> {
        let presented = header_text(&parts.headers, header::AUTHORIZATION);
        let (scheme, token) = presented.split_once(' ').unwrap_or_default();
        if !scheme.eq_ignore_ascii_case("bearer") || token != platform.options.token {
            return Err(Failure::NoToken);
        }
        let base = match &platform.options.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", header_text(&parts.headers, header::HOST)),
        };
        let Query(parameters) = Query::try_from_uri(&parts.uri).map_err(|_| Failure::BadQuery)?;
        Ok(Self {
            platform: Arc::clone(platform),
            uri: parts.uri.clone(),
            base,
            parameters,
        })
    }
}

fn header_text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("")
}

impl Call {
    fn world(&self) -> &World {
        &self.platform.world
    }

    fn render(&self) -> Render<'_> {
        Render {
            world: &self.platform.world,
            edits: &self.platform.edits,
            base: &self.base,
        }
    }

    fn person(&self, id: &str) -> Result<PersonNo, Failure> {
        self.world()
            .person_with_id(id)
            .ok_or_else(|| Failure::no("person", id))
    }

    fn thread(&self, id: &str) -> Result<Thread, Failure> {
        self.world()
            .thread_with_id(id)
            .ok_or_else(|| Failure::no("thread", id))
    }

    fn asked(&self) -> Result<Asked, Failure> {
        let address = format!("{}{}", self.base, self.uri.path());
        Asked::read(
            address,
            self.parameters.clone(),
            self.platform.options.max_limit,
        )
        .map_err(Failure::BadCursor)
    }

    /// A page of a list of people, with their own ids in the cursors.
    fn people(
        &self,
        owner: &str,
        people: &[PersonNo],
        write: impl Fn(&PersonNo) -> serde_json::Value,
    ) -> Result<Response, Failure> {
        let edge =
            |at: Option<&PersonNo>| at.map_or_else(|| owner.to_owned(), |p| self.world().id_of(*p));
        Ok(listed(self.asked()?.cut(people, edge, write)))
    }
}

fn listed(page: Page) -> Response {
    answer(page.body, page.total, page.next.as_deref())
}

async fn get_person(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    let person = call.person(&id)?;
    Ok(answer(call.render().person(person), None, None))
}

async fn list_friends(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    let of = call.person(&id)?;
    call.people(&id, &call.world().friends(of), |p| {
        call.render().friend(of, *p)
    })
}

async fn list_friend_contacts(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    let of = call.person(&id)?;
    call.people(&id, &call.world().friends(of), |p| {
        call.render().friend_contact(*p)
    })
}

async fn list_contact_book(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    let book = call.world().contact_book(call.person(&id)?);
    Ok(listed(call.asked()?.cut(
        &book,
        |_| id.clone(),
        |entry| call.render().contact_entry(entry),
    )))
}

async fn get_feed(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    let feed = call.world().feed(call.person(&id)?);
    let edge = |post: Option<&crate::Post>| {
        post.map_or_else(|| id.clone(), |p| call.world().id_of(p.author))
    };
    Ok(listed(
        call.asked()?
            .cut(&feed, edge, |post| call.render().post(post)),
    ))
}

async fn list_threads(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    let viewer = call.person(&id)?;
    let edits = &call.platform.edits;
    let mut threads = call.world().threads(viewer);
    threads.sort_by_cached_key(|thread| {
        let updated = edits
            .last(call.world(), thread)
            .map_or(0, |message| message.sent);
        (std::cmp::Reverse(updated), thread.id.clone())
    });
    Ok(listed(call.asked()?.cut(
        &threads,
        |_| id.clone(),
        |thread| call.render().thread(viewer, thread),
    )))
}

async fn list_messages(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    let thread = call.thread(&id)?;
    let messages = call.platform.edits.messages(call.world(), &thread);
    let first = thread
        .participants
        .first()
        .map_or_else(String::new, |p| call.world().id_of(*p));
    let edge = |at: Option<&crate::Message>| {
        at.map_or_else(|| first.clone(), |m| call.world().id_of(m.from))
    };
    Ok(listed(call.asked()?.cut(&messages, edge, |message| {
        call.render().message(&thread, message)
    })))
}

async fn search_people(call: Call) -> Result<Response, Failure> {
    /// Beyond so many people a search does not count its hits: the total is null.
    const COUNTED: u32 = 1_000_000;
    let asked = call.asked()?;
    let filter = ["name", "city"].map(|name| asked.parameters.get(name).map(String::as_str));
    let world = call.world();
    let one_more = asked.limit.saturating_add(1);
    let (mut hits, total) = match filter {
        [None, None] => (
            world.directory(asked.skip as u64, one_more),
            Some(u64::from(world.population())),
        ),
        [name, city] => {
            let hits = world
                .search(name, city)
                .skip(asked.skip)
                .take(one_more)
                .collect();
            let counted = world.population() <= COUNTED;
            (
                hits,
                counted.then(|| world.search(name, city).count() as u64),
            )
        }
    };
    let more = hits.len() > asked.limit;
    hits.truncate(asked.limit);
    let edge = |at: Option<&PersonNo>| at.map_or_else(|| "u_".to_owned(), |p| world.id_of(*p));
    Ok(listed(asked.page(&hits, more, total, edge, |p| {
        call.render().directory_entry(*p)
    })))
}

#[derive(Deserialize)]
struct NewMessage {
    from: String,
    text: String,
}

async fn send_message(
    call: Call,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Failure> {
    let thread = call.thread(&id)?;
    let new: NewMessage =
        serde_json::from_slice(&body).map_err(|e| Failure::BadMessage(e.to_string()))?;
    if new.text.is_empty() || new.text.chars().count() > 4_000 {
        return Err(Failure::BadMessage(
            "text must have 1 to 4000 characters".to_owned(),
        ));
    }
    let from = call
        .world()
        .person_with_id(&new.from)
        .filter(|p| thread.participants.contains(p));
    let from = from.ok_or_else(|| Failure::NotAParticipant {
        person: new.from,
        thread: id,
    })?;
    let message = call
        .platform
        .edits
        .send(call.world(), &thread, from, new.text);
    Ok(created(call.render().message(&thread, &message)))
}

async fn delete_message(
    call: Call,
    Path((id, message)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let thread = call.thread(&id)?;
    let index = call.world().message_index(&thread, &message);
    let deleted =
        index.is_some_and(|index| call.platform.edits.delete(call.world(), &thread, index));
    if deleted {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(Failure::no("message", &message))
    }
}

async fn nothing_here(call: Call) -> Failure {
    Failure::no("page", call.uri.path())
}
