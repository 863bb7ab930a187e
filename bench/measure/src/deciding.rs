//! How long the rule takes for a list of 190 people: the product's own `decide`, in this process.

use anyhow::{Context, Result};
use clap::Args;
use decide::{Days, Event, Facts, Happened, Now, PersonNo, Time};
use testkit::{Asked, World, cast, connection};

use crate::report::Report;
use crate::timing::{Spread, per_call, short};
use crate::{Output, machine};

/// How many people a list has.
const LIST: usize = 190;
/// How many different lists are asked about, so that no list is found in a cache.
const LISTS: usize = 4_000;
const RUNS: usize = 5;
/// Of a hundred people, so many have consented.
const CONSENTED: u64 = 30;

#[derive(Args, Debug)]
pub(crate) struct Plan {
    /// How many people the platform has, in millions; several are measured one after the other.
    #[arg(long, value_delimiter = ',', default_value = "1,10")]
    millions: Vec<u32>,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(plan: &Plan) -> Result<()> {
    let before = machine::Pressure::now()?;
    let mut rows = Vec::new();
    for millions in &plan.millions {
        let people = millions * 1_000_000;
        let (facts, now) = facts(people)?;
        for categories in [
            &["pd:Name"][..],
            &["pd:Name", "pd:EmailAddress", "social:Friendship"],
        ] {
            let (spent, passed) = measure(&facts, now, people, categories);
            rows.push(vec![
                format!("{millions} million"),
                categories.len().to_string(),
                spent.to_string(),
                short(spent.median() * 1e3 / LIST as f64),
                format!("{passed:.0} %"),
            ]);
        }
    }
    let mut report = Report::default();
    report.say(format!("{}. Before: {before}.", machine::line()));
    report.table(
        &[
            "people",
            "data a person",
            "µs a list (range)",
            "ns a person",
            "passed",
        ],
        &rows,
    );
    report.publish("deciding", &plan.output)
}

/// A platform on which people have consented to all that Findr may ask for, three of ten of them.
fn facts(people: u32) -> Result<(Facts, Time)> {
    let powers =
        ["pd:Name", "pd:EmailAddress", "social:Friendship"].map(|of| cast::read(of, "friend"));
    let world = World::new()
        .with_people(people)
        .with_agreement("findr", &powers)
        .connected(cast::ADA, "findr", &powers);
    let (facts, now) = (world.facts(), world.now());
    let willing: Vec<PersonNo> = (0..people)
        .filter(|no| consents(*no))
        .map(PersonNo)
        .collect();
    for power in &powers {
        for some in willing.chunks(100_000) {
            let event = Event::ConsentGiven {
                people: some.to_vec(),
                partner: cast::partner("findr"),
                power: power.id(),
                notice: cast::notice(),
                until: now.day().plus(Days(300)),
            };
            facts
                .apply(&Happened { at: now, event })
                .context("a consent")?;
        }
    }
    Ok((facts, now))
}

/// Microseconds a list, and the share of data that passed, in per cent.
fn measure(facts: &Facts, now: Time, people: u32, categories: &[&str]) -> (Spread, f64) {
    let through = connection(cast::ADA, "findr");
    let lists: Vec<Asked> = (0..LISTS)
        .map(|list| {
            (0..LIST).fold(Asked::by("findr").through(&through), |asked, at| {
                let person = somebody((list * LIST + at) as u64, people);
                categories.iter().fold(asked, |asked, category| {
                    asked.datum(category, &[(person, "friend")])
                })
            })
        })
        .collect();
    let mut passed = 0;
    let spent = per_call(RUNS, LISTS as u32, |number| {
        if let Some(list) = lists.get(number as usize) {
            let decision = decide::decide(facts, &list.question(), Now::At(now));
            passed += (0..decision.asked())
                .filter(|datum| decision.passes(*datum))
                .count();
        }
    });
    let asked = RUNS * LISTS * LIST * categories.len();
    (spent, 100.0 * passed as f64 / asked as f64)
}

fn consents(person: u32) -> bool {
    scrambled(u64::from(person)) % 100 < CONSENTED
}

fn somebody(number: u64, people: u32) -> PersonNo {
    PersonNo((scrambled(number ^ (1 << 40)) % u64::from(people)) as u32)
}

/// The finaliser of splitmix64: equal on every machine.
fn scrambled(number: u64) -> u64 {
    let mut x = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
