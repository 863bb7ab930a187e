//! The bodies of the gateway's own answers: what hyper is handed.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::sync::mpsc;

use crate::flights::{Flight, Held, Owed, handed_over};
use crate::limits::Leave;

/// A body. Whatever kind it is, nothing of it leaves but by hyper's asking for the next frame.
#[derive(Debug)]
pub(crate) struct Body(Kind);

#[derive(Debug)]
enum Kind {
    /// All of it, until hyper asks for it: a released answer; or, about nobody, a problem, a page, a token.
    Whole(Option<Whole>),
    /// A stream of answers, as they come; and what is owed until it ends.
    Stream(mpsc::Receiver<Result<Part, Broken>>, Option<Owed>),
}

/// A part of a stream. It is in flight from before it is handed over here.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) bytes: Bytes,
    /// `None`: it is about nobody.
    pub(crate) flight: Option<Flight>,
}

/// A stream ends before the platform has ended it. The partner sees that its answer is not complete.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the stream was broken off")]
pub(crate) struct Broken;

/// Bytes, and what is held for as long as anybody has them.
#[derive(Debug)]
struct Whole {
    bytes: Bytes,
    held: Held,
}

impl Body {
    /// The body of a stream: what comes through this channel, until its other end is dropped.
    pub(crate) fn stream(parts: mpsc::Receiver<Result<Part, Broken>>) -> Self {
        Self(Kind::Stream(parts, None))
    }

    /// The body of a released answer, in flight until its last byte is sent. A partner that does not take it keeps the
    /// place filled that it has among requests.
    pub(crate) fn released(bytes: Bytes, flight: Option<Flight>, leave: Arc<Leave>) -> Self {
        let held = Held {
            flight,
            leave: Some(leave),
            owed: None,
        };
        Self(Kind::Whole(Some(Whole { bytes, held })))
    }

    /// The same, owed to whoever asked. Their time to take it begins; for a stream, when it must have ended.
    pub(crate) fn owed(mut self, owed: Owed, stream_time: Duration) -> Self {
        match &mut self.0 {
            Kind::Whole(Some(whole)) => {
                owed.is_there(Duration::ZERO);
                whole.held.owed = Some(owed);
            }
            Kind::Whole(None) => {}
            Kind::Stream(_, until) => {
                owed.is_there(stream_time);
                *until = Some(owed);
            }
        }
        self
    }
}

impl AsRef<[u8]> for Whole {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Whole {
    /// HTTP's machinery drops what it has copied or written, or will never write.
    fn drop(&mut self) {
        handed_over(std::mem::take(&mut self.held));
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        let bytes = bytes.into();
        let held = Held::default();
        Self(Kind::Whole(
            (!bytes.is_empty()).then_some(Whole { bytes, held }),
        ))
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let frame = |whole| Frame::data(Bytes::from_owner::<Whole>(whole));
        match &mut self.0 {
            Kind::Whole(whole) => Poll::Ready(whole.take().map(|whole| Ok(frame(whole)))),
            Kind::Stream(parts, _) => parts.poll_recv(cx).map(|part| {
                let whole = |Part { bytes, flight }| {
                    let held = Held {
                        flight,
                        ..Held::default()
                    };
                    frame(Whole { bytes, held })
                };
                part.map(|part| part.map(whole))
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.0, Kind::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(whole) => {
                let length = whole.as_ref().map_or(0, |whole| whole.bytes.len());
                SizeHint::with_exact(length as u64)
            }
            Kind::Stream(..) => SizeHint::default(),
        }
    }
}
