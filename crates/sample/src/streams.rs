//! Answers that go on: a person's new messages as server-sent events, and their whole feed as lines of JSON.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use http_body_util::channel::{Channel, Sender};
use tokio::sync::broadcast::error::RecvError;

use crate::answers::Failure;
use crate::platform::Call;

/// After so long without a message it is said that the stream is still there; that is also how it is noticed that nobody
/// listens any more.
const SILENCE: Duration = Duration::from_secs(10);

/// New messages in the threads that the person takes part in, from now on, for as long as somebody listens.
pub(crate) async fn stream_messages(
    call: Call,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let viewer = call.person(&id)?;
    let mut sent = call.platform.edits.listen();
    let (mut to, body) = Channel::new(1);
    tokio::spawn(async move {
        // So that whoever asked hears at once that there is a stream.
        if write(&mut to, ": welcome\n\n".to_owned()).await.is_err() {
            return;
        }
        loop {
            let event = match tokio::time::timeout(SILENCE, sent.recv()).await {
                Ok(Ok((thread, message))) if thread.participants.contains(&viewer) => {
                    let record = call.render().message(&thread, &message);
                    let id = call.world().message_id(&thread, message.index);
                    format!("event: message\nid: {id}\ndata: {record}\n\n")
                }
                // Whoever listens too slowly misses some, as at any platform that keeps no queue.
                Ok(Ok(_) | Err(RecvError::Lagged(_))) => continue,
                Ok(Err(RecvError::Closed)) => return,
                Err(_) => ": still here\n\n".to_owned(),
            };
            if write(&mut to, event).await.is_err() {
                return;
            }
        }
    });
    Ok(streamed("text/event-stream", body))
}

/// All posts of the person's friends, newest first, a line each.
pub(crate) async fn export_feed(call: Call, Path(id): Path<String>) -> Result<Response, Failure> {
    let feed = call.world().feed(call.person(&id)?);
    let (mut to, body) = Channel::new(1);
    tokio::spawn(async move {
        for post in &feed {
            let line = format!("{}\n", call.render().post(post));
            if write(&mut to, line).await.is_err() {
                return;
            }
        }
    });
    Ok(streamed("application/jsonl", body))
}

/// An error: nobody listens any more.
async fn write(to: &mut Sender<Bytes, Infallible>, text: String) -> Result<(), ()> {
    to.send_data(text.into()).await.map_err(|_| ())
}

fn streamed(content_type: &'static str, body: Channel<Bytes, Infallible>) -> Response {
    let mut response = Response::new(Body::new(body));
    let content_type = HeaderValue::from_static(content_type);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response
}
