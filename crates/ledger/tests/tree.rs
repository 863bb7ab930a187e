//! The tree against RFC 6962's definition written out plainly, and against published vectors.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on fails"
)]

use ledger::Hash;
use ledger::proof::{
    prove_consistency, prove_inclusion, root_at, verify_consistency, verify_inclusion,
};
use ledger::tree::{Edge, Frontier};
use rand::{Rng, SeedableRng};
use std::convert::Infallible;

/// MTH(D[n]) as in RFC 6962 section 2.1, recursion and all.
fn plain_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::empty_root(),
        [leaf] => *leaf,
        _ => {
            let k = (1..)
                .map(|power| 1 << power)
                .take_while(|k| *k < leaves.len())
                .last()
                .unwrap_or(1);
            Hash::node(plain_root(&leaves[..k]), plain_root(&leaves[k..]))
        }
    }
}

fn leaves(count: usize) -> Vec<Hash> {
    (0..count)
        .map(|n| Hash::leaf(format!("leaf {n}").as_bytes()))
        .collect()
}

fn subtree(leaves: &[Hash]) -> impl FnMut(u8, u64) -> Result<Hash, Infallible> + '_ {
    |height, index| {
        let width = 1usize << height;
        Ok(plain_root(
            &leaves[index as usize * width..(index as usize + 1) * width],
        ))
    }
}

#[test]
fn frontier_and_edge_have_the_plain_root_at_every_size_up_to_600() {
    let leaves = leaves(600);
    let (mut frontier, mut edge) = (Frontier::default(), Edge::default());
    for size in 0..=600 {
        let expected = plain_root(&leaves[..size]);
        assert_eq!(frontier.root(), expected, "frontier at {size}");
        assert_eq!(edge.root(), expected, "edge at {size}");
        assert_eq!(edge.frontier(), frontier, "shapes at {size}");
        if size < 600 {
            frontier.push(leaves[size]);
            edge.push(leaves[size]);
        }
    }
}

#[test]
fn frontier_and_edge_agree_far_beyond_one_level_of_tiles() {
    let (mut frontier, mut edge) = (Frontier::default(), Edge::default());
    let mut tiles = 0;
    for n in 0..140_000u32 {
        let leaf = Hash::leaf(&n.to_be_bytes());
        frontier.push(leaf);
        tiles += edge.push(leaf).len();
    }
    assert_eq!(edge.root(), frontier.root());
    assert_eq!(tiles, 546 + 2, "546 full tiles of leaves, two above");
    let again = Edge::from_levels(edge.size(), edge.levels().to_vec()).unwrap();
    assert_eq!(again, edge);
    assert_eq!(
        Edge::from_levels(edge.size() + 1, edge.levels().to_vec()),
        None
    );
}

#[test]
fn inclusion_proofs_verify_and_every_changed_one_fails_at_random_sizes() {
    let all = leaves(600);
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    for _ in 0..400 {
        let size = rng.random_range(1..=600u64);
        let index = rng.random_range(0..size);
        let now = &all[..size as usize];
        let root = plain_root(now);
        let mut path = prove_inclusion(index, size, &mut subtree(now))
            .unwrap()
            .unwrap();
        let leaf = all[index as usize];
        assert!(
            verify_inclusion(leaf, index, size, &path, root),
            "{index} of {size}"
        );
        assert!(!verify_inclusion(
            Hash::leaf(b"other"),
            index,
            size,
            &path,
            root
        ));
        assert!(!verify_inclusion(leaf, size, size, &path, root));
        path.push(leaf);
        assert!(
            !verify_inclusion(leaf, index, size, &path, root),
            "longer than it should be"
        );
        path.pop();
        if path.pop().is_some() {
            assert!(
                !verify_inclusion(leaf, index, size, &path, root),
                "shorter than it should be"
            );
        }
    }
}

#[test]
fn consistency_proofs_verify_between_all_small_sizes_and_random_larger_ones() {
    let all = leaves(600);
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(2);
    let small = (0..=40u64).flat_map(|new| (0..=new).map(move |old| (old, new)));
    let random = (0..200)
        .map(|_| rng.random_range(1..=600u64))
        .collect::<Vec<_>>();
    let random = random.into_iter().map(|new| (new / 3, new));
    for (old, new) in small.chain(random) {
        let now = &all[..new as usize];
        let (old_root, new_root) = (plain_root(&all[..old as usize]), plain_root(now));
        let path = prove_consistency(old, new, &mut subtree(now))
            .unwrap()
            .unwrap();
        assert!(
            verify_consistency(old, old_root, new, new_root, &path),
            "{old} to {new}"
        );
        if old != new && old > 0 {
            assert!(
                !verify_consistency(old, Hash::leaf(b"x"), new, new_root, &path),
                "{old} to {new}"
            );
            assert!(
                !verify_consistency(old, old_root, new, Hash::leaf(b"x"), &path),
                "{old} to {new}"
            );
            let mut longer = path.clone();
            longer.push(new_root);
            assert!(
                !verify_consistency(old, old_root, new, new_root, &longer),
                "{old} to {new}"
            );
        }
        assert_eq!(root_at(old, &mut subtree(now)).unwrap(), old_root);
    }
    assert_eq!(prove_consistency(2, 1, &mut subtree(&all)).unwrap(), None);
}

/// The leaves and roots of the reference tree that certificate-transparency implementations share
/// (transparency-dev/merkle, RFC 6962 "testonly" vectors).
#[test]
fn the_reference_tree_of_the_transparency_world_has_its_known_roots() {
    let hex = |text: &str| -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    };
    let leaves = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut tree = Frontier::default();
    for (leaf, root) in leaves.iter().zip(roots) {
        tree.push(Hash::leaf(&hex(leaf)));
        assert_eq!(tree.root().to_string(), root);
    }
}
