//! How people appear in an entry: under one root, each by a leaf that says nothing to anybody else.

use ledger::Hash;
use ledger::entry::Tag;
use ledger::tree::Frontier;
use sha2::{Digest as _, Sha256};

use super::PersonSlot;

/// The root over people's tags, and the blob for auditors: the seed, then the tags in rising order.
///
/// Each leaf is blinded, so that one person's proof shows nothing of the others and two entries about one person do
/// not look alike; blank leaves fill up to a power of two, so that a proof's length tells little of how many they are.
pub(super) fn of_tags(tags: &[Tag], seed: &[u8; 32]) -> (Hash, Vec<u8>) {
    let mut tags = tags.to_vec();
    tags.sort_unstable();
    tags.dedup();
    let mut tree = Frontier::default();
    for tag in &tags {
        tree.push(Hash::leaf(&blinded(seed, tag)));
    }
    let blanks = tags.len().next_power_of_two().saturating_sub(tags.len());
    for n in 0..blanks as u64 {
        let blank = Sha256::new()
            .chain_update("countersign register blank v1\n")
            .chain_update(seed)
            .chain_update(n.to_be_bytes())
            .finalize();
        tree.push(Hash::leaf(&blank));
    }
    let mut blob = seed.to_vec();
    tags.iter().for_each(|tag| blob.extend(tag.0));
    (tree.root(), blob)
}

fn blinded(seed: &[u8; 32], Tag(tag): &Tag) -> Vec<u8> {
    let blind = Sha256::new()
        .chain_update("countersign register blind v1\n")
        .chain_update(seed)
        .chain_update(tag)
        .finalize();
    [tag.as_slice(), &blind].concat()
}

/// The root over the enrolment commitments of those who join, and the blob: the commitments in the order of numbers.
pub(super) fn of_commitments(slots: &[PersonSlot]) -> (Hash, Vec<u8>) {
    let mut tree = Frontier::default();
    let mut blob = Vec::with_capacity(slots.len() * 32);
    for slot in slots {
        let commitment = slot.commitment().0.0;
        tree.push(Hash::leaf(&commitment));
        blob.extend(commitment);
    }
    (tree.root(), blob)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_people_and_repetition_do_not_show() {
        let [ada, bert] = [Tag([1; 32]), Tag([2; 32])];
        assert_eq!(
            of_tags(&[ada, bert], &[9; 32]),
            of_tags(&[bert, ada, ada], &[9; 32])
        );
    }

    #[test]
    fn the_same_person_has_another_root_in_every_entry() {
        let ada = [Tag([1; 32])];
        assert_ne!(of_tags(&ada, &[8; 32]).0, of_tags(&ada, &[9; 32]).0);
    }

    #[test]
    fn an_auditor_rebuilds_the_root_from_the_blob_alone() {
        let tags: Vec<Tag> = (0..5).map(|n| Tag([n; 32])).collect();
        let (root, blob) = of_tags(&tags, &[7; 32]);
        let (seed, tags) = blob.split_at(32);
        let tags: Vec<Tag> = tags.as_chunks().0.iter().copied().map(Tag).collect();
        assert_eq!(of_tags(&tags, seed.try_into().unwrap()).0, root);
    }
}
