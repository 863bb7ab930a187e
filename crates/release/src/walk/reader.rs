//! Reading one page: what is met where, and who is in it.

use std::borrow::Cow;
use std::collections::HashMap;

use decide::{Datum, PersonNo, Subject, Time, Who};
use serde_json::value::RawValue;

use super::seen::{Item, NO_RECORD, Op, Record, Seen, Use};
use crate::api::Me;
use crate::error::AnswerRefused;
use crate::plan::{NO_CATEGORY, OWN, Object, Plan, RecordPlan, Scalar, Slot, Tap};

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
    /// Why the answer is refused, if it is.
    pub(super) stop: Option<AnswerRefused>,
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
        if let Some(Op::Open { close, .. } | Op::Entry { close, .. }) =
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
        });
        self.stack.push(number);
        if rules.own_too {
            let who = self.me.map_or(Who::Unresolved, |me| Who::Known(me.no));
            self.seen.found.push((number, Subject { who, reach: OWN }));
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

    pub(super) fn close_record(&mut self) {
        let Some(number) = self.stack.pop() else {
            return;
        };
        if self
            .seen
            .records
            .get(number as usize)
            .is_some_and(|record| record.owed != 0)
        {
            self.seen.found.push((
                number,
                Subject {
                    who: Who::Unresolved,
                    reach: OWN,
                },
            ));
        }
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

    fn name(&mut self, tap: Tap, who: Who) {
        let own = matches!((who, self.me), (Who::Known(no), Some(me)) if me.no == no);
        let reach = if own { OWN } else { tap.reach };
        if let Some((number, record)) = self.outwards(tap.up) {
            record.owed = record.owed.saturating_sub(1);
            self.seen.found.push((number, Subject { who, reach }));
        }
    }

    /// The key of a map's entry, as the person of the entry's record.
    pub(super) fn name_key(&mut self, key: &'b str, reach: u8) -> Result<Cow<'b, str>, Stopped> {
        let id = self.text(key)?;
        let who = self.who(&id, key);
        self.name(Tap { up: 0, reach }, who);
        Ok(id)
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
                who
            }
        };
        self.last = Some((raw, who));
        who
    }

    /// A string's text. Refuses what cannot be decoded: readers would differ in what it says.
    fn text(&mut self, raw: &'b str) -> Result<Cow<'b, str>, Stopped> {
        let within = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        if !within.as_bytes().contains(&b'\\') {
            return Ok(Cow::Borrowed(within));
        }
        match serde_json::from_str::<String>(raw) {
            Ok(text) => Ok(Cow::Owned(text)),
            Err(_) => Err(self.refuse(AnswerRefused::BadString)),
        }
    }

    /// A value where the plan has a scalar.
    pub(super) fn scalar(
        &mut self,
        scalar: &Scalar,
        key: u16,
        raw: &'b str,
    ) -> Result<(), Stopped> {
        let mut passable = true;
        match raw.as_bytes().first() {
            Some(b'n') => passable = scalar.nullable && !scalar.identifies,
            Some(b'[') if scalar.many => passable = self.scalars(scalar, raw)?,
            Some(b'[' | b'{') => passable = false,
            _ if scalar.many => passable = false,
            Some(b'"') => {
                let text = self.text(raw)?;
                self.tap(scalar, &text, raw, !scalar.numeric);
                if scalar.time {
                    self.note_time(&text);
                }
            }
            _ => {
                let number = raw.bytes().all(|b| b.is_ascii_digit());
                self.tap(scalar, raw, raw, scalar.numeric && number);
            }
        }
        if passable && scalar.category != NO_CATEGORY {
            self.leaf(scalar, key, raw)?;
        }
        Ok(())
    }

    fn tap(&mut self, scalar: &Scalar, id: &str, raw: &'b str, of_the_kind: bool) {
        if scalar.taps.is_empty() {
            return;
        }
        let who = if of_the_kind {
            self.who(id, raw)
        } else {
            Who::Unresolved
        };
        for tap in &scalar.taps {
            self.name(*tap, who);
        }
    }

    /// A list of scalars; `false` if it holds anything else.
    fn scalars(&mut self, scalar: &Scalar, raw: &'b str) -> Result<bool, Stopped> {
        let Ok(list) = serde_json::from_str::<Vec<&'b RawValue>>(raw) else {
            return Err(self.refuse(AnswerRefused::BadString));
        };
        for tap in &scalar.taps {
            self.owe(&[tap.up], i64::try_from(list.len()).unwrap_or(i64::MAX));
        }
        let mut flat = true;
        for element in list {
            let element = element.get();
            match element.as_bytes().first() {
                Some(b'[' | b'{' | b'n') => flat = false,
                Some(b'"') => {
                    let text = self.text(element)?;
                    self.tap(scalar, &text, element, !scalar.numeric);
                }
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
        Ok(())
    }

    /// `null` where the plan has an object or a list: it says that there is none, so it needs all that one would.
    pub(super) fn null(&mut self, bears: &[u16], key: u16) -> Result<(), Stopped> {
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
        self.push(Op::Null { key, count, datum });
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

    fn note_time(&mut self, text: &str) {
        let day = || text.parse::<decide::Day>().ok().map(decide::Day::begins);
        let made: Option<Time> = text.parse::<Time>().ok().or_else(day);
        if let (Some(made), Some((_, record))) = (made, self.outwards(0)) {
            record.made = Some(made);
        }
    }

    /// The platform's next cursor, wherever it stands.
    pub(super) fn slot(&mut self, slot: Slot, key: u16, raw: &'b str) -> Result<(), Stopped> {
        self.push(Op::Slot { key, slot });
        if raw.starts_with('"') {
            let text = self.text(raw)?;
            let place = match slot {
                Slot::After => &mut self.after,
                Slot::Next => &mut self.next,
            };
            *place = Some(text.into_owned()).filter(|text| !text.is_empty());
        }
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
            bears: object.record.is_none() && !object.bears.is_empty(),
            record: record.unwrap_or(NO_RECORD),
            close: 0,
        })
    }
}
