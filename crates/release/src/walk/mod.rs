//! The platform's answer, walked once along its plan: who is in it, and what kind of datum is where.

pub(crate) mod lookups;
mod mentions;
mod reader;
mod seed;
pub(crate) mod seen;
mod sweeping;

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use decide::{Asker, Decision, Permit, PersonNo, Question, Who};
use serde::de::DeserializeSeed;

use crate::api::Me;
use crate::compile::of_records;
use crate::cursor::{Nonce, Seal};
use crate::error::{AnswerRefused, NotThisQuestion};
use crate::judged::Judged;
use crate::operation::Operation;
use crate::paging::{Paging, Place, cursor_in, next_of};
use lookups::{Lookup, Outcome, listed};
pub(crate) use mentions::lives;
use reader::Reader;
use seed::At;
use seen::{NO_KEY, Page, Seen, get};

/// An answer while its pages come in.
#[derive(Debug)]
pub struct Walk {
    pub(crate) operation: Arc<Operation>,
    pub(crate) me: Option<Me>,
    pub(crate) touches: Vec<u16>,
    pub(crate) paging: Option<Paging>,
    /// The path parameters' names and values in the order of the path, as the platform is asked: `me` is an id here.
    pub(crate) path_values: Vec<(String, String)>,
    /// Those of them that are `person: any`: the place in `path_values`, and the id.
    pub(crate) asked_people: Vec<(usize, String)>,
    /// For members with `cursor: NAME`: the query parameter's name, and what its cursors are sealed with.
    pub(crate) seals: Vec<(String, Seal)>,
    pub(crate) seen: Seen,
    /// How many pages may be taken in: one more than have been, after each was asked for.
    awaited: usize,
    /// Where the latest page begins in [`Seen`], while calls about it are awaited.
    pending: Option<Beginning>,
    /// The address of the page after the one that is to be taken in, from its `Link` header.
    link: Option<String>,
    sweeps: bool,
}

/// Where a page begins among all that was seen.
#[derive(Clone, Copy, Debug)]
struct Beginning {
    records: usize,
    data: usize,
    items: usize,
}

/// An answer cut to the page that can be answered: its question is the one to get a permit for.
#[derive(Debug)]
pub struct Settled {
    pub(crate) walk: Walk,
    /// Where the partner's next page begins, if there is one.
    pub(crate) next: Option<Place>,
    whole: bool,
}

impl Walk {
    /// How deeply an answer may be nested.
    pub const DEPTH: usize = 64;
    /// How many pairs of a datum and a person one answer may hold: beyond, judging it would take gigabytes.
    pub const PAIRS: u64 = 8_000_000;
    /// How many further pages of the platform's are asked for to fill one of ours.
    pub const REFILLS: usize = 8;

    pub(crate) fn new(
        operation: Arc<Operation>,
        me: Option<Me>,
        touches: Vec<u16>,
        paging: Option<Paging>,
    ) -> Walk {
        Walk {
            operation,
            me,
            touches,
            paging,
            path_values: Vec::new(),
            asked_people: Vec::new(),
            seals: Vec::new(),
            seen: Seen::default(),
            awaited: 1,
            pending: None,
            link: None,
            sweeps: true,
        }
    }

    /// A walk for the next record of the same stream: the same request, and nothing seen.
    #[must_use]
    pub fn again(&self) -> Walk {
        Walk {
            path_values: self.path_values.clone(),
            asked_people: self.asked_people.clone(),
            seals: self.seals.clone(),
            sweeps: self.sweeps,
            ..Walk::new(
                Arc::clone(&self.operation),
                self.me.clone(),
                self.touches.clone(),
                None,
            )
        }
    }

    /// Which operation's answer this is.
    #[must_use]
    pub fn operation(&self) -> &Arc<Operation> {
        &self.operation
    }

