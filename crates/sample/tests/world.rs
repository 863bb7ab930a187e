//! What holds of every world, asked of the world itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop; clippy's own leave covers only test functions"
)]

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use sample::{Contact, PersonNo, Seed, World, friends_at_quantile};

const SEED: Seed = Seed(2018);

fn degrees(world: &World) -> Vec<usize> {
    let mut degrees: Vec<usize> = world.people().map(|p| world.friends(p).len()).collect();
    degrees.sort_unstable();
    degrees
}

#[test]
fn friendship_is_mutual_and_nobody_is_their_own_or_a_double_friend() {
    let world = World::generate(SEED, 1_500);
    let friends: HashMap<PersonNo, Vec<PersonNo>> =
        world.people().map(|p| (p, world.friends(p))).collect();
    assert_eq!(friends.len(), 1_500);
    for (person, theirs) in &friends {
        let distinct: BTreeSet<_> = theirs.iter().collect();
        assert_eq!(distinct.len(), theirs.len());
        assert!(!distinct.contains(person));
        for friend in theirs {
            assert!(friends[friend].contains(person));
        }
    }
}

#[test]
fn ten_thousand_people_have_as_many_friends_as_facebooks_had() {
    let degrees = degrees(&World::generate(SEED, 10_000));
    let median = degrees[5_000];
    assert!((90..=100).contains(&median), "median {median}");
    let mean = degrees.iter().sum::<usize>() / degrees.len();
    assert!((165..=195).contains(&mean), "mean {mean}");
    assert!(*degrees.last().unwrap() <= 5_000);
    assert!(
        degrees[9_900] > 700,
        "the hundredth with the most: {}",
        degrees[9_900]
    );
}

#[test]
fn in_a_large_world_the_distribution_is_the_published_one() {
    let world = World::generate(SEED, 10_000_000);
    let sampled = (0..4_000).map(|i| PersonNo(i * 2_477));
    let mut degrees: Vec<usize> = sampled.map(|p| world.friends(p).len()).collect();
    degrees.sort_unstable();
    let median = degrees[2_000];
    assert!((92..=106).contains(&median), "median {median}");
    let mean = degrees.iter().sum::<usize>() / degrees.len();
    assert!((175..=210).contains(&mean), "mean {mean}");
}

#[test]
fn somebody_with_any_number_of_friends_is_found() {
    for people in [10_000, 10_000_000] {
        let world = World::generate(SEED, people);
        for friends in [0, 1, 2, 50, 99, 190, 500] {
            let person = world.person_with_degree(friends).unwrap();
            assert_eq!(world.friends(person).len(), friends as usize, "of {people}");
        }
    }
    assert_eq!(World::generate(SEED, 50).person_with_degree(190), None);
}

#[test]
fn the_fit_is_near_the_measured_buckets() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/ldbc-snb/facebookBucket100.dat");
    let Ok(text) = std::fs::read_to_string(&file) else {
        println!("did not run: no {}", file.display());
        return;
    };
    let mut checked = 0;
    for line in text.lines() {
        let numbers: Vec<f64> = line
            .split_whitespace()
            .map(|n| n.parse().unwrap())
            .collect();
        let [_, upper, percent] = numbers[..] else {
            continue;
        };
        let ours = f64::from(friends_at_quantile(percent as u64, 100));
        let off = (ours - upper).abs();
        assert!(
            off <= 3.0 || off <= 0.15 * upper,
            "{percent} %: {ours}, measured {upper}"
        );
        checked += 1;
    }
    assert_eq!(checked, 100);
}

#[test]
fn equal_seeds_give_equal_worlds_and_others_give_others() {
    let look = |seed| {
        let world = World::generate(seed, 300);
        let person = PersonNo(17);
        format!(
            "{:?} {:?} {:?} {:?}",
            world.person(person),
            world.friends(person),
            world.feed(person),
            world.threads(person)
        )
    };
    assert_eq!(look(SEED), look(SEED));
    assert_ne!(look(SEED), look(Seed(2019)));
}

#[test]
fn a_world_is_the_same_on_every_machine_and_in_every_version() {
    let world = World::generate(Seed(1), 10_000);
    let ada = world.person(PersonNo(0)).unwrap();
    assert_eq!(
        (ada.id.as_str(), ada.name().as_str()),
        ("u_fkwuskfjtj7e", "Jona Suruzazava")
    );
    assert_eq!(world.friends(PersonNo(0)).len(), 104);
}

#[test]
fn everybody_is_found_by_their_id_and_nobody_by_another() {
    let world = World::generate(SEED, 2_000);
    let ids: Vec<String> = world.people().map(|p| world.id_of(p)).collect();
    assert!(ids.is_sorted());
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 2_000);
    for (person, id) in world.people().zip(&ids) {
        assert_eq!(world.person_with_id(id), Some(person));
        for wrong in [
            &id[1..],
            &format!("{id}2"),
            &id.replace("u_", "p_"),
            &id.to_uppercase(),
        ] {
            assert_eq!(world.person_with_id(wrong), None, "{wrong}");
        }
    }
    assert_eq!(world.person_with_id("u_222222222222"), None);
}

