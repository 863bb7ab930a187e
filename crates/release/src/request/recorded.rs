//! A request that was made to the platform itself: which walk its answer needs. Nothing is asked for by it.

use std::sync::Arc;

use super::asked::{Asked, pairs};
use super::body::{self, Said};
use super::path::Path;
use super::seals;
use crate::api::{Me, Route};
use crate::cursor::CursorKey;
use crate::error::RequestRefused;
use crate::parameter::Rule;
use crate::request::Call;
use crate::walk::Walk;

/// The walk for a recorded request, and what a partner could not have asked of it.
///
/// # Errors
/// The path itself is refused: it names somebody else than the person for whom it was asked.
pub(crate) fn recorded(
    route: &Route,
    query: Option<&str>,
    sent: Option<&[u8]>,
    me: Option<&Me>,
) -> Result<(Walk, Vec<RequestRefused>), RequestRefused> {
    let operation = &route.operation;
    let path = Path::read(operation, &route.values, me)?;
    let mut asked = Asked::default();
    let mut refused = Vec::new();
    for (name, value) in pairs(query.unwrap_or_default())? {
        let mut known = operation.parameters.iter().filter(|p| !p.in_path);
        let rule = known.find(|p| p.name == name).map(|p| &p.rule);
        // Cursors are the platform's here, and what is always sent is said by whoever recorded.
        let ours = matches!(
            rule,
            Some(Rule::Cursor | Rule::Given | Rule::Size | Rule::Always(_))
        );
        if !ours && let Err(why) = asked.take(rule, name, value, &[]) {
            refused.push(why);
        }
    }
    let mut said = Said::default();
    match body::rebuilt(operation.body.as_ref(), sent, me, &mut said) {
        Err(RequestRefused::BodyMissing) | Ok(_) => {}
        Err(why) => refused.push(why),
    }
    asked.touches.append(&mut said.touches);
    let mut walk = Walk::new(Arc::clone(operation), me.cloned(), asked.touches, None);
    if let (Ok(partner), key) = ("check".parse(), CursorKey::new([0; 32])) {
        let call = Call {
            query,
            body: None,
            partner: &partner,
            connection: None,
            me,
            cursors: &key,
        };
        walk.seals = seals(operation, &call, &path.upstream);
    }
    walk.path_values = path.values;
    walk.asked_people = path.people;
    Ok((walk, refused))
}
