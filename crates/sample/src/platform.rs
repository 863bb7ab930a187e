//! The platform's HTTP API: plain JSON, one bearer token per service, no Countersign anywhere.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use tokio::net::TcpListener;

use crate::answers::{Failure, listed};
use crate::edits::Edits;
use crate::pages::Asked;
use crate::render::Render;
use crate::routes::routes;
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
    pub(crate) world: World,
    options: Options,
    pub(crate) edits: Edits,
}

impl Platform {
    /// The API as a router. Every router has its own sent and deleted messages.
    pub fn router(world: World, options: Options) -> Router {
        let platform = Arc::new(Self {
            world,
            options,
            edits: Edits::default(),
        });
        routes().with_state(platform)
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
pub(crate) struct Call {
    pub(crate) platform: Arc<Platform>,
    pub(crate) uri: Uri,
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
    pub(crate) fn world(&self) -> &World {
        &self.platform.world
    }

    pub(crate) fn render(&self) -> Render<'_> {
        Render {
            world: &self.platform.world,
            edits: &self.platform.edits,
            base: &self.base,
        }
    }

    pub(crate) fn person(&self, id: &str) -> Result<PersonNo, Failure> {
        self.world()
            .person_with_id(id)
            .ok_or_else(|| Failure::no("person", id))
    }

    pub(crate) fn thread(&self, id: &str) -> Result<Thread, Failure> {
        self.world()
            .thread_with_id(id)
            .ok_or_else(|| Failure::no("thread", id))
    }

    pub(crate) fn asked(&self) -> Result<Asked, Failure> {
        let address = format!("{}{}", self.base, self.uri.path());
        Asked::read(
            address,
            self.parameters.clone(),
            self.platform.options.max_limit,
        )
        .map_err(Failure::BadCursor)
    }

    /// A page of a list of people, with their own ids in the cursors.
    pub(crate) fn people(
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
