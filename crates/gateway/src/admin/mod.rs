//! The administration: how connections, consents and documents come in until the desks do, and what the operator
//! watches. Thin over the register; every change answers once it is durable and applied.
//!
//! Its listener is on loopback, behind one bearer token. People are named by the platform's own ids here.

mod act;
mod agreements;
mod bars;
mod connections;
mod consents;
mod documents;
mod partners;
mod people;
mod status;
mod unknowns;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};

use crate::gateway::Gateway;
use act::Problem;

/// The longest body: a bulk of people in one request.
const LONGEST: usize = 64 << 20;

/// The administration as a router.
pub(crate) fn router(gateway: Arc<Gateway>) -> Router {
    Router::new()
        .route("/people/join", post(people::join))
        .route("/people/leave", post(people::leave))
        .route("/people/active", post(people::active))
        .route("/connections", post(connections::connect))
        .route("/connections/{id}/end", post(connections::end))
        .route("/consents", post(consents::give))
        .route("/consents/withdraw", post(consents::withdraw))
        .route("/bars", post(bars::set))
        .route("/bars/lift", post(bars::lift))
        .route("/partners", post(partners::enrol))
        .route("/partners/{id}/keys", put(partners::keys))
        .route("/officers", post(partners::enrol_officer))
        .route("/officers/rotate", post(partners::rotate_officer))
        .route("/officers/revoke", post(partners::revoke_officer))
        .route("/agreements", post(documents::agreement))
        .route("/agreements/signatures", post(documents::signature))
        .route("/agreements/{id}/suspend", post(agreements::suspend))
        .route("/agreements/{id}/resume", post(agreements::resume))
        .route("/agreements/{id}/end", post(agreements::end))
        .route("/powers/hand-back", post(agreements::hand_back))
        .route("/promises", post(documents::promise))
        .route("/promises/{id}/weaken", post(documents::weaken))
        .route("/policy", put(documents::policy))
        .route("/notices", post(documents::notice))
        .route("/unknowns", get(unknowns::list))
        .route("/unknowns/{index}", post(unknowns::resolve))
        .route("/clock/confirm", post(status::confirm_clock))
        .route("/status", get(status::status))
        .route("/health", get(status::health))
        .route("/metrics", get(status::metrics))
        .fallback(|| async { Problem::NoSuchPage.into_response() })
        .layer(DefaultBodyLimit::max(LONGEST))
        .layer(middleware::from_fn_with_state(
            gateway.clone(),
            only_the_operator,
        ))
        .with_state(gateway)
}

async fn only_the_operator(
    State(gateway): State<Arc<Gateway>>,
    request: Request,
    next: Next,
) -> Response {
    let given = request.headers().get(header::AUTHORIZATION);
    let expected = format!("Bearer {}", gateway.config.admin.token.reveal());
    let fits = given.is_some_and(|given| {
        aws_lc_rs::constant_time::verify_slices_are_equal(given.as_bytes(), expected.as_bytes())
            .is_ok()
    });
    if fits {
        next.run(request).await
    } else {
        Problem::NotTheOperator.into_response()
    }
}
