//! A partner that stops reading in the middle of an answer, on purpose, and leaves the connection open.
//!
//! It asks for the same long list many times on one connection, all at once, and reads a little of the first answer. The
//! gateway writes until the kernel takes no more, and then stands in the middle of one.

use std::time::Duration;

use http::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{Harvest, Job};
use crate::broken::{At as _, Broken, Result};
use crate::cast::asks;
use crate::hand::Hand;
use crate::line::tcp;
use crate::scene::{Counts, Scene};

/// Requests on one connection, more than the kernel has room for the answers of.
const AT_ONCE: usize = 500;
/// What the partner reads before it stops.
const READS: usize = 512;
/// The room that it gives the kernel for what it does not read.
const ROOM: u32 = 4096;
/// For how long it holds a connection, if the gateway lets it.
const HOLDS: Duration = Duration::from_secs(5);

/// Stalls, again and again, until the trial is over.
pub(super) async fn stall(scene: &Scene, mut hand: Hand, job: Job) -> Result<Harvest> {
    let me = *scene
        .place
        .connected
        .get(job.connected)
        .at("a person who connected")?;
    let asks = asks(hand.of()?, &scene.place.world, me);
    let ask = asks.first().at("something to ask")?.clone();
    loop {
        let Some(turn) = scene.turn().await else {
            return Ok(Harvest::default());
        };
        drop(turn); // holding a connection is not a call that somebody waits for
        match once(scene, &mut hand, &ask.path).await {
            Ok(()) => Counts::add(&scene.counts.stalled, 1),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn once(scene: &Scene, hand: &mut Hand, path: &str) -> Result<()> {
    hand.ready().await?;
    let to = scene.place.addresses.gateway;
    let mut requests = String::new();
    for _ in 0..AT_ONCE {
        requests += &format!("GET {path} HTTP/1.1\r\nhost: {to}\r\n");
        for (name, value) in hand.proof(&Method::GET, path)? {
            requests += &format!("{name}: {value}\r\n");
        }
        requests += "\r\n";
    }
    let (mut reads, mut writes) = tcp(to, Some(ROOM)).await?.into_split();
    let asking = tokio::spawn(async move {
        // The gateway stops taking requests when nobody takes its answers, so this may never end.
        let _ = writes.write_all(requests.as_bytes()).await;
        writes
    });
    let mut some = [0; READS];
    let read = reads.read_exact(&mut some).await;
    let stalled = if read.is_ok() {
        tokio::time::sleep(HOLDS).await;
        if some.starts_with(b"HTTP/1.1 200") {
            Ok(())
        } else {
            Err(Broken::new("not an answer to stall in"))
        }
    } else {
        Err(Broken::new("no answer to stall in"))
    };
    asking.abort();
    stalled
}
