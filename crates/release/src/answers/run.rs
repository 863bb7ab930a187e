//! From files to a report: who is in the answers first, then everybody's consent, then one refusal after the other.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use decide::{PersonNo, Verb, Who};

use super::findings::{Findings, Found};
use super::people::{Numbering, People};
use super::recording::{AnswerFile, Recording, read};
use super::report::{Answer, Answers, Kind, Outcome};
use super::tally::Tally;
use super::town::Town;
use crate::api::{Api, Me, Route, Routed};
use crate::document::{percent_decoded, percent_encoded};
use crate::error::{AnswerRefused, RequestRefused};
use crate::judged::Judged;
use crate::operation::OnBehalf;
use crate::parameter::{Rule, Segment};
use crate::request::recorded;
use crate::walk::Walk;

/// What may be said about the looking.
#[derive(Clone, Debug)]
pub struct Settings {
    /// For whom answers were recorded that do not say it themselves, by the platform's id.
    pub asked_for: Option<String>,
    /// How many people of each answer refuse, one after the other; the first that are met.
    pub refusing: usize,
}

/// Who is meant where nobody is said to have connected: somebody whom no answer names.
const STRANGER: &str = "(the person who connected)";

/// Looks at recorded answers. Nothing is asked of anybody, and nothing is released.
#[must_use]
pub fn answers(api: &Api, files: &[AnswerFile], settings: &Settings) -> Answers {
    let mut recordings = Vec::new();
    let mut unreadable = Vec::new();
    for one in files.iter().flat_map(read) {
        match one {
            Ok(recording) => recordings.push(recording),
            Err(problem) => unreadable.push(problem),
        }
    }
    let mut look = Look::at(api, &recordings, settings);
    let outcomes: Vec<Outcome> = recordings.iter().map(|one| look.one(one)).collect();
    look.report(outcomes, unreadable)
}

/// The answers that can serve as lists of people, by the path that asks for them.
fn lists(recordings: &[Recording]) -> HashMap<String, usize> {
    let lists = recordings.iter().enumerate();
    let lists = lists.filter(|(_, one)| one.method == "GET" && one.status == 200);
    lists
        .map(|(n, one)| (alike(&one.path, one.query.as_deref()), n))
        .collect()
}

/// One spelling for every way in which a path can be encoded.
fn alike(path: &str, query: Option<&str>) -> String {
    let mut out = String::new();
    for (n, segment) in path.split('/').enumerate() {
        if n > 0 {
            out.push('/');
        }
        match percent_decoded(segment) {
            Some(text) => percent_encoded(&text, &mut out),
            None => out.push_str(segment),
        }
    }
    if let Some(query) = query.filter(|query| !query.is_empty()) {
        out = format!("{out}?{query}");
    }
    out
}

/// The look at all of them.
pub(super) struct Look<'a> {
    api: &'a Api,
    recordings: &'a [Recording],
    pub(super) settings: &'a Settings,
    lists: HashMap<String, usize>,
    /// How often each served as a list of people.
    served: RefCell<Vec<usize>>,
    pub(super) people: People,
    pub(super) findings: Findings,
    /// By operation.
    pub(super) tallies: BTreeMap<String, Tally>,
}

/// Why an answer is not walked.
enum Not {
    Request(RequestRefused),
    Answer(AnswerRefused),
}

/// A walked answer, with whoever it was asked for.
pub(super) struct Walked {
    pub(super) walk: Walk,
    pub(super) refused: Vec<RequestRefused>,
}

impl<'a> Look<'a> {
    /// Looks through all of them for people first.
    pub(super) fn at(api: &'a Api, recordings: &'a [Recording], settings: &'a Settings) -> Self {
        let mut look = Look {
            api,
            recordings,
            settings,
            lists: lists(recordings),
            served: RefCell::new(vec![0; recordings.len()]),
            people: People::default(),
            findings: Findings::default(),
            tallies: BTreeMap::new(),
        };
        look.recognise();
        look
    }

    /// Finds out who is in the answers, and what else they are called.
    fn recognise(&mut self) {
        let mut numbering = Numbering::default();
        for recording in self.recordings {
            if let Some(route) = self.mapped(recording)
                && let Ok(walked) = self.walk(recording, &route, &|id| numbering.number(id))
            {
                numbering.take(&walked.walk);
            }
            if let Some(id) = self.said(recording, None) {
                numbering.add(&id);
            }
        }
        numbering.add(STRANGER);
        self.people = numbering.people();
        for recording in self.recordings {
            if let Some(route) = self.mapped(recording)
                && let Ok(walked) = self.walk(recording, &route, &|id| self.people.number(id))
            {
                self.people.learn(&walked.walk);
            }
        }
        self.served.borrow_mut().iter_mut().for_each(|n| *n = 0);
    }

    /// The operation, if its plan is for this answer.
    pub(super) fn mapped(&self, recording: &Recording) -> Option<Route> {
        let Routed::Mapped(route) = self.api.route(&recording.method, &recording.path) else {
            return None;
        };
        let operation = route.operation();
        let fits = operation.verb() == Verb::Read && operation.status() == recording.status;
        fits.then_some(route)
    }

