//! HTTP/2 by hand (RFC 9113), so that a test can send what no library would: frames, header blocks without any
//! compression (RFC 7541), and what of the other side's frames a test has to know.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// How long anything here is waited for. Only a gateway that never answers reaches it.
const PATIENCE: Duration = Duration::from_secs(20);
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PUSH_PROMISE: u8 = 5;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const ACK: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;
/// A whole request without a body.
pub(crate) const WHOLE: u8 = END_STREAM | END_HEADERS;

/// The names of the error codes, in their order (RFC 9113, section 7).
const ERRORS: [&str; 14] = [
    "NO_ERROR",
    "PROTOCOL_ERROR",
    "INTERNAL_ERROR",
    "FLOW_CONTROL_ERROR",
    "SETTINGS_TIMEOUT",
    "STREAM_CLOSED",
    "FRAME_SIZE_ERROR",
    "REFUSED_STREAM",
    "CANCEL",
    "COMPRESSION_ERROR",
    "CONNECT_ERROR",
    "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY",
    "HTTP_1_1_REQUIRED",
];

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// How a connection begins, with these settings besides: the answers' headers are not to be indexed.
pub(crate) fn opening(settings: &[(u16, u32)]) -> Vec<u8> {
    let all = [&[(1, 0)], settings].concat();
    let payload: Vec<u8> = all
        .iter()
        .flat_map(|(id, value)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat())
        .collect();
    [PREFACE, &frame(SETTINGS, 0, 0, &payload)].concat()
}

/// A block of these fields, each as a literal that is not to be indexed (RFC 7541, section 6.2.2).
pub(crate) fn block<N: AsRef<str>, V: AsRef<str>>(fields: &[(N, V)]) -> Vec<u8> {
    let field =
        |(name, value): &(N, V)| [&[0], &*text(name.as_ref()), &*text(value.as_ref())].concat();
    fields.iter().flat_map(field).collect()
}

/// A string without Huffman's code, its length as an integer with a prefix of seven bits.
pub(crate) fn text(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.len();
    if rest < 127 {
        out.push(u8::try_from(rest).unwrap());
    } else {
        out.push(127);
        rest -= 127;
        while rest >= 128 {
            out.push(u8::try_from(rest % 128).unwrap() | 128);
            rest /= 128;
        }
        out.push(u8::try_from(rest).unwrap());
    }
    out.extend(text.bytes());
    out
}

/// What came back.
#[derive(Debug, Default)]
pub(crate) struct Came {
    /// Statuses, resets and farewells in their order, the same one after another once; nothing: closed without a word.
    pub(crate) told: Vec<String>,
    /// The bodies.
    pub(crate) bodies: Vec<u8>,
    /// Everything, for a look at what may not be in it.
    pub(crate) bytes: Vec<u8>,
}

impl Came {
    fn say(&mut self, what: String) {
        if self.told.last() != Some(&what) {
            self.told.push(what);
        }
    }
}

/// Sends the pieces with pauses between them, and reads until the connection ends or everything about this stream has come.
/// Whoever asks for a sign of life gets one: it is not for want of it that the gateway ends anything.
pub(crate) async fn exchange<S>(stream: S, pieces: &[Vec<u8>], last: u32) -> Came
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + 'static,
{
    let (mut reading, mut writing) = tokio::io::split(stream);
    let (signs, mut asked) = tokio::sync::mpsc::unbounded_channel::<Vec<u8>>();
    let pieces = pieces.to_vec();
    let sending = tokio::spawn(async move {
        for piece in pieces {
            // A gateway that has had enough closes; what it said before that is still to be read.
            if writing.write_all(&piece).await.is_err() || writing.flush().await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        while let Some(sign) = asked.recv().await {
            let _ = writing.write_all(&sign).await;
            let _ = writing.flush().await;
        }
    });
    let mut came = Came::default();
    let listening = async {
        let mut head = [0; 9];
        while reading.read_exact(&mut head).await.is_ok() {
            let [high, middle, low, kind, flags, stream @ ..] = head;
            let length = u32::from_be_bytes([0, high, middle, low]);
            let mut payload = vec![0; usize::try_from(length).unwrap()];
            if reading.read_exact(&mut payload).await.is_err() {
                break;
            }
            came.bytes.extend(&payload);
            if kind == PING && flags & ACK == 0 {
                let _ = signs.send(frame(PING, ACK, 0, &payload));
            }
            let stream = u32::from_be_bytes(stream);
            note(&mut came, kind, &payload);
            let over =
                kind == RST_STREAM || matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0;
            if over && stream == last {
                break;
            }
        }
    };
    let ended = tokio::time::timeout(PATIENCE, listening).await;
    sending.abort();
    assert!(ended.is_ok(), "the connection never ended: {:?}", came.told);
    came
}

fn note(came: &mut Came, kind: u8, payload: &[u8]) {
    let error = |at: usize| {
        let code = u32::from_be_bytes(payload[at..at + 4].try_into().unwrap());
        ERRORS[usize::try_from(code).unwrap()]
    };
    match kind {
        HEADERS => came.say(status(payload)),
        DATA => came.bodies.extend(payload),
        RST_STREAM => came.say(format!("reset {}", error(0))),
        GOAWAY => came.say(format!("away {}", error(4))),
        _ => {}
    }
}

/// The status, which is the first field of an answer: one of the static table, or a literal under the name there.
fn status(block: &[u8]) -> String {
    // A change of the table's size may come first.
    let sized = block.iter().take_while(|byte| **byte >> 5 == 1).count();
    let block = &block[sized..];
    match block[0] {
        indexed @ 0x88..=0x8e => {
            let known = ["200", "204", "206", "304", "400", "404", "500"];
            known[usize::from(indexed - 0x88)].to_owned()
        }
        0x48 | 0x08 | 0x18 if block[1] & 128 != 0 => {
            digits(&block[2..2 + usize::from(block[1] & 127)])
        }
        0x48 | 0x08 | 0x18 => String::from_utf8(block[2..5].to_vec()).unwrap(),
        other => panic!("no status begins with {other:#x}"),
    }
}

/// Three digits in Huffman's code (RFC 7541, appendix B): 0, 1 and 2 take five bits, the others six.
fn digits(code: &[u8]) -> String {
    let bits: Vec<u8> = code
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1))
        .collect();
    let mut rest = &bits[..];
    let mut take = |count: usize| {
        let (taken, after) = rest.split_at(count);
        rest = after;
        taken.iter().fold(0, |all, bit| all << 1 | bit)
    };
    let digit = |_| match take(5) {
        short @ 0..=2 => char::from(b'0' + short),
        long => char::from(b'0' + (long << 1 | take(1)) - 0b011_001 + 3),
    };
    (0..3).map(digit).collect()
}

#[test]
fn statuses_are_read_whichever_way_they_are_written() {
    assert_eq!(status(&[0x88]), "200");
    assert_eq!(status(&[0x20, 0x8d]), "404");
    assert_eq!(status(&[0x48, 3, b'4', b'0', b'8']), "408");
    // 408 and 431: 011010 00000 011110 and 011010 011001 00001, filled up with ones.
    assert_eq!(status(&[0x48, 0x83, 0x68, 0x0f, 0x7f]), "408");
    assert_eq!(status(&[0x48, 0x83, 0x69, 0x90, 0xff]), "431");
}
