//! Reading one page: what is met where, and who is in it.

use std::borrow::Cow;
use std::collections::HashMap;

use decide::{Datum, PersonNo, Subject, Time, Who};
use serde_json::value::RawValue;

use super::seen::{Item, NO_KEY, NO_RECORD, Op, Record, Seen, Use};
use crate::api::Me;
use crate::document::{percent_decoded, percent_encoded};
use crate::error::AnswerRefused;
use crate::extension::TimeForm;
use crate::plan::{
    CallPart, Map, NO_CATEGORY, Node, OWN, Object, Plan, RecordPlan, Scalar, Slot, Tap,
};

/// Reads one page's body, once.
pub(super) struct Reader<'b, 'w> {
    pub(super) body: &'b str,
    pub(super) plan: &'w Plan,
    pub(super) seen: &'w mut Seen,
    pub(super) resolve: &'w dyn Fn(&str) -> Option<PersonNo>,
    pub(super) me: Option<&'w Me>,
    /// Categories that the request's parameters touch.
    pub(super) touches: &'w [u16],
    /// Everybody named on this page, by their id as it is written, so that each is looked up once.
    pub(super) ids: HashMap<&'b str, Who>,
    /// The latest of them: nested profiles repeat it.
    pub(super) last: Option<(&'b str, Who)>,
    /// The open records, outermost first.
    pub(super) stack: Vec<u32>,
    /// How many elements of the list are still to be passed over.
    pub(super) skip: u32,
    /// Elements met so far.
    pub(super) elements: u32,
    /// The list that comes in pages has been met.
    pub(super) met_items: bool,
    /// Within an element of the list (or in an answer that has none).
    pub(super) inside: bool,
    /// The first page: only its envelope is written.
    pub(super) first: bool,
    /// Looked at for people only.
    pub(super) hidden: bool,
    /// The platform's cursor of the page after this one.
    pub(super) after: Option<String>,
    pub(super) next: Option<String>,
    /// The request's path parameters, decoded.
    pub(super) asked: &'w [(String, String)],
    /// Those of them that name people: the place in `asked`, and the id.
    pub(super) asked_people: &'w [(usize, String)],
    /// What calls need: by record, and by number within the plan.
    pub(super) told: Vec<(u32, u16, String)>,
    /// Keys of the maps of records around, by their record.
    pub(super) map_keys: Vec<(u32, String)>,
    /// Whether the walk looks for identifiers; only measurements leave it out.
    pub(super) sweeps: bool,
    /// Why the answer is refused, if it is.
    pub(super) stop: Option<AnswerRefused>,
}

/// A string's text; `None` if it is no string, or if readers would differ in what it says.
pub(super) fn text_of(raw: &str) -> Option<Cow<'_, str>> {
    let within = raw.strip_prefix('"')?.strip_suffix('"')?;
    if within.as_bytes().contains(&b'\\') {
        serde_json::from_str::<String>(raw).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(within))
    }
}

/// A sign to stop, with the reason in [`Reader::stop`].
pub(super) struct Stopped;

