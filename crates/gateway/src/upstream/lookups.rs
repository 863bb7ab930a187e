//! Further calls for one answer: who is in it is sometimes told by another operation of the platform's.

use std::sync::Arc;

use bytes::Bytes;
use tokio::task::JoinSet;
use tracing::Instrument as _;

use super::Upstream;

/// How many of one answer's calls are made at once.
pub(crate) const AT_ONCE: usize = 8;

impl Upstream {
    /// Makes these calls as the same person, and says what came back, in their order. `None`: the call failed in some
    /// way, so nothing is known by it.
    ///
    /// Whoever stops waiting for this stops the calls.
    #[allow(
        dead_code,
        reason = "the gate asks for it with `people-from`, which is being built"
    )]
    pub(crate) async fn fetch_all(
        self: &Arc<Self>,
        targets: Vec<String>,
        person: Option<&str>,
    ) -> Vec<Option<Bytes>> {
        let mut answers = vec![None; targets.len()];
        let mut waiting = targets.into_iter().enumerate();
        let mut calls = JoinSet::new();
        loop {
            while calls.len() < AT_ONCE
                && let Some((n, target)) = waiting.next()
            {
                let (upstream, person) = (Arc::clone(self), person.map(str::to_owned));
                let call = async move { (n, upstream.fetch(&target, person.as_deref()).await) };
                calls.spawn(call.in_current_span());
            }
            let Some(done) = calls.join_next().await else {
                return answers;
            };
            let Ok((n, answer)) = done else {
                continue; // it panicked: as good as no answer
            };
            if let Err(refused) = &answer {
                tracing::warn!(
                    reason = refused.name(),
                    "who is in an answer could not be looked up"
                );
            }
            if let Some(place) = answers.get_mut(n) {
                *place = answer.ok();
            }
        }
    }
}
