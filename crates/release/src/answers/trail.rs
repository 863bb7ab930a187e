//! Where something stands in an answer, without telling whose it is.

use crate::document::step;

/// One step into an answer.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// A member.
    Name(String),
    /// An element of a list, counted from 0.
    Element(usize),
    /// The key of a map: an id of a person or of a record.
    Key,
}

/// The way into an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Trail(Vec<Step>);

impl Trail {
    pub(super) fn push(&mut self, step: Step) {
        self.0.push(step);
    }

    pub(super) fn pop(&mut self) {
        self.0.pop();
    }

    /// As plans name it: `/data/*/name`. The same for every element and key.
    pub(super) fn general(&self) -> String {
        self.0.iter().fold(String::new(), |path, it| match it {
            Step::Name(name) => step(&path, name),
            Step::Element(_) | Step::Key => path + "/*",
        })
    }

    /// In this very answer: `/data/3/name`. Keys of maps stay `*`, since they may be people.
    pub(super) fn exact(&self) -> String {
        self.0.iter().fold(String::new(), |path, it| match it {
            Step::Name(name) => step(&path, name),
            Step::Element(n) => format!("{path}/{n}"),
            Step::Key => path + "/*",
        })
    }
}
