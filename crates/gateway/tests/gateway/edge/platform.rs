//! A small platform with everything that the sample platform has not: reads by POST, people whom only the address names,
//! rooms whose members another call lists. What it was asked is kept; how it answers can be changed.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use http::{Response, StatusCode};

pub(crate) const DOCUMENT: &str = r##"
openapi: 3.1.0
info: { title: Edge, version: "1" }
paths:
  /people/{person}/card:
    get:
      operationId: card
      x-countersign: { verb: read, reach: directory }
      parameters:
        - { name: person, in: path, required: true, schema: { type: string }, x-countersign: { person: any } }
        - { name: user_id, in: query, schema: { type: string }, x-countersign: { touches: "pd:Name" } }
      responses: { "200": { description: Somebody, content: { application/json: { schema: { $ref: "#/components/schemas/Card" } } } } }
  /search:
    post:
      operationId: search
      x-countersign: { verb: read, reach: directory, order: none, page: { items: /list, cursor: c, size: n, after: /after } }
      parameters:
        - { name: c, in: query, schema: { type: string } }
        - { name: n, in: query, schema: { type: integer } }
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [term]
              properties:
                term: { type: string, x-countersign: { touches: "pd:Name" } }
                presence: { type: string, x-countersign: { always: offline } }
                filter: { type: object, properties: { limit: { type: integer } } }
      responses: { "200": { description: Found, content: { application/json: { schema: { type: object, properties: {
        list: { type: array, items: { $ref: "#/components/schemas/Person" } }, after: { type: string } } } } } } }
  /rooms/{room}/messages:
    get:
      operationId: messages
      x-countersign: { verb: read, reach: participant, order: none, empty: not-found, page: { items: /list, cursor: c, after: /after } }
      parameters:
        - { name: room, in: path, required: true, schema: { type: string }, x-countersign: { record: true } }
        - { name: c, in: query, schema: { type: string } }
      responses: { "200": { description: Messages, content: { application/json: { schema: { type: object, properties: {
        list: { type: array, items: { $ref: "#/components/schemas/Message" } }, after: { type: string } } } } } } }
components:
  schemas:
    Card:
      type: object
      x-countersign: { people: [{ parameter: person }] }
      properties: { name: { type: string, x-countersign: { category: "pd:Name", identifies: true } } }
    Person:
      type: object
      x-countersign: { people: [{ at: id }] }
      properties:
        id: { type: string, x-countersign: { category: "pd:UID", identifies: true } }
        name: { type: string, x-countersign: { category: "pd:Name" } }
    Message:
      type: object
      x-countersign:
        people: [{ at: sender }]
        people-from: { call: "/rooms/{room}/members", with: { room: [{ parameter: room }] }, items: /members, id: ".", complete: true }
      properties:
        sender: { type: string, x-countersign: { category: "pd:UID", identifies: true } }
        text: { type: string, x-countersign: { category: "chat:Message" } }
"##;

/// An answer to a path: status, headers, body.
pub(crate) type Canned = (u16, &'static [(&'static str, &'static str)], &'static str);

pub(crate) const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

/// The platform's side of it.
#[derive(Clone, Default)]
pub(crate) struct Platform {
    answers: Arc<Mutex<Vec<(&'static str, Canned)>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Platform {
    /// From here on it answers so at this path, whatever the query.
    pub(crate) fn answers(&self, path: &'static str, canned: Canned) {
        let mut answers = self.answers.lock().unwrap();
        answers.retain(|(known, _)| *known != path);
        answers.push((path, canned));
    }

    /// What it was asked since this was asked last: method, path, query and body.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    pub(crate) fn router(&self) -> Router {
        let platform = self.clone();
        Router::new().fallback(async move |request: Request| platform.answer(request).await)
    }

    async fn answer(self, request: Request) -> Response<axum::body::Body> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        let line = format!(
            "{} {} {}",
            parts.method,
            parts.uri,
            String::from_utf8_lossy(&body)
        );
        self.asked.lock().unwrap().push(line.trim_end().to_owned());
        let answers = self.answers.lock().unwrap();
        let found = answers.iter().find(|(path, _)| *path == parts.uri.path());
        let (status, headers, body) = found.map_or(
            (404, JSON, r#"{"error":"nobody by this name"}"#),
            |(_, canned)| *canned,
        );
        let mut response = Response::new(body.into());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        for (name, value) in headers {
            response.headers_mut().append(*name, value.parse().unwrap());
        }
        response
    }
}
