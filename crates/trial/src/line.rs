//! One connection, one request at a time, and whatever part of an answer arrives: an answer that is cut off counts as
//! far as it came, so nothing here waits for the end before it counts.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpSocket, TcpStream};

use crate::broken::{At as _, Broken, Result};

/// How long an answer may take: longer than the gateway's own limit for a request.
const PATIENCE: Duration = Duration::from_secs(45);

/// A connection that is opened when it is needed.
#[derive(Debug)]
pub(crate) struct Line {
    to: SocketAddr,
    sender: Option<SendRequest<Full<Bytes>>>,
}

/// What was heard: at least the head of an answer.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    /// As much as came.
    pub(crate) body: Bytes,
    /// Whether it ended as HTTP says that it has to.
    pub(crate) whole: bool,
}

impl Line {
    pub(crate) fn to(to: SocketAddr) -> Line {
        Line { to, sender: None }
    }

    /// A request without any credentials.
    pub(crate) async fn get(&mut self, path: &str) -> Result<Heard> {
        self.ask(Method::GET, path, &[], Bytes::new()).await
    }

    /// Asks, and hears whatever comes. `Err` means that not even a head came: for a request that does something, that
    /// nobody knows what became of it.
    pub(crate) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: Bytes,
    ) -> Result<Heard> {
        let request = self.request(method, path, headers, body)?;
        let heard = tokio::time::timeout(PATIENCE, self.exchange(request)).await;
        let heard = heard
            .unwrap_or_else(|_| Err(Broken::new(format_args!("no answer within {PATIENCE:?}"))));
        if !heard.as_ref().is_ok_and(|heard| heard.whole) {
            self.sender = None;
        }
        heard
    }

    /// Asks for an answer that is read piece by piece. This line is of no use for anything else until all of it was read
    /// or [`Line::hang_up`] was called.
    pub(crate) async fn open(
        &mut self,
        path: &str,
        headers: &[(&str, String)],
    ) -> Result<Response<Incoming>> {
        let request = self.request(Method::GET, path, headers, Bytes::new())?;
        let answer = tokio::time::timeout(PATIENCE, self.head(request)).await;
        answer.unwrap_or_else(|_| Err(Broken::new(format_args!("no answer within {PATIENCE:?}"))))
    }

    /// Closes the connection, whatever is still to come on it.
    pub(crate) fn hang_up(&mut self) {
        self.sender = None;
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", self.to.to_string());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        request.body(Full::new(body)).at("a request")
    }

    async fn head(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>> {
        let mut sender = self.sender.take();
        if let Some(open) = &mut sender
            && open.ready().await.is_err()
        {
            sender = None; // closed since
        }
        let sender = match sender {
            Some(sender) => sender,
            None => connect(self.to).await?,
        };
        let sender = self.sender.insert(sender);
        sender.send_request(request).await.at("no answer")
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> Result<Heard> {
        let (parts, mut body) = self.head(request).await?.into_parts();
        let mut came = BytesMut::new();
        let whole = loop {
            match body.frame().await {
                Some(Ok(frame)) => {
                    came.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
                }
                Some(Err(_)) => break false,
                None => break true,
            }
        };
        Ok(Heard {
            status: parts.status.as_u16(),
            body: came.freeze(),
            whole,
        })
    }
}

async fn connect(to: SocketAddr) -> Result<SendRequest<Full<Bytes>>> {
    let stream = tcp(to, None).await?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .at("a connection")?;
    tokio::spawn(connection);
    Ok(sender)
}

/// A connection to a gateway on this host, from another address of the loopback net than the gateway's: a port that
/// nobody listens on for a moment could otherwise be connected to itself, and the gateway not started on it again.
pub(crate) async fn tcp(to: SocketAddr, receive_buffer: Option<u32>) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4().at("a socket")?;
    if let Some(bytes) = receive_buffer {
        socket.set_recv_buffer_size(bytes).at("a small socket")?;
    }
    socket
        .bind((Ipv4Addr::new(127, 0, 0, 2), 0).into())
        .at("a loopback address")?;
    let stream = socket.connect(to).await.at(to)?;
    stream.set_nodelay(true).at(to)?;
    Ok(stream)
}
