//! The reduced answer, once its entry is durable.

use std::ops::Range;

use bytes::Bytes;
use decide::Decision;
use ledger::Recorded;

use crate::cursor::{Nonces, Seal};
use crate::judged::Judged;
use crate::paging::Place;
use crate::plan::{Plan, Slot};
use crate::walk::seen::{ENTRY_KEY, NO_KEY, NO_RECORD, Op, Seen, get};

/// An answer that may leave.
#[derive(Debug)]
pub struct Reduced {
    index: u64,
    written: Option<Written>,
}

/// A body, and the address of the next page where that belongs into a header.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) body: Bytes,
    pub(crate) link: Option<String>,
}

impl Reduced {
    /// The ledger entry under which it leaves.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The body; `None` when nothing is left of what was asked for. Answer that exactly as an id that the platform
    /// does not know.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.written.as_ref().map(|written| &written.body)
    }

    /// The value of the `Link` header (RFC 8288), where the platform tells the next page by one: a relative reference.
    #[must_use]
    pub fn link(&self) -> Option<String> {
        let link = self.written.as_ref()?.link.as_ref()?;
        Some(format!("<{link}>; rel=\"next\""))
    }

    /// The body's media type.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        "application/json"
    }
}

/// Writes the reduced answer. It can be called with nothing but what the ledger has recorded.
#[must_use]
pub fn reduce(recorded: Recorded<Judged>) -> Reduced {
    let index = recorded.index();
    Reduced {
        index,
        written: write(recorded.carried()),
    }
}

pub(crate) fn write(judged: &Judged) -> Option<Written> {
    let walk = &judged.settled.walk;
    let plan = &walk.operation.plan;
    let any = walk
        .seen
        .items
        .iter()
        .any(|item| get(&judged.living, item.records));
    let any = any || (!plan.paged && judged.living.contains(&true));
    if plan.empty_is_nothing && !any {
        return None;
    }
    let mut nonces = Nonces::of(judged.nonce);
    let sealed = judged.settled.next.as_ref().and_then(|place| {
        let paging = walk.paging.as_ref()?;
        let cursor = paging.seal.seal(place, nonces.draw())?;
        Some((paging.link(&cursor), cursor))
    });
    let in_header = walk.paging.as_ref().is_some_and(|paging| paging.link);
    let link = sealed.as_ref().map(|(link, _)| link.clone());
    let link = link.filter(|_| in_header);
    let size = walk.seen.pages.first().map_or(0, |page| page.body.len());
    let mut writer = Writer {
        plan,
        seen: &walk.seen,
        living: &judged.living,
        decision: judged.permit.decision(),
        sealed,
        seals: &walk.seals,
        nonces,
        out: Vec::with_capacity(size),
    };
    if plan.paged {
        writer.envelope();
    } else {
        writer.element(0);
    }
    (!writer.out.is_empty()).then(|| Written {
        body: Bytes::from(writer.out),
        link,
    })
}

struct Writer<'a> {
    plan: &'a Plan,
    seen: &'a Seen,
    living: &'a [bool],
    decision: &'a Decision,
    /// Our link and our cursor.
    sealed: Option<(String, String)>,
    /// By the names of their parameters.
    seals: &'a [(String, Seal)],
    nonces: Nonces,
    out: Vec<u8>,
}

