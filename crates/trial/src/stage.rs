//! Setting the scene: a world, a platform, a deployment, and who does what in it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rand::seq::IndexedRandom as _;
use sample::{PersonNo, Seed, World};

use crate::broken::{At as _, Broken, Result};
use crate::cast::{Partner, readers};
use crate::people::People;
use crate::place::{Place, Plot, Settings};
use crate::platform::Platform;
use crate::scene::Scene;
use crate::surroundings::dice;
use crate::work::{Job, Kind, Pace};

/// What every trial can be told.
#[derive(clap::Args, Clone, Debug)]
pub struct Common {
    /// The program on trial; without it, `countersign` beside this harness.
    #[arg(long, value_name = "FILE")]
    pub program: Option<PathBuf>,
    /// What everything that is chosen comes from.
    #[arg(long, default_value_t = 2018)]
    pub seed: u64,
    /// How many people the platform has.
    #[arg(long, default_value_t = 400)]
    pub people: u32,
    /// How many of them have connected every partner; each has one worker for each partner.
    #[arg(long, default_value_t = 3)]
    pub connected: usize,
    /// How many withdraw and agree again.
    #[arg(long, default_value_t = 24)]
    pub wavering: usize,
    /// A new or empty directory that stays; without it, a temporary one that stays only when something was found.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Friends that whoever connects should have: enough to be somebody's answer, few enough to be asked for often.
const FRIENDS: std::ops::RangeInclusive<usize> = 10..=80;

/// A scene with its platform; the gateway is not started yet.
pub(crate) struct Stage {
    pub(crate) scene: Arc<Scene>,
    pub(crate) platform: Platform,
}

/// Sets it.
pub(crate) async fn set(common: &Common, settings: Settings) -> Result<Stage> {
    let world = World::generate(Seed(common.seed), common.people);
    let connected = connected(&world, common)?;
    let wavering = wavering(&world, &connected, common);
    let people = People::new(&world, &wavering);
    let platform = Platform::start(&world, common.seed).await?;
    let program = program(common.program.as_deref())?;
    let (dir, address, token) = (common.dir.clone(), platform.address, platform.token.clone());
    let furnish = move || {
        Place::furnish(Plot {
            program: &program,
            dir: dir.as_deref(),
            world,
            connected,
            platform: address,
            platform_token: &token,
            settings,
        })
    };
    // Founding a register blocks, so it has a thread of its own.
    let place = tokio::task::spawn_blocking(furnish)
        .await
        .at("the deployment")??;
    Ok(Stage {
        scene: Arc::new(Scene::new(place, people, common.seed)),
        platform,
    })
}

/// A worker of this kind for each partner that may do such things and each person who connected.
pub(crate) fn jobs(scene: &Scene, kind: Kind, pace: Pace, keeps: bool) -> Vec<Job> {
    let people = 0..scene.place.connected.len();
    let may = move |(_, partner): &(usize, &Partner)| match kind {
        Kind::Reading | Kind::Stalling => true,
        Kind::Writing => partner.writes().next().is_some(),
        Kind::Streaming => partner.streams().next().is_some(),
    };
    let of_person = |connected| {
        readers().filter(may).map(move |(partner, _)| Job {
            kind,
            partner,
            connected,
            pace,
            keeps,
        })
    };
    people.flat_map(of_person).collect()
}

/// Workers of every kind, as fast as they can.
pub(crate) fn everything(scene: &Scene) -> Vec<Job> {
    let of_kind = |kind| jobs(scene, kind, Pace::AsFastAsItCan, true);
    [Kind::Reading, Kind::Writing, Kind::Streaming]
        .into_iter()
        .flat_map(of_kind)
        .collect()
}

/// As [`jobs`], so many requests a second altogether.
pub(crate) fn at_a_rate(scene: &Scene, kind: Kind, rate: u32, keeps: bool) -> Vec<Job> {
    let mut jobs = jobs(scene, kind, Pace::AsFastAsItCan, keeps);
    let share = Duration::from_secs(1).mul_f64(jobs.len() as f64 / f64::from(rate.max(1)));
    jobs.iter_mut()
        .for_each(|job| job.pace = Pace::Every(share));
    jobs
}

/// How often somebody opens a stream in that.
const STREAMS: Pace = Pace::Every(Duration::from_secs(20));

/// The mix of an ordinary day, so many requests a second altogether: nine reads, one write; and streams beside.
pub(crate) fn a_mix(scene: &Scene, rate: u32) -> Vec<Job> {
    let writes = rate.div_ceil(10);
    let mut jobs = at_a_rate(scene, Kind::Reading, rate.saturating_sub(writes), true);
    jobs.extend(at_a_rate(scene, Kind::Writing, writes, true));
    jobs.extend(self::jobs(scene, Kind::Streaming, STREAMS, true));
    jobs
}

fn connected(world: &World, common: &Common) -> Result<Vec<PersonNo>> {
    let sociable = |person: &PersonNo| FRIENDS.contains(&world.friends(*person).len());
    let mut all: Vec<PersonNo> = world.people().filter(sociable).collect();
    all.truncate(common.connected);
    if all.len() < common.connected.max(1) {
        let found = all.len();
        return Err(Broken::new(format_args!(
            "{found} of {} people have {FRIENDS:?} friends; take more --people or fewer --connected",
            common.people
        )));
    }
    Ok(all)
}

/// Friends of those who connected and people in their threads, chosen by the seed.
fn wavering(world: &World, connected: &[PersonNo], common: &Common) -> Vec<PersonNo> {
    let around = |person: &PersonNo| {
        let threads = world
            .threads(*person)
            .into_iter()
            .flat_map(|thread| thread.participants);
        world
            .friends(*person)
            .into_iter()
            .chain(threads)
            .collect::<Vec<_>>()
    };
    let around: BTreeSet<PersonNo> = connected.iter().flat_map(around).collect();
    let around: Vec<PersonNo> = around
        .into_iter()
        .filter(|person| !connected.contains(person))
        .collect();
    around
        .choose_multiple(&mut dice(common.seed, 1), common.wavering)
        .copied()
        .collect()
}

/// The program: what was named, or what lies beside this one.
fn program(named: Option<&Path>) -> Result<PathBuf> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => {
            let own = std::env::current_exe().at("this program's own path")?;
            own.with_file_name("countersign")
        }
    };
    path.canonicalize().at(format_args!(
        "{} (build it by `cargo build -p countersign` with the same profile, or name another by --program)",
        path.display()
    ))
}
