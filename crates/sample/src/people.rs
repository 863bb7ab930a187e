//! One person's own data.

use crate::dates::{TODAY, date};
use crate::names::{self, CITIES, FIRST_NAMES, pick};
use crate::world::{PersonNo, World};

/// What the platform knows about one person. Everything marked *unique* is shared with nobody and
/// stands in no other text of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The number inside the world.
    pub no: PersonNo,
    /// The platform's id; unique.
    pub id: String,
    /// Shared by many.
    pub first_name: &'static str,
    /// Unique.
    pub last_name: String,
    /// Unique, since it holds the surname.
    pub email: String,
    /// Unique; one person in eleven gave none.
    pub phone: Option<String>,
    /// House number and street; unique.
    pub street: String,
    /// Shared by many, like the city.
    pub postal_code: String,
    /// Shared by many.
    pub city: &'static str,
    /// Shared by many; one person in seven gave none.
    pub birthday: Option<String>,
    /// The day on which they joined.
    pub joined: String,
}

impl Person {
    /// First name and surname; unique.
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }

    /// A name on another network, of which the platform's document says nothing; unique.
    pub fn handle(&self) -> String {
        format!("{}_{}", self.first_name, self.last_name).to_lowercase()
    }
}

impl World {
    /// What the platform knows about a person; `None` if it holds no data about them.
    pub fn person(&self, no: PersonNo) -> Option<Person> {
        self.has(no).then(|| self.person_ever(no))
    }

    /// Every text that identifies this person and nobody else, to be searched for in answers: id,
    /// name and surname (as written, in small letters and in capitals), e-mail, phone (as written and bare),
    /// street. Also for people whom this world is without: that is when the search matters.
    pub fn planted(&self, no: PersonNo) -> Vec<String> {
        let person = self.person_ever(no);
        let last_name = [
            person.last_name.to_lowercase(),
            person.last_name.to_uppercase(),
        ];
        let mut planted = vec![person.name(), person.handle()];
        planted.extend(last_name);
        if let Some(phone) = person.phone {
            planted.push(phone.chars().filter(char::is_ascii_digit).collect());
            planted.push(phone);
        }
        planted.extend([person.id, person.last_name, person.email, person.street]);
        planted
    }

    /// People by name and city, in the order of the directory. `name` holds whole words, each of
    /// which must be the first name or the surname; `city` is the whole city; case is ignored.
    ///
    /// A surname is found at once; a first name or a city by walking the directory.
    pub fn search<'w>(
        &'w self,
        name: Option<&str>,
        city: Option<&str>,
    ) -> Box<dyn Iterator<Item = PersonNo> + 'w> {
        let words: Vec<String> = name
            .unwrap_or("")
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        let city = city.map(str::to_lowercase);
        let fits = move |person: &Person| {
            let own = [
                person.first_name.to_lowercase(),
                person.last_name.to_lowercase(),
            ];
            words.iter().all(|word| own.contains(word))
                && city
                    .as_ref()
                    .is_none_or(|city| person.city.to_lowercase() == *city)
        };
        let mut surname = None;
        for word in name.unwrap_or("").split_whitespace() {
            let is_first_name = FIRST_NAMES
                .iter()
                .any(|first| first.eq_ignore_ascii_case(word));
            match self.person_with_surname(word) {
                Some(person) => surname = Some(person),
                None if is_first_name => {}
                None => return Box::new(std::iter::empty()),
            }
        }
        match surname {
            Some(no) => Box::new(
                self.person(no)
                    .filter(|p| fits(p))
                    .map(|p| p.no)
                    .into_iter(),
            ),
            None => Box::new(self.people().filter(move |no| fits(&self.person_ever(*no)))),
        }
    }

    /// The day on which somebody joined, in days since 1970.
    pub(crate) fn joined(&self, no: PersonNo) -> u64 {
        TODAY - 30 - self.shape.key.mix([3, no.wide()]) % 4_000
    }

    /// A person's data, whether or not the platform holds it.
    pub(crate) fn person_ever(&self, no: PersonNo) -> Person {
        let shape = &self.shape;
        let number = no.wide();
        let choice = |what: u64| shape.key.mix([4, what, number]);
        let first_name = pick(&FIRST_NAMES, choice(0));
        let last_name = names::word(shape.surnames.forward(number), 5);
        let place = shape.streets.forward(number);
        let phone = shape.phones.forward(number);
        Person {
            no,
            id: self.id_of(no),
            first_name,
            email: format!("{first_name}.{last_name}@post.example").to_lowercase(),
            phone: (choice(1) % 11 > 0).then(|| {
                format!(
                    "+999 {:04} {:03} {:03}",
                    phone / 1_000_000,
                    phone / 1_000 % 1_000,
                    phone % 1_000
                )
            }),
            // Three digits always, so that no address is the end of another.
            street: format!(
                "{} {} Street",
                100 + place % 100,
                names::word(place / 100, 4)
            ),
            postal_code: format!("{:05}", choice(2) % 100_000),
            city: pick(&CITIES, choice(3)),
            birthday: (choice(4) % 7 > 0).then(|| date(choice(5) % 12_700)),
            joined: date(self.joined(no)),
            last_name,
        }
    }

    fn person_with_surname(&self, word: &str) -> Option<PersonNo> {
        let number = self.shape.surnames.back(names::number_of_word(word, 5)?);
        u32::try_from(number)
            .ok()
            .map(PersonNo)
            .filter(|no| self.has(*no))
    }
}
