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
    for example in ("mastodon", "matrix"):
        directory = ROOT / "examples" / example
        document, notes = ((directory / file).read_bytes() for file in ("openapi.yaml", "overlay.yaml"))
        write("overlay", f"{example}-notes", b"\x01" + notes)
        write("overlay", example, b"\x02" + document + b"\x00" + notes)


def sweep():
    text = (ROOT / "crates/release/src/sweep/tests/cases.rs").read_text()
    for n, part in enumerate(re.findall(r'"((?:[^"\\]|\\.)+)"', text)):
        write("sweep", f"case-{n}", part.encode())


walk()
overlay()
sweep()
for target in sorted(CORPUS.iterdir()):
    print(target.name, len(list(target.iterdir())))
