//! The people concerned: blinded leaves, their root, the tags blob, and the proof for one of them.

use super::{Bytes, Tag};
use crate::Hash;
use crate::proof::{prove_inclusion, verify_inclusion};
use crate::tree::perfect_root;
use sha2::{Digest, Sha256};
use std::convert::Infallible;

/// 21 bytes, so that a leaf with its prefix is hashed in two blocks.
const LEAF_DOMAIN: &[u8; 21] = b"countersign person 1\n";
/// 19 bytes, so that a blind is hashed in one block.
const BLIND_DOMAIN: &[u8; 19] = b"countersign blind1\n";
/// No disclosure shows fewer places than this, so that a proof does not say "you alone".
pub(super) const FEWEST_PLACES: usize = 4;
/// Places a disclosure may have at most.
pub(super) const MOST_PLACES: usize = 1 << 16;
/// Version and three zeroes.
pub(super) const BLOB_START: [u8; 4] = [1, 0, 0, 0];

/// One place of a disclosure: a person's tag, or padding that looks the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct PlaceLeaf {
    pub(super) tag: Tag,
    /// SHA-256 of the slot's ciphertext.
    pub(super) slot: Hash,
}

/// The blob of tags of one disclosure, from which anybody recomputes the people root.
#[derive(Clone, PartialEq, Eq)]
pub struct Tags {
    blind_seed: [u8; 32],
    places: Vec<PlaceLeaf>,
}

impl std::fmt::Debug for Tags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tags({} places)", self.places.len())
    }
}

impl Tags {
    pub(super) fn new(blind_seed: [u8; 32], places: Vec<PlaceLeaf>) -> Self {
        Self { blind_seed, places }
    }

    /// Reads the blob; `None` unless it is a whole one of a power of two of places.
    pub fn parse(blob: &[u8]) -> Option<Self> {
        let mut bytes = Bytes(blob);
        let start: [u8; 4] = bytes.array()?;
        let count = bytes.u32()? as usize;
        let fits = count.is_power_of_two() && (FEWEST_PLACES..=MOST_PLACES).contains(&count);
        if start != BLOB_START || !fits || blob.len() != 40 + 64 * count {
            return None;
        }
        let blind_seed = bytes.array()?;
        let place = |bytes: &mut Bytes<'_>| {
            Some(PlaceLeaf {
                tag: Tag(bytes.array()?),
                slot: Hash(bytes.array()?),
            })
        };
        let places = (0..count)
            .map(|_| place(&mut bytes))
            .collect::<Option<_>>()?;
        Some(Self { blind_seed, places })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut blob = Vec::with_capacity(40 + 64 * self.places.len());
        blob.extend_from_slice(&BLOB_START);
        blob.extend_from_slice(&(self.places.len() as u32).to_be_bytes());
        blob.extend_from_slice(&self.blind_seed);
        for place in &self.places {
            blob.extend_from_slice(&place.tag.0);
            blob.extend_from_slice(&place.slot.0);
        }
        blob
    }

    /// The root over all places, as the entry's header must have it.
    pub fn root(&self) -> Hash {
        perfect_root(&self.leaves())
    }

    /// All tags by place. Some are padding; nothing here tells which.
    pub fn tags(&self) -> impl Iterator<Item = Tag> + '_ {
        self.places.iter().map(|place| place.tag)
    }

    /// Where a tag is, if it is there.
    pub fn position(&self, tag: Tag) -> Option<u32> {
        self.places
            .iter()
            .position(|place| place.tag == tag)
            .map(|at| at as u32)
    }

    /// What shows one person that they are in the disclosure, and says nothing of the others.
    pub fn prove(&self, position: u32) -> Option<PersonProof> {
        let place = *self.places.get(position as usize)?;
        let leaves = self.leaves();
        let mut subtree = |height: u8, index: u64| -> Result<Hash, Infallible> {
            let (width, index) = (1usize << height, index as usize);
            Ok(perfect_root(
                leaves
                    .get(index * width..(index + 1) * width)
                    .unwrap_or_default(),
            ))
        };
        let Ok(siblings) = prove_inclusion(u64::from(position), leaves.len() as u64, &mut subtree);
        Some(PersonProof {
            position,
            blind: blind(&self.blind_seed, position),
            tag: place.tag,
            slot: place.slot,
            siblings: siblings?,
        })
    }

    pub(super) fn slot(&self, position: usize) -> Option<Hash> {
        self.places.get(position).map(|place| place.slot)
    }

    /// How many places there are, padding included; a power of two.
    pub fn places(&self) -> usize {
        self.places.len()
    }

    fn leaves(&self) -> Vec<Hash> {
        self.places
            .iter()
            .zip(0u32..)
            .map(|(place, at)| leaf(&blind(&self.blind_seed, at), place))
            .collect()
    }
}

/// That one tag is among the people of a disclosure. The siblings are hashes over blinds that the
/// holder does not know, so no tag of anybody else can be tried against them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonProof {
    /// The place, which was drawn by lot.
    pub position: u32,
    /// The blind of this leaf alone.
    pub blind: [u8; 32],
    /// The person's tag.
    pub tag: Tag,
    /// SHA-256 of the ciphertext of the person's slot in the details.
    pub slot: Hash,
    /// From the leaf's sibling to the root's child; their number shows the power of two of places.
    pub siblings: Vec<Hash>,
}

impl PersonProof {
    /// Whether it leads to the people root of an entry's header.
    pub fn verifies(&self, people_root: Hash) -> bool {
        let Some(size) = u32::try_from(self.siblings.len())
            .ok()
            .and_then(|height| 1u64.checked_shl(height))
        else {
            return false;
        };
        let leaf = leaf(
            &self.blind,
            &PlaceLeaf {
                tag: self.tag,
                slot: self.slot,
            },
        );
        verify_inclusion(
            leaf,
            u64::from(self.position),
            size,
            &self.siblings,
            people_root,
        )
    }
}

/// SHA-256(domain ‖ seed ‖ place): input of fixed length under a secret, so neither can one blind be
/// computed from another nor the seed from any number of them.
fn blind(seed: &[u8; 32], position: u32) -> [u8; 32] {
    let mut input = [0; 55];
    let (domain, rest) = input.split_at_mut(19);
    let (seed_at, position_at) = rest.split_at_mut(32);
    domain.copy_from_slice(BLIND_DOMAIN);
    seed_at.copy_from_slice(seed);
    position_at.copy_from_slice(&position.to_be_bytes());
    Sha256::digest(input).into()
}

/// The leaf hash of RFC 6962 over domain ‖ blind ‖ tag ‖ slot digest.
fn leaf(blind: &[u8; 32], place: &PlaceLeaf) -> Hash {
    let mut input = [0; 118];
    let (domain, rest) = input.split_at_mut(22);
    let (blind_at, rest) = rest.split_at_mut(32);
    let (tag_at, slot_at) = rest.split_at_mut(32);
    domain.split_at_mut(1).1.copy_from_slice(LEAF_DOMAIN); // behind the leaf prefix, which is zero
    blind_at.copy_from_slice(blind);
    tag_at.copy_from_slice(&place.tag.0);
    slot_at.copy_from_slice(&place.slot.0);
    Hash(Sha256::digest(input).into())
}
