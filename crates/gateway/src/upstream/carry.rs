//! A write, delete or import at the platform: asked for once, and what its answer says became of it.

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode};
use ledger::entry::Ending;
use release::Confirmed;

use super::{Asking, Upstream};

/// What came of it.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) ending: Ending,
    /// The status of the platform's answer, if there was one.
    pub(crate) status: Option<u16>,
    /// The answer, where the overlay names an id of what was made.
    pub(crate) body: Option<Bytes>,
    /// What was not as it should be, for the operator's log.
    pub(crate) why: Option<&'static str>,
}

impl Sent {
    fn without_answer(ending: Ending, why: &'static str) -> Self {
        Self {
            ending,
            status: None,
            body: None,
            why: Some(why),
        }
    }
}

impl Upstream {
    /// Sends it. There is no second try, whatever happens: only somebody who looks can know whether the first was done.
    ///
    /// `sent_as` is for the platform's own idempotency header, so that an operator can find the request there.
    pub(crate) async fn carry_out(
        &self,
        confirmed: Confirmed,
        person: Option<&str>,
        sent_as: &str,
    ) -> Sent {
        let operation = confirmed.operation();
        let asking = Asking {
            target: confirmed.target(),
            body: confirmed.body(),
            person,
        };
        let method = Method::from_bytes(operation.method().as_bytes()).ok();
        let request = method.and_then(|method| self.request(method, asking));
        let Some(mut request) = request else {
            return Sent::without_answer(
                Ending::NOT_REACHED,
                "the gateway made a request that is none",
            );
        };
        if let (Some(name), Ok(value)) = (&self.idempotency, HeaderValue::from_str(sent_as)) {
            request.headers_mut().insert(name.clone(), value);
        }
        let patience = tokio::time::Instant::now() + self.patience;
        let answer = tokio::time::timeout_at(patience, self.client.request(request)).await;
        let answer = match answer {
            Err(_) => return Sent::without_answer(Ending::NO_ANSWER, "no answer in time"),
            // Not a byte of it was sent.
            Ok(Err(error)) if error.is_connect() => {
                return Sent::without_answer(Ending::NOT_REACHED, "no connection");
            }
            Ok(Err(_)) => return Sent::without_answer(Ending::NO_ANSWER, "the connection broke"),
            Ok(Ok(answer)) => answer,
        };
        let (ending, why) = ending_of(answer.status());
        let status = Some(answer.status().as_u16());
        let mut body = None;
        if ending == Ending::DONE && operation.tells_what_it_made() {
            let read = tokio::time::timeout_at(patience, self.read(answer.into_body())).await;
            body = read.ok().and_then(Result::ok);
        }
        Sent {
            ending,
            status,
            body,
            why,
        }
    }
}

/// What a status says became of a request. Whatever does not say clearly that it was done, or that it was not, says
/// nothing: a redirection can follow on something done, several statuses in one can be half done.
fn ending_of(status: StatusCode) -> (Ending, Option<&'static str>) {
    match status.as_u16() {
        200..=205 => (Ending::DONE, None),
        408 => (Ending::NO_ANSWER, Some("the platform waited in vain (408)")),
        400..=499 => (Ending::REFUSED, None),
        _ => (
            Ending::NO_ANSWER,
            Some("a status that does not say what became of it"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_status_says_what_became_of_it() {
        for (status, expected) in [
            (200, Ending::DONE),
            (201, Ending::DONE),
            (202, Ending::DONE),
            (204, Ending::DONE),
            (206, Ending::NO_ANSWER),
            (207, Ending::NO_ANSWER),
            (301, Ending::NO_ANSWER),
            (303, Ending::NO_ANSWER),
            (400, Ending::REFUSED),
            (401, Ending::REFUSED),
            (404, Ending::REFUSED),
            (408, Ending::NO_ANSWER),
            (409, Ending::REFUSED),
            (429, Ending::REFUSED),
            (500, Ending::NO_ANSWER),
            (503, Ending::NO_ANSWER),
            (599, Ending::NO_ANSWER),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(ending_of(status).0, expected, "{status}");
        }
    }
}