impl<'b> Reader<'b, '_> {
    pub(super) fn refuse(&mut self, why: AnswerRefused) -> Stopped {
        self.stop.get_or_insert(why);
        Stopped
    }

    /// A step for writing; its place, to be patched when its end is known.
    pub(super) fn push(&mut self, op: Op) -> Option<usize> {
        if self.hidden {
            return None;
        }
        let ops = if self.inside {
            &mut self.seen.ops
        } else if self.first {
            &mut self.seen.envelope
        } else {
            return None;
        };
        ops.push(op);
        Some(ops.len().saturating_sub(1))
    }

    /// Ends the step at `opened`, at the place that comes next.
    pub(super) fn close(&mut self, opened: Option<usize>) -> Result<(), Stopped> {
        let ops = if self.inside {
            &mut self.seen.ops
        } else {
            &mut self.seen.envelope
        };
        let here = u32::try_from(ops.len());
        let Ok(here) = here else {
            return Err(self.refuse(AnswerRefused::TooLarge));
        };
        if let Some(Op::Open { close, .. } | Op::Entry { close, .. } | Op::Group { close, .. }) =
            opened.and_then(|at| ops.get_mut(at))
        {
            *close = here;
        }
        Ok(())
    }

    /// Opens a record of this kind.
    pub(super) fn open_record(&mut self, kind: u16) -> Result<u32, Stopped> {
        let Ok(number) = u32::try_from(self.seen.records.len()) else {
            return Err(self.refuse(AnswerRefused::TooLarge));
        };
        let parent = self.stack.last().copied().unwrap_or(NO_RECORD);
        let nothing = RecordPlan::default();
        let rules = self.plan.records.get(usize::from(kind)).unwrap_or(&nothing);
        self.seen.records.push(Record {
            plan: kind,
            parent,
            made: None,
            owed: rules.owed,
            needs: rules.identifiers,
            subjects: 0..0,
            lookup: None,
            required: rules.required,
            own_named: false,
            time_unclear: false,
        });
        if rules.required
            && let Some(around) = self.seen.records.get_mut(parent as usize)
        {
            around.needs = around.needs.saturating_sub(1);
        }
        self.stack.push(number);
        if rules.own_too {
            let who = self.me.map_or(Who::Unresolved, |me| Who::Known(me.no));
            self.seen.found.push((number, Subject { who, reach: OWN }));
        }
        for (name, reach) in &rules.asked {
            self.name_asked(number, name, *reach);
        }
        if rules.has_people {
            for category in self.touches {
                self.datum(*category, Use::Needed)?;
            }
        }
        for category in &rules.order {
            self.datum(*category, Use::Needed)?;
        }
        Ok(number)
    }

    /// The person whom a path parameter names.
    fn name_asked(&mut self, record: u32, name: &str, reach: u8) {
        let named = |at: usize| self.asked.get(at).is_some_and(|(known, _)| known == name);
        let asked = self.asked_people.iter().find(|(at, _)| named(*at));
        let found = asked.and_then(|(_, id)| (self.resolve)(id));
        let who = found.map_or(Who::Unresolved, Who::Known);
        if let (Some((_, id)), true) = (asked, self.plan.open) {
            self.seen.ids.push((id.as_str().into(), who));
        }
        let own = self.me.is_some_and(|me| who == Who::Known(me.no));
        let reach = if own { OWN } else { reach };
        self.seen.found.push((record, Subject { who, reach }));
    }

    pub(super) fn close_record(&mut self) {
        let Some(number) = self.stack.last().copied() else {
            return;
        };
        let at = self.seen.records.get(number as usize);
        let (owed, kind) = at.map_or((0, u16::MAX), |record| (record.owed, record.plan));
        if owed != 0 {
            self.somebody_unknown(number);
        }
        let rules = self.plan.records.get(usize::from(kind));
        if let Some(lookup) = rules.and_then(|rules| rules.lookup) {
            self.needs_call(number, lookup);
        }
        self.told.retain(|(record, ..)| *record != number);
        self.map_keys.pop_if(|(record, _)| *record == number);
        self.stack.pop();
    }

    /// The record has people who are not known: it goes.
    fn somebody_unknown(&mut self, record: u32) {
        self.seen.found.push((
            record,
            Subject {
                who: Who::Unresolved,
                reach: OWN,
            },
        ));
    }

    /// The call that lists the people of the innermost record.
    fn needs_call(&mut self, record: u32, lookup: u16) {
        let path = self.call(record, lookup);
        let call = path.and_then(|path| self.seen.lookup(lookup, path));
        match (call, self.seen.records.get_mut(record as usize)) {
            (Some(call), Some(record)) => record.lookup = Some(call),
            _ => self.somebody_unknown(record),
        }
    }

    /// The path of a call, if all that it needs is there.
    fn call(&self, record: u32, lookup: u16) -> Option<String> {
        let plan = self.plan.lookups.get(usize::from(lookup))?;
        let mut path = String::new();
        for part in &plan.call {
            let value = match part {
                CallPart::Literal(text) => {
                    path.push_str(text);
                    continue;
                }
                CallPart::Parameter(name) => {
                    let asked = self.asked.iter().find(|(known, _)| known == name);
                    asked.map(|(_, value)| value)
                }
                CallPart::Told(number) => {
                    let told = self.told.iter();
                    let mut mine = told.filter(|(at, n, _)| *at == record && n == number);
                    mine.next().map(|(_, _, value)| value)
                }
                CallPart::Key => self.map_keys.last().map(|(_, key)| key),
            };
            let value = value.filter(|value| !matches!(value.as_str(), "" | "." | ".."))?;
            percent_encoded(value, &mut path);
        }
        Some(path)
    }

    /// A datum of the innermost record.
    pub(super) fn datum(&mut self, category: u16, its: Use) -> Result<u32, Stopped> {
        let Ok(number) = u32::try_from(self.seen.data.len()) else {
            return Err(self.refuse(AnswerRefused::TooLarge));
        };
        let record = self.stack.last().copied().unwrap_or(NO_RECORD);
        self.seen.data.push(Datum {
            category,
            subjects: 0..0,
            made: None,
        });
        self.seen.uses.push((record, its));
        Ok(number)
    }

    /// The record so many outwards from the innermost.
    fn outwards(&mut self, up: usize) -> Option<(u32, &mut Record)> {
        let at = self.stack.len().checked_sub(up.checked_add(1)?)?;
        let number = *self.stack.get(at)?;
        Some((number, self.seen.records.get_mut(number as usize)?))
    }

    /// A list has been met in which each element names a person of these records.
    pub(super) fn owe(&mut self, marks: &[usize], elements: i64) {
        for up in marks {
            if let Some((_, record)) = self.outwards(*up) {
                record.owed = record.owed.saturating_add(elements).saturating_sub(1);
            }
        }
    }

    fn name(&mut self, tap: &Tap, who: Who) {
        let own = matches!((who, self.me), (Who::Known(no), Some(me)) if me.no == no);
        let reach = if own { OWN } else { tap.reach };
        if let Some((number, record)) = self.outwards(tap.up) {
            if !tap.optional {
                record.owed = record.owed.saturating_sub(1);
            }
            record.own_named |= own;
            self.seen.found.push((number, Subject { who, reach }));
        }
    }

    /// Something stands here that is none of what the plan has: whoever may be named in it is not known. `inner` records
    /// would have been opened on the way to the node.
    pub(super) fn other_than(&mut self, node: &Node, inner: usize) {
        match node {
            Node::Scalar(scalar) => {
                for tap in scalar.taps.iter().filter(|tap| tap.optional) {
                    if let Some(up) = tap.up.checked_sub(inner) {
                        self.name(&Tap { up, ..*tap }, Who::Unresolved);
                    }
                }
            }
            Node::Object(object) => {
                let inner = inner.saturating_add(usize::from(object.record.is_some()));
                for member in &object.members {
                    self.other_than(&member.node, inner);
                }
            }
            Node::List(list) => self.other_than(&list.item, inner),
            Node::Alone(alone) => self.other_than(&alone.node, inner.saturating_add(1)),
            Node::Map(_) | Node::Cases(_) | Node::Slot(_) | Node::Cursor(_) => {}
        }
    }

    /// The key of a map's entry: the person of the entry's record, or the record's id. As text, to be compared.
    pub(super) fn key_of(&mut self, key: &'b str, map: &Map) -> Cow<'b, str> {
        let text = self.text_of(key);
        match (&text, map.of_records) {
            (Some(id), true) => {
                if let Some(record) = self.stack.last() {
                    self.map_keys.push((*record, id.clone().into_owned()));
                }
            }
            (Some(id), false) => {
                let who = self.who(id, key);
                let tap = Tap {
                    up: 0,
                    reach: map.reach,
                    optional: false,
                    form: None,
                };
                self.name(&tap, who);
            }
            (None, _) => {
                if let Some(record) = self.stack.last().copied() {
                    self.somebody_unknown(record);
                }
            }
        }
        text.unwrap_or(Cow::Borrowed(key))
    }

    fn who(&mut self, id: &str, raw: &'b str) -> Who {
        if let Some((last, who)) = self.last
            && last == raw
        {
            return who;
        }
        let who = match self.ids.get(raw) {
            Some(who) => *who,
            None => {
                let found = if id.is_empty() {
                    None
                } else {
                    (self.resolve)(id)
                };
                let who = found.map_or(Who::Unresolved, Who::Known);
                self.ids.insert(raw, who);
                if self.plan.open {
                    self.seen.ids.push((id.into(), who));
                }
                self.seen.unresolved += u64::from(found.is_none());
                who
            }
        };
        self.last = Some((raw, who));
        who
    }

    /// A string's text; `None` if it is no string, or if readers would differ in what it says.
    pub(super) fn text_of(&self, raw: &'b str) -> Option<Cow<'b, str>> {
        text_of(raw)
    }

    /// A string where the plan has a scalar. One that cannot be decoded takes its record with it.
    fn text(&mut self, raw: &'b str) -> Option<Cow<'b, str>> {
        let text = self.text_of(raw);
        if text.is_none()
            && let Some(record) = self.stack.last().copied()
        {
            self.somebody_unknown(record);
        }
        text
    }

    /// A value where the plan has a scalar.
    pub(super) fn scalar(
        &mut self,
        scalar: &Scalar,
        key: u16,
        raw: &'b str,
    ) -> Result<(), Stopped> {
        let mut passable = true;
        if let Some(form) = scalar.time.filter(|_| !raw.starts_with('n')) {
            self.note_made(form, raw);
        }
        match raw.as_bytes().first() {
            Some(b'n') => passable = scalar.nullable && !scalar.identifies,
            _ if scalar.open => {}
            Some(b'[') if scalar.many => passable = self.scalars(scalar, raw)?,
            _ if scalar.many => passable = self.is_none_of(scalar),
            Some(b'[' | b'{') => passable = self.is_none_of(scalar),
            Some(b'"') => match self.text(raw) {
                Some(text) => {
                    self.tap(scalar, &text, raw, !scalar.numeric);
                    self.tell(scalar, &text);
                }
                None => passable = self.is_none_of(scalar),
            },
            _ => {
                let number = raw.bytes().all(|b| b.is_ascii_digit());
                self.tap(scalar, raw, raw, scalar.numeric && number);
                self.tell(scalar, raw);
            }
        }
        if passable && scalar.category != NO_CATEGORY {
            self.leaf(scalar, key, raw)?;
        }
        Ok(())
    }

    /// A value that the plan has nothing for: it does not pass, and whoever it names is not known.
    fn is_none_of(&mut self, scalar: &Scalar) -> bool {
        for tap in scalar.taps.iter().filter(|tap| tap.optional) {
            self.name(tap, Who::Unresolved);
        }
        false
    }

    /// Keeps what a call needs.
    fn tell(&mut self, scalar: &Scalar, text: &str) {
        for (up, number) in &scalar.tells {
            if let Some((record, _)) = self.outwards(*up) {
                self.told.push((record, *number, text.to_owned()));
            }
        }
    }

    fn tap(&mut self, scalar: &Scalar, id: &str, raw: &'b str, of_the_kind: bool) {
        for tap in &scalar.taps {
            let who = match tap
                .form
                .and_then(|form| self.plan.forms.get(usize::from(form)))
            {
                _ if !of_the_kind => Who::Unresolved,
                None => self.who(id, raw),
                Some((before, after)) => {
                    let within = id.strip_prefix(&**before);
                    let within = within.and_then(|rest| rest.strip_suffix(&**after));
                    let id = within.and_then(percent_decoded);
                    let found = id
                        .as_deref()
                        .filter(|id| !id.is_empty() && !id.contains('/'));
                    let person = found.and_then(|id| (self.resolve)(id));
                    let who = person.map_or(Who::Unresolved, Who::Known);
                    if let (Some(id), true) = (found, self.plan.open) {
                        self.seen.ids.push((id.into(), who));
                    }
                    self.seen.unresolved += u64::from(person.is_none());
                    who
                }
            };
            self.name(tap, who);
        }
    }

    /// A list of scalars; `false` if it holds anything else.
    fn scalars(&mut self, scalar: &Scalar, raw: &'b str) -> Result<bool, Stopped> {
        let Ok(list) = serde_json::from_str::<Vec<&'b RawValue>>(raw) else {
            return Err(self.refuse(AnswerRefused::BadString));
        };
        for tap in scalar.taps.iter().filter(|tap| !tap.optional) {
            self.owe(&[tap.up], i64::try_from(list.len()).unwrap_or(i64::MAX));
        }
        let mut flat = true;
        for element in list {
            let element = element.get();
            match element.as_bytes().first() {
                Some(b'[' | b'{' | b'n') => flat = self.is_none_of(scalar),
                Some(b'"') => match self.text(element) {
                    Some(text) => self.tap(scalar, &text, element, !scalar.numeric),
                    None => flat = self.is_none_of(scalar),
                },
                _ => {
                    let number = element.bytes().all(|b| b.is_ascii_digit());
                    self.tap(scalar, element, element, scalar.numeric && number);
                }
            }
        }
        Ok(flat)
    }

    fn leaf(&mut self, scalar: &Scalar, key: u16, raw: &'b str) -> Result<(), Stopped> {
        let its = if scalar.identifies {
            Use::Identifier
        } else {
            Use::Value
        };
        if scalar.identifies
            && let Some((_, record)) = self.outwards(0)
        {
            record.needs = record.needs.saturating_sub(1);
        }
        let holder = self.stack.last().copied().unwrap_or(NO_RECORD);
        if let Some(kind) = scalar.also {
            self.open_record(kind)?;
        }
        let datum = self.datum(scalar.category, its)?;
        if scalar.also.is_some() {
            self.close_record();
        }
        let (start, end) = self.span(raw)?;
        self.push(Op::Leaf {
            key,
            datum,
            start,
            end,
        });
        if self.sweeps {
            self.sweep_leaf(scalar, raw, holder, datum);
        }
        Ok(())
    }

    /// `null` where the plan has an object or a list: it says that there is none, so it needs all that one would.
    /// Where it does not pass, a list is there all the same (`or_empty`), as one of which nothing passes is.
    pub(super) fn null(&mut self, bears: &[u16], key: u16, or_empty: bool) -> Result<(), Stopped> {
        if self.hidden {
            return Ok(());
        }
        let first = u32::try_from(self.seen.data.len());
        for category in bears {
            self.datum(*category, Use::Value)?;
        }
        let (Ok(datum), Ok(count)) = (first, u16::try_from(bears.len())) else {
            return Err(self.refuse(AnswerRefused::TooLarge));
        };
        self.push(Op::Null {
            key,
            count,
            datum,
            or_empty,
        });
        Ok(())
    }

    /// A list or a map of records with nobody in it: as if all in it refused.
    pub(super) fn empty(&mut self, key: u16, list: bool, bears: bool) -> Result<(), Stopped> {
        let opened = self.push(Op::Open {
            key,
            list,
            bears,
            record: NO_RECORD,
            close: 0,
        });
        self.close(opened)?;
        self.push(Op::Close { list });
        Ok(())
    }

    /// Where the text stands in the body.
    pub(super) fn span(&mut self, raw: &'b str) -> Result<(u32, u32), Stopped> {
        let start = (raw.as_ptr() as usize).checked_sub(self.body.as_ptr() as usize);
        let end = start.and_then(|start| start.checked_add(raw.len()));
        match (start.map(u32::try_from), end.map(u32::try_from)) {
            (Some(Ok(start)), Some(Ok(end))) => Ok((start, end)),
            _ => Err(self.refuse(AnswerRefused::TooLarge)),
        }
    }

    /// When the record's data were made. Of several times the earliest counts: the most people were there then, and a
    /// window closes first. One that cannot be read is no time at all, and none of the record's around it either.
    fn note_made(&mut self, form: TimeForm, raw: &'b str) {
        let count = |unit: i64| raw.parse::<i64>().ok().and_then(|n| n.checked_mul(unit));
        let made = match form {
            TimeForm::Text => self.text_of(raw).and_then(|text| {
                let day = || text.parse::<decide::Day>().ok().map(decide::Day::begins);
                text.parse::<Time>().ok().or_else(day)
            }),
            TimeForm::Milliseconds => count(1).map(Time),
            TimeForm::Seconds => count(1_000).map(Time),
        };
        if let Some((_, record)) = self.outwards(0) {
            match made {
                Some(made) => record.made = Some(record.made.map_or(made, |it| it.min(made))),
                None => record.time_unclear = true,
            }
        }
    }

    /// A cursor of the platform's, to be sealed.
    pub(super) fn cursor(&mut self, which: u16, key: u16, raw: &'b str) -> Result<(), Stopped> {
        let Some(text) = self.text_of(raw).filter(|text| !text.is_empty()) else {
            return Ok(());
        };
        let Ok(number) = u32::try_from(self.seen.cursors.len()) else {
            return Err(self.refuse(AnswerRefused::TooLarge));
        };
        self.seen.cursors.push((which, text.into_owned()));
        self.push(Op::Cursor { key, which: number });
        Ok(())
    }

    /// The platform's next cursor, wherever it stands.
    pub(super) fn slot(&mut self, slot: Slot, key: u16, raw: &'b str) -> Result<(), Stopped> {
        self.push(Op::Slot { key, slot });
        if let Some(text) = self.text_of(raw) {
            let place = match slot {
                Slot::After => &mut self.after,
                Slot::Next => &mut self.next,
            };
            *place = Some(text.into_owned()).filter(|text| !text.is_empty());
        }
        Ok(())
    }

    /// The list that comes in pages begins.
    pub(super) fn open_items(&mut self, key: u16) -> Option<usize> {
        let opened = self.push(Op::Open {
            key,
            list: true,
            bears: false,
            record: NO_RECORD,
            close: 0,
        });
        self.push(Op::Items);
        self.met_items = true;
        opened
    }

    pub(super) fn close_items(&mut self, opened: Option<usize>) -> Result<(), Stopped> {
        self.close(opened)?;
        self.push(Op::Close { list: true });
        Ok(())
    }

    /// Begins an element of the list; [`Reader::end_element`] keeps it if it was a record.
    pub(super) fn begin_element(&mut self) -> Item {
        self.inside = true;
        Item {
            page: self.seen.pages.len(),
            place: self.elements,
            ops: self.seen.ops.len(),
            data: self.seen.data.len(),
            records: self.seen.records.len(),
            subjects: 0,
        }
    }

    pub(super) fn end_element(&mut self, item: Item) {
        self.inside = false;
        if self.seen.ops.len() > item.ops {
            self.seen.items.push(item);
        }
    }

    /// A member of the envelope that the answer does not have: our cursor has its place there all the same.
    pub(super) fn absent(&mut self, node: &Node, key: u16) {
        if self.inside {
            return;
        }
        match node {
            Node::Slot(slot) => {
                self.push(Op::Slot { key, slot: *slot });
            }
            Node::Object(object) => {
                let opened = self.open_object(object, key, None);
                for member in &object.members {
                    self.absent(&member.node, member.key);
                }
                if self.close(opened).is_ok() {
                    self.push(Op::Close { list: false });
                }
            }
            Node::Scalar(_)
            | Node::List(_)
            | Node::Map(_)
            | Node::Cases(_)
            | Node::Alone(_)
            | Node::Cursor(_) => {}
        }
    }

    /// Opens an object for writing.
    pub(super) fn open_object(
        &mut self,
        object: &Object,
        key: u16,
        record: Option<u32>,
    ) -> Option<usize> {
        self.push(Op::Open {
            key,
            list: false,
            // An envelope's inner objects stay only for the cursors in them.
            bears: object.record.is_none()
                && (!object.bears.is_empty() || (!self.inside && key != NO_KEY)),
            record: record.unwrap_or(NO_RECORD),
            close: 0,
        })
    }
}
