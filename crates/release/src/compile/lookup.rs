//! `people-from`: which call lists the people of a record, and where its path's values come from.

use super::people::{Aim, Way};
use super::schema::Schema;
use super::tree::{Around, Tree};
use crate::extension::{PeopleFromNote, With};
use crate::plan::{CallPart, ELEMENT, LookupPlan, Object};

impl Tree<'_, '_> {
    /// Compiles a call. `object` is the record, if it is an object of which a member can be looked at.
    pub(super) fn lookup(
        &mut self,
        note: &PeopleFromNote,
        mut object: Option<(&mut Object, &[String])>,
        around: &Around,
        at: &str,
    ) -> Option<u16> {
        let mut parts = Vec::new();
        let schema = match &object {
            Some((_, pointers)) => self.document.shape(pointers),
            None => Schema::default(),
        };
        for (literal, name) in pieces(&note.call) {
            parts.push(CallPart::Literal(literal));
            let Some(name) = name else { continue };
            let source = self.source(note, &name, around, |at| {
                let first = at.split('/').next().unwrap_or_default();
                schema.member(first).is_some()
            });
            match (source, &mut object) {
                (Some(With::Parameter(name)), _) => parts.push(CallPart::Parameter(name)),
                (Some(With::Key), _) => parts.push(CallPart::Key),
                (Some(With::Element), None) => parts.push(CallPart::Told(ELEMENT)),
                (Some(With::At(place)), Some((object, pointers))) => {
                    if place.split('/').any(|step| step == "*") {
                        self.wrong(
                            at,
                            &format!("`{place}` may stand in a record more than once"),
                            "a member that stands once, so that the call lists all its people",
                            "give each element a record and `people-from` of its own",
                        );
                    }
                    let number = self.told;
                    self.told = self.told.saturating_add(1);
                    let way = Way {
                        up: 0,
                        aim: Aim::Told(number),
                        at,
                        whole: &place,
                    };
                    self.tap(object, pointers, &way);
                    parts.push(CallPart::Told(number));
                }
                _ => self.no_source(&name, at),
            }
        }
        self.add_lookup(note, parts, at)
    }

    /// The first of a placeholder's sources that there is here.
    fn source(
        &self,
        note: &PeopleFromNote,
        name: &str,
        around: &Around,
        declared: impl Fn(&str) -> bool,
    ) -> Option<With> {
        let (_, sources) = note.with.iter().find(|(known, _)| known == name)?;
        let there = |source: &&With| match source {
            With::Parameter(name) => self.path_names.contains(name),
            With::Key => around.keyed,
            With::Element => around.element,
            With::At(at) => declared(at),
        };
        sources.iter().find(there).cloned()
    }

    fn no_source(&mut self, name: &str, at: &str) {
        let known = self.path_names.join(", ");
        self.wrong(
            at,
            &format!("nothing here says what stands for {{{name}}}"),
            &format!("a path parameter of the operation ({known}), a member of the record, or the key of a map around it"),
            "correct `with`",
        );
    }

    fn add_lookup(&mut self, note: &PeopleFromNote, call: Vec<CallPart>, at: &str) -> Option<u16> {
        let reach = self.reach(note.reach.as_ref(), at);
        let plan = LookupPlan {
            call,
            items: note.items.clone(),
            one: note.one,
            id: note.id.clone(),
            left: note.left.clone(),
            reach,
        };
        // What asks for the same is the same: an answer may need only so many calls, however many kinds of records ask.
        let known = self.lookups.iter().position(|known| *known == plan);
        let number = known.unwrap_or_else(|| {
            self.lookups.push(plan);
            self.lookups.len().saturating_sub(1)
        });
        u16::try_from(number).ok()
    }
}

/// What is written out before each placeholder, with its name; the last has none.
pub(super) fn pieces(call: &str) -> Vec<(String, Option<String>)> {
    let mut out = Vec::new();
    let mut rest = call;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        out.push((before.to_owned(), Some(name.to_owned())));
        rest = behind;
    }
    out.push((rest.to_owned(), None));
    out
}
