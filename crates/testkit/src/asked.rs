//! A question that owns its parts.

use decide::{
    Asker, Behalf, Category, ConnectionId, Datum, Decision, Draw, Facts, Now, PersonNo, Power,
    Question, Reach, Subject, Time, Verb, Who, decide,
};

use crate::cast;

/// A question that owns its parts, made in a line:
/// `Asked::by("findr").through(id).datum("pd:Name", &[(ADA, "own")])`.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Who asks.
    pub asker: Asker,
    /// The categories named by index.
    pub categories: Vec<Category>,
    /// The reaches named by index.
    pub reaches: Vec<Reach>,
    /// All people, of all data.
    pub subjects: Vec<Subject>,
    /// The data.
    pub data: Vec<Datum>,
}

impl Asked {
    /// A partner reads for [`cast::PERSONALISATION`], on behalf of nobody, nothing yet.
    #[must_use]
    pub fn by(partner: &str) -> Asked {
        Asked {
            asker: Asker {
                partner: cast::partner(partner),
                behalf: Behalf::Nobody,
                purpose: cast::purpose(cast::PERSONALISATION),
                verb: Verb::Read,
                draws: Vec::new(),
            },
            categories: Vec::new(),
            reaches: Vec::new(),
            subjects: Vec::new(),
            data: Vec::new(),
        }
    }

    /// It acts for the person of this connection.
    #[must_use]
    pub fn through(mut self, connection: &ConnectionId) -> Asked {
        self.asker.behalf = Behalf::Connection(connection.clone());
        self
    }

    /// By another verb.
    #[must_use]
    pub fn to(mut self, verb: Verb) -> Asked {
        self.asker.verb = verb;
        self
    }

    /// For another purpose.
    #[must_use]
    pub fn for_purpose(mut self, purpose: &str) -> Asked {
        self.asker.purpose = cast::purpose(purpose);
        self
    }

    /// With a use of a power reserved.
    #[must_use]
    pub fn drawing(mut self, power: &Power, ordinal: u32) -> Asked {
        let power = power.id();
        self.asker.draws.push(Draw { power, ordinal });
        self
    }

    /// One more datum, about these people as they are reached.
    #[must_use]
    pub fn datum(self, category: &str, people: &[(PersonNo, &str)]) -> Asked {
        let people: Vec<_> = people
            .iter()
            .map(|(person, reach)| (Who::Known(*person), cast::reach(reach)))
            .collect();
        self.datum_of(&cast::category(category), &people, None)
    }

    /// One more datum, with everything said.
    #[must_use]
    pub fn datum_of(
        mut self,
        category: &Category,
        people: &[(Who, Reach)],
        made: Option<Time>,
    ) -> Asked {
        let from = self.subjects.len() as u32;
        for (who, reach) in people {
            let reach = index(&mut self.reaches, reach) as u8;
            self.subjects.push(Subject { who: *who, reach });
        }
        let category = index(&mut self.categories, category) as u16;
        self.data.push(Datum {
            category,
            subjects: from..self.subjects.len() as u32,
            made,
        });
        self
    }

    /// As the rule takes it.
    #[must_use]
    pub fn question(&self) -> Question<'_> {
        Question {
            asker: &self.asker,
            categories: &self.categories,
            reaches: &self.reaches,
            subjects: &self.subjects,
            data: &self.data,
        }
    }

    /// The rule's answer at a believable moment.
    #[must_use]
    pub fn decide(&self, facts: &Facts, at: Time) -> Decision {
        decide(facts, &self.question(), Now::At(at))
    }
}

fn index<T: Clone + PartialEq>(all: &mut Vec<T>, one: &T) -> usize {
    all.iter().position(|it| it == one).unwrap_or_else(|| {
        all.push(one.clone());
        all.len() - 1
    })
}
