//! The task behind a stream: from the platform's bytes to records that may leave.

use std::sync::Arc;

use bytes::Bytes;
use decide::decide;
use http_body_util::BodyExt as _;
use release::{Judged, Me, Splitter, StreamForm, Walk};
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, sleep_until};

use super::super::gate::{BEGINNINGS, Collected, Whom};
use super::super::{Released, Took};
use super::warden::Warden;
use super::{Source, end};
use crate::body::{Broken, Part};
use crate::flights::Line;
use crate::metrics::Record;
use crate::problem::Problem;
use crate::refusals;

/// A stream that flows.
pub(super) struct Feed {
    warden: Arc<Warden>,
    /// The walk of a record that nobody has seen yet.
    blank: Walk,
    me: Option<Me>,
    line: Arc<Line>,
    to: Sender<Result<Part, Broken>>,
    form: StreamForm,
    /// When it has to end.
    until: Instant,
    /// When the partner last heard of it.
    heard: Instant,
    /// Whether any record has left.
    passed: bool,
}

/// How a stream ends.
enum End {
    /// As it should: by the platform, by its time, or because what it rests on is gone.
    Good,
    /// Before its end, and the partner is to see that.
    Broken,
}

impl Feed {
    pub(super) fn new(
        warden: Warden,
        blank: Walk,
        me: Option<Me>,
        line: Arc<Line>,
        to: Sender<Result<Part, Broken>>,
        form: StreamForm,
    ) -> Self {
        let until = end(&warden.gateway);
        Self {
            warden: Arc::new(warden),
            blank,
            me,
            line,
            to,
            form,
            until,
            heard: Instant::now(),
            passed: false,
        }
    }

    /// Lets it flow until it ends in any way. The call to the platform ends with it.
    pub(super) async fn run(mut self, source: Source) {
        let _open = crate::metrics::Counted::new(&self.warden.gateway.metrics.streams);
        let (to, until) = (self.to.clone(), self.until);
        // Looked at beside everything else, so that a partner that does not read holds nothing up.
        let ended = async |warden: &Warden| {
            tokio::select! {
                () = warden.ended() => {}
                () = to.closed() => {}
                () = sleep_until(until) => {}
            }
        };
        let warden = self.warden.clone();
        let end = tokio::select! {
            () = ended(&warden) => End::Good,
            end = self.flow(source) => end,
        };
        if matches!(end, End::Broken) {
            // Waits for a partner that does not read, but not for ever.
            let _ = tokio::time::timeout_at(until, self.to.send(Err(Broken))).await;
        }
    }

    async fn flow(&mut self, source: Source) -> End {
        let ended = match source {
            Source::Platform(records) => self.records(records).await,
            Source::Nothing => Ok(()),
        };
        // Somebody who refuses, somebody who has nothing to tell and an id that nobody has: a stream on which nothing
        // happens, to its end.
        if self.warden.operation.names_what_is_asked_for() && !self.passed {
            return self.silence().await;
        }
        ended.map_or_else(|end| end, |()| End::Good)
    }

    /// Passes records on until the platform has ended them.
    async fn records(&mut self, mut records: hyper::body::Incoming) -> Result<(), End> {
        let longest = self.warden.gateway.config.limits.stream_record.0;
        let mut splitter = Splitter::new(self.form, longest);
        loop {
            loop {
                match splitter.next_record() {
                    Ok(Some(record)) => self.record(record).await?,
                    Ok(None) => break,
                    Err(too_long) => return Err(self.broken(&too_long)),
                }
            }
            let silent = self.silent_until();
            tokio::select! {
                frame = records.frame() => match frame {
                    Some(Ok(frame)) => if let Ok(bytes) = frame.into_data() {
                        splitter.take_in(&bytes);
                    },
                    Some(Err(error)) => return Err(self.broken(&error)),
                    None => break,
                },
                () = sleep_until(silent) => self.keep_alive().await?,
            }
        }
        match splitter.last_record() {
            Some(record) => self.record(record).await,
            None => Ok(()),
        }
    }

    fn broken(&self, why: &dyn std::fmt::Display) -> End {
        let operation = self.warden.operation.id();
        tracing::warn!(%why, operation, "a stream of the platform's was broken off");
        End::Broken
    }

