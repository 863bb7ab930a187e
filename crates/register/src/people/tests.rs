//! People: numbers, ids used again, and readers beside a writer.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

fn slot(n: u32) -> Part<PersonSlot> {
    let mut key = [0; 32];
    key[..4].copy_from_slice(&n.to_be_bytes());
    Part::There(PersonSlot {
        key: PersonKey::from_random(key),
        salt: EnrolmentSalt([7; 32]),
        id: format!("person-{n}").into(),
    })
}

fn crowd(n: u32) -> People {
    let people = People::default();
    people.join((0..n).map(slot));
    people
}

#[test]
fn everybody_is_found_by_their_whole_id_and_back() {
    let people = crowd(10_000);
    for n in 0..10_000 {
        let id = format!("person-{n}");
        assert_eq!(people.number(&id), Some(PersonNo(n)));
        assert_eq!(people.id(PersonNo(n)).as_deref(), Some(id.as_str()));
        assert_eq!(
            people.key(PersonNo(n)).unwrap().expose()[..4],
            n.to_be_bytes()
        );
    }
    assert_eq!(people.number("person-10000"), None);
    assert_eq!(people.number(""), None);
    assert_eq!(people.id(PersonNo(10_000)), None);
}

#[test]
fn one_who_left_is_not_found_by_id_and_keeps_the_key_until_erased() {
    let people = crowd(3);
    people.leave(PersonNo(1));
    assert_eq!(people.number("person-1"), None);
    assert_eq!(people.id(PersonNo(1)), None);
    assert!(people.key(PersonNo(1)).is_some());
    people.leave(PersonNo(1));
    assert_eq!(people.number("person-2"), Some(PersonNo(2)));
}

#[test]
fn an_id_used_again_is_a_new_number_that_the_former_one_cannot_take_away() {
    let people = crowd(2);
    people.leave(PersonNo(0));
    people.join([slot(0)]);
    assert_eq!(people.number("person-0"), Some(PersonNo(2)));
    people.leave(PersonNo(0));
    assert_eq!(people.number("person-0"), Some(PersonNo(2)));
}

#[test]
fn readers_find_everybody_who_was_there_while_a_writer_adds() {
    let people = crowd(2_000);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            people.join((2_000..40_000).map(slot));
            done.store(true, Ordering::Release);
        });
        let mut rounds = 0;
        while rounds == 0 || !done.load(Ordering::Acquire) {
            for n in 0..2_000 {
                assert_eq!(people.number(&format!("person-{n}")), Some(PersonNo(n)));
            }
            // Whoever is found has a key.
            if let Some(number) = people.number(&format!("person-{}", people.len())) {
                assert!(people.key(number).is_some());
            }
            rounds += 1;
        }
    });
    assert_eq!(people.len(), 40_000);
}

#[test]
fn an_image_reads_back_as_the_same_people() {
    let people = crowd(5_000);
    people.leave(PersonNo(17));
    people.note_active(PersonNo(3), Day(20_000));
    let mut image = Vec::new();
    people.write(5_000, &mut image).unwrap();
    let again = People::read(5_000, &mut image.as_slice()).unwrap();
    let mut second = Vec::new();
    again.write(5_000, &mut second).unwrap();
    assert_eq!(image, second);
    assert_eq!(again.number("person-4999"), Some(PersonNo(4_999)));
    assert_eq!(again.number("person-17"), None);
    assert_eq!(again.active_on(PersonNo(3)), Some(Day(20_000)));
    assert!(People::read(5_001, &mut image.as_slice()).is_err());
}

#[test]
fn people_never_print_who_they_are() {
    assert_eq!(format!("{:?}", crowd(1)), "People { len: 1, .. }");
}
