//! A partner that writes: messages, imported contacts, deleted posts, each under an idempotency key of its own. Where no
//! answer came it asks once more by the same key, as partners do; that must not do anything twice.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use rand::Rng as _;
use rand::seq::IndexedRandom as _;
use rand_chacha::ChaCha8Rng;
use sample::{PersonNo, World};
use serde_json::json;

use super::pace::Beat;
use super::{Harvest, Job, Timed};
use crate::broken::{At as _, Result};
use crate::hand::Hand;
use crate::line::Heard;
use crate::scene::{Counts, Scene};
use crate::surroundings::{Moment, dice};

/// How long a worker waits after it was not answered.
const BREATH: Duration = Duration::from_millis(20);

/// What the partner was told at last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// That it is done.
    Done,
    /// Something else, by this status.
    Otherwise(u16),
    /// Nothing.
    Nothing,
}

/// Something that a partner asked for, and what it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) operation: &'static str,
    pub(crate) connection: String,
    /// By which the platform's own notes are recognised.
    pub(crate) mark: String,
    pub(crate) told: Told,
}

struct Write {
    operation: &'static str,
    method: Method,
    path: String,
    body: Bytes,
    mark: String,
    /// Who besides the person who connected is concerned.
    others: Vec<PersonNo>,
}

struct Writer<'a> {
    scene: &'a Scene,
    job: Job,
    hand: Hand,
    me: PersonNo,
    /// Who writes, in marks.
    number: u64,
    written: u64,
    /// Posts of `me` that are still there to be deleted.
    posts: Vec<String>,
    dice: ChaCha8Rng,
    harvest: Harvest,
}

/// Writes until the trial is over.
pub(super) async fn write(scene: &Scene, hand: Hand, job: Job, number: u64) -> Result<Harvest> {
    let me = *scene
        .place
        .connected
        .get(job.connected)
        .at("a person who connected")?;
    let posts = posts_of(&scene.place.world, me);
    let dice = dice(scene.seed, 1000 + number);
    let harvest = Harvest::default();
    let mut writer = Writer {
        scene,
        job,
        hand,
        me,
        number,
        written: 0,
        posts,
        dice,
        harvest,
    };
    let mut beat = Beat::start(job.pace, &scene.watch, writer.dice.random());
    loop {
        let due = beat.next(&scene.watch).await;
        let Some(write) = writer.next()? else {
            return Ok(writer.harvest);
        };
        if !writer.carry(write, due).await {
            return Ok(writer.harvest);
        }
    }
}

/// The ids of a person's posts, from the feed of a friend of theirs.
fn posts_of(world: &World, me: PersonNo) -> Vec<String> {
    let friend = world.friends(me).into_iter().next();
    let feed = friend
        .map(|friend| world.records("getFeed", friend))
        .unwrap_or_default();
    feed.into_iter()
        .filter(|record| record.concerns == [me])
        .map(|record| record.id)
        .collect()
}

