#!/usr/bin/env python3
"""Writes first inputs for the fuzz targets to fuzz/corpus: what the examples and tests hold, in each target's form."""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
HALL = [
    {"events": [{"type": "message", "id": "m1", "sender": "p1", "at": 50, "text": "ask @p2:home or p3@hall.example",
                 "mentions": {"users": ["p4"]}}, {"type": "member", "sender": "p1", "key": "p5"}], "rest": 1},
    {"next": "s1", "rooms": {"!hall": {"events": [{"type": "message", "id": "m1", "sender": "p1", "at": 5, "text": "x"}]}},
     "joined": ["!a", "!b"], "receipts": [{"type": "r", "read": {"p1": 1, "p2": 2}}], "notes": {"p1": ["!a"], "p2": []}},
    {"name": "P %40p1%3Ahome"},
    [{"by": "https://hall.example/users/p1", "mail": "p1@hall.example", "text": "see https://hall.example/@p2",
      "bio": "@p3:home", "more": {"a": [1, {"@p4:home": None}], "p5": "&#64;p6:home"}}],
]
SAMPLE = [
    {"data": [{"id": "p1", "name": "A", "since": "2020-01-01T00:00:00Z"}, {"id": "p2"}],
     "paging": {"after": "x", "next": "/v1/people/ada/friends?cursor=x&limit=25"}, "total": 2},
    {"data": [{"id": "1", "author": {"id": "p1", "name": "A"}, "text": "hello @p2:home", "created": "2024-01-01T00:00:00Z",
               "reactions": {"p3": {"kind": "like"}}, "comments": [{"id": "2", "author": {"id": "p4"}, "text": "x"}],
               "participants": [{"id": "ada"}, {"id": "p1"}], "messages": [{"id": "3", "sender": "p1", "text": "y"}]}]},
]
SMALL = """openapi: 3.1.0
info: { title: Small, version: "1" }
paths:
  /people/{person}/friends:
    get:
      parameters: [{ name: person, in: path, required: true, schema: { type: string } }]
      responses: { "200": { description: F, content: { application/json: { schema: { type: array, items:
        { $ref: "#/components/schemas/Friend" } } } } } }
components: { schemas: { Friend: { type: object, properties: { id: { type: string }, name: { type: string } } } } }
"""
NOTES = """overlay: 1.1.0
info: { title: Notes, version: "1" }
actions:
  - target: $.paths['/people/{person}/friends'].get
    update: { x-countersign: { verb: read, reach: friend, empty: list } }
  - target: $.paths['/people/{person}/friends'].get.parameters[0]
    update: { x-countersign: { person: own } }
  - target: $.components.schemas.Friend
    update: { x-countersign: { people: [{ at: id }] } }
  - target: $.components.schemas.Friend.properties.*
    update: { x-countersign: { category: "pd:Name", identifies: true } }
"""


def write(target, name, data):
    directory = CORPUS / target
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_bytes(data)


def answers(directory):
    for path in sorted(directory.glob("*.json")):
        value = json.loads(path.read_text())
        yield value["body"] if isinstance(value, dict) and "body" in value and "status" in value else value


def walk():
    recorded = ROOT.parent / "shared/data/matrix/answers"
    platforms = [
        (HALL, 4),
        (SAMPLE, 10),
        (list(answers(recorded)) if recorded.is_dir() else [], 24),
        (list(answers(ROOT / "examples/mastodon/answers")), 12),
    ]
    for platform, (bodies, operations) in enumerate(platforms):
        for n, body in enumerate(bodies):
            text = json.dumps(body, ensure_ascii=False).encode()
            for operation in range(operations):
                for refusing in (0, 1) if len(text) < 4000 else (1,):
                    write("walk", f"{platform}-{n}-{operation}-{refusing}",
                          bytes([platform, operation, refusing, 0]) + text)


def overlay():
    hall = (ROOT / "crates/release/src/tests/hall.yaml").read_bytes()
    write("overlay", "hall", b"\x00" + hall)
    write("overlay", "small", b"\x02" + SMALL.encode() + b"\x00" + NOTES.encode())
    write("overlay", "small-json", b"\x42" + json.dumps({"openapi": "3.1.0", "info": {"title": "S", "version": "1"},
          "paths": {}}).encode() + b"\x00" + NOTES.encode())
    for n, schema in enumerate(re.split(r"\n(?=    [A-Z])", hall.decode().split("  schemas:\n")[1])):
        name = schema.split(":")[0].strip()
        write("overlay", f"notes-{n}", f"\x01overlay: 1.1.0\ninfo: {{ title: N, version: \"1\" }}\nactions:\n"
              f"  - target: $.components.schemas\n    update:\n{schema.replace(name, 'Message', 1)}\n".encode())


def sweep():
    text = (ROOT / "crates/release/src/sweep/tests/cases.rs").read_text()
    for n, part in enumerate(re.findall(r'"((?:[^"\\]|\\.)+)"', text)):
        write("sweep", f"case-{n}", part.encode())


walk()
overlay()
sweep()
for target in sorted(CORPUS.iterdir()):
    print(target.name, len(list(target.iterdir())))
