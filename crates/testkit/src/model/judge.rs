//! The rule, person by person, with every reason.

use std::collections::BTreeSet;

use decide::{
    AgreementVersion, Bar, Behalf, Category, Connection, Datum, Form, LegalBasis, MissingFact, Now,
    PersonNo, Power, Promise, Question, Reach, Reason, Scope, Subject, Time, Who,
};

use super::scan::{self, History};
use super::{Answer, Judged};

pub(super) fn answer(history: History<'_>, question: &Question<'_>, now: Now) -> Answer {
    let at = match believed(history, now) {
        Ok(at) if scan::policy(history).is_some() => at,
        Ok(_) => return refuse_all(question, &Reason::Missing(MissingFact::Policy)),
        Err(reason) => return refuse_all(question, &reason),
    };
    let case = Case {
        history,
        question,
        at,
    };
    Answer {
        at: Some(at),
        data: question
            .data
            .iter()
            .map(|datum| case.judge(datum))
            .collect(),
    }
}

fn believed(history: History<'_>, now: Now) -> Result<Time, Reason> {
    let clock = match now {
        Now::At(clock) => clock,
        Now::WentBack => return Err(Reason::ClockWentBack),
        Now::JumpedAhead => return Err(Reason::ClockJumpedAhead),
    };
    match scan::latest(history) {
        Some(latest) if clock.0 + 5_000 < latest.0 => Err(Reason::ClockWentBack),
        Some(latest) => Ok(latest.max(clock)),
        None => Ok(clock),
    }
}

fn refuse_all(question: &Question<'_>, reason: &Reason) -> Answer {
    let judged = |datum: &Datum| {
        let people = people_of(question, datum).len();
        Judged {
            passes: false,
            reasons: [reason.clone()].into(),
            people: vec![BTreeSet::new(); people],
            powers: vec![None; people],
        }
    };
    Answer {
        at: None,
        data: question.data.iter().map(judged).collect(),
    }
}

fn people_of<'a>(question: &Question<'a>, datum: &Datum) -> &'a [Subject] {
    let range = datum.subjects.start as usize..datum.subjects.end as usize;
    if range.start > range.end || range.end > question.subjects.len() {
        return &[];
    }
    &question.subjects[range]
}

struct Case<'a> {
    history: History<'a>,
    question: &'a Question<'a>,
    at: Time,
}

/// A power in a version, and what of the agreement stands against using it.
struct Candidate<'a> {
    power: &'a Power,
    against: BTreeSet<Reason>,
}

impl<'a> Case<'a> {
    fn judge(&self, datum: &Datum) -> Judged {
        let people = people_of(self.question, datum);
        if people.is_empty() {
            return Judged {
                passes: false,
                reasons: [Reason::NoPeople].into(),
                people: vec![],
                powers: vec![],
            };
        }
        let (powers, people): (Vec<_>, Vec<_>) = people
            .iter()
            .map(|subject| self.judge_person(datum, *subject))
            .unzip();
        Judged {
            passes: people.iter().all(BTreeSet::is_empty),
            reasons: [].into(),
            people,
            powers,
        }
    }

    fn judge_person(
        &self,
        datum: &Datum,
        subject: Subject,
    ) -> (Option<decide::PowerId>, BTreeSet<Reason>) {
        let Some(category) = self.question.categories.get(datum.category as usize) else {
            return (None, [Reason::UnknownCategory].into());
        };
        let Some(reach) = self.question.reaches.get(subject.reach as usize) else {
            return (None, [Reason::UnresolvedPerson].into());
        };
        let candidate = self.candidate(category, reach);
        let power = candidate.as_ref().map(|it| it.power);
        let mut against = BTreeSet::new();
        against.extend(self.agreement(category, reach, candidate.as_ref()));
        against.extend(self.limits(datum, power));
        against.extend(self.connection(reach, power));
        against.extend(self.person(subject.who, reach, power));
        against.extend(self.promises(category, reach, subject.who, power));
        (power.map(Power::id), against)
    }

