//! The administration: how connections, consents and documents come in from the platform's side, and what operators
//! watch. Thin over the register; every change answers once it is durable and applied, and stands there under a name.
//!
//! Its listener is on loopback. Who may do what is a table ([`RoleTable`]); the door (`door`) reads it before anything else.
//! The API (`endpoints`) is for programs and takes tokens; the desk (`desk`) is for people and takes a session. People are named by the platform's own ids here.

mod act;
mod agreements;
mod bars;
mod connections;
mod consents;
mod desk;
mod documents;
mod door;
mod drafts;
mod effect;
mod endpoints;
mod history;
mod openapi;
mod partners;
mod people;
mod proposals;
mod renewals;
mod roles;
mod status;
mod unknowns;
mod wrong;

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::response::IntoResponse as _;
use http::Method;

use crate::gateway::Gateway;
use act::Problem;

pub(crate) use door::Staffed;
pub use openapi::openapi;
pub use roles::RoleTable;

/// The longest body: a bulk of people in one request.
const LONGEST: usize = 64 << 20;

/// The administration as a router.
pub(crate) fn router(gateway: Arc<Gateway>) -> Router {
    let routes = endpoints::all().into_iter();
    routes
        .fold(Router::new(), |router, endpoint| {
            router.route(endpoint.path, endpoint.serve)
        })
        .fallback(|| async { Problem::NoSuchPage.into_response() })
        .layer(DefaultBodyLimit::max(LONGEST))
        .layer(middleware::from_fn_with_state(gateway.clone(), door::guard))
        .merge(desk::router(&gateway))
        .with_state(gateway)
}

/// Method and path of everything that the router has.
pub fn listed() -> impl Iterator<Item = &'static (Method, &'static str)> {
    static LISTED: LazyLock<Vec<(Method, &'static str)>> = LazyLock::new(|| {
        let api = endpoints::all().into_iter();
        let api = api.map(|endpoint| (endpoint.method, endpoint.path));
        let pages = desk::pages()
            .into_iter()
            .map(|page| (page.method, page.path));
        api.chain(pages).collect()
    });
    LISTED.iter()
}
