//! A partner's parameters under the same rule as the answer: what the plan does not name is refused.

use std::sync::Arc;

use decide::{ConnectionId, PartnerId, Verb};

use crate::api::{Me, Route};
use crate::cursor::{CursorKey, Seal};
use crate::document::{percent_decoded, percent_encoded};
use crate::error::RequestRefused;
use crate::extension::PageNote;
use crate::operation::{OnBehalf, Operation};
use crate::paging::{Paging, Place};
use crate::parameter::{Parameter, Rule, Segment};
use crate::walk::Walk;

/// Who calls, and with which query.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The query as it was sent, without `?`.
    pub query: Option<&'a str>,
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
    walk: Walk,
}

impl Prepared {
    /// What to ask the platform: path and query, encoded.
    #[must_use]
    pub fn upstream(&self) -> &str {
        &self.upstream
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
    let (mut upstream, mut partner) = paths(operation, &route.values, me)?;
    let mut asked = Asked::read(operation, call.query)?;
    let query = asked.rest();
    for base in [&mut upstream, &mut partner] {
        base.push_str(&query);
    }
    let bound_to = bound_to(operation, call, &upstream);
    let paging = match &operation.page {
        None => None,
        Some(page) => Some(asked.paging(page, (&upstream, partner), call.cursors, bound_to)?),
    };
    let upstream = paging.as_ref().map_or(upstream, Paging::opening);
    let walk = Walk::new(Arc::clone(operation), me.cloned(), asked.touches, paging);
    Ok(Prepared { upstream, walk })
}

/// The path to ask the platform for, and the same as the partner wrote it.
fn paths(
    operation: &Operation,
    values: &[String],
    me: Option<&Me>,
) -> Result<(String, String), RequestRefused> {
    let (mut upstream, mut partner) = (String::new(), String::new());
    let mut values = values.iter();
    for segment in &operation.template {
        upstream.push('/');
        partner.push('/');
        match segment {
            Segment::Literal(text) => {
                percent_encoded(text, &mut upstream);
                percent_encoded(text, &mut partner);
            }
            Segment::Parameter(name) => {
                let sent = values.next().map_or("", String::as_str);
                percent_encoded(accepted(operation, name, sent, me)?, &mut upstream);
                percent_encoded(sent, &mut partner);
            }
        }
    }
    Ok((upstream, partner))
}

/// What a path parameter's value means.
fn accepted<'v>(
    operation: &Operation,
    name: &str,
    sent: &'v str,
    me: Option<&'v Me>,
) -> Result<&'v str, RequestRefused> {
    let bad = |expected: &str| RequestRefused::BadValue {
        name: name.to_owned(),
        expected: expected.to_owned(),
    };
    let rule = operation
        .parameters
        .iter()
        .find(|p| p.in_path && p.name == name)
        .map(|p| &p.rule);
    match rule {
        Some(Rule::Own) => match me {
            Some(me) if sent == "me" || sent == me.id => Ok(&me.id),
            _ => Err(RequestRefused::NotTheirOwn {
                name: name.to_owned(),
            }),
        },
        // A step up or none at all would be another path than the one that was routed.
        Some(Rule::Record) if !matches!(sent, "" | "." | "..") => Ok(sent),
        Some(Rule::Record) => Err(bad("an id")),
        Some(Rule::Pass(values)) if values.have(sent) => Ok(sent),
        Some(Rule::Pass(values)) => Err(bad(&values.shown())),
        _ => Err(RequestRefused::UnnamedParameter {
            name: name.to_owned(),
        }),
    }
}

/// A query that was read by an operation's parameters.
struct Asked {
    /// Those to pass on, by name.
    pass: Vec<(String, String)>,
    touches: Vec<u16>,
    size: Option<String>,
    cursor: Option<String>,
}

