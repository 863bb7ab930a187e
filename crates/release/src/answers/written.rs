//! What of a judged answer would be written, place by place: the writer's own steps, without writing anything.

use decide::Decision;

use crate::plan::Plan;
use crate::walk::seen::{ENTRY_KEY, NO_KEY, NO_RECORD, Op, Seen, get};

/// Where things stand in the answer, as plans name places.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// Every datum that is a value or key, with its place and whether it is written.
    pub(crate) data: Vec<(u32, String, bool)>,
    /// Every key of a map, with its place and whether it is written.
    pub(crate) keys: Vec<(String, bool)>,
    /// By record; empty for those that only the plan knows of.
    pub(crate) records: Vec<String>,
}

/// An open object, list, entry or group.
struct Frame {
    /// How long the path was before.
    path: usize,
    list: bool,
    /// Everything around is written.
    alive: bool,
    /// Of an entry or group: the step behind it.
    close: Option<usize>,
}

struct Steps<'a> {
    plan: &'a Plan,
    seen: &'a Seen,
    decision: &'a Decision,
    living: &'a [bool],
    path: String,
    open: Vec<Frame>,
    out: Places,
}

/// Goes through the steps by which the answer would be written.
pub(crate) fn places(plan: &Plan, seen: &Seen, decision: &Decision, living: &[bool]) -> Places {
    let mut steps = Steps {
        plan,
        seen,
        decision,
        living,
        path: String::new(),
        open: Vec::new(),
        out: Places {
            data: Vec::new(),
            keys: Vec::new(),
            records: vec![String::new(); seen.records.len()],
        },
    };
    steps.all(if plan.paged {
        &seen.envelope
    } else {
        &seen.ops
    });
    steps.out
}

impl Steps<'_> {
    fn all(&mut self, ops: &[Op]) {
        let around = self.open.len();
        for (at, op) in ops.iter().enumerate() {
            while self.open.len() > around
                && self
                    .open
                    .last()
                    .is_some_and(|frame| frame.close == Some(at))
            {
                self.leave();
            }
            self.one(*op);
        }
        while self.open.len() > around {
            self.leave();
        }
    }

    fn one(&mut self, op: Op) {
        match op {
            Op::Open {
                key, list, record, ..
            } => {
                let path = self.path.len();
                self.name(key);
                self.enter(path, list, record, None);
            }
            Op::Close { .. } => self.leave(),
            Op::Entry { record, close, .. } => {
                let path = self.path.len();
                self.path.push_str("/*");
                self.enter(path, false, record, Some(close as usize));
                let alive = self.open.last().is_some_and(|frame| frame.alive);
                self.out.keys.push((self.path.clone(), alive));
            }
            Op::Group { record, close } => {
                let list = self.open.last().is_some_and(|frame| frame.list);
                self.enter(self.path.len(), list, record, Some(close as usize));
            }
            Op::Leaf { key, datum, .. } => {
                let path = self.path.len();
                self.name(key);
                let alive = self.open.last().is_none_or(|frame| frame.alive);
                let passes = alive && self.decision.passes(datum as usize);
                self.out.data.push((datum, self.path.clone(), passes));
                self.path.truncate(path);
            }
            Op::Items => {
                // The elements' own steps follow elsewhere.
                let seen = self.seen;
                self.all(&seen.ops);
            }
            Op::Null { .. } | Op::Slot { .. } | Op::Cursor { .. } => {}
        }
    }

    fn enter(&mut self, path: usize, list: bool, record: u32, close: Option<usize>) {
        let around = self.open.last().is_none_or(|frame| frame.alive);
        let alive = around && (record == NO_RECORD || get(self.living, record as usize));
        if let Some(place) = self.out.records.get_mut(record as usize) {
            place.clone_from(&self.path);
        }
        self.open.push(Frame {
            path,
            list,
            alive,
            close,
        });
    }

    fn leave(&mut self) {
        if let Some(frame) = self.open.pop() {
            self.path.truncate(frame.path);
        }
    }

    fn name(&mut self, key: u16) {
        match key {
            NO_KEY if self.open.last().is_some_and(|frame| frame.list) => self.path.push_str("/*"),
            NO_KEY | ENTRY_KEY => {}
            key => {
                let written = self.plan.keys.get(usize::from(key));
                let name = written.and_then(|it| it.strip_suffix(':'));
                let name = name.and_then(|it| serde_json::from_str::<String>(it).ok());
                self.path = crate::document::step(&self.path, &name.unwrap_or_default());
            }
        }
    }
}
