//! A partner that reads streams: newline-delimited JSON to its end, server-sent events for a while. Every record that
//! came is kept, also half of one.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use decide::Time;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use rand::Rng as _;
use rand::seq::IndexedRandom as _;

use super::pace::Beat;
use super::{Harvest, Job, Receipt};
use crate::broken::Result;
use crate::hand::Hand;
use crate::scene::{Counts, Scene};
use crate::surroundings::{dice, now};

/// For how long at most a stream is read that does not end by itself.
const AT_MOST: Duration = Duration::from_secs(5);
/// How long a worker waits after a stream was not opened.
const BREATH: Duration = Duration::from_millis(50);

/// Reads streams until the trial is over.
pub(super) async fn stream(
    scene: &Scene,
    mut hand: Hand,
    job: Job,
    number: u64,
) -> Result<Harvest> {
    let streams: Vec<_> = hand.of()?.streams().collect();
    let mut dice = dice(scene.seed, 1000 + number);
    let mut beat = Beat::start(job.pace, &scene.watch, dice.random());
    let mut harvest = Harvest::default();
    loop {
        beat.next(&scene.watch).await;
        let Some(turn) = scene.turn().await else {
            return Ok(harvest);
        };
        let Some((operation, path)) = streams.choose(&mut dice).copied() else {
            return Ok(harvest);
        };
        let begun = now();
        let Some(body) = open(scene, &mut hand, operation, path).await else {
            drop(turn);
            tokio::time::sleep(BREATH).await;
            continue;
        };
        let until = AT_MOST.mul_f64(dice.random_range(0.2..1.0));
        let mut records = Records {
            came: BytesMut::new(),
            scene,
            job,
            operation,
            begun,
            receipts: &mut harvest.receipts,
        };
        // The end of the time is the end of reading: what is still on its way then was never received.
        let _ = tokio::time::timeout(until, records.take(body)).await;
        records.note_the_rest();
        hand.hang_up();
    }
}

async fn open(scene: &Scene, hand: &mut Hand, operation: &str, path: &str) -> Option<Incoming> {
    if hand.ready().await.is_err() {
        Counts::add(&scene.counts.lost, 1);
        return None;
    }
    let answer = match hand.open(path).await {
        Ok(answer) => answer,
        Err(_) => {
            Counts::add(&scene.counts.lost, 1);
            return None;
        }
    };
    let status = answer.status().as_u16();
    if status == 200 {
        Counts::add(&scene.counts.streams, 1);
        return Some(answer.into_body());
    }
    scene.counts.status(status);
    if !matches!(status, 401 | 404 | 429 | 503) {
        scene.found(format!("{operation} answered with {status}"));
    }
    hand.hang_up();
    None
}

/// The records of one stream, as they come.
struct Records<'a> {
    /// What came and has not been looked at.
    came: BytesMut,
    scene: &'a Scene,
    job: Job,
    operation: &'static str,
    /// When the stream was asked for: each of its records was decided after that.
    begun: Time,
    receipts: &'a mut Vec<Receipt>,
}

impl Records<'_> {
    async fn take(&mut self, mut body: Incoming) {
        while let Some(Ok(frame)) = body.frame().await {
            let Some(data) = frame.data_ref() else {
                continue;
            };
            self.came.extend_from_slice(data);
            while let Some(record) = next_record(&mut self.came) {
                self.note(&record);
            }
        }
    }

    /// A record that was cut off was received as far as it came.
    fn note_the_rest(&mut self) {
        let rest = self.came.split().freeze();
        self.note(&rest);
    }

    fn note(&mut self, record: &[u8]) {
        let people = self.scene.people.named_in(record);
        if people.is_empty() {
            return; // to keep the line alive, or too little of a record to name anybody
        }
        Counts::add(&self.scene.counts.records, 1);
        if self.job.keeps {
            self.receipts.push(Receipt {
                partner: self.job.partner,
                connected: self.job.connected,
                operation: self.operation,
                begun: self.begun,
                ended: now(),
                people,
            });
        }
    }
}

/// Takes the first whole line. A record of either form is one line with data, whatever other lines are around it.
fn next_record(came: &mut BytesMut) -> Option<Bytes> {
    let end = memchr::memchr(b'\n', came)?;
    Some(came.split_to(end + 1).freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_taken_when_its_line_has_ended() {
        let mut came = BytesMut::from(&b"{\"a\": 1}\ndata: {\"b\""[..]);
        assert_eq!(next_record(&mut came).unwrap(), "{\"a\": 1}\n");
        assert_eq!(next_record(&mut came), None);
        came.extend_from_slice(b": 2}\n\n");
        assert_eq!(next_record(&mut came).unwrap(), "data: {\"b\": 2}\n");
        assert_eq!(next_record(&mut came).unwrap(), "\n");
        assert_eq!(next_record(&mut came), None);
    }
}
