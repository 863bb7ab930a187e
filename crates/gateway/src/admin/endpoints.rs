//! Every endpoint of the administration API, once: from this list the router is made, and the OpenAPI document.

use std::sync::Arc;

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::act::Done;
use super::{
    agreements, bars, connections, consents, documents, drafts, effect, history, openapi, partners,
    people, proposals, renewals, status, unknowns,
};
use crate::gateway::Gateway;

/// An endpoint, with what a reader of the document is told about it.
pub(super) struct Endpoint {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) summary: &'static str,
    pub(super) takes: Option<Content>,
    pub(super) gives: Content,
    /// A parameter of the query with its meaning.
    pub(super) query: Option<(&'static str, &'static str)>,
    /// Whether it changes the register, under the caller's own key if they send one.
    pub(super) changes: bool,
    pub(super) serve: MethodRouter<Arc<Gateway>>,
}

/// What goes over the wire, in which media type.
#[derive(Clone, Copy)]
pub(super) struct Content {
    pub(super) media: &'static str,
    pub(super) schema: fn(&mut SchemaGenerator) -> Schema,
}

const JSON: &str = "application/json";

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

fn content<T: JsonSchema>(media: &'static str) -> Content {
    Content {
        media,
        schema: schema_of::<T>,
    }
}

/// A change of the register: answers with its position.
fn change<H, T>(
    method: MethodFilter,
    path: &'static str,
    handler: H,
    summary: &'static str,
) -> Endpoint
where
    H: Handler<T, Arc<Gateway>>,
    T: 'static,
{
    let written = if method == MethodFilter::PUT {
        Method::PUT
    } else {
        Method::POST
    };
    Endpoint {
        method: written,
        path,
        summary,
        takes: None,
        gives: content::<Done>(JSON),
        query: None,
        changes: true,
        serve: on(method, handler),
    }
}

fn post<H, T>(path: &'static str, handler: H, summary: &'static str) -> Endpoint
where
    H: Handler<T, Arc<Gateway>>,
    T: 'static,
{
    change(MethodFilter::POST, path, handler, summary)
}

/// Something to look at.
fn get<H, T, G>(path: &'static str, handler: H, summary: &'static str) -> Endpoint
where
    H: Handler<T, Arc<Gateway>>,
    T: 'static,
    G: JsonSchema,
{
    Endpoint {
        method: Method::GET,
        path,
        summary,
        takes: None,
        gives: content::<G>(JSON),
        query: None,
        changes: false,
        serve: on(MethodFilter::GET, handler),
    }
}

impl Endpoint {
    fn takes<B: JsonSchema>(mut self) -> Self {
        self.takes = Some(content::<B>(JSON));
        self
    }

    /// A text of this media type.
    fn text(mut self, media: &'static str) -> Self {
        self.takes = Some(content::<String>(media));
        self
    }

    fn gives<G: JsonSchema>(mut self, media: &'static str) -> Self {
        self.gives = content::<G>(media);
        self.changes = false;
        self
    }

    fn asks(mut self, name: &'static str, meaning: &'static str) -> Self {
        self.query = Some((name, meaning));
        self
    }
}

/// All of them, in the order in which the document has them.
pub(super) fn all() -> Vec<Endpoint> {
    let mut all = of_people();
    all.extend(of_partners());
    all.extend(of_agreements());
    all.extend(of_the_platform());
    all.extend(to_look_at());
    all
}

fn of_people() -> Vec<Endpoint> {
    vec![
        post("/people/join", people::join, "People join: one, or many as newline-delimited JSON (application/x-ndjson), a thousand to an entry.").takes::<people::Person>(),
        post("/people/leave", people::leave, "A person leaves: everything of theirs ends, and their number is never used again.").takes::<people::Person>(),
        post("/people/active", people::active, "People did something themselves at the platform today: one, or many as newline-delimited JSON.").takes::<people::Person>(),
        post("/connections", connections::connect, "A person connects a partner, with the powers that they agreed to, each on its own.").takes::<connections::Asked>(),
        post("/connections/{id}/end", connections::end, "The person ends a connection. Tokens that rest on it are refused from then on."),
        post("/consents", consents::give, "People consent to one power of one partner, each for themselves.").takes::<consents::Given>(),
        post("/consents/withdraw", consents::withdraw, "A person withdraws. When this has answered, no later answer holds their data under the power.").takes::<consents::Withdrawn>(),
        post("/bars", bars::set, "A person refuses from here on, stronger than any consent.").takes::<bars::Asked>(),
        post("/bars/lift", bars::lift, "A person no longer refuses. Grants nothing by itself.").takes::<bars::Asked>(),
    ]
}

