//! The bodies of the gateway's own answers: what hyper is handed.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::sync::mpsc;

use crate::flights::Flight;

/// A body. Whatever kind it is, nothing of it leaves but by hyper's asking for the next frame.
#[derive(Debug)]
pub(crate) struct Body(Kind);

#[derive(Debug)]
enum Kind {
    /// Nothing about anybody: a problem, a token, a word for a load balancer.
    Plain(Option<Bytes>),
    /// A released answer.
    Released(Option<Released>),
    /// A stream of answers, as they come.
    Stream(mpsc::Receiver<Result<Part, Broken>>),
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

/// Bytes about people, and the record that they are under way.
#[derive(Debug)]
struct Released {
    bytes: Bytes,
    flight: Option<Flight>,
}

impl Body {
    /// The body of a stream: what comes through this channel, until its other end is dropped.
    pub(crate) fn stream(parts: mpsc::Receiver<Result<Part, Broken>>) -> Self {
        Self(Kind::Stream(parts))
    }

    /// The body of a released answer, in flight until its last byte is sent.
    pub(crate) fn released(bytes: Bytes, flight: Option<Flight>) -> Self {
        Self(Kind::Released(Some(Released { bytes, flight })))
    }
}

impl AsRef<[u8]> for Released {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Released {
    /// HTTP's machinery drops what it has copied or written, or will never write.
    fn drop(&mut self) {
        if let Some(flight) = self.flight.take() {
            flight.handed_over();
        }
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        let bytes = bytes.into();
        Self(Kind::Plain((!bytes.is_empty()).then_some(bytes)))
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match &mut self.0 {
            Kind::Plain(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Released(released) => {
                let released = released.take().map(Bytes::from_owner);
                Poll::Ready(released.map(|bytes| Ok(Frame::data(bytes))))
            }
            Kind::Stream(parts) => parts.poll_recv(cx).map(|part| {
                let frame = |Part { bytes, flight }| {
                    Frame::data(Bytes::from_owner(Released { bytes, flight }))
                };
                part.map(|part| part.map(frame))
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Plain(bytes) => bytes.is_none(),
            Kind::Released(released) => released.is_none(),
            Kind::Stream(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Plain(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Kind::Released(released) => {
                let length = released.as_ref().map_or(0, |it| it.bytes.len());
                SizeHint::with_exact(length as u64)
            }
            Kind::Stream(_) => SizeHint::default(),
        }
    }
}