    /// The power for it: usable, or else with the fewest reasons against it; of equals the one offered last.
    fn candidate(&self, category: &Category, reach: &Reach) -> Option<Candidate<'a>> {
        let asker = self.question.asker;
        let mut best: Option<Candidate<'a>> = None;
        for offer in scan::offers(self.history) {
            for power in &offer.powers {
                let this = offer.partner == asker.partner
                    && power.verb == asker.verb
                    && power.category == *category
                    && power.reach == *reach
                    && power.purpose == asker.purpose;
                let against = if this {
                    self.version(offer, power)
                } else {
                    continue;
                };
                if best
                    .as_ref()
                    .is_none_or(|best| against.len() <= best.against.len())
                {
                    best = Some(Candidate { power, against });
                }
            }
        }
        best
    }

    /// What stands against using the power as this version has it.
    fn version(&self, offer: &AgreementVersion, power: &Power) -> BTreeSet<Reason> {
        let (history, at, id) = (self.history, self.at, &offer.agreement);
        let mut against = BTreeSet::new();
        let mut note = |applies: bool, reason| {
            if applies {
                against.insert(reason);
            }
        };
        note(
            scan::ended(history, id) || at >= offer.term.until,
            Reason::Ended,
        );
        note(scan::suspended(history, id), Reason::Suspended);
        note(
            scan::signed(history, offer, decide::Party::Partner).is_none(),
            Reason::NotSignedByPartner,
        );
        note(
            scan::signed(history, offer, decide::Party::Platform).is_none(),
            Reason::NotSignedByPlatform,
        );
        note(at < offer.term.from, Reason::NotStarted);
        let newer = scan::governing(history, id, at).is_some_and(|version| version > offer.version);
        note(newer, Reason::Superseded);
        note(
            scan::handed_back(history, offer, power.id()),
            Reason::HandedBack,
        );
        note(scan::lapsed(history, offer, power.id(), at), Reason::Lapsed);
        against
    }

    /// 1: an agreement grants it, and it may be used now.
    fn agreement(
        &self,
        category: &Category,
        reach: &Reach,
        candidate: Option<&Candidate<'_>>,
    ) -> BTreeSet<Reason> {
        let asker = self.question.asker;
        let policy = scan::policy(self.history).expect("checked before");
        let mut against = BTreeSet::new();
        if !scan::enrolled(self.history, &asker.partner) {
            against.insert(Reason::UnknownPartner);
        }
        if !policy.categories.contains(category) {
            against.insert(Reason::UnknownCategory);
        }
        let Some(Candidate {
            power,
            against: of_version,
        }) = candidate
        else {
            against.insert(Reason::NotGranted);
            return against;
        };
        against.extend(of_version.iter().cloned());
        if let Some(frequency) = power.frequency {
            let draws = asker.draws.iter().filter(|draw| draw.power == power.id());
            match draws.map(|draw| draw.ordinal).max().unwrap_or(0) {
                0 => against.insert(Reason::Missing(MissingFact::Use)),
                use_number if use_number > frequency.times => against.insert(Reason::TooOften),
                _ => false,
            };
        }
        let named = policy
            .other_bases
            .contains(&(power.id(), power.legal_basis.clone()));
        if power.legal_basis != LegalBasis::Consent && (!named || *reach != Reach::Own) {
            against.insert(Reason::BasisNotAccepted);
        }
        against
    }

    /// 1: the window.
    fn limits(&self, datum: &Datum, power: Option<&Power>) -> Option<Reason> {
        let days = i64::from(power?.window?.0);
        let Some(made) = datum.made else {
            return Some(Reason::Missing(MissingFact::WhenMade));
        };
        if made.0 > self.at.0 + 3_600_000 {
            return Some(Reason::Missing(MissingFact::WhenMade));
        }
        (made.0 < self.at.0 - days * 86_400_000).then_some(Reason::OutsideWindow)
    }

    fn link(&self) -> Option<&'a Connection> {
        match &self.question.asker.behalf {
            Behalf::Connection(id) => scan::connection(self.history, id),
            Behalf::Nobody => None,
        }
    }

    /// Whether the connection is with this partner and covers the power.
    fn covered(&self, power: Option<&Power>) -> bool {
        let (Some(link), Some(power)) = (self.link(), power) else {
            return false;
        };
        link.partner == self.question.asker.partner && scan::covers(self.history, link, power.id())
    }

    /// 2: the connection.
    fn connection(&self, reach: &Reach, power: Option<&Power>) -> BTreeSet<Reason> {
        let mut against = BTreeSet::new();
        let for_nobody = self.question.asker.behalf == Behalf::Nobody;
        let Some(link) = self.link() else {
            if !for_nobody || *reach != Reach::Directory {
                against.insert(Reason::NoConnection);
            }
            return against;
        };
        let today = self.at.day();
        if link.partner != self.question.asker.partner {
            against.insert(Reason::ConnectionOfAnother);
        }
        if scan::disconnected(self.history, link, today) {
            against.insert(Reason::ConnectionEnded);
        }
        if scan::quiet(self.history, link, today) {
            against.insert(Reason::ConnectionQuiet);
        }
        if !self.covered(power) {
            against.insert(Reason::NotCovered);
        }
        against
    }

    /// 3: the person's consent and bars.
    fn person(&self, who: Who, reach: &Reach, power: Option<&Power>) -> BTreeSet<Reason> {
        let Who::Known(person) = who else {
            return [Reason::UnresolvedPerson].into();
        };
        let mut against = BTreeSet::new();
        if !scan::member(self.history, person) {
            against.insert(Reason::UnknownPerson);
        }
        if *reach == Reach::Own && self.link().is_none_or(|link| link.person != person) {
            against.insert(Reason::NotTheirOwn);
        }
        let on_consent = power.is_none_or(|power| power.legal_basis == LegalBasis::Consent);
        if on_consent && !self.consented(person, power) {
            against.insert(Reason::NoConsent);
        }
        against.extend(
            self.bars(person, reach, power)
                .into_iter()
                .map(Reason::Barred),
        );
        against
    }

    /// The connecting person by the connection, everybody else by their own word. Where the power stands on another
    /// basis a connection is no consent, so then it takes their own word too.
    fn consented(&self, person: PersonNo, power: Option<&Power>) -> bool {
        let Some(power) = power else {
            return false;
        };
        let connected = self.link().is_some_and(|link| link.person == person);
        if connected && power.legal_basis == LegalBasis::Consent {
            return self.covered(Some(power));
        }
        let partner = &self.question.asker.partner;
        scan::consented(self.history, person, partner, power.id(), self.at.day())
    }

    fn bars(&self, person: PersonNo, reach: &Reach, power: Option<&Power>) -> Vec<Bar> {
        let asker = self.question.asker;
        let policy = scan::policy(self.history).expect("checked before");
        let advertising =
            asker.purpose.is_advertising() || policy.advertising.contains(&asker.purpose);
        let mut bars = vec![
            Bar::Everything,
            Bar::Through(reach.clone()),
            Bar::Partner(asker.partner.clone()),
        ];
        let lifted = power.is_some_and(|power| {
            scan::signal_lifted(self.history, person, &asker.partner, power.id())
        });
        if (advertising || *reach != Reach::Own) && !lifted {
            bars.push(Bar::GlobalPrivacyControl);
        }
        bars.retain(|bar| scan::barred(self.history, person, bar));
        bars
    }

    /// 4: the promises.
    fn promises(
        &self,
        category: &Category,
        reach: &Reach,
        who: Who,
        power: Option<&Power>,
    ) -> Vec<Reason> {
        // Of somebody who could not be resolved nobody can say that they did not consent; they are refused as it is.
        let refused = matches!(who, Who::Known(person) if !self.consented(person, power));
        scan::promises(self.history, self.at)
            .into_iter()
            .filter(|promise| self.in_scope(&promise.scope, category, reach))
            .filter(|promise: &&Promise| promise.form != Form::UnlessConsented || refused)
            .map(|promise| Reason::Promised(promise.promise.clone()))
            .collect()
    }

    fn in_scope(&self, scope: &Scope, category: &Category, reach: &Reach) -> bool {
        let asker = self.question.asker;
        let Scope {
            verbs,
            categories,
            reaches,
            purposes,
            partners,
        } = scope;
        verbs.as_ref().is_none_or(|set| set.contains(&asker.verb))
            && categories.as_ref().is_none_or(|set| set.contains(category))
            && reaches.as_ref().is_none_or(|set| set.contains(reach))
            && purposes
                .as_ref()
                .is_none_or(|set| set.contains(&asker.purpose))
            && partners
                .as_ref()
                .is_none_or(|set| set.contains(&asker.partner))
    }
}
