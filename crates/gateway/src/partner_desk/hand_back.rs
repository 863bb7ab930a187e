//! Giving powers up. An officer's key has to be in; what is given up is refused from the next question on.

use std::collections::BTreeSet;

use decide::{Event, PowerId};
use http::Response;
use register::Change;

use super::failure::Failure;
use super::{PATH, Visit};
use crate::body::Body;
use crate::oauth::Form;
use crate::person::page::see;

/// Boxes that a page may have.
const BOXES: usize = 256;

/// Takes the form.
pub(super) async fn take(
    visit: &Visit<'_>,
    id: &str,
    version: &str,
) -> Result<Response<Body>, Failure> {
    let form = Form::read_long(visit.headers, visit.body, BOXES);
    let form = form.map_err(|_| Failure::ForeignForm)?;
    let (session, holder) = visit.sender(&form)?;
    let offered = visit.version(&session, id, version)?;
    if holder.officer.is_none() {
        return Err(Failure::NotAnOfficer);
    }
    let granted = offered.offer.powers.iter().map(decide::Power::id);
    let ticked = |power: &PowerId| form.get(&format!("power-{power}")) == Some("yes");
    let chosen: BTreeSet<PowerId> = granted.filter(ticked).collect();
    if chosen.is_empty() {
        return Err(Failure::NothingChosen);
    }
    let handed_back = |power| {
        let partner = session.partner.clone();
        Change::Fact(Event::PowerHandedBack { partner, power })
    };
    let all = chosen.into_iter().map(handed_back).collect();
    visit.gateway.write_down_all(all).await?;
    let offer = &offered.offer;
    Ok(see(&format!(
        "{PATH}/agreements/{}/{}",
        offer.agreement, offer.version
    ))?)
}
