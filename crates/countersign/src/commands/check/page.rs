//! The page about recorded answers: one file that loads nothing, and tells no value of any answer.

use std::path::Path;

use askama::Template;
use decide::Category;
use page::{POLICY, STYLE, thousands};
use release::{Answers, Finding, Kind, Member, Operated, Outcome, Strange};

/// What was looked at.
pub(super) struct About<'a> {
    pub(super) document: &'a Path,
    pub(super) overlay: &'a Path,
    pub(super) directory: &'a Path,
    /// Files that hold no answers, by their names.
    pub(super) others: &'a [String],
}

/// The page.
///
/// # Errors
/// None that answers could cause; a template's own.
pub(super) fn html(told: &Answers, about: &About<'_>) -> Result<String, askama::Error> {
    Page {
        style: STYLE,
        policy: POLICY,
        told,
        about,
    }
    .render()
}

#[derive(Template)]
#[template(path = "answers.html")]
struct Page<'a> {
    style: &'static str,
    policy: &'static str,
    told: &'a Answers,
    about: &'a About<'a>,
}

/// Findings of one kind.
struct Group<'a> {
    kind: Kind,
    findings: Vec<&'a Finding>,
}

/// A piece of a sentence: a name between backticks, or the words around.
struct Part<'t> {
    code: bool,
    text: &'t str,
}

impl<'a> Page<'a> {
    fn groups(&self) -> Vec<Group<'a>> {
        let of = |kind: Kind| Group {
            kind,
            findings: self
                .told
                .findings
                .iter()
                .filter(|it| it.kind == kind)
                .collect(),
        };
        let groups = Kind::ALL.into_iter().map(of);
        groups.filter(|group| !group.findings.is_empty()).collect()
    }

    fn findings_of(&self, operation: &Operated) -> usize {
        let all = self.told.findings.iter();
        all.filter(|it| it.operation == operation.id).count()
    }

    /// How many answers were walked, and how many there are.
    fn walked(&self) -> (usize, usize) {
        let all = self.told.answers.iter();
        let walked = all.filter(|it| matches!(it.outcome, Outcome::Walked { .. }));
        (
            walked.count(),
            self.told.answers.len() + self.told.unreadable.len(),
        )
    }

    /// Records that leave if everybody agrees, and all of them.
    fn records(&self) -> (usize, usize) {
        let all = self.told.operations.iter();
        all.fold((0, 0), |(leave, records), it| {
            (leave + it.leave, records + it.records)
        })
    }

    /// Runs in which somebody refused, and those in which they were still named.
    fn refusals(&self) -> (usize, usize) {
        let all = self.told.operations.iter();
        all.fold((0, 0), |(runs, named), it| {
            (runs + it.refusing.runs, named + it.refusing.still_named)
        })
    }

    fn undeclared(&self) -> usize {
        self.told
            .operations
            .iter()
            .map(|it| it.undeclared.len())
            .sum()
    }

    fn name(path: &Path) -> String {
        path.display().to_string()
    }
}

/// What the page says in its own words.
impl Page<'_> {
    fn parts(text: &str) -> Vec<Part<'_>> {
        let parts = text.split('`').enumerate();
        let parts = parts.map(|(n, text)| Part {
            code: n % 2 == 1,
            text,
        });
        parts.collect()
    }

    fn capital(text: &str) -> String {
        let mut letters = text.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect()
    }

    /// How much of it leaves, in per cent of a picture's width.
    fn share(leaves: &u64, there: &u64) -> String {
        #[expect(clippy::cast_precision_loss, reason = "a bar's width")]
        let share = *leaves as f64 / (*there).max(1) as f64 * 100.0;
        format!("{:.1}%", share.min(100.0))
    }

    fn share_of(leaves: &usize, there: &usize) -> String {
        Self::share(&(*leaves as u64), &(*there as u64))
    }

    fn categories(member: &Member) -> String {
        let names: Vec<&str> = member.categories.iter().map(Category::as_str).collect();
        names.join(", ")
    }

    fn number(n: &u64) -> String {
        thousands(*n)
    }

    fn count(n: &usize) -> String {
        thousands(*n as u64)
    }

    fn times(n: &u64) -> String {
        match n {
            1 => "once".to_owned(),
            n => format!("{} times", thousands(*n)),
        }
    }

    /// Where a finding was first.
    fn first(finding: &Finding) -> String {
        let mut text = finding.file.clone();
        if let Some(line) = finding.line {
            text.push_str(&format!(", line {line}"));
        }
        if !finding.at.is_empty() && finding.at != finding.member {
            text.push_str(&format!(", {}", finding.at));
        }
        text
    }

    /// Whom an unnamed member names.
    fn named(it: &Strange) -> &'static str {
        match (it.names_people, it.names_others) {
            (0, _) => "",
            (_, 0) => "people, all of whom the record names",
            _ => "somebody whom the record does not name",
        }
    }
}