#[test]
fn whatever_identifies_somebody_identifies_nobody_else() {
    let world = World::generate(SEED, 3_000);
    let mut whose: HashMap<String, PersonNo> = HashMap::new();
    for person in world.people() {
        for text in world.planted(person) {
            let other = whose.insert(text.clone(), person);
            assert!(
                other.is_none_or(|other| other == person),
                "{text} is shared"
            );
        }
    }
    assert!(whose.len() > 3_000 * 8);
}

#[test]
fn outsiders_share_no_name_and_no_number_with_a_member() {
    let world = World::generate(SEED, 400);
    let members: BTreeSet<String> = world.people().flat_map(|p| world.planted(p)).collect();
    let mut outsiders = 0;
    for owner in world.people() {
        for entry in world.contact_book(owner) {
            if let Contact::Outsider { name, phone } = entry.about {
                assert!(
                    !members
                        .iter()
                        .any(|m| name.contains(m.as_str()) || phone.contains(m.as_str()))
                );
                outsiders += 1;
            }
        }
    }
    assert!(outsiders > 400);
}

#[test]
fn contact_books_hold_friends_strangers_and_outsiders() {
    let world = World::generate(SEED, 400);
    let (mut friends, mut strangers) = (0, 0);
    for owner in world.people() {
        let theirs = world.friends(owner);
        for entry in world.contact_book(owner) {
            match entry.about {
                Contact::Member(member) if theirs.contains(&member) => friends += 1,
                Contact::Member(member) => {
                    assert_ne!(member, owner);
                    strangers += 1;
                }
                Contact::Outsider { .. } => {}
            }
        }
    }
    assert!(friends > 1_000 && strangers > 400, "{friends} {strangers}");
}

#[test]
fn threads_have_2_to_20_participants_who_all_have_the_thread() {
    let world = World::generate(SEED, 600);
    let mut sizes = BTreeSet::new();
    for person in world.people() {
        for thread in world.threads(person) {
            sizes.insert(thread.participants.len());
            assert!(thread.participants.contains(&person));
            assert_eq!(world.thread_with_id(&thread.id).as_ref(), Some(&thread));
            for participant in &thread.participants {
                assert!(world.threads(*participant).contains(&thread));
            }
            let messages = world.messages(&thread);
            assert!((1..=40).contains(&messages.len()));
            assert!(messages.is_sorted_by_key(|m| m.sent));
            assert!(
                messages
                    .iter()
                    .all(|m| thread.participants.contains(&m.from))
            );
        }
    }
    assert_eq!((sizes.first(), sizes.last()), (Some(&2), Some(&20)));
    assert!(sizes.len() > 10, "{sizes:?}");
}

#[test]
fn reactions_come_from_friends_and_feeds_from_friends_newest_first() {
    let world = World::generate(SEED, 200);
    let mut reactions = 0;
    for person in world.people() {
        let friends = world.friends(person);
        let feed = world.feed(person);
        assert!(feed.iter().rev().is_sorted_by_key(|post| post.created));
        assert!(feed.iter().all(|post| friends.contains(&post.author)));
        for post in world.posts(person) {
            for reaction in world.reactions(&post) {
                assert!(friends.contains(&reaction.person) && reaction.at >= post.created);
                reactions += 1;
            }
        }
    }
    assert!(reactions > 1_000);
}

#[test]
fn a_hundred_million_people_need_nothing_stored() {
    let world = World::generate(SEED, 100_000_000);
    assert_eq!(world.population(), 100_000_000);
    let person = PersonNo(99_999_999);
    let id = world.id_of(person);
    assert_eq!(world.person_with_id(&id), Some(person));
    for friend in world.friends(person) {
        assert!(world.friends(friend).contains(&person));
    }
    let popular = world.person_with_degree(4_900).unwrap();
    assert_eq!(world.friends(popular).len(), 4_900);
    assert_eq!(world.directory(60_000_000, 3).len(), 3);
    let surname = world.person(person).unwrap().last_name;
    assert_eq!(
        world.search(Some(&surname), None).collect::<Vec<_>>(),
        [person]
    );
    assert_eq!(world.search(Some("no such words"), None).count(), 0);
}

#[test]
fn the_smallest_worlds_stand() {
    for people in 0..12 {
        let world = World::generate(SEED, people);
        assert_eq!(world.people().count(), people as usize);
        for person in world.people() {
            assert!(world.person(person).is_some());
            let _ = (
                world.feed(person),
                world.threads(person),
                world.contact_book(person),
            );
        }
        assert!(world.person(PersonNo(people)).is_none());
        assert!(world.friends(PersonNo(people)).is_empty());
    }
}
