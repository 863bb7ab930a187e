//! The socket as HTTP's machinery sees it: it tells when bytes have really been sent, sends none after a cut, and
//! closes without sending what is left.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};
use tokio_rustls::server::TlsStream;

use super::Line;
use super::sent::{is_sent, limit_unsent};

/// How often a connection that is to close looks whether everything has been sent.
const LOOK: Duration = Duration::from_millis(20);
/// How long it looks. What a partner has not taken by then is discarded.
const PATIENCE: Duration = Duration::from_secs(60);

/// What there is below HTTP.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Unpin {
    /// The socket itself.
    fn tcp(&self) -> &TcpStream;
}

impl Socket for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Socket for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// A socket whose answers in flight are counted.
pub(crate) struct Wire<S: Socket> {
    // In this order: the socket is closed before anybody is told that it is.
    stream: Closing<S>,
    line: Ended,
    /// Waiting, before it closes, for what was handed over.
    last: Option<(Instant, Pin<Box<Sleep>>)>,
}

struct Closing<S: Socket>(S);

struct Ended(Arc<Line>);

impl<S: Socket> Wire<S> {
    pub(crate) fn new(stream: S, line: Arc<Line>) -> Self {
        limit_unsent(stream.tcp());
        Self {
            stream: Closing(stream),
            line: Ended(line),
            last: None,
        }
    }

    fn stream(&mut self) -> Result<Pin<&mut S>, io::Error> {
        if self.line.0.is_cut() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(Pin::new(&mut self.stream.0))
    }
}

impl<S: Socket> AsyncRead for Wire<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.get_mut().stream()?.poll_read(cx, to)
    }
}

impl<S: Socket> AsyncWrite for Wire<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().stream()?.poll_write(cx, from)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().stream()?.poll_write_vectored(cx, from)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.0.is_write_vectored()
    }

    /// HTTP/1 and HTTP/2 in hyper ask for this when they hold no byte themselves, and not before: what was handed over
    /// lies with TLS and the operating system, and TLS is flushed here.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.stream()?.poll_flush(cx))?;
        let tcp = this.stream.0.tcp();
        this.line.0.flushed(|| is_sent(tcp));
        Poll::Ready(Ok(()))
    }

    /// A socket that is closed in good order goes on sending by itself, where nobody could stop it. So it is closed
    /// when there is nothing left to send.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.as_mut().poll_flush(cx))?;
            let this = self.as_mut().get_mut();
            if this.line.0.is_clear() {
                return this.stream()?.poll_shutdown(cx);
            }
            let (since, sleep) = this
                .last
                .get_or_insert_with(|| (Instant::now(), Box::pin(tokio::time::sleep(LOOK))));
            if since.elapsed() > PATIENCE {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            ready!(sleep.as_mut().poll(cx));
            sleep.as_mut().reset(Instant::now() + LOOK);
        }
    }
}

impl<S: Socket> Drop for Closing<S> {
    /// Whatever has not been sent is discarded (RST), as it would otherwise be sent after we have let go of it.
    fn drop(&mut self) {
        let tcp = self.0.tcp();
        if !is_sent(tcp) {
            let _ = tcp.set_zero_linger();
        }
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.close();
    }
}