    async fn silence(&mut self) -> End {
        loop {
            sleep_until(self.silent_until()).await;
            if let Err(end) = self.keep_alive().await {
                return end;
            }
        }
    }

    fn silent_until(&self) -> Instant {
        self.heard + self.warden.gateway.config.limits.stream_keep_alive.0
    }

    async fn keep_alive(&mut self) -> Result<(), End> {
        let bytes = self.form.keep_alive();
        self.send(Part {
            bytes,
            flight: None,
        })
        .await
    }

    async fn send(&mut self, part: Part) -> Result<(), End> {
        let sent = self.to.send(Ok(part)).await;
        self.heard = Instant::now();
        sent.map_err(|_| End::Good) // the partner has gone away
    }

    /// One record: walked, decided, recorded, and only then handed on. What may not leave leaves nothing.
    async fn record(&mut self, record: Bytes) -> Result<(), End> {
        let Some((now, previews)) = self.warden.may_go_on() else {
            return Err(End::Good);
        };
        let gateway = self.warden.gateway.clone();
        let operation = self.warden.operation.clone();
        let mut asker = self.warden.asker.clone();
        // Each record is an answer, and a use.
        asker.draws = gateway.uses.reserve(&asker, &previews, now);
        for _ in 0..BEGINNINGS {
            let Some(judged) = self.judge(record.clone(), &asker).await? else {
                gateway.metrics.record(operation.id(), Record::Unreadable);
                return Ok(());
            };
            let concerns = judged.concerns(&asker);
            if concerns.is_empty() {
                self.refuse(&judged, &asker, now);
                return Ok(());
            }
            let whom = Whom {
                asker: &asker,
                me: self.me.as_ref(),
                line: &self.line,
            };
            let mut took = Took::default();
            let released = gateway.release(judged, concerns, &whom, &mut took).await;
            let Some(Released { reduced, flight }) = released.map_err(|_| End::Broken)? else {
                continue; // something was taken away meanwhile
            };
            let Some(body) = reduced.body() else {
                return Ok(());
            };
            let bytes = self.form.write(body);
            gateway.metrics.record(operation.id(), Record::Released);
            self.passed = true;
            return self.send(Part { bytes, flight }).await;
        }
        // So much is being taken away that this record found no moment. It goes.
        gateway.metrics.record(operation.id(), Record::Refused);
        Ok(())
    }

    /// `None`: the record cannot be read, and goes.
    async fn judge(&self, record: Bytes, asker: &decide::Asker) -> Result<Option<Judged>, End> {
        let gateway = &self.warden.gateway;
        let mut took = Took::default();
        let mut walk = self.blank.again();
        let people = gateway.register.people();
        if let Err(why) = walk.take_page(record, &|id| people.number(id)) {
            let operation = self.warden.operation.id();
            tracing::warn!(%why, operation, "a record of a stream cannot be read, and goes");
            return Ok(None);
        }
        let looked_up = gateway.look_up(&mut walk, self.me.as_ref(), &mut took);
        if looked_up.await.is_err() {
            return Ok(None);
        }
        let facts = gateway.register.facts();
        let decision = decide(facts, &walk.question(asker), gateway.clock.now());
        let settled = walk.settle(&decision);
        let decision = settled.is_whole().then_some(decision);
        let collected = Collected { settled, decision };
        let judged = gateway.judge(collected, asker, &mut took);
        judged.map(Some).map_err(|problem| match problem {
            Problem::ClockNotBelieved => End::Good,
            _ => End::Broken,
        })
    }

    /// Counts what stood against a record of which nothing leaves.
    fn refuse(&self, judged: &Judged, asker: &decide::Asker, now: decide::Time) {
        let gateway = &self.warden.gateway;
        if let Some(asking) = &gateway.asking {
            asking.notice(&judged.question(asker), judged.permit().decision());
        }
        let (partner, operation) = (self.warden.caller.partner(), self.warden.operation.id());
        gateway.metrics.record(operation, Record::Refused);
        gateway.metrics.drifted(operation, judged.drift());
        for (reason, count) in judged.permit().decision().tally() {
            let (code, name) = refusals::of_reason(reason);
            gateway.metrics.refused(name, count);
            let many = u32::try_from(count).unwrap_or(u32::MAX);
            gateway.refusals.count(partner, operation, code, many, now);
        }
    }
}
