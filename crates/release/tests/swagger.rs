//! A document in Swagger 2.0 and the same in OpenAPI 3.0 disclose the same.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests may fail loudly")]

use release::{Api, report};

/// One overlay for both: its targets are those of OpenAPI 3.0.
const OVERLAY: &str = r#"
overlay: 1.1.0
info: { title: People, version: "1" }
actions:
  - target: $.paths['/people/{id}'].get
    update: { x-countersign: { verb: read, reach: friend, empty: not-found } }
  - target: $.paths['/people/{id}'].get.parameters[?@.name == 'id']
    update: { x-countersign: { record: true } }
  - target: $.paths['/people/{id}'].get.parameters[?@.name == 'kind']
    update: { x-countersign: { pass: true } }
  - target: $.components.parameters.Limit
    update: { x-countersign: { pass: true } }
  - target: $.paths['/search'].post
    update: { x-countersign: { verb: read, reach: directory } }
  - target: $.components.schemas.Query.properties.term
    update: { x-countersign: { touches: "pd:Name" } }
  - target: $.components.schemas.Person
    update: { x-countersign: { people: [{ at: id }] } }
  - target: $.components.schemas.Person.properties.id
    update: { x-countersign: { category: "pd:UID", identifies: true } }
  - target: $.components.schemas.Person.properties['name', 'tags']
    update: { x-countersign: { category: "pd:Name" } }
  - target: $.components.schemas.Person.properties.likes
    update: { x-countersign: { structure: true, keys: { category: "pd:UID" } } }
  - target: $.components.schemas.Person.properties.likes.additionalProperties
    update: { x-countersign: { category: "pd:Like" } }
"#;

const SWAGGER: &str = r##"
swagger: "2.0"
info: { title: People, version: "1" }
host: people.example
basePath: /v1
consumes: [application/json]
produces: [application/json]
parameters:
  Limit: { name: limit, in: query, type: integer, minimum: 1, maximum: 100 }
paths:
  /people/{id}:
    get:
      operationId: person
      parameters:
        - { name: id, in: path, required: true, type: string }
        - { $ref: "#/parameters/Limit" }
        - { name: kind, in: query, type: string, enum: [near, far] }
      responses: { "200": { description: One, schema: { $ref: "#/definitions/Person" } } }
  /search:
    post:
      operationId: search
      parameters:
        - { name: body, in: body, required: true, schema: { $ref: "#/definitions/Query" } }
      responses: { "200": { description: Some, schema: { type: array, items: { $ref: "#/definitions/Person" } } } }
definitions:
  Query: { type: object, required: [term], properties: { term: { type: string }, other: { type: string } } }
  Person:
    type: object
    properties:
      id: { type: string }
      name: { type: string, x-nullable: true }
      tags: { type: array, items: { type: string } }
      likes: { type: object, additionalProperties: { type: integer } }
      secret: { type: string }
"##;

const OPENAPI: &str = r##"
openapi: 3.0.3
info: { title: People, version: "1" }
paths:
  /people/{id}:
    get:
      operationId: person
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { $ref: "#/components/parameters/Limit" }
        - { name: kind, in: query, schema: { type: string, enum: [near, far] } }
      responses: { "200": { description: One, content: { application/json: { schema: { $ref: "#/components/schemas/Person" } } } } }
  /search:
    post:
      operationId: search
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Query" } } } }
      responses: { "200": { description: Some, content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Person" } } } } } }
components:
  parameters:
    Limit: { name: limit, in: query, schema: { type: integer, minimum: 1, maximum: 100 } }
  schemas:
    Query: { type: object, required: [term], properties: { term: { type: string }, other: { type: string } } }
    Person:
      type: object
      properties:
        id: { type: string }
        name: { type: string, nullable: true }
        tags: { type: array, items: { type: string } }
        likes: { type: object, additionalProperties: { type: integer } }
        secret: { type: string }
"##;

fn load(document: &str) -> Result<Api, String> {
    let loaded = Api::load(
        document.as_bytes(),
        "people.yaml",
        OVERLAY.as_bytes(),
        "overlay.yaml",
    );
    loaded.map_err(|errors| errors.to_string())
}

#[test]
fn both_disclose_the_same() {
    let lines = |document| {
        let api = load(document).unwrap_or_else(|e| panic!("{e}"));
        let mut lines: Vec<String> = report(&api)
            .to_string()
            .lines()
            .map(str::to_owned)
            .collect();
        // The library writes members in its own order.
        lines.sort();
        lines
    };
    let (old, new) = (lines(SWAGGER), lines(OPENAPI));
    assert_eq!(old, new);
    assert!(old.iter().any(|line| line.contains("pd:Like")), "{old:?}");
}

#[test]
fn what_is_no_swagger_is_told() {
    let broken = SWAGGER.replace("paths:\n", "paths: 7\nnone:\n");
    let told = load(&broken).unwrap_err();
    assert!(told.starts_with("people.yaml: /\n"), "{told}");
    assert!(
        told.contains("expected: a document of Swagger 2.0"),
        "{told}"
    );
    let older = load(&SWAGGER.replace("\"2.0\"", "\"1.2\"")).unwrap_err();
    assert!(
        older.starts_with("people.yaml: /swagger\n  the version is \"1.2\"\n"),
        "{older}"
    );
}
