//! What is asked before a write, delete or import is carried out: about whom it is, and by which categories.

use decide::{Reach, Verb};

use super::lookup::pieces;
use super::parameters::{reached, touched};
use super::schema::Document;
use crate::document::step;
use crate::extension::{KEY, OperationNote, PeopleFromNote, PersonNote, With};
use crate::operation::OnBehalf;
use crate::parameter::{Body, Holds, Named, Parameter, Rule, Segment};
use crate::plan::{CallPart, LookupPlan, OWN, Plan};
use crate::shown::Row;
use crate::write::WritePlan;

/// A request that is no read, as far as it is compiled.
pub(super) struct Request<'a> {
    pub(super) note: &'a OperationNote,
    pub(super) template: &'a [Segment],
    pub(super) parameters: &'a [Parameter],
    pub(super) body: Option<&'a Body>,
}

impl Request<'_> {
    /// The plan of it, and for `check` about whom it is by which categories.
    pub(super) fn compile(
        &self,
        document: &mut Document<'_>,
        plan: &mut Plan,
        at: &str,
    ) -> (WritePlan, Vec<Row>) {
        let at = step(at, KEY);
        let mut write = WritePlan {
            needed: touched(plan, &self.note.concerns),
            made: self.note.made.clone(),
            own_among: self.note.own_among,
            ..WritePlan::default()
        };
        self.people(document, plan, &at, &mut write);
        for call in &self.note.people_from {
            self.call(document, plan, &at, call, &mut write);
        }
        self.whose(document, &at, &write);
        let rows = self.rows(plan, &write);
        (write, rows)
    }

    fn reach(&self, named: Option<&Reach>, at: &str, document: &mut Document<'_>) -> Reach {
        let Some(reach) = named.or(self.note.reach.as_ref()) else {
            document.problems.add(
                at,
                "`reach` is missing",
                "how the people concerned are reached",
                "add `reach`",
            );
            return Reach::Own;
        };
        if self.note.on_behalf == OnBehalf::Nobody && *reach != Reach::Directory {
            document.problems.add(
                at,
                &format!("reach `{reach}` where the partner acts for nobody"),
                "directory",
                "correct the reach, or `on-behalf`",
            );
        }
        reach.clone()
    }

    fn people(
        &self,
        document: &mut Document<'_>,
        plan: &mut Plan,
        at: &str,
        write: &mut WritePlan,
    ) {
        for person in &self.note.people {
            match person {
                PersonNote::Own if self.note.on_behalf == OnBehalf::Person => {}
                PersonNote::Own => document.problems.add(
                    at,
                    "`own` where the partner acts for nobody",
                    "people whom the request names",
                    "remove it, or correct `on-behalf`",
                ),
                PersonNote::At { at: place, .. } => document.problems.add(
                    at,
                    &format!("`at: {place}` among the people of a request"),
                    "`own`, `{parameter: NAME}`, and `person: REACH` at the members of the body that name people",
                    "write `person` at the member",
                ),
                PersonNote::Parameter { name, reach } => {
                    let reach = self.reach(reach.as_ref(), at, document);
                    let reach = reached(plan, &reach);
                    write.asked.push((name.as_str().into(), reach));
                }
            }
        }
        let named = |name: &str| write.asked.iter().any(|(known, _)| **known == *name);
        let any = |it: &&Parameter| it.rule == Rule::Any;
        for it in self
            .parameters
            .iter()
            .filter(any)
            .filter(|it| !named(&it.name))
        {
            document.problems.add(
                at,
                &format!(
                    "the parameter `{}` names a person, and the request is not about them",
                    it.name
                ),
                "`{parameter: NAME}` among its `people`",
                "add it; nobody would ask them otherwise",
            );
        }
        for (name, _) in &write.asked {
            if !self
                .parameters
                .iter()
                .filter(any)
                .any(|it| *it.name == **name)
            {
                document.problems.add(
                    at,
                    &format!(
                        "it is about whom the parameter `{name}` names, and that names nobody"
                    ),
                    "`person: any` at the parameter",
                    "write the note there",
                );
            }
        }
    }

    fn call(
        &self,
        document: &mut Document<'_>,
        plan: &mut Plan,
        at: &str,
        note: &PeopleFromNote,
        write: &mut WritePlan,
    ) {
        let mut call = Vec::new();
        for (literal, name) in pieces(&note.call) {
            call.push(CallPart::Literal(literal));
            let Some(name) = name else { continue };
            let sources = note.with.iter().find(|(known, _)| *known == name);
            let mut sources = sources.into_iter().flat_map(|(_, sources)| sources);
            match sources.find(|source| self.has(source)) {
                Some(With::Parameter(name)) => call.push(CallPart::Parameter(name.clone())),
                Some(With::At(place)) => {
                    call.push(CallPart::Told(
                        u16::try_from(write.tells.len()).unwrap_or(u16::MAX),
                    ));
                    write.tells.push(format!("/{place}"));
                }
                _ => document.problems.add(
                    &step(at, "people-from"),
                    &format!("nothing here says what stands for {{{name}}}"),
                    "a path parameter of the operation, or a member of its body that has a note",
                    "correct `with`",
                ),
            }
        }
        let reach = self.reach(note.reach.as_ref(), at, document);
        let reach = reached(plan, &reach);
        plan.lookups.push(LookupPlan {
            call,
            items: note.items.clone(),
            one: note.one,
            id: note.id.clone(),
            left: note.left.clone(),
            reach,
        });
    }

    fn has(&self, source: &With) -> bool {
        match source {
            With::Parameter(name) => {
                let names = self.template.iter().filter_map(Segment::name);
                names.into_iter().any(|known| known == *name)
            }
            With::At(place) => {
                let steps: Vec<&str> = place.split('/').collect();
                self.body
                    .is_some_and(|body| has_scalar(&body.members, &steps))
            }
            With::Key | With::Element => false,
        }
    }

    /// Whose it is has to be said: forgetting it must not make a request be about fewer people.
    fn whose(&self, document: &mut Document<'_>, at: &str, write: &WritePlan) {
        let body = self.body.map_or(&[][..], |body| &body.members);
        let lists = !self.note.people_from.is_empty();
        let record = |it: &Parameter| it.rule == Rule::Record;
        if !lists && (self.parameters.iter().any(record) || any(body, &is_record)) {
            document.problems.add(
                at,
                "it names a record, and nothing says whose that is",
                "`people-from`: the call that lists its people, or names its owner (`item`), before anything is done",
                "add it, with `own-among: true` where the person who connected must be one of them",
            );
        }
        let own = self.note.people.contains(&PersonNote::Own);
        let said = own || self.note.reach == Some(Reach::Own) || lists;
        if !said && write.asked.is_empty() && !any(body, &is_person) {
            document.problems.add(
                at,
                "nothing says about whom it is",
                "`people: [own]`, `{parameter: NAME}`, `people-from`, or `person: REACH` at members of the body",
                "say it",
            );
        }
        if self.note.own_among && (!lists || self.note.on_behalf == OnBehalf::Nobody) {
            document.problems.add(
                at,
                "`own-among` where no call lists anybody, or nobody has connected",
                "`people-from` of an operation on behalf of a person",
                "add `people-from`, or remove it",
            );
        }
        if let Some(must) = self.unmet(document) {
            document.problems.add(
                at,
                &must,
                "what the root's `categories` say must hold wherever the category stands",
                "add it",
            );
        }
    }

    /// What the root says must hold of a category and does not.
    fn unmet(&self, document: &Document<'_>) -> Option<String> {
        use crate::extension::Must;
        let known = document.note.categories.as_ref()?;
        self.note.concerns.iter().find_map(|category| {
            let Some((_, must)) = known.iter().find(|(it, _)| it == category) else {
                return Some(format!(
                    "the category {category} is not among the root's `categories`"
                ));
            };
            must.iter().find_map(|must| match must {
                Must::PeopleFrom if self.note.people_from.is_empty() => {
                    Some(format!("{category} without `people-from`"))
                }
                Must::OwnAmong if !self.note.own_among => {
                    Some(format!("{category} without `own-among`"))
                }
                _ => None,
            })
        })
    }

    /// One row for each category, with everybody whom it is about.
    fn rows(&self, plan: &Plan, write: &WritePlan) -> Vec<Row> {
        let members = self.body.map_or(&[][..], |body| &body.members);
        let own = (self.note.on_behalf == OnBehalf::Person).then_some(OWN);
        let asked = write.asked.iter().map(|(_, reach)| *reach);
        let listed = plan.lookups.iter().map(|lookup| lookup.reach);
        let always = own.into_iter().chain(asked).chain(listed);
        let mut reaches: Vec<Vec<u8>> = always.map(|reach| vec![reach]).collect();
        each(members, "", &mut |_, holds| {
            // Whom a body names it need not name, or it can be whoever connected.
            if let Holds::Person { reach, .. } = holds {
                reaches.push([*reach].into_iter().chain(own).collect());
            }
        });
        reaches.iter_mut().for_each(Vec::dedup);
        let mut seen = Vec::new();
        reaches.retain(|either| {
            !seen.contains(either) && {
                seen.push(either.clone());
                true
            }
        });
        let name = |reach: &u8| plan.reaches.get(usize::from(*reach)).cloned();
        let names = |either: &Vec<u8>| either.iter().filter_map(name).collect::<Vec<Reach>>();
        let people: Vec<Vec<Reach>> = reaches.iter().map(names).collect();
        let row = |member: String, place: u16, needed| {
            let category = plan.categories.get(usize::from(place))?.clone();
            Some(Row {
                member,
                category,
                people: people.clone(),
                identifies: false,
                needed,
                leaves: false,
            })
        };
        let does = match self.note.verb {
            Verb::Delete => "(what it deletes)",
            Verb::Import => "(what it imports)",
            Verb::Read | Verb::Write => "(what it writes)",
        };
        let needed = write
            .needed
            .iter()
            .map(|place| (does.to_owned(), *place, true));
        let mut rows: Vec<Row> = needed
            .filter_map(|(m, place, needed)| row(m, place, needed))
            .collect();
        for it in self.parameters {
            if let Rule::Touches(places) = &it.rule {
                rows.extend(
                    places
                        .iter()
                        .filter_map(|place| row(it.name.clone(), *place, it.required)),
                );
            }
        }
        each(members, "", &mut |at, holds| {
            if let Holds::Touches { categories, .. } = holds {
                let of = categories
                    .iter()
                    .filter_map(|place| row(at.to_owned(), *place, false));
                rows.extend(of);
            }
        });
        rows
    }
}

