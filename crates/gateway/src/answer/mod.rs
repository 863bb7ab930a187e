//! The data path: how one partner's read becomes a reduced answer.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;

use crate::admission::{Refused, admit};
use crate::gateway::Gateway;
use crate::problem::Problem;
use crate::refusals::NO_OPERATION;

/// Answers a request to the platform's API.
pub(crate) async fn serve(
    gateway: Arc<Gateway>,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let (parts, _body) = request.into_parts();
    let refused = match admit(&gateway, &parts) {
        Ok(admitted) => Refused {
            partner: Some(admitted.caller.partner().clone()),
            problem: Problem::NotBuilt,
        },
        Err(refused) => refused,
    };
    refused.answer(&gateway, NO_OPERATION)
}
