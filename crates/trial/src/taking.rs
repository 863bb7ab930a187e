//! People who withdraw, stay away for a while, and agree again; each acknowledged change is noted with its moment.

use std::sync::Arc;
use std::time::Duration;

use decide::PowerId;
use rand::Rng as _;
use tokio::task::JoinSet;

use crate::broken::{At as _, Result};
use crate::cast::{PARTNERS, readers};
use crate::operator::{Operator, Unacknowledged};
use crate::people::{Manner, Standing, Wavering};
use crate::scene::{Counts, Scene};
use crate::surroundings::dice;

/// For how long at most somebody stays as they are.
const RESTLESS: Duration = Duration::from_millis(400);
/// The same where withdrawals are part of an ordinary day.
const AT_EASE: Duration = Duration::from_secs(60);

/// How long acknowledged withdrawals took, in microseconds: each call of its own.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) took: Vec<u32>,
}

/// The people at it.
pub(crate) struct Crowd(JoinSet<Result<Taken>>);

impl Crowd {
    /// Lets everybody waver until the trial is over.
    pub(crate) fn start(scene: &Arc<Scene>) -> Crowd {
        Crowd::resting(scene, RESTLESS)
    }

    /// The same, at the pace of an ordinary day.
    pub(crate) fn start_at_ease(scene: &Arc<Scene>) -> Crowd {
        Crowd::resting(scene, AT_EASE)
    }

    fn resting(scene: &Arc<Scene>, at_most: Duration) -> Crowd {
        let mut crowd = JoinSet::new();
        for nth in 0..scene.people.wavering.len() {
            let scene = scene.clone();
            crowd.spawn(async move { waver(&scene, nth, at_most).await });
        }
        Crowd(crowd)
    }

    /// Waits for all of them; the trial must be over.
    pub(crate) async fn end(mut self) -> Result<Taken> {
        let mut all = Taken::default();
        while let Some(one) = self.0.join_next().await {
            all.took.extend(one.at("a person")??.took);
        }
        Ok(all)
    }
}

async fn waver(scene: &Scene, nth: usize, at_most: Duration) -> Result<Taken> {
    let wavering = scene.people.wavering.get(nth).at("a person who wavers")?;
    let mut operator = Operator::of(&scene.place);
    let mut dice = dice(scene.seed, 10 + u64::try_from(nth).unwrap_or(0));
    let mut taken = Taken::default();
    let partners: Vec<usize> = readers().map(|(partner, _)| partner).collect();
    loop {
        rest(scene, at_most.mul_f64(dice.random_range(0.05..1.0))).await;
        let Some(_turn) = scene.turn().await else {
            return Ok(taken);
        };
        let of: Vec<usize> = match wavering.manner {
            Manner::Bar => partners.clone(),
            Manner::Withdraw => partners
                .get(dice.random_range(0..partners.len()))
                .into_iter()
                .copied()
                .collect(),
        };
        let Some(first) = of.first() else {
            return Ok(taken);
        };
        let outcome = match wavering.standing(*first) {
            Standing::In | Standing::Unknown => {
                take(scene, wavering, &mut operator, &of, &mut taken).await
            }
            Standing::Out => give(scene, wavering, &mut operator, &of).await,
        };
        match outcome {
            Ok(()) => {}
            // Nobody knows whether it holds; it is made again when there is a gateway.
            Err(Unacknowledged::Cut) => {
                Counts::add(&scene.counts.unacknowledged, 1);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(Unacknowledged::Refused(why)) => {
                scene.found(format!("a person's own change was not taken: {why}"))
            }
        }
    }
}

/// Rests, but not beyond the end of the trial.
async fn rest(scene: &Scene, time: Duration) {
    let until = scene.watch.elapsed() + time;
    while scene.watch.elapsed() < until && !scene.is_over() {
        let left = until.saturating_sub(scene.watch.elapsed());
        tokio::time::sleep(left.min(Duration::from_millis(500))).await;
    }
}

async fn take(
    scene: &Scene,
    wavering: &Wavering,
    operator: &mut Operator,
    of: &[usize],
    taken: &mut Taken,
) -> Result<(), Unacknowledged> {
    of.iter().for_each(|partner| wavering.taking(*partner));
    let mut position = 0;
    match wavering.manner {
        Manner::Bar => {
            let begun = scene.watch.now();
            position = operator.bar(&wavering.id).await?;
            note(taken, scene.watch.now().since(begun));
        }
        Manner::Withdraw => {
            for (id, power) in powers(scene, of) {
                let begun = scene.watch.now();
                position = operator.withdraw(&wavering.id, id, power).await?;
                note(taken, scene.watch.now().since(begun));
            }
        }
    }
    let returned = scene.watch.now();
    for partner in of {
        wavering.taken(*partner, returned, position);
    }
    Counts::add(&scene.counts.taken, 1);
    Ok(())
}

async fn give(
    scene: &Scene,
    wavering: &Wavering,
    operator: &mut Operator,
    of: &[usize],
) -> Result<(), Unacknowledged> {
    let begun = scene.watch.now();
    for partner in of {
        wavering.giving(*partner, begun);
    }
    let mut first = None;
    match wavering.manner {
        Manner::Bar => first = Some(operator.lift(&wavering.id).await?),
        Manner::Withdraw => {
            for (id, power) in powers(scene, of) {
                let position = operator.consent(&wavering.id, id, power).await?;
                first.get_or_insert(position);
            }
        }
    }
    for partner in of {
        wavering.given(*partner, first.unwrap_or(0));
    }
    Counts::add(&scene.counts.given, 1);
    Ok(())
}

/// Every power of these partners that reaches others than whoever connected.
fn powers<'a>(
    scene: &'a Scene,
    of: &'a [usize],
) -> impl Iterator<Item = (&'static str, PowerId)> + 'a {
    let partners = of.iter().filter_map(|partner| {
        PARTNERS
            .get(*partner)
            .zip(scene.place.partners.get(*partner))
    });
    partners.flat_map(|(partner, party)| party.of_others().map(|power| (partner.id, power)))
}

fn note(taken: &mut Taken, took: Duration) {
    taken
        .took
        .push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
}