    /// For whom it was asked, where anything says so.
    fn said(&self, recording: &Recording, route: Option<&Route>) -> Option<String> {
        let in_path = route.and_then(|route| {
            let operation = route.operation();
            let names = operation.template.iter().filter_map(Segment::name);
            let mut own = names.zip(&route.values).filter(|(name, _)| {
                let mut parameters = operation.parameters.iter();
                parameters.any(|p| p.in_path && p.name == *name && p.rule == Rule::Own)
            });
            let said = own.next().map(|(_, value)| value.clone());
            said.filter(|value| value != "me")
        });
        let said = recording.asked_for.clone().or(in_path);
        said.or_else(|| self.settings.asked_for.clone())
    }

    /// Walks an answer, with the calls for people that were recorded beside it.
    fn walk(
        &self,
        recording: &Recording,
        route: &Route,
        number: &dyn Fn(&str) -> Option<PersonNo>,
    ) -> Result<Walked, Not> {
        let me = match route.operation().on_behalf() {
            OnBehalf::Nobody => None,
            OnBehalf::Person => {
                let id = self.said(recording, Some(route));
                let id = id.unwrap_or_else(|| STRANGER.to_owned());
                number(&id).map(|no| Me { id, no })
            }
        };
        let body = recording.request_body.as_ref().map(String::as_bytes);
        let prepared = recorded(route, recording.query.as_deref(), body, me.as_ref());
        let (mut walk, refused) = prepared.map_err(Not::Request)?;
        let page = Bytes::from(recording.body.clone());
        walk.take_page(page, number).map_err(Not::Answer)?;
        for path in walk.lookups() {
            let list = self.list(&path);
            let list = list.map(|list| list.body.as_bytes());
            walk.take_people(&path, list, number).map_err(Not::Answer)?;
        }
        Ok(Walked { walk, refused })
    }

    fn list(&self, path: &str) -> Option<&'a Recording> {
        let (path, query) = path
            .split_once('?')
            .map_or((path, None), |(path, query)| (path, Some(query)));
        let at = *self.lists.get(&alike(path, query))?;
        if let Some(times) = self.served.borrow_mut().get_mut(at) {
            *times += 1;
        }
        self.recordings.get(at)
    }

    /// One answer, with everybody's consent and with each person's refusal.
    fn one(&mut self, recording: &'a Recording) -> Outcome {
        let Routed::Mapped(route) = self.api.route(&recording.method, &recording.path) else {
            return Outcome::Unmapped;
        };
        let operation = route.operation().clone();
        let id = operation.id().to_owned();
        if operation.verb() != Verb::Read {
            return Outcome::NotARead;
        }
        if operation.status() != recording.status {
            return Outcome::WrongStatus {
                operation: id,
                status: recording.status,
                expected: operation.status(),
            };
        }
        match self.judged(recording, &route) {
            Ok((judged, town, refused)) => {
                let people = people_of(&judged);
                self.tally(recording, &judged, &refused);
                self.causes(recording, &judged);
                let (leave, records) = judged.records();
                self.refusals(recording, &route, &town, &people, &judged);
                Outcome::Walked {
                    operation: id,
                    records,
                    leave,
                    people: people.len(),
                }
            }
            Err(why) => {
                self.findings.add(
                    recording,
                    Found {
                        kind: Kind::NoPlanFits,
                        operation: &id,
                        member: String::new(),
                        what: why,
                        at: String::new(),
                    },
                );
                Outcome::Refused { operation: id }
            }
        }
    }

    pub(super) fn judged(
        &self,
        recording: &Recording,
        route: &Route,
    ) -> Result<(Judged, Town, Vec<RequestRefused>), String> {
        let walked = self
            .walk(recording, route, &|id| self.people.number(id))
            .map_err(|not| match not {
                Not::Request(why) => format!("the request: {why}"),
                Not::Answer(why) => why.to_string(),
            })?;
        let me = walked.walk.me.as_ref().map(|me| me.no);
        let town = Town::new(self.people.count(), me, route.operation().pairs())
            .ok_or("the rule could not be asked about it")?;
        let judged = town
            .judge(walked.walk)
            .ok_or("the rule could not be asked about it")?;
        Ok((judged, town, walked.refused))
    }

    /// The same answer again, under what the town says now.
    pub(super) fn again(
        &self,
        recording: &Recording,
        route: &Route,
        town: &Town,
    ) -> Option<Judged> {
        let walked = self.walk(recording, route, &|id| self.people.number(id));
        town.judge(walked.ok()?.walk)
    }

    fn report(
        mut self,
        outcomes: Vec<Outcome>,
        unreadable: Vec<super::report::Unreadable>,
    ) -> Answers {
        let served = self.served.into_inner();
        let known = self.recordings.iter().zip(outcomes).zip(served);
        let operations = self.api.operations().iter();
        let operations = operations.filter_map(|operation| {
            let tally = self.tallies.remove(operation.id())?;
            Some(tally.report(operation))
        });
        Answers {
            operations: operations.collect(),
            // The stranger is nobody in the answers.
            people: (self.people.count() as usize).saturating_sub(1),
            answers: known
                .map(|((recording, outcome), times)| Answer {
                    file: recording.file.clone(),
                    line: recording.line,
                    outcome,
                    lists_people: times > 0,
                })
                .collect(),
            unreadable,
            findings: self.findings.all(),
        }
    }
}

/// Everybody recognised in an answer, in the order in which they were met.
fn people_of(judged: &Judged) -> Vec<PersonNo> {
    let mut met = BTreeSet::new();
    let subjects = judged.settled.walk.seen.subjects.iter();
    let known = subjects.filter_map(|it| match it.who {
        Who::Known(person) => Some(person),
        Who::Unresolved => None,
    });
    known.filter(|person| met.insert(*person)).collect()
}
