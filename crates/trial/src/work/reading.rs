//! A partner that reads, and looks at once for people who must not be in what it got.

use std::collections::BTreeSet;
use std::time::Duration;

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::pace::Beat;
use super::{Harvest, Job, Receipt, Timed};
use crate::broken::{At as _, Result};
use crate::cast::{Ask, asks};
use crate::hand::Hand;
use crate::line::Heard;
use crate::scene::{Counts, Scene};
use crate::surroundings::{Moment, dice, now};

/// How long a worker waits after it was not answered.
const BREATH: Duration = Duration::from_millis(20);

struct Reader<'a> {
    scene: &'a Scene,
    job: Job,
    hand: Hand,
    /// For each request, who of those who waver has ever been in an answer to it.
    asks: Vec<(Ask, BTreeSet<usize>)>,
    dice: ChaCha8Rng,
    harvest: Harvest,
}

/// Reads until the trial is over.
pub(super) async fn read(scene: &Scene, hand: Hand, job: Job, number: u64) -> Result<Harvest> {
    let me = *scene
        .place
        .connected
        .get(job.connected)
        .at("a person who connected")?;
    let asks = asks(hand.of()?, &scene.place.world, me);
    let asks = asks.into_iter().map(|ask| (ask, BTreeSet::new())).collect();
    let dice = dice(scene.seed, 1000 + number);
    let mut reader = Reader {
        scene,
        job,
        hand,
        asks,
        dice,
        harvest: Harvest::default(),
    };
    let mut beat = Beat::start(job.pace, &scene.watch, reader.dice.random());
    loop {
        let due = beat.next(&scene.watch).await;
        let Some(turn) = scene.turn().await else {
            return Ok(reader.harvest);
        };
        let answered = reader.one(due).await;
        drop(turn);
        if !answered {
            tokio::time::sleep(BREATH).await;
        }
    }
}

impl Reader<'_> {
    /// One request; whether it was answered with data.
    async fn one(&mut self, due: Moment) -> bool {
        if self.hand.ready().await.is_err() {
            Counts::add(&self.scene.counts.lost, 1);
            return false;
        }
        let which = self.dice.random_range(0..self.asks.len().max(1));
        let Some((ask, _)) = self.asks.get(which) else {
            return false;
        };
        let (ask, wall, begun) = (ask.clone(), now(), self.scene.watch.now());
        let heard = self.hand.get(&ask.path).await;
        let (ended, ended_wall) = (self.scene.watch.now(), now());
        let counts = &self.scene.counts;
        let heard = match heard {
            Ok(heard) if heard.status == 200 => heard,
            Ok(heard) => {
                counts.status(heard.status);
                self.judge_refusal(&ask, &heard);
                return heard.status == 404;
            }
            Err(_) => {
                Counts::add(&counts.lost, 1);
                return false;
            }
        };
        Counts::add(&counts.answers, 1);
        Counts::add(&counts.cut, u64::from(!heard.whole));
        let people = self.scene.people.named_in(&heard.body);
        self.judge(which, &people, &heard.body, begun, ended);
        let took = u32::try_from(ended.since(due).as_micros()).unwrap_or(u32::MAX);
        self.harvest.timed.push(Timed { due, took });
        if self.job.keeps {
            let Job {
                partner, connected, ..
            } = self.job;
            let operation = ask.operation;
            self.harvest.receipts.push(Receipt {
                partner,
                connected,
                operation,
                begun: wall,
                ended: ended_wall,
                people,
            });
        }
        heard.whole
    }

    /// A gateway that is there answers, refuses by name, or says that it is busy; anything else is worth a look.
    fn judge_refusal(&self, ask: &Ask, heard: &Heard) {
        if matches!(heard.status, 401 | 404 | 429 | 503) {
            return;
        }
        let said = String::from_utf8_lossy(&heard.body).into_owned();
        self.scene.found(format!(
            "{} answered with {}: {said}",
            ask.operation, heard.status
        ));
    }

    /// Nobody may be in an answer that was begun after their withdrawal had returned.
    fn judge(&mut self, which: usize, people: &[u32], body: &[u8], begun: Moment, ended: Moment) {
        let (scene, partner) = (self.scene, self.job.partner);
        let Some((ask, ever)) = self.asks.get_mut(which) else {
            return;
        };
        let there: BTreeSet<usize> = people
            .iter()
            .filter_map(|person| scene.people.place(*person))
            .collect();
        Counts::add(&scene.counts.there, u64::try_from(there.len()).unwrap_or(0));
        ever.extend(&there);
        for place in ever.iter() {
            let Some(wavering) = scene.people.wavering.get(*place) else {
                continue;
            };
            if !wavering.was_out(partner, begun, ended) {
                continue;
            }
            let trace = if there.contains(place) {
                Some(wavering.id.clone())
            } else {
                wavering.trace_in(body)
            };
            match trace {
                None => Counts::add(&scene.counts.kept_out, 1),
                Some(trace) => scene.found(format!(
                    "{} in an answer to {} by {} that was begun after their withdrawal had returned ({trace})",
                    wavering.id,
                    self.hand.connection(),
                    ask.operation,
                )),
            }
        }
    }
}