impl Writer<'_> {
    /// What to write next; `None` for a partner that may write nothing.
    fn next(&mut self) -> Result<Option<Write>> {
        let may: Vec<&'static str> = self.hand.of()?.writes().collect();
        let Some(operation) = may.choose(&mut self.dice) else {
            return Ok(None);
        };
        self.written += 1;
        let mark = format!("trial {}-{}", self.number, self.written);
        let world = &self.scene.place.world;
        let write = |operation, method, path, body: serde_json::Value, mark, others| Write {
            operation,
            method,
            path,
            body: if body.is_null() {
                Bytes::new()
            } else {
                Bytes::from(body.to_string())
            },
            mark,
            others,
        };
        let threads = world.threads(self.me);
        Ok(Some(match (*operation, self.posts.pop()) {
            ("deletePost", Some(post)) => {
                let path = format!("/v1/posts/{post}");
                write(
                    "deletePost",
                    Method::DELETE,
                    path,
                    serde_json::Value::Null,
                    post,
                    Vec::new(),
                )
            }
            ("sendMessage", post) if !threads.is_empty() => {
                self.posts.extend(post);
                let thread = threads.choose(&mut self.dice).at("a thread")?;
                let path = format!("/v1/threads/{}/messages", thread.id);
                let others = thread
                    .participants
                    .iter()
                    .copied()
                    .filter(|person| *person != self.me)
                    .collect();
                write(
                    "sendMessage",
                    Method::POST,
                    path,
                    json!({ "from": "me", "text": mark }),
                    mark,
                    others,
                )
            }
            ("sendMessage", _) => return Ok(None),
            (_, post) => {
                self.posts.extend(post);
                let path = "/v1/people/me/contact-book".to_owned();
                let body = json!({ "contacts": [{ "name": mark, "phone": "+10005550100" }] });
                write("importContacts", Method::POST, path, body, mark, Vec::new())
            }
        }))
    }

    /// Asks for it until an answer came, at most three times by the same key. `false`: the trial is over.
    async fn carry(&mut self, write: Write, due: Moment) -> bool {
        let key = format!("\"{}\"", write.mark);
        let (mut told, mut begun) = (Told::Nothing, None);
        for _ in 0..3 {
            let Some(turn) = self.scene.turn().await else {
                self.note(write, told);
                return false;
            };
            if self.hand.ready().await.is_err() {
                Counts::add(&self.scene.counts.lost, 1);
                drop(turn);
                tokio::time::sleep(BREATH).await;
                continue;
            }
            let begun = *begun.get_or_insert_with(|| self.scene.watch.now());
            let more = [("idempotency-key", key.clone())];
            let heard = self
                .hand
                .ask_with(write.method.clone(), &write.path, write.body.clone(), &more)
                .await;
            let ended = self.scene.watch.now();
            drop(turn);
            told = self.judge(&write, heard, begun, ended);
            match told {
                Told::Done => {
                    let took = u32::try_from(ended.since(due).as_micros()).unwrap_or(u32::MAX);
                    self.harvest.timed.push(Timed { due, took });
                    break;
                }
                // A token of before a restart, or a place that is taken: the request was not looked at.
                Told::Nothing | Told::Otherwise(401 | 409 | 429) => {
                    tokio::time::sleep(BREATH).await
                }
                Told::Otherwise(_) => break,
            }
        }
        self.note(write, told);
        true
    }

    fn note(&mut self, write: Write, told: Told) {
        let connection = self.hand.connection().to_owned();
        let Write {
            operation, mark, ..
        } = write;
        if self.job.keeps {
            self.harvest.sent.push(Sent {
                operation,
                connection,
                mark,
                told,
            });
        }
    }

    fn judge(&self, write: &Write, heard: Result<Heard>, begun: Moment, ended: Moment) -> Told {
        let counts = &self.scene.counts;
        let heard = match heard {
            Ok(heard) if heard.status == 200 => {
                Counts::add(&counts.written, 1);
                self.nobody_is_out(write, begun, ended);
                return Told::Done;
            }
            Ok(heard) => heard,
            Err(_) => {
                Counts::add(&counts.lost, 1);
                return Told::Nothing;
            }
        };
        counts.status(heard.status);
        // 503 also stands for an outcome that nobody knows, 502 for a platform that could not be reached.
        if !matches!(heard.status, 401 | 404 | 409 | 422 | 429 | 502..=504) {
            let said = String::from_utf8_lossy(&heard.body).into_owned();
            self.scene.found(format!(
                "{} answered with {}: {said}",
                write.operation, heard.status
            ));
        }
        Told::Otherwise(heard.status)
    }

    /// Nothing may be done about somebody whose withdrawal had returned before it was first asked for.
    fn nobody_is_out(&self, write: &Write, begun: Moment, ended: Moment) {
        let wavering = write
            .others
            .iter()
            .filter_map(|person| self.scene.people.place(person.0));
        for wavering in wavering.filter_map(|place| self.scene.people.wavering.get(place)) {
            if wavering.was_out(self.job.partner, begun, ended) {
                let (id, connection) = (&wavering.id, self.hand.connection());
                self.scene.found(format!(
                    "{} by {connection} was done about {id}, and was begun after their withdrawal had returned",
                    write.operation
                ));
            }
        }
    }
}
