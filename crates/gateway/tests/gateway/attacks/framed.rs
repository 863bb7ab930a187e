//! What a partner with a good token tries by HTTP/2.

use super::CARD;
use super::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, PRIORITY, PUSH_PROMISE,
    RST_STREAM, SETTINGS, WHOLE, WINDOW_UPDATE, block, frame, opening, text,
};

use http::Method;

/// The header fields by which a request is good.
pub(crate) type Passport = [(&'static str, String); 2];

/// One attack by a partner over HTTP/2.
pub(crate) struct Framed {
    pub(crate) name: &'static str,
    /// What the passport is good for.
    pub(crate) asks: (Method, &'static str),
    /// What is sent, with a pause after each piece.
    pub(crate) pieces: fn(&Passport) -> Vec<Vec<u8>>,
    /// The stream after whose end nothing more is waited for.
    pub(crate) last: u32,
    /// What comes back: statuses, resets and farewells.
    pub(crate) told: &'static str,
    /// How many requests the platform hears.
    pub(crate) heard: usize,
}

/// An attack on the first stream.
fn first(
    name: &'static str,
    pieces: fn(&Passport) -> Vec<Vec<u8>>,
    told: &'static str,
    heard: usize,
) -> Framed {
    Framed {
        name,
        asks: (Method::GET, CARD),
        pieces,
        last: 1,
        told,
        heard,
    }
}

/// An attack by a search, of which the platform hears nothing.
fn searched(
    name: &'static str,
    pieces: fn(&Passport) -> Vec<Vec<u8>>,
    told: &'static str,
) -> Framed {
    Framed {
        asks: (Method::POST, "/search"),
        ..first(name, pieces, told, 0)
    }
}

/// An attack that asks for nothing, with an ordinary request after it.
fn before(
    name: &'static str,
    pieces: fn(&Passport) -> Vec<Vec<u8>>,
    told: &'static str,
    heard: usize,
) -> Framed {
    Framed {
        last: LAST,
        ..first(name, pieces, told, heard)
    }
}

/// The stream of an ordinary request that comes after everything else.
const LAST: u32 = 0x10_0001;

type Field<'a> = (&'a str, &'a str);

const METHOD: Field<'_> = (":method", "GET");
const SCHEME: Field<'_> = (":scheme", "https");
const PATH: Field<'_> = (":path", CARD);
const AUTHORITY: Field<'_> = (":authority", "x");
const CARD_OF_BERT: [Field<'_>; 4] = [METHOD, SCHEME, PATH, AUTHORITY];

/// A block of these fields, then the passport, then those.
fn fields(these: &[Field<'_>], passport: &Passport, those: &[Field<'_>]) -> Vec<u8> {
    [block(these), block(passport), block(those)].concat()
}

fn asks(stream: u32, block: &[u8]) -> Vec<u8> {
    frame(HEADERS, WHOLE, stream, block)
}

fn plain(stream: u32, passport: &Passport) -> Vec<u8> {
    asks(stream, &fields(&CARD_OF_BERT, passport, &[]))
}

/// A connection on which one block is sent as a whole request.
fn one(block: &[u8]) -> Vec<Vec<u8>> {
    vec![opening(&[]), asks(1, block)]
}

/// A request for the card with these fields besides.
fn with(passport: &Passport, those: &[Field<'_>]) -> Vec<Vec<u8>> {
    one(&fields(&CARD_OF_BERT, passport, those))
}

/// A search whose body follows.
fn search(passport: &Passport, those: &[Field<'_>]) -> Vec<u8> {
    let these = [
        (":method", "POST"),
        SCHEME,
        (":path", "/search"),
        AUTHORITY,
        ("content-type", "application/json"),
    ];
    frame(HEADERS, END_HEADERS, 1, &fields(&these, passport, those))
}

pub(crate) fn ordinary() -> Framed {
    let pieces = |passport: &Passport| vec![opening(&[]), plain(1, passport)];
    first("an ordinary request", pieces, "200", 1)
}

pub(crate) fn attacks() -> Vec<Framed> {
    [slow(), huge(), flooded(), smuggled(), broken()]
        .into_iter()
        .flatten()
        .collect()
}

fn slow() -> Vec<Framed> {
    vec![
        first("slow-loris: TLS, and nothing is said", |_| vec![], "", 0),
        first(
            "slow-loris: an opening, and nothing is asked",
            |_| vec![opening(&[])],
            "away NO_ERROR",
            0,
        ),
        first(
            "slow-loris: a header block that never ends",
            |passport| {
                let block = fields(&CARD_OF_BERT, passport, &[]);
                vec![opening(&[]), frame(HEADERS, END_STREAM, 1, &block)]
            },
            "away NO_ERROR away PROTOCOL_ERROR",
            0,
        ),
        searched(
            "slow-loris: a body that never comes",
            |passport| vec![opening(&[]), search(passport, &[])],
            "408",
        ),
        first(
            "an answer for which there is never any room",
            |passport| vec![opening(&[(4, 0)]), plain(1, passport)],
            "200",
            1,
        ),
    ]
}

fn huge() -> Vec<Framed> {
    vec![
        first(
            "a header of 64 KiB, in four frames",
            |passport| {
                let long = "a".repeat(64 << 10);
                let block = fields(&CARD_OF_BERT, passport, &[("x-long", &long)]);
                let mut parts: Vec<Vec<u8>> = block.chunks(16_384).map(<[u8]>::to_vec).collect();
                let end = parts.pop().unwrap();
                let begin = parts.remove(0);
                let mut out = vec![opening(&[]), frame(HEADERS, END_STREAM, 1, &begin)];
                out.extend(parts.iter().map(|part| frame(CONTINUATION, 0, 1, part)));
                out.push(frame(CONTINUATION, END_HEADERS, 1, &end));
                out
            },
            "431",
            0,
        ),
        first(
            "continuations without end",
            |passport| {
                let block = fields(&CARD_OF_BERT, passport, &[]);
                let more = frame(CONTINUATION, 0, 1, &self::block(&[("x-a", "b")])).repeat(20_000);
                vec![opening(&[]), frame(HEADERS, END_STREAM, 1, &block), more]
            },
            "away ENHANCE_YOUR_CALM",
            0,
        ),
        first(
            "empty continuations without end",
            |passport| {
                let block = fields(&CARD_OF_BERT, passport, &[]);
                let more = frame(CONTINUATION, 0, 1, &[]).repeat(20_000);
                vec![opening(&[]), frame(HEADERS, END_STREAM, 1, &block), more]
            },
            "away ENHANCE_YOUR_CALM",
            0,
        ),
        first(
            "a decompression bomb of headers: 4 KiB kept once and named 16,000 times",
            |passport| {
                let big = "a".repeat(4000);
                // A literal that is to be indexed, and then by its index.
                let kept = [&[0x40], &*text("x-a"), &*text(&big)].concat();
                let named = [0xbe].repeat(16_000);
                let block = fields(&CARD_OF_BERT, passport, &[]);
                vec![
                    opening(&[]),
                    frame(HEADERS, END_STREAM, 1, &[block, kept].concat()),
                    frame(CONTINUATION, END_HEADERS, 1, &named),
                ]
            },
            "away ENHANCE_YOUR_CALM",
            0,
        ),
        searched(
            "a body said to be of 8 EiB",
            |passport| {
                let length = ("content-length", "9223372036854775807");
                vec![
                    opening(&[]),
                    search(passport, &[length]),
                    frame(DATA, 0, 1, b"{"),
                ]
            },
            "413",
        ),
        searched(
            "a body without end",
            |passport| {
                let more = frame(DATA, 0, 1, &[b'a'; 16_000]).repeat(4);
                vec![opening(&[]), search(passport, &[]), more.clone(), more]
            },
            "413",
        ),
    ]
}

fn flooded() -> Vec<Framed> {
    vec![
        before(
            "asked and taken back at once, 3,000 times (rapid reset)",
            |passport| {
                let cancel = 8_u32.to_be_bytes();
                let both = |n: u32| {
                    let asked = asks(2 * n + 1, &block(&CARD_OF_BERT));
                    [asked, frame(RST_STREAM, 0, 2 * n + 1, &cancel)].concat()
                };
                let flood: Vec<u8> = (0..3000).flat_map(both).collect();
                vec![opening(&[]), flood, plain(LAST, passport)]
            },
            "away ENHANCE_YOUR_CALM",
            0,
        ),
        before(
            "errors of its own making, 3,000 times (made you reset)",
            |passport| {
                let nothing = 0_u32.to_be_bytes();
                let both = |n: u32| {
                    let asked = asks(2 * n + 1, &block(&CARD_OF_BERT));
                    [asked, frame(WINDOW_UPDATE, 0, 2 * n + 1, &nothing)].concat()
                };
                let flood: Vec<u8> = (0..3000).flat_map(both).collect();
                vec![opening(&[]), flood, plain(LAST, passport)]
            },
            "away PROTOCOL_ERROR",
            0,
        ),
        before(
            "signs of life demanded, 20,000 times",
            |passport| {
                let flood = frame(PING, 0, 0, &[7; 8]).repeat(20_000);
                vec![opening(&[]), flood, plain(LAST, passport)]
            },
            "200",
            1,
        ),
        before(
            "settings, 20,000 times",
            |passport| {
                let flood = frame(SETTINGS, 0, 0, &[]).repeat(20_000);
                vec![opening(&[]), flood, plain(LAST, passport)]
            },
            "200",
            1,
        ),
        before(
            "priorities of streams that are not there, 20,000 times",
            |passport| {
                let one = |n: u32| frame(PRIORITY, 0, 2 * n + 1, &[0, 0, 0, 0, 1]);
                let flood: Vec<u8> = (0..20_000).flat_map(one).collect();
                vec![opening(&[]), flood, plain(LAST, passport)]
            },
            "200",
            1,
        ),
        Framed {
            last: 259,
            ..first(
                "130 requests at once that wait for their bodies",
                |passport| {
                    let _ = passport;
                    let these = [(":method", "POST"), SCHEME, (":path", "/search"), AUTHORITY];
                    let begun = |n: u32| frame(HEADERS, END_HEADERS, 2 * n + 1, &block(&these));
                    vec![opening(&[]), (0..130).flat_map(begun).collect()]
                },
                "reset REFUSED_STREAM",
                0,
            )
        },
    ]
}

fn smuggled() -> Vec<Framed> {
    /// A path that would be two requests by HTTP/1.1.
    const TWO: Field<'_> = (
        ":path",
        "/people/bert/card HTTP/1.1\r\nhost: smuggled\r\n\r\nGET /people/cleo/card",
    );
    vec![
        first(
            "chunks",
            |passport| with(passport, &[("transfer-encoding", "chunked")]),
            "reset PROTOCOL_ERROR",
            0,
        ),
        first(
            "a header of this hop",
            |passport| with(passport, &[("connection", "authorization")]),
            "reset PROTOCOL_ERROR",
            0,
        ),
        first(
            "a length that the body has not",
            |passport| with(passport, &[("content-length", "90")]),
            "reset PROTOCOL_ERROR",
            0,
        ),
        searched(
            "more of a body than its length",
            |passport| {
                let body = frame(DATA, END_STREAM, 1, br#"{"term":"smuggled"}"#);
                vec![
                    opening(&[]),
                    search(passport, &[("content-length", "2")]),
                    body,
                ]
            },
            "reset PROTOCOL_ERROR",
        ),
        first(
            "a path that is two requests by HTTP/1.1",
            |passport| one(&fields(&[METHOD, SCHEME, TWO, AUTHORITY], passport, &[])),
            "reset PROTOCOL_ERROR",
            0,
        ),
        first(
            "a method that is a request by HTTP/1.1",
            |passport| {
                let method = (":method", "GET /people/cleo/card HTTP/1.1\r\nx: ");
                one(&fields(&[method, SCHEME, PATH, AUTHORITY], passport, &[]))
            },
            "away PROTOCOL_ERROR",
            0,
        ),
        first(
            "a line end within a header",
            |passport| with(passport, &[("x-a", "b\r\nhost: smuggled")]),
            "away PROTOCOL_ERROR",
            0,
        ),
        first(
            "a zero byte in a header",
            |passport| with(passport, &[("x-a", "b\0c")]),
            "away PROTOCOL_ERROR",
            0,
        ),
        first(
            "a colon in a header's name",
            |passport| with(passport, &[("x-a: b\r\nhost", "smuggled")]),
            "away PROTOCOL_ERROR",
            0,
        ),
        first(
            "a header's name in capitals",
            |passport| with(passport, &[("X-A", "b")]),
            "away PROTOCOL_ERROR",
            0,
        ),
        first(
            "a path twice",
            |passport| {
                let twice = [METHOD, SCHEME, PATH, (":path", "/people/cleo/card")];
                one(&fields(&twice, passport, &[]))
            },
            "reset PROTOCOL_ERROR",
            0,
        ),
        first(
            "a path after the headers",
            |passport| with(passport, &[(":path", "/people/cleo/card")]),
            "reset PROTOCOL_ERROR",
            0,
        ),
        first(
            "no path",
            |passport| one(&fields(&[METHOD, SCHEME, AUTHORITY], passport, &[])),
            "reset PROTOCOL_ERROR",
            0,
        ),
        first(
            "a pseudo-header of no request",
            |passport| {
                one(&fields(
                    &[METHOD, SCHEME, PATH, (":status", "200")],
                    passport,
                    &[],
                ))
            },
            "reset PROTOCOL_ERROR",
            0,
        ),
        first(
            "a tunnel",
            |passport| {
                let there = (":authority", "evil.example:443");
                one(&fields(&[(":method", "CONNECT"), there], passport, &[]))
            },
            "401",
            0,
        ),
        first(
            "a web socket",
            |passport| {
                let protocol = (":protocol", "websocket");
                let these = [(":method", "CONNECT"), SCHEME, PATH, AUTHORITY, protocol];
                one(&fields(&these, passport, &[]))
            },
            "reset PROTOCOL_ERROR",
            0,
        ),
        first(
            "one authority and another host",
            |passport| with(passport, &[("host", "evil.example")]),
            "200",
            1,
        ),
        first(
            "another scheme",
            |passport| {
                let scheme = (":scheme", "http");
                one(&fields(&[METHOD, scheme, PATH, AUTHORITY], passport, &[]))
            },
            "200",
            1,
        ),
        first(
            "a token in two crumbs of a header",
            |passport| with(passport, &[("authorization", "DPoP smuggled")]),
            "401",
            0,
        ),
    ]
}

fn broken() -> Vec<Framed> {
    vec![
        first(
            "a body on no stream",
            |_| vec![opening(&[]), frame(DATA, 0, 0, b"{}")],
            "away PROTOCOL_ERROR",
            0,
        ),
        first(
            "a stream of the gateway's own numbers",
            |passport| vec![opening(&[]), plain(2, passport)],
            "away PROTOCOL_ERROR",
            0,
        ),
        searched(
            "an answer promised to the gateway",
            |passport| {
                let promised = [&2_u32.to_be_bytes()[..], &block(&CARD_OF_BERT)].concat();
                let push = frame(PUSH_PROMISE, END_HEADERS, 1, &promised);
                vec![opening(&[]), search(passport, &[]), push]
            },
            "away PROTOCOL_ERROR",
        ),
        first(
            "a frame larger than agreed",
            |_| vec![opening(&[]), frame(DATA, 0, 1, &[0; 20_000])],
            "away FRAME_SIZE_ERROR",
            0,
        ),
        first(
            "room beyond all numbers",
            |_| {
                let most = 0x7fff_ffff_u32.to_be_bytes();
                vec![opening(&[]), frame(WINDOW_UPDATE, 0, 0, &most).repeat(2)]
            },
            "away FLOW_CONTROL_ERROR",
            0,
        ),
        first(
            "a header by an index that is not there",
            |_| vec![opening(&[]), asks(1, &[0xff, 0xff, 0x7f])],
            "away PROTOCOL_ERROR",
            0,
        ),
        first(
            "another frame within a header block",
            |_| {
                let begun = frame(HEADERS, END_STREAM, 1, &block(&CARD_OF_BERT));
                vec![opening(&[]), begun, frame(PING, 0, 0, &[0; 8])]
            },
            "away PROTOCOL_ERROR",
            0,
        ),
        before(
            "farewell first, and then a request",
            |passport| {
                let farewell = frame(GOAWAY, 0, 0, &[0; 8]);
                vec![opening(&[]), farewell, plain(LAST, passport)]
            },
            "away NO_ERROR",
            0,
        ),
    ]
}