    /// Takes in a page of the platform's: the first, or the one that [`Walk::missing`] asked for. The caller has
    /// limited its size and checked status and type.
    ///
    /// `resolve` turns the platform's id of a person into their number; it is asked once for each
    /// different id of a page.
    ///
    /// # Errors
    /// Anything for which the answer is to be refused whole. The walk is then of no more use.
    pub fn take_page(
        &mut self,
        body: Bytes,
        resolve: &dyn Fn(&str) -> Option<PersonNo>,
    ) -> Result<(), AnswerRefused> {
        if self.seen.pages.len() >= self.awaited {
            return Err(AnswerRefused::UnexpectedPage);
        }
        let text = std::str::from_utf8(&body).map_err(|_| AnswerRefused::NotUtf8)?;
        // Calls that were never made leave their records with people unknown.
        self.attribute()?;
        let beginning = Beginning {
            records: self.seen.records.len(),
            data: self.seen.data.len(),
            items: self.seen.items.len(),
        };
        let plan = &self.operation.plan;
        let mut reader = Reader {
            body: text,
            plan,
            first: self.seen.pages.is_empty(),
            seen: &mut self.seen,
            resolve,
            me: self.me.as_ref(),
            touches: &self.touches,
            ids: HashMap::new(),
            last: None,
            stack: Vec::new(),
            skip: self.paging.as_ref().map_or(0, |paging| paging.skip),
            elements: 0,
            met_items: !plan.paged,
            inside: false,
            hidden: false,
            after: None,
            next: None,
            asked: &self.path_values,
            asked_people: &self.asked_people,
            told: Vec::new(),
            map_keys: Vec::new(),
            sweeps: self.sweeps,
            stop: None,
        };
        read(&mut reader)?;
        let (skip, elements, after, next) = (
            reader.skip,
            reader.elements,
            reader.after.take(),
            reader.next.take(),
        );
        let mut page = Page {
            body: body.clone(),
            cursor: None,
            elements,
            next: None,
        };
        if let Some(paging) = &mut self.paging {
            page.cursor = paging.at.take();
            let next = next.or_else(|| self.link.take().filter(|_| paging.link));
            page.next = match after {
                Some(after) => Some(after),
                None => next.and_then(|link| cursor_in(&link, &paging.cursor)),
            };
            if page
                .next
                .as_ref()
                .is_some_and(|next| next.len() > Paging::CURSOR)
            {
                return Err(AnswerRefused::TooLarge);
            }
            paging.skip = skip;
        }
        self.seen.pages.push(page);
        self.pending = Some(beginning);
        self.settle_people()
    }

    /// Takes in the `Link` header (RFC 8288) of the page that [`Walk::take_page`] is about to take in. Only the cursor in
    /// its `rel="next"` is believed, and only where the overlay says `next: link`.
    pub fn take_link(&mut self, header: &str) {
        self.link = next_of(header);
    }

    /// The calls to the platform that say who else is in what was taken in: path and query, each to be made by GET for
    /// the same person. Made after the answer came, so that nobody who was there when something was sent is missed.
    /// Until all have been handed to [`Walk::take_people`], the data that await them are nobody's, and refused.
    #[must_use]
    pub fn lookups(&self) -> Vec<String> {
        let awaited = self.seen.lookups.iter();
        let awaited = awaited.filter(|lookup| matches!(lookup.outcome, Outcome::Awaited));
        let mut paths: Vec<String> = awaited.map(|lookup| lookup.path.clone()).collect();
        paths.dedup();
        paths
    }

    /// Takes in the answer to one of [`Walk::lookups`]; `None` where the call failed in any way: what needs it goes.
    ///
    /// # Errors
    /// As [`Walk::take_page`], when this was the last.
    pub fn take_people(
        &mut self,
        path: &str,
        answer: Option<&[u8]>,
        resolve: &dyn Fn(&str) -> Option<PersonNo>,
    ) -> Result<(), AnswerRefused> {
        let plans = &self.operation.plan.lookups;
        let open = self.operation.plan.open;
        let ids = RefCell::new(Vec::new());
        let resolve = |id: &str| {
            let found = resolve(id);
            if open {
                let who = found.map_or(Who::Unresolved, Who::Known);
                ids.borrow_mut().push((id.into(), who));
            }
            found
        };
        for lookup in &mut self.seen.lookups {
            if lookup.path != path || !matches!(lookup.outcome, Outcome::Awaited) {
                continue;
            }
            let plan = plans.get(usize::from(lookup.plan));
            let people = plan
                .zip(answer)
                .and_then(|(plan, body)| listed(plan, body, self.me.as_ref(), &resolve));
            lookup.outcome = people.map_or(Outcome::Failed, Outcome::Listed);
        }
        self.seen.ids.append(&mut ids.into_inner());
        self.settle_people()
    }

    /// Gives the latest page's records their people, once nothing is awaited.
    fn settle_people(&mut self) -> Result<(), AnswerRefused> {
        let awaited = |lookup: &Lookup| matches!(lookup.outcome, Outcome::Awaited);
        if !self.seen.lookups.iter().any(awaited) {
            self.attribute()?;
        }
        if self.seen.pairs() > Self::PAIRS {
            return Err(AnswerRefused::TooLarge);
        }
        Ok(())
    }

    fn attribute(&mut self) -> Result<(), AnswerRefused> {
        if let Some(Beginning {
            records,
            data,
            items,
        }) = self.pending.take()
        {
            let plan = &self.operation.plan;
            self.seen.attribute(plan, records, data, items)?;
        }
        Ok(())
    }

    /// A walk that does not look for identifiers, to measure what looking costs. Never for an answer that leaves.
    #[cfg(feature = "measuring")]
    #[doc(hidden)]
    #[must_use]
    pub fn without_sweep(mut self) -> Walk {
        self.sweeps = false;
        self
    }

    /// All that was seen so far, as one question.
    #[must_use]
    pub fn question<'a>(&'a self, asker: &'a Asker) -> Question<'a> {
        Question {
            asker,
            categories: &self.operation.plan.categories,
            reaches: &self.operation.plan.reaches,
            subjects: &self.seen.subjects,
            data: &self.seen.data,
        }
    }

