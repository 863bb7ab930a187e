//! Schemas as real documents put them together.

use super::load;
use crate::check::report;

/// What leaves of an answer with this schema, as lines of `check`.
fn leaves(schemas: &str) -> Vec<String> {
    let document = format!(
        "
openapi: 3.1.0
info: {{ title: Schemas, version: '1' }}
paths:
  /it:
    get:
      x-countersign: {{ verb: read, reach: friend }}
      responses:
        '200': {{ description: It, content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/It' }} }} }} }}
components:
  schemas:
{schemas}"
    );
    let report = report(&load(&document));
    let data = report
        .operations
        .iter()
        .flat_map(|operation| &operation.data);
    data.map(|datum| format!("{} {}", datum.member, datum.category))
        .collect()
}

#[test]
fn all_of_is_merged_with_its_notes() {
    let found = leaves(
        "
    Base:
      type: object
      x-countersign: { people: [{ at: id }] }
      properties: { id: { type: string, x-countersign: { category: 'pd:UID' } }, age: { type: integer } }
    It:
      allOf:
        - $ref: '#/components/schemas/Base'
        - type: object
          properties: { name: { type: string, x-countersign: { category: 'pd:Name' } }, age: { x-countersign: { category: 'pd:Age' } } }
",
    );
    assert_eq!(found, ["/id pd:UID", "/age pd:Age", "/name pd:Name"]);
}

#[test]
fn null_as_an_alternative_is_a_way_to_say_nullable() {
    let found = leaves(
        "
    It:
      type: object
      x-countersign: { people: [{ at: id }] }
      properties:
        id: { anyOf: [{ type: string }, { type: 'null' }], x-countersign: { category: 'pd:UID' } }
        home: { oneOf: [{ $ref: '#/components/schemas/Home' }, { type: 'null' }], x-countersign: { structure: true } }
    Home:
      type: object
      properties: { city: { type: string, nullable: true, x-countersign: { category: 'pd:City' } } }
",
    );
    assert_eq!(found, ["/id pd:UID", "/home/city pd:City"]);
}

#[test]
fn a_reference_with_something_beside_it_holds_both() {
    let found = leaves(
        "
    It:
      type: object
      x-countersign: { people: [{ at: who/id }] }
      properties:
        who: { $ref: '#/components/schemas/Who', description: Beside, x-countersign: { structure: true } }
        other: { $ref: '#/components/schemas/Who' }
    Who:
      type: object
      properties: { id: { type: string, x-countersign: { category: 'pd:UID' } } }
",
    );
    assert_eq!(found, ["/who/id pd:UID"]);
}

#[test]
fn people_by_key_may_be_scalars_or_objects() {
    let found = leaves(
        "
    It:
      type: object
      properties:
        votes:
          type: object
          x-countersign: { structure: true, keys: { category: 'pd:UID' } }
          additionalProperties: { type: integer, x-countersign: { category: 'pd:Opinion' } }
        notes:
          type: object
          x-countersign: { structure: true, keys: { category: 'pd:UID', reach: contact } }
          additionalProperties: { type: object, properties: { text: { type: string, x-countersign: { category: 'pd:Opinion' } } } }
",
    );
    assert_eq!(
        found,
        [
            "/votes/* (the keys) pd:UID",
            "/votes/* pd:Opinion",
            "/notes/* (the keys) pd:UID",
            "/notes/*/text pd:Opinion"
        ]
    );
}

#[test]
fn a_long_way_round_a_reference_is_no_circle() {
    let found = leaves(
        "
    It:
      type: object
      x-countersign: { people: [{ at: id }] }
      properties:
        id: { $ref: '#/components/schemas/Id', x-countersign: { category: 'pd:UID' } }
        twin: { $ref: '#/components/schemas/Twin', x-countersign: { structure: true } }
        mother: { $ref: '#/components/schemas/Twin', x-countersign: { structure: true } }
    Id: { type: string }
    Twin: { type: object, properties: { id: { $ref: '#/components/schemas/Id', x-countersign: { category: 'pd:UID' } }, back: { $ref: '#/components/schemas/It' } } }
",
    );
    assert_eq!(
        found,
        ["/id pd:UID", "/twin/id pd:UID", "/mother/id pd:UID"]
    );
}
