//! Posts and who reacted to them.

use std::collections::HashSet;

use crate::dates::{DAY, TODAY};
use crate::names::{pick, sentences};
use crate::world::{PersonNo, World};

const KINDS: [&str; 4] = ["like", "laugh", "wow", "sad"];
/// Posts per person fit in so many bits of a post's number.
const INDEX_BITS: u32 = 12;

/// Something a person wrote for their friends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Who wrote it.
    pub author: PersonNo,
    /// Which of the author's posts it is, from 0.
    pub index: u64,
    /// When, in seconds since 1970.
    pub created: u64,
}

/// One friend's reaction to a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// Who reacted: a friend of the author.
    pub person: PersonNo,
    /// `like`, `laugh`, `wow` or `sad`.
    pub kind: &'static str,
    /// When, in seconds since 1970.
    pub at: u64,
}

impl World {
    /// What a person has posted: up to 15 posts, one person in sixteen none.
    pub fn posts(&self, author: PersonNo) -> Vec<Post> {
        if !self.has(author) {
            return Vec::new();
        }
        let key = self.shape.key;
        let member_for = TODAY - self.joined(author);
        (0..key.mix([5, author.wide()]) % 16)
            .map(|index| {
                let ago = key.mix([6, author.wide(), index]) % (member_for * DAY);
                Post {
                    author,
                    index,
                    created: TODAY * DAY - ago,
                }
            })
            .collect()
    }

    /// What a person's friends have posted, newest first (of the same second, by id).
    pub fn feed(&self, person: PersonNo) -> Vec<Post> {
        let mut posts: Vec<Post> = self
            .friends(person)
            .into_iter()
            .flat_map(|f| self.posts(f))
            .collect();
        posts.sort_by_cached_key(|post| (std::cmp::Reverse(post.created), self.post_id(post)));
        posts
    }

    /// The platform's id of a post; it does not show whose it is.
    pub fn post_id(&self, post: &Post) -> String {
        self.shape
            .posts
            .write((post.author.wide() << INDEX_BITS) | post.index)
    }

    /// The post with this id, if the platform holds it.
    pub fn post_with_id(&self, id: &str) -> Option<Post> {
        let number = self.shape.posts.read(id)?;
        let author = PersonNo(u32::try_from(number >> INDEX_BITS).ok()?);
        let index = number & ((1 << INDEX_BITS) - 1);
        let mut posts = self.posts(author).into_iter();
        posts.find(|post| post.index == index)
    }

    /// What a post says: everyday sentences that name nobody.
    pub fn post_text(&self, post: &Post) -> String {
        let choice = self.shape.key.mix([7, post.author.wide(), post.index]);
        sentences(choice, 1 + choice % 3)
    }

    /// Who reacted to a post, up to eight of the author's friends.
    pub fn reactions(&self, post: &Post) -> Vec<Reaction> {
        let key = self.shape.key;
        let parts = [post.author.wide(), post.index];
        let [author, index] = parts;
        let friends = self.friends_ever(post.author);
        let mut seen = HashSet::new();
        (0..key.mix([8, author, index]) % 9)
            .filter_map(|n| {
                let choice = key.mix([9, author, index, n]);
                let at = usize::try_from(choice.checked_rem(friends.len() as u64)?).ok()?;
                let person = *friends.get(at)?;
                let after = (choice >> 32) % (TODAY * DAY - post.created).max(1);
                Some(Reaction {
                    person,
                    kind: pick(&KINDS, choice >> 24),
                    at: post.created + after,
                })
            })
            .filter(|reaction| seen.insert(reaction.person) && self.has(reaction.person))
            .collect()
    }
}