    /// What to ask the platform next (path and query), if the page is not yet full, or if it is not yet known whether
    /// another follows. `None` when all is there, when the platform has no more, or after [`Walk::REFILLS`].
    ///
    /// A walk that is asked twice without taking in a page asks for the same page.
    #[must_use]
    pub fn missing(&mut self, decision: &Decision) -> Option<String> {
        let last = self.seen.pages.last()?;
        let paging = self.paging.as_mut()?;
        let living = self.seen.living(decision);
        let full = self
            .seen
            .items
            .iter()
            .filter(|item| get(&living, item.records))
            .count()
            > paging.size;
        if full || self.seen.pages.len() > Walk::REFILLS {
            return None;
        }
        let next = last.next.clone()?;
        let path = paging.further(&next);
        paging.at = Some(next);
        self.awaited = self.seen.pages.len().saturating_add(1);
        Some(path)
    }

    /// Cuts away what was only looked at to know whether another page follows.
    #[must_use]
    pub fn settle(mut self, decision: &Decision) -> Settled {
        let (kept, next) = self.page_end(decision);
        let whole = kept >= self.seen.items.len();
        self.seen.cut(kept);
        Settled {
            walk: self,
            next,
            whole,
        }
    }

    /// All of it as one page, to be counted.
    pub(crate) fn uncut(self) -> Settled {
        Settled {
            walk: self,
            next: None,
            whole: true,
        }
    }

    /// How many elements belong to this page, and where the next begins if anything is known to follow, or if nobody
    /// can know without asking for more pages than we do.
    fn page_end(&self, decision: &Decision) -> (usize, Option<Place>) {
        let all = self.seen.items.len();
        let (Some(paging), Some(last)) = (&self.paging, self.seen.pages.last()) else {
            return (all, None);
        };
        let living = self.seen.living(decision);
        let items = self.seen.items.iter().enumerate();
        let mut alive = items
            .filter(|(_, item)| get(&living, item.records))
            .map(|(n, _)| n);
        let end = alive.nth(paging.size.saturating_sub(1));
        let unknown = last.next.clone().map(|cursor| Place {
            cursor: Some(cursor),
            skip: 0,
        });
        match (end, alive.next()) {
            (Some(end), Some(_)) => (end.saturating_add(1), self.place_after(end)),
            (Some(end), None) if unknown.is_some() => {
                (end.saturating_add(1), self.place_after(end))
            }
            _ => (all, unknown),
        }
    }

    /// The place behind an element.
    fn place_after(&self, element: usize) -> Option<Place> {
        let item = self.seen.items.get(element)?;
        let page = self.seen.pages.get(item.page)?;
        let skip = item.place.checked_add(1)?;
        match &page.next {
            Some(next) if skip >= page.elements => Some(Place {
                cursor: Some(next.clone()),
                skip: 0,
            }),
            _ => Some(Place {
                cursor: page.cursor.clone(),
                skip,
            }),
        }
    }
}

fn read(reader: &mut Reader<'_, '_>) -> Result<(), AnswerRefused> {
    // Nobody is there: that must look like somebody who refuses.
    if !reader.plan.paged && reader.body.trim() == "null" && of_records(&reader.plan.root) {
        return Ok(());
    }
    let mut json = serde_json::Deserializer::from_str(reader.body);
    let whole = (!reader.plan.paged).then(|| reader.begin_element());
    let node = &reader.plan.root;
    let (ops, envelope) = (reader.seen.ops.len(), reader.first);
    let outcome = At {
        reader,
        node,
        key: NO_KEY,
        depth: 0,
    }
    .deserialize(&mut json)
    .and_then(|()| json.end());
    if let Err(error) = outcome {
        let grammar = AnswerRefused::NotJson {
            line: error.line(),
            column: error.column(),
        };
        return Err(reader.stop.take().unwrap_or(grammar));
    }
    let nothing = if reader.plan.paged {
        envelope && reader.seen.envelope.is_empty()
    } else {
        reader.seen.ops.len() == ops
    };
    if nothing || !reader.met_items {
        return Err(AnswerRefused::NotAsDeclared);
    }
    if let Some(item) = whole {
        reader.end_element(item);
    }
    Ok(())
}

impl Settled {
    /// Whether nothing was cut, so that the decision that settled it is also the decision about it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Which operation's answer this is.
    #[must_use]
    pub fn operation(&self) -> &Arc<Operation> {
        self.walk.operation()
    }

    /// The question to get a permit for.
    #[must_use]
    pub fn question<'a>(&'a self, asker: &'a Asker) -> Question<'a> {
        self.walk.question(asker)
    }

    /// Takes in the permit. Nothing can be read from the outcome before its entry is in the ledger.
    ///
    /// # Errors
    /// The permit is for another question.
    pub fn judge(self, permit: Permit, nonce: Nonce) -> Result<Judged, NotThisQuestion> {
        Judged::new(self, permit, nonce)
    }
}
