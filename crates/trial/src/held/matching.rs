//! Pairing answers with entries, each entry used once: a maximum matching, so that an answer without an entry is never
//! the fault of an unlucky choice.

use super::read::{Disclosed, Empty};
use crate::work::Receipt;

/// For each answer the place of its entry, or none.
pub(super) fn pair(answers: &[&Receipt], entries: &[&Disclosed]) -> Vec<Option<usize>> {
    let mut by_time: Vec<usize> = (0..entries.len()).collect();
    by_time.sort_by_key(|at| entries.get(*at).map(|entry| entry.at));
    let candidates: Vec<Vec<usize>> = answers
        .iter()
        .map(|answer| candidates(answer, entries, &by_time))
        .collect();
    let mut owner: Vec<Option<usize>> = vec![None; entries.len()];
    let mut tried: Vec<Option<usize>> = vec![None; entries.len()];
    for answer in 0..answers.len() {
        claim(answer, answer, &candidates, &mut owner, &mut tried);
    }
    let mut pairs = vec![None; answers.len()];
    for (entry, answer) in owner.iter().enumerate() {
        if let Some(pair) = answer.and_then(|answer| pairs.get_mut(answer)) {
            *pair = Some(entry);
        }
    }
    pairs
}

/// The entries made while the answer was asked for and given, whose people are at least those of the answer.
fn candidates(answer: &Receipt, entries: &[&Disclosed], by_time: &[usize]) -> Vec<usize> {
    let at = |place: &usize| entries.get(*place).map(|entry| entry.at);
    let from = by_time.partition_point(|place| at(place) < Some(answer.begun));
    let within = by_time
        .iter()
        .skip(from)
        .take_while(|place| at(place) <= Some(answer.ended));
    let holds = |place: &&usize| {
        entries
            .get(**place)
            .is_some_and(|entry| is_within(&answer.people, &entry.people))
    };
    within.filter(holds).copied().collect()
}

/// Whether all of the first are among the second; both in order.
fn is_within(some: &[u32], all: &[u32]) -> bool {
    some.iter().all(|person| all.binary_search(person).is_ok())
}

/// Finds the answer an entry, moving others to another of theirs where that makes room (Kuhn's augmenting paths).
/// `tried` says for whom an entry was last looked at: once for each answer that is placed, called `whose`.
fn claim(
    whose: usize,
    answer: usize,
    candidates: &[Vec<usize>],
    owner: &mut [Option<usize>],
    tried: &mut [Option<usize>],
) -> bool {
    for entry in candidates.get(answer).into_iter().flatten() {
        match tried.get_mut(*entry) {
            Some(last) if *last != Some(whose) => *last = Some(whose),
            _ => continue,
        }
        let free = match owner.get(*entry).copied().flatten() {
            None => true,
            Some(other) => claim(whose, other, candidates, owner, tried),
        };
        if free && let Some(place) = owner.get_mut(*entry) {
            *place = Some(answer);
            return true;
        }
    }
    false
}

/// How many of the answers about nobody have an entry of their own in one of their minutes.
pub(super) fn by_the_minute(answers: &[&Receipt], entries: &[Empty]) -> usize {
    let minute = |time: decide::Time| u32::try_from(time.0.div_euclid(60_000)).unwrap_or(0);
    let mut answers: Vec<&&Receipt> = answers.iter().collect();
    answers.sort_by_key(|answer| answer.ended);
    let mut entries: Vec<Option<&Empty>> = entries.iter().map(Some).collect();
    entries.sort_by_key(|entry| entry.map(|entry| entry.minute));
    let mut found = 0;
    for answer in answers {
        let minutes = minute(answer.begun)..=minute(answer.ended);
        let fits = |entry: &&mut Option<&Empty>| {
            entry.is_some_and(|entry| {
                minutes.contains(&entry.minute) && entry.is_of(answer.partner, answer.operation)
            })
        };
        // The earliest that fits the answer that ends earliest: nobody after it could need that one more.
        if let Some(entry) = entries.iter_mut().find(fits) {
            *entry = None;
            found += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use decide::Time;

    fn answer(begun: i64, ended: i64, people: &[u32]) -> Receipt {
        Receipt {
            partner: 0,
            connected: 0,
            operation: "listFriends",
            begun: Time(begun),
            ended: Time(ended),
            people: people.to_vec(),
        }
    }

    fn entry(at: i64, people: &[u32]) -> Disclosed {
        Disclosed {
            partner: "findr".into(),
            operation: "listFriends".into(),
            connection: "c-findr-0".into(),
            at: Time(at),
            register: 0,
            people: people.to_vec(),
        }
    }

    fn paired(answers: &[Receipt], entries: &[Disclosed]) -> usize {
        let (answers, entries): (Vec<_>, Vec<_>) =
            (answers.iter().collect(), entries.iter().collect());
        pair(&answers, &entries).iter().flatten().count()
    }

    #[test]
    fn an_answer_needs_an_entry_of_its_time_that_says_at_least_as_much() {
        let asked = [answer(10, 20, &[1, 2])];
        assert_eq!(paired(&asked, &[entry(15, &[1, 2, 3])]), 1);
        assert_eq!(paired(&asked, &[entry(15, &[1])]), 0, "somebody is missing");
        assert_eq!(
            paired(&asked, &[entry(21, &[1, 2])]),
            0,
            "made after it was received"
        );
        assert_eq!(
            paired(&asked, &[entry(9, &[1, 2])]),
            0,
            "made before it was asked for"
        );
        assert_eq!(paired(&asked, &[]), 0);
    }

    #[test]
    fn two_answers_never_share_an_entry() {
        let asked = [answer(10, 20, &[1]), answer(12, 18, &[1])];
        assert_eq!(paired(&asked, &[entry(15, &[1])]), 1);
        assert_eq!(paired(&asked, &[entry(15, &[1]), entry(16, &[1])]), 2);
    }

    #[test]
    fn whoever_took_the_only_entry_of_another_moves_to_one_that_is_left() {
        let asked = [answer(10, 20, &[1]), answer(10, 20, &[1, 2])];
        assert_eq!(paired(&asked, &[entry(15, &[1, 2]), entry(16, &[1])]), 2);
        let asked = [answer(10, 20, &[1]), answer(10, 15, &[1])];
        assert_eq!(paired(&asked, &[entry(12, &[1]), entry(18, &[1])]), 2);
    }
}