fn is_record(holds: &Holds) -> bool {
    matches!(holds, Holds::Record { .. })
}

fn is_person(holds: &Holds) -> bool {
    matches!(holds, Holds::Person { .. })
}

fn any(members: &[Named], is: &dyn Fn(&Holds) -> bool) -> bool {
    let mut found = false;
    each(members, "", &mut |_, holds| found |= is(holds));
    found
}

/// Every member that holds a value, with its pointer.
fn each(members: &[Named], at: &str, visit: &mut dyn FnMut(&str, &Holds)) {
    for member in members {
        let here = step(at, &member.name);
        match &member.holds {
            Holds::Members(inner) => each(inner, &here, visit),
            Holds::Items(inner) => each(inner, &format!("{here}/*"), visit),
            holds => visit(&here, holds),
        }
    }
}

/// Whether the steps lead to a member that holds one value, and that the platform gets.
fn has_scalar(members: &[Named], steps: &[&str]) -> bool {
    let Some((name, rest)) = steps.split_first() else {
        return false;
    };
    let member = members.iter().find(|member| member.name == *name);
    match (member.map(|member| &member.holds), rest) {
        (Some(Holds::Members(inner)), [_, ..]) => has_scalar(inner, rest),
        (
            Some(Holds::Record { many } | Holds::Person { many, .. } | Holds::Pass { many, .. }),
            [],
        ) => !many,
        _ => false,
    }
}
