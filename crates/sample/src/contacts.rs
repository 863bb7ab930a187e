//! Contact books: what people uploaded from their phones, about members and about others.

use std::collections::HashSet;

use crate::dates::{TODAY, date};
use crate::ids;
use crate::names::{self, FIRST_NAMES, pick};
use crate::world::{PersonNo, World};

const NOTES: [&str; 12] = [
    "from work",
    "plumber, ask for discount",
    "do not lend money",
    "choir",
    "met at the lake",
    "school",
    "owes me a book",
    "landlord",
    "tennis on Tuesdays",
    "dentist",
    "neighbour, loud",
    "cousin of the baker",
];

/// One line of somebody's contact book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactEntry {
    /// The platform's id of the line.
    pub id: String,
    /// Whom it is about.
    pub about: Contact,
    /// The owner's own note; absent from every third line.
    pub note: Option<&'static str>,
    /// The day on which it was uploaded.
    pub added: String,
}

/// Whom a line is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contact {
    /// Somebody with an account, whether or not a friend of the book's owner.
    Member(PersonNo),
    /// Somebody the platform knows only from this line.
    Outsider {
        /// An invented name that no member has.
        name: String,
        /// A number that no member has.
        phone: String,
    },
}

impl World {
    /// A person's contact book: a third of their friends, up to seven other members, and up to
    /// seven outsiders, mixed.
    pub fn contact_book(&self, owner: PersonNo) -> Vec<ContactEntry> {
        if !self.has(owner) {
            return Vec::new();
        }
        let key = self.shape.key;
        let friends = self.friends_ever(owner);
        let mut seen: HashSet<PersonNo> = friends.iter().copied().chain([owner]).collect();
        let many = |what: u64| key.mix([20, what, owner.wide()]) % 8;
        let strangers = (0..many(0))
            .filter_map(|n| {
                key.mix([21, owner.wide(), n])
                    .checked_rem(u64::from(self.shape.people))
            })
            .filter_map(|number| u32::try_from(number).ok().map(PersonNo));
        let strangers: Vec<PersonNo> = strangers.filter(|p| seen.insert(*p)).collect();
        let known = friends
            .into_iter()
            .filter(|f| key.mix([22, owner.wide(), f.wide()]).is_multiple_of(3));
        let members = known.chain(strangers).filter(|p| self.has(*p));
        let mut entries: Vec<ContactEntry> = members
            .map(|p| self.entry(owner, p.wide(), Contact::Member(p)))
            .chain((0..many(1)).map(|n| self.entry(owner, (1 << 40) + n, self.outsider(owner, n))))
            .collect();
        entries.sort_by(|a, b| a.id.cmp(&b.id));
        entries
    }

    fn entry(&self, owner: PersonNo, line: u64, about: Contact) -> ContactEntry {
        let choice = self.shape.key.mix([23, owner.wide(), line]);
        ContactEntry {
            id: format!("c_{}", ids::letters(choice, 12)),
            about,
            note: (!choice.is_multiple_of(3)).then(|| pick(&NOTES, choice >> 8)),
            added: date(TODAY - (choice >> 16) % 1_500),
        }
    }

    /// A line that was imported: about somebody who is a friend of the owner's, or about nobody the platform knows.
    pub(crate) fn imported(&self, owner: PersonNo, place: u64, about: Contact) -> ContactEntry {
        ContactEntry {
            note: None,
            added: date(TODAY),
            ..self.entry(owner, (1 << 41) + place, about)
        }
    }

    fn outsider(&self, owner: PersonNo, n: u64) -> Contact {
        let choice = self.shape.key.mix([24, owner.wide(), n]);
        Contact::Outsider {
            // Members' surnames end in a vowel, and their numbers begin otherwise.
            name: format!(
                "{} {}sson",
                pick(&FIRST_NAMES, choice),
                names::word(choice >> 8, 4)
            ),
            phone: format!(
                "+998 {:04} {:03} {:03}",
                (choice >> 16) % 10_000,
                (choice >> 32) % 1_000,
                (choice >> 48) % 1_000
            ),
        }
    }
}
