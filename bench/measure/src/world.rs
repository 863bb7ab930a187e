//! The one world that all measurements look at, and the people in it who have lists of the wanted length.

use anyhow::{Context, Result};
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use sample::{Options, PersonNo, Platform, Seed, World};
use tower::ServiceExt;

use crate::report::repository;

/// The seed.
pub(crate) const SEED: u64 = 7;
/// As many people as the demo has.
pub(crate) const PEOPLE: u32 = 10_000;
/// The platform's service token: what the gateway brings along, no secret.
pub(crate) const SERVICE_TOKEN: &str = "a-service-token-for-measurements";
/// What the platform calls itself in links, so that its answers are the same bytes on every port.
pub(crate) const PLATFORM_URL: &str = "https://api.sample.example";

/// The platform's OpenAPI document and the example's overlay, except that a page may hold a thousand records instead of a
/// hundred: here a whole list is one answer.
pub(crate) fn documents() -> Result<(String, String)> {
    let overlay = repository().join("examples/sample-social/overlay.json");
    let overlay =
        std::fs::read_to_string(&overlay).with_context(|| overlay.display().to_string())?;
    Ok((
        sample::OPENAPI.replace("\"maximum\": 100", "\"maximum\": 10000"),
        overlay.replace("\"max-size\": 100", "\"max-size\": 10000"),
    ))
}

/// The world.
pub(crate) fn world() -> World {
    World::generate(Seed(SEED), PEOPLE)
}

/// The platform's options: pages may be as long as anybody asks for.
pub(crate) fn options() -> Options {
    Options {
        max_limit: 100_000,
        public_url: Some(PLATFORM_URL.to_owned()),
        ..Options::new(SERVICE_TOKEN)
    }
}

/// An answer that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The friends of somebody who has few: about 1 kB.
    Small,
    /// The friends of somebody who has 190: about 60 kB.
    List,
}

impl Asked {
    pub(crate) const ALL: [Asked; 2] = [Asked::Small, Asked::List];

    /// How many friends.
    pub(crate) fn friends(self) -> u32 {
        match self {
            Asked::Small => 3,
            Asked::List => 190,
        }
    }

    /// As tables call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Asked::Small => "1 kB",
            Asked::List => "60 kB",
        }
    }

    /// Whose friends.
    pub(crate) fn person(self, world: &World) -> Result<PersonNo> {
        let friends = self.friends();
        world
            .person_with_degree(friends)
            .with_context(|| format!("nobody in the world has exactly {friends} friends"))
    }

    /// Path and query. The whole list is one page.
    pub(crate) fn target(self, world: &World) -> Result<String> {
        let id = world.id_of(self.person(world)?);
        Ok(format!("/v1/people/{id}/friends?limit={}", self.friends()))
    }
}

/// Path and query of everything that is asked: found once, for finding people takes longer than asking.
pub(crate) struct Targets([String; 2]);

pub(crate) fn targets() -> Result<Targets> {
    let world = world();
    Ok(Targets([
        Asked::Small.target(&world)?,
        Asked::List.target(&world)?,
    ]))
}

impl Targets {
    pub(crate) fn of(&self, asked: Asked) -> &str {
        let [small, list] = &self.0;
        match asked {
            Asked::Small => small,
            Asked::List => list,
        }
    }
}

/// What the sample platform answers: headers, and body as bytes.
pub(crate) async fn answer(world: &World, target: &str) -> Result<(HeaderMap, Bytes)> {
    let request = Request::get(target)
        .header("host", "api.sample.example")
        .header("authorization", format!("Bearer {SERVICE_TOKEN}"))
        .body(axum::body::Body::empty())?;
    let router = Platform::router(world.clone(), options());
    let response = router.oneshot(request).await?;
    anyhow::ensure!(
        response.status() == http::StatusCode::OK,
        "{target}: the sample platform answers {}",
        response.status()
    );
    let (parts, body) = response.into_parts();
    Ok((parts.headers, body.collect().await?.to_bytes()))
}
