//! The administration API as an OpenAPI 3.1 document, made from the list of endpoints, from the types that are read and
//! written, and from the table of roles. `docs/admin-api.json` is its copy; a test compares them.

use axum::Json;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::endpoints::{self, Content, Endpoint};
use super::roles::{Allowed, RoleTable};

/// A problem (RFC 9457), as every refusal is told.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its form is used, by the document")]
struct Problem {
    /// `urn:countersign:problem:admin:` and what kind of problem it is.
    r#type: String,
    /// The status in words.
    title: String,
    /// The status.
    status: u16,
    /// What is wrong, and what to do.
    detail: String,
}

/// What can go wrong with every request, and with a change beside it.
const ALWAYS: [(&str, &str); 3] = [
    ("401", "No token that is known here."),
    ("403", "None of the caller's roles may ask for this."),
    (
        "429",
        "Too many wrong tokens came from this address; none of the staff's is taken from there for ten minutes.",
    ),
];
const OF_CHANGES: [(&str, &str); 4] = [
    (
        "400",
        "The address, the body or the Idempotency-Key is not what is expected.",
    ),
    (
        "422",
        "Refused: it contradicts the register. Nothing has changed.",
    ),
    (
        "503",
        "The register has stopped, or the clock is not believed.",
    ),
    ("507", "There is no room on the disk for what grants."),
];

/// The document.
#[must_use]
pub fn openapi() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let roles = RoleTable::new();
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in endpoints::all() {
        let told = operation(&endpoint, &roles, &mut generator);
        let path = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(endpoint.method.as_str().to_lowercase(), told);
        }
    }
    let problem = generator.subschema_for::<Problem>();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Countersign administration API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "On a listener of its own, on loopback unless configured otherwise. `x-roles` says who may: the \
                roles of [[admin.staff]], and of the token of [admin], which is an operator's where there is staff and may do \
                everything where there is none. A change answers when it is durable and holds for every later question.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "http://127.0.0.1:8444" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "responses": {
                "problem": { "description": "A problem (RFC 9457).", "content": { "application/problem+json": { "schema": problem } } },
            },
            "schemas": generator.take_definitions(true),
        },
    })
}

/// Shows it.
pub(super) async fn tell() -> Json<Value> {
    Json(openapi())
}

fn operation(endpoint: &Endpoint, roles: &RoleTable, generator: &mut SchemaGenerator) -> Value {
    let mut told = json!({
        "summary": endpoint.summary,
        "operationId": name(endpoint),
        "tags": [endpoint.path.split('/').nth(1).unwrap_or_default()],
        "x-roles": roles_of(endpoint, roles),
        "parameters": parameters(endpoint),
        "responses": responses(endpoint, generator),
    });
    if let (Some(takes), Some(told)) = (endpoint.takes, told.as_object_mut()) {
        let body = json!({ "required": true, "content": written(takes, generator) });
        told.insert("requestBody".to_owned(), body);
    }
    told
}

fn written(content: Content, generator: &mut SchemaGenerator) -> Value {
    json!({ content.media: { "schema": (content.schema)(generator) } })
}

fn name(endpoint: &Endpoint) -> String {
    let path = endpoint.path.trim_start_matches('/');
    let words = path.replace(['{', '}'], "").replace(['/', '.'], "-");
    format!("{}-{words}", endpoint.method.as_str().to_lowercase())
}

fn roles_of(endpoint: &Endpoint, roles: &RoleTable) -> Vec<&'static str> {
    match roles.allowed(&endpoint.method, endpoint.path) {
        Some(Allowed::Roles(roles)) => roles.iter().map(|role| role.as_str()).collect(),
        Some(Allowed::Anybody) => vec!["anybody"],
        None => Vec::new(),
    }
}

fn parameters(endpoint: &Endpoint) -> Vec<Value> {
    let in_path = endpoint.path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }),
        )
    });
    let in_query = endpoint.query.iter().map(|(name, meaning)| {
        json!({ "name": name, "in": "query", "description": meaning, "schema": { "type": "integer" } })
    });
    let key = endpoint.changes.then(|| {
        json!({ "name": "Idempotency-Key", "in": "header",
            "description": "32 hexadecimal digits, drawn for each change: the same change sent again under it is done once.",
            "schema": { "type": "string", "pattern": "^[0-9a-fA-F]{32}$" } })
    });
    in_path.chain(in_query).chain(key).collect()
}

fn responses(endpoint: &Endpoint, generator: &mut SchemaGenerator) -> Value {
    let mut told = Map::new();
    let good = json!({ "description": "Done.", "content": written(endpoint.gives, generator) });
    told.insert("200".to_owned(), good);
    let more: &[(&str, &str)] = if endpoint.method == http::Method::GET {
        &[]
    } else {
        &OF_CHANGES
    };
    for (status, why) in ALWAYS.iter().chain(more) {
        let problem = json!({ "description": why, "$ref": "#/components/responses/problem" });
        told.insert((*status).to_owned(), problem);
    }
    Value::Object(told)
}