impl Writer<'_> {
    fn envelope(&mut self) {
        let seen = self.seen;
        self.steps(&seen.envelope, 0..seen.envelope.len(), &[]);
    }

    fn element(&mut self, n: usize) {
        let seen = self.seen;
        let Some(item) = seen.items.get(n) else {
            return;
        };
        let end = seen
            .items
            .get(n.saturating_add(1))
            .map_or(seen.ops.len(), |next| next.ops);
        let body = seen.pages.get(item.page).map_or(&[][..], |page| &page.body);
        self.steps(&seen.ops, item.ops..end, body);
    }

    fn steps(&mut self, ops: &[Op], range: Range<usize>, body: &[u8]) {
        let mut at = range.start;
        // For each open object or list, how far the answer had come before it, if it goes when it stays empty.
        let mut open: Vec<Option<(usize, usize)>> = Vec::new();
        let mut entry: &[u8] = &[];
        while let Some(op) = ops.get(at).filter(|_| at < range.end) {
            at = at.saturating_add(1);
            match *op {
                Op::Leaf {
                    key,
                    datum,
                    start,
                    end,
                } => {
                    if self.decision.passes(datum as usize) {
                        self.name(key, entry);
                        self.out.extend_from_slice(span(body, start, end));
                    }
                }
                Op::Null {
                    key,
                    count,
                    datum,
                    or_empty,
                } => {
                    let data =
                        (datum as usize)..(datum as usize).saturating_add(usize::from(count));
                    if data.into_iter().all(|datum| self.decision.passes(datum)) {
                        self.name(key, entry);
                        self.out.extend_from_slice(b"null");
                    } else if or_empty {
                        self.name(key, entry);
                        self.out.extend_from_slice(b"[]");
                    }
                }
                Op::Open { record, close, .. }
                | Op::Entry { record, close, .. }
                | Op::Group { record, close }
                    if self.is_dead(record) =>
                {
                    at = past(ops, at, close);
                }
                Op::Open {
                    key, list, bears, ..
                } => {
                    let before = self.out.len();
                    self.name(key, entry);
                    self.out.push(if list { b'[' } else { b'{' });
                    open.push(bears.then_some((before, self.out.len())));
                }
                Op::Close { list } => match open.pop().flatten() {
                    Some((before, opened)) if opened == self.out.len() => self.out.truncate(before),
                    _ => self.out.push(if list { b']' } else { b'}' }),
                },
                Op::Entry { start, end, .. } => entry = span(body, start, end),
                Op::Group { .. } => {}
                Op::Items => {
                    for n in 0..self.seen.items.len() {
                        self.element(n);
                    }
                }
                Op::Slot { key, slot } => self.slot(key, slot),
                Op::Cursor { key, which } => self.cursor(key, which),
            }
        }
    }

    fn is_dead(&self, record: u32) -> bool {
        record != NO_RECORD && !get(self.living, record as usize)
    }

    /// A comma where one belongs, and the member's name.
    fn name(&mut self, key: u16, entry: &[u8]) {
        if !matches!(self.out.last(), None | Some(b'{' | b'[')) {
            self.out.push(b',');
        }
        match key {
            NO_KEY => {}
            ENTRY_KEY => {
                self.out.extend_from_slice(entry);
                self.out.push(b':');
            }
            key => {
                if let Some(name) = self.plan.keys.get(usize::from(key)) {
                    self.out.extend_from_slice(name.as_bytes());
                }
            }
        }
    }

    fn slot(&mut self, key: u16, slot: Slot) {
        let Some((link, cursor)) = self.sealed.take() else {
            return;
        };
        let text = match slot {
            Slot::After => &cursor,
            Slot::Next => &link,
        };
        self.name(key, &[]);
        // Both are made of unreserved characters and of `/?&=%`: nothing to escape.
        self.out.push(b'"');
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(b'"');
        self.sealed = Some((link, cursor));
    }
}

impl Writer<'_> {
    /// A cursor of the platform's, sealed for its parameter. One that cannot be sealed does not leave.
    fn cursor(&mut self, key: u16, which: u32) {
        let seen = self.seen;
        let Some((parameter, text)) = seen.cursors.get(which as usize) else {
            return;
        };
        let name = self.plan.cursors.get(usize::from(*parameter));
        let seal = name.and_then(|name| self.seals.iter().find(|(known, _)| **known == **name));
        let place = Place {
            cursor: Some(text.clone()),
            skip: 0,
        };
        let Some(sealed) = seal.and_then(|(_, seal)| seal.seal(&place, self.nonces.draw())) else {
            return;
        };
        self.name(key, &[]);
        self.out.push(b'"');
        self.out.extend_from_slice(sealed.as_bytes());
        self.out.push(b'"');
    }
}

/// Where to go on behind a dead record: an object's own end is passed over, an entry's is the next entry.
fn past(ops: &[Op], at: usize, close: u32) -> usize {
    let close = close as usize;
    match at.checked_sub(1).and_then(|op| ops.get(op)) {
        Some(Op::Open { .. }) => close.saturating_add(1),
        _ => close,
    }
}

fn span(body: &[u8], start: u32, end: u32) -> &[u8] {
    body.get(start as usize..end as usize).unwrap_or_default()
}