impl Asked {
    fn read(operation: &Operation, query: Option<&str>) -> Result<Asked, RequestRefused> {
        let mut asked = Asked {
            pass: Vec::new(),
            touches: Vec::new(),
            size: None,
            cursor: None,
        };
        let mut met: Vec<String> = Vec::new();
        for (name, value) in pairs(query.unwrap_or_default())? {
            let rule = operation
                .parameters
                .iter()
                .find(|p| !p.in_path && p.name == name)
                .map(|p| &p.rule);
            if met.contains(&name) {
                return Err(RequestRefused::RepeatedParameter { name });
            }
            met.push(name.clone());
            asked.take(rule, name, value)?;
        }
        let missing = |p: &&Parameter| !p.in_path && p.required && !met.contains(&p.name);
        if let Some(parameter) = operation.parameters.iter().find(missing) {
            return Err(RequestRefused::MissingParameter {
                name: parameter.name.clone(),
            });
        }
        asked.pass.sort();
        Ok(asked)
    }

    fn take(
        &mut self,
        rule: Option<&Rule>,
        name: String,
        value: String,
    ) -> Result<(), RequestRefused> {
        match rule {
            Some(Rule::Touches(categories)) => {
                self.touches.extend(categories);
                self.pass.push((name, value));
            }
            Some(Rule::Pass(values)) if values.have(&value) => self.pass.push((name, value)),
            Some(Rule::Pass(values)) => {
                return Err(RequestRefused::BadValue {
                    name,
                    expected: values.shown(),
                });
            }
            Some(Rule::Size) => self.size = Some(value),
            Some(Rule::Cursor) => self.cursor = Some(value),
            Some(Rule::Refused | Rule::Own | Rule::Record) | None => {
                return Err(RequestRefused::UnnamedParameter { name });
            }
        }
        Ok(())
    }

    /// What is passed on as it is.
    fn rest(&self) -> String {
        let mut out = String::new();
        for (name, value) in &self.pass {
            out.push(if out.is_empty() { '?' } else { '&' });
            percent_encoded(name, &mut out);
            out.push('=');
            percent_encoded(value, &mut out);
        }
        out
    }

    fn paging(
        &mut self,
        page: &PageNote,
        (upstream, mut partner): (&str, String),
        key: &CursorKey,
        bound_to: Vec<u8>,
    ) -> Result<Paging, RequestRefused> {
        let name = page.size.clone().unwrap_or_default();
        let size = match &self.size {
            None => page.default_size,
            Some(text) => match text.parse::<u32>() {
                Ok(size) if size >= 1 => size.min(page.max_size),
                _ => {
                    let expected = format!("a number from 1 to {}", page.max_size);
                    return Err(RequestRefused::BadValue { name, expected });
                }
            },
        };
        if self.size.is_some() {
            partner.push(if partner.contains('?') { '&' } else { '?' });
            percent_encoded(&name, &mut partner);
            partner.push_str(&format!("={size}"));
        }
        let seal = Seal {
            key: key.clone(),
            bound_to,
        };
        let place = match &self.cursor {
            None => Place {
                cursor: None,
                skip: 0,
            },
            Some(cursor) => seal.open(cursor).ok_or_else(|| RequestRefused::BadCursor {
                name: page.cursor.clone(),
            })?,
        };
        Ok(Paging {
            size: usize::try_from(size).unwrap_or(usize::MAX),
            max_size: page.max_size,
            size_name: page.size.clone(),
            cursor: page.cursor.clone(),
            upstream: upstream.to_owned(),
            partner,
            at: place.cursor,
            skip: place.skip,
            seal,
            link: page.link,
        })
    }
}

/// Names and values of a query, decoded; `+` is a blank, as in forms.
fn pairs(query: &str) -> Result<Vec<(String, String)>, RequestRefused> {
    let decoded =
        |text: &str| percent_decoded(&text.replace('+', " ")).ok_or(RequestRefused::BadEncoding);
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(name)?, decoded(value)?))
        })
        .collect()
}

/// What a cursor of this list is good for: nothing else. Each part is preceded by its length.
fn bound_to(operation: &Operation, call: &Call<'_>, upstream: &str) -> Vec<u8> {
    let connection = call.connection.map_or("", ConnectionId::as_str);
    let mut out = Vec::new();
    for part in [
        "countersign/cursor/v1",
        operation.id(),
        call.partner.as_str(),
        connection,
        upstream,
    ] {
        out.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        out.extend(part.as_bytes());
    }
    out
}
