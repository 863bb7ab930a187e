//! Whether a stream may go on: token, connection, agreement, clock, asked again for as long as it is open.

use std::sync::Arc;
use std::time::Duration;

use decide::{Asker, Preview, Time};
use release::Operation;

use crate::gateway::Gateway;
use crate::oauth::{Caller, still_connected, still_holds};

/// How often it is asked whether or not a record comes.
const EVERY: Duration = Duration::from_secs(1);

/// What a stream rests on.
pub(super) struct Warden {
    pub(super) gateway: Arc<Gateway>,
    pub(super) caller: Caller,
    pub(super) operation: Arc<Operation>,
    /// The question's common part, without uses of limited powers.
    pub(super) asker: Asker,
}

impl Warden {
    /// The moment that is believed, and what could pass now; `None`: nothing, or the partner may not ask any more.
    pub(super) fn may_go_on(&self) -> Option<(Time, Vec<Preview>)> {
        let gateway = &self.gateway;
        let now = gateway.clock.moment().ok()?;
        if !still_holds(gateway, &self.caller, now) {
            return None;
        }
        still_connected(gateway, &self.caller, now).ok()?;
        let previews = gateway.could_anything_pass(&self.operation, &self.asker);
        Some((now, previews.ok()?))
    }

    /// Waits until it may not.
    pub(super) async fn ended(&self) {
        let mut stopping = self.gateway.stopping.subscribe();
        let mut tick = tokio::time::interval(EVERY);
        loop {
            tokio::select! {
                _ = tick.tick() => if self.may_go_on().is_none() {
                    return;
                },
                _ = stopping.wait_for(|stopping| *stopping) => return,
            }
        }
    }
}
