//! A partner's request under the same rule as the answer: what the plan does not name is refused, and what the
//! platform gets is written by us.

pub(crate) mod asked;
pub(crate) mod body;
pub(crate) mod path;
mod recorded;

use std::sync::Arc;

use bytes::Bytes;
use decide::{ConnectionId, PartnerId, Verb};

use crate::api::{Me, Route};
use crate::cursor::{CursorKey, Seal};
use crate::error::RequestRefused;
use crate::operation::{OnBehalf, Operation};
use crate::paging::Paging;
use crate::parameter::Rule;
use crate::walk::Walk;
use asked::Asked;
use body::Said;
use path::Path;
pub(crate) use recorded::recorded;

/// Who calls, and with which query and body.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The query as it was sent, without `?`.
    pub query: Option<&'a str>,
    /// The body as it was sent, if any. The caller has limited its size and checked its type.
    pub body: Option<&'a [u8]>,
    /// Which partner.
    pub partner: &'a PartnerId,
    /// By which connection, if the token is of one.
    pub connection: Option<&'a ConnectionId>,
    /// Whose connection it is. Where an operation acts for nobody, this is not looked at.
    pub me: Option<&'a Me>,
    /// The key under which cursors are sealed.
    pub cursors: &'a CursorKey,
}

/// A request that may be made.
#[derive(Debug)]
pub struct Prepared {
    upstream: String,
    body: Option<Bytes>,
    walk: Walk,
}

impl Prepared {
    /// What to ask the platform: path and query, encoded.
    #[must_use]
    pub fn upstream(&self) -> &str {
        &self.upstream
    }

    /// By which method.
    #[must_use]
    pub fn method(&self) -> &str {
        self.walk.operation.method()
    }

    /// The body to send, in JSON, the same for every page; `None`: none. It holds what the plan names, written anew.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.body.as_ref()
    }

    /// The walk that awaits the platform's answer.
    #[must_use]
    pub fn into_walk(self) -> Walk {
        self.walk
    }
}

pub(crate) fn prepare(route: &Route, call: &Call<'_>) -> Result<Prepared, RequestRefused> {
    let operation = &route.operation;
    if operation.verb != Verb::Read {
        return Err(RequestRefused::NotARead);
    }
    let me = match operation.on_behalf {
        OnBehalf::Nobody => None,
        OnBehalf::Person => Some(call.me.ok_or(RequestRefused::NobodyConnected)?),
    };
    let path = Path::read(operation, &route.values, me)?;
    let seals = seals(operation, call, &path.upstream);
    let mut asked = Asked::read(operation, call.query, &seals)?;
    let mut said = Said::default();
    let body = body::rebuilt(operation.body.as_ref(), call.body, me, &mut said)?;
    let body = body.map(|body| Bytes::from(body.to_string()));
    asked.touches.append(&mut said.touches);
    let upstream = path.upstream + &asked.upstream();
    let partner = path.partner + &asked.partner();
    let paging = match &operation.page {
        None => None,
        Some(page) => {
            let seal = Seal {
                key: call.cursors.clone(),
                bound_to: bound_to(
                    "countersign/cursor/v1",
                    operation,
                    call,
                    &[upstream.as_bytes(), body.as_deref().unwrap_or_default()],
                ),
            };
            Some(asked.paging(page, (&upstream, partner), seal)?)
        }
    };
    let upstream = paging.as_ref().map_or(upstream, Paging::opening);
    let mut walk = Walk::new(Arc::clone(operation), me.cloned(), asked.touches, paging);
    walk.path_values = path.values;
    walk.asked_people = path.people;
    walk.seals = seals;
    Ok(Prepared {
        upstream,
        body,
        walk,
    })
}

/// By which the cursors that members give are sealed, for each parameter that takes them. They are good with any other
/// parameters: a platform's answer does not say with which.
fn seals(operation: &Operation, call: &Call<'_>, path: &str) -> Vec<(String, Seal)> {
    let given = operation
        .parameters
        .iter()
        .filter(|p| p.rule == Rule::Given);
    given
        .map(|parameter| {
            let bound_to = bound_to(
                "countersign/member-cursor/v1",
                operation,
                call,
                &[path.as_bytes(), parameter.name.as_bytes()],
            );
            let key = call.cursors.clone();
            (parameter.name.clone(), Seal { key, bound_to })
        })
        .collect()
}

/// What a cursor is good for: nothing else. Each part is preceded by its length.
fn bound_to(what: &str, operation: &Operation, call: &Call<'_>, more: &[&[u8]]) -> Vec<u8> {
    let connection = call.connection.map_or("", ConnectionId::as_str);
    let first = [what, operation.id(), call.partner.as_str(), connection];
    let mut out = Vec::new();
    for part in first
        .iter()
        .map(|text| text.as_bytes())
        .chain(more.iter().copied())
    {
        out.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        out.extend(part);
    }
    out
}