fn of_partners() -> Vec<Endpoint> {
    vec![
        post(
            "/partners",
            partners::enrol,
            "A partner becomes known. It has no power by that.",
        )
        .takes::<partners::Enrolled>(),
        change(
            MethodFilter::PUT,
            "/partners/{id}/keys",
            partners::keys,
            "A partner's whole new key set (JWKS), public keys only.",
        )
        .takes::<partners::KeySet>(),
        post(
            "/officers",
            partners::enrol_officer,
            "An officer may sign from here on.",
        )
        .takes::<partners::Officer>(),
        post(
            "/officers/rotate",
            partners::rotate_officer,
            "An officer signs with another key from here on.",
        )
        .takes::<partners::Officer>(),
        post(
            "/officers/revoke",
            partners::revoke_officer,
            "An officer may not sign any more. What was signed before stands.",
        )
        .takes::<partners::Revoked>(),
        post(
            "/powers/hand-back",
            agreements::hand_back,
            "A partner gives a power up.",
        )
        .takes::<agreements::HandedBack>(),
    ]
}

fn of_agreements() -> Vec<Endpoint> {
    vec![
        get::<_, _, drafts::Drafts>("/drafts", drafts::list, "What is being prepared, with its reviews and with the promises that stand against it."),
        post("/drafts", drafts::draft, "Drafts the next version of an agreement; the body is its exact text. Replaces the former draft of it, and voids that one's review.").text("application/yaml"),
        post("/drafts/{id}/review", drafts::review, "Somebody who did not draft it approves the draft of this agreement, or sends it back.").takes::<drafts::Judged>(),
        post("/agreements", documents::agreement, "Offers a version; the body is its exact text. Where [[admin.staff]] is configured, that text must have been drafted and approved by two people.").text("application/yaml"),
        post("/agreements/signatures", documents::signature, "Takes an officer's signature over an offered version in; the body is a JWS in compact form. One by the platform is refused while a promise forbids a power of it.").text("application/jose"),
        get::<_, _, effect::Told>("/agreements/{id}/effect", effect::tell, "Whose data opens or closes if the agreement is signed, suspended, resumed or ended, and how many people that is."),
        get::<_, _, renewals::Renewals>("/renewals", renewals::list, "Every power that governs, for its purpose, with the day on which it ends unless a next version has it."),
        post("/agreements/{id}/suspend", agreements::suspend, "Nothing passes under the agreement until it is resumed."),
        post("/agreements/{id}/resume", agreements::resume, "The agreement governs again."),
        post("/agreements/{id}/end", agreements::end, "The agreement is over for good."),
    ]
}

fn of_the_platform() -> Vec<Endpoint> {
    vec![
        post("/promises", documents::promise, "The platform promises in public; the body is the promise's YAML.").text("application/yaml"),
        post("/promises/{id}/weaken", documents::weaken, "A promise is weakened, in public, 30 days from now at the earliest.").takes::<documents::Weakened>(),
        get::<_, _, proposals::Proposals>("/proposals", proposals::list, "What anybody has proposed as a promise of the platform's, with the answers."),
        post("/proposals/{digest}/answer", proposals::answer, "Accepts a proposal as a promise that has been made, or rejects it with a reason; in public.").takes::<proposals::Given>(),
        change(MethodFilter::PUT, "/policy", documents::policy, "The platform's settings for the rule; the body is their YAML.").text("application/yaml"),
        post("/notices", documents::notice, "A notice text that consents can name by its SHA-256.").takes::<documents::Notice>(),
        post("/unknowns/{index}", unknowns::resolve, "What somebody has found out about a write of which nobody knew what became.").takes::<unknowns::Word>().gives::<unknowns::Resolved>(JSON),
        post("/clock/confirm", status::confirm_clock, "Somebody has looked at the clock, and it is right.").gives::<status::Confirmed>(JSON),
    ]
}

fn to_look_at() -> Vec<Endpoint> {
    vec![
        get::<_, _, history::Told>(
            "/history",
            history::tell,
            "Who did what to the register, the last first.",
        )
        .asks("before", "Only what led to positions below this one."),
        get::<_, _, unknowns::Unknowns>(
            "/unknowns",
            unknowns::list,
            "Writes, deletes and imports of which nobody knows what became, oldest first.",
        ),
        get::<_, _, status::Status>(
            "/status",
            status::status,
            "Positions, checkpoints and the clock.",
        ),
        get::<_, _, status::Health>(
            "/health",
            status::health,
            "Whether disclosures can be made: 200, or 503 with every reason why not.",
        ),
        get::<_, _, String>(
            "/metrics",
            status::metrics,
            "Everything measured, for Prometheus.",
        )
        .gives::<String>("application/openmetrics-text"),
        get::<_, _, serde_json::Value>("/openapi.json", openapi::tell, "This document."),
    ]
}
