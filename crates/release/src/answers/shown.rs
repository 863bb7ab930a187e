//! The report as text.

use std::collections::BTreeMap;
use std::fmt;

use decide::Category;

use super::report::{
    Answer, Answers, Finding, Member, Operated, Outcome, Refusing, Strange, Unreadable,
};

impl Answers {
    /// How many answers came to each kind of outcome, in words.
    #[must_use]
    pub fn outcomes(&self) -> Vec<(&'static str, usize)> {
        let mut counts: BTreeMap<(u8, &str), usize> = BTreeMap::new();
        for answer in &self.answers {
            let count = counts.entry(answer.outcome.in_words()).or_default();
            *count = count.saturating_add(1);
        }
        if !self.unreadable.is_empty() {
            counts.insert((9, "not readable"), self.unreadable.len());
        }
        counts.into_iter().map(|((_, word), n)| (word, n)).collect()
    }

    /// Whether there is anything to look at.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.unreadable.is_empty()
    }
}

impl Outcome {
    /// In a word, with its place in lists.
    fn in_words(&self) -> (u8, &'static str) {
        match self {
            Outcome::Walked { .. } => (0, "walked"),
            Outcome::Refused { .. } => (1, "refused whole"),
            Outcome::WrongStatus { .. } => (2, "of another status"),
            Outcome::NotARead => (3, "no read"),
            Outcome::Unmapped => (4, "of no operation of the overlay"),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Walked {
                operation,
                records,
                leave,
                people,
            } => write!(
                f,
                "{operation}: {leave} of {}, {}",
                counted(*records, "record"),
                counted(*people, "person")
            ),
            Outcome::Unmapped => {
                f.write_str("of no operation of the overlay; partners are refused")
            }
            Outcome::NotARead => f.write_str("no read: not walked"),
            Outcome::WrongStatus {
                operation,
                status,
                expected,
            } => write!(
                f,
                "{operation}: status {status}, the plan is for {expected}"
            ),
            Outcome::Refused { operation } => write!(f, "{operation}: refused whole"),
        }
    }
}

/// A number with its noun.
fn counted(n: usize, what: &str) -> String {
    match (n, what) {
        (1, _) => format!("1 {what}"),
        (_, "person") => format!("{n} people"),
        _ => format!("{n} {what}s"),
    }
}

fn place(file: &str, line: Option<usize>) -> String {
    line.map_or_else(|| file.to_owned(), |line| format!("{file}, line {line}"))
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", place(&self.file, self.line), self.problem)?;
        write!(f, "  expected: {}", self.expected)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", place(&self.file, self.line), self.outcome)?;
        if self.lists_people {
            f.write_str("; lists people of other answers")?;
        }
        Ok(())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = match self.count {
            1 => String::new(),
            n => format!(" ({})", times(n)),
        };
        let at = if self.member.is_empty() {
            String::new()
        } else {
            format!(" {}", self.member)
        };
        writeln!(f, "{}: {}{at}{times}", self.kind.title(), self.operation)?;
        writeln!(f, "  {}", self.what)?;
        let exact = if self.at.is_empty() || self.at == self.member {
            String::new()
        } else {
            format!(", {}", self.at)
        };
        writeln!(f, "  first in: {}{exact}", place(&self.file, self.line))?;
        write!(f, "  to do: {}", self.kind.remedy())
    }
}

impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.answers.len().saturating_add(self.unreadable.len());
        let each = self.outcomes().into_iter();
        let each: Vec<String> = each.map(|(word, n)| format!("{n} {word}")).collect();
        writeln!(
            f,
            "{}: {}.",
            counted(all, "recorded answer"),
            each.join(", ")
        )?;
        writeln!(f, "{} recognised.", counted(self.people, "person"))?;
        for operation in &self.operations {
            write!(f, "\n{operation}")?;
        }
        let others: Vec<&Answer> = self
            .answers
            .iter()
            .filter(|answer| !matches!(answer.outcome, Outcome::Walked { .. }))
            .collect();
        if !others.is_empty() {
            writeln!(f, "\nAnswers that were not walked:")?;
        }
        for answer in others {
            writeln!(f, "  {answer}")?;
        }
        for problem in &self.unreadable {
            writeln!(f, "\nnot readable: {problem}")?;
        }
        for finding in &self.findings {
            writeln!(f, "\n{finding}")?;
        }
        if self.findings.is_empty() {
            write!(f, "\nNothing to look at.")
        } else {
            write!(f, "\n{} to look at.", counted(self.findings.len(), "place"))
        }
    }
}

impl fmt::Display for Operated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (answers, leave, records) = (self.answers, self.leave, self.records);
        write!(
            f,
            "{} {} ({}): {}, {leave} of {} leave if everybody agrees",
            self.method,
            self.path,
            self.id,
            counted(answers, "answer"),
            counted(records, "record")
        )?;
        match self.more_follows {
            Some(more) => writeln!(f, "; {more} of {answers} say that another page follows")?,
            None => writeln!(f)?,
        }
        members(f, &self.members)?;
        let (quiet, loud): (Vec<Strange>, Vec<Strange>) = self
            .dropped
            .iter()
            .cloned()
            .partition(|it| it.names_others == 0);
        if !quiet.is_empty() {
            let times = quiet.iter().map(|it| it.count).sum();
            let members = counted(quiet.len(), "declared member");
            writeln!(
                f,
                "  dropped {members} that the overlay does not cover, {}",
                self::times(times)
            )?;
        }
        strange(f, "dropped", &loud)?;
        strange(f, "undeclared", &self.undeclared)?;
        for it in &self.unforeseen {
            let said = it.said.as_ref();
            let said = said.map_or_else(|| "nothing known".to_owned(), |said| format!("`{said}`"));
            writeln!(f, "  unforeseen {} says {said}, {}", it.at, times(it.count))?;
        }
        for it in &self.misfits {
            writeln!(f, "  misfit {}: {}, {}", it.at, it.what, times(it.count))?;
        }
        for it in &self.recognised {
            let people = counted(it.people, "person");
            writeln!(f, "  people {} as {}: {people}", it.by, it.reach)?;
        }
        for it in &self.refused_requests {
            writeln!(f, "  refused to partners, {}: {}", times(it.count), it.what)?;
        }
        refusing(f, &self.refusing)
    }
}

/// What leaves always in a line, and a line for each member that does not.
fn members(f: &mut fmt::Formatter<'_>, all: &[Member]) -> fmt::Result {
    let (whole, part): (Vec<&Member>, Vec<&Member>) =
        all.iter().partition(|it| it.leaves == it.there);
    if !whole.is_empty() {
        let data = whole.iter().map(|it| it.leaves).sum();
        let members = counted(whole.len(), "member");
        writeln!(
            f,
            "  leaves {members} wherever they stand, {} in all",
            times(data)
        )?;
    }
    let wide = part.iter().map(|it| it.member.chars().count()).max();
    let wide = wide.unwrap_or(0);
    for it in part {
        let names: Vec<&str> = it.categories.iter().map(Category::as_str).collect();
        let (leaves, there) = (it.leaves, it.there);
        writeln!(
            f,
            "  leaves {:wide$}  {leaves} of {there}  {}",
            it.member,
            names.join(", ")
        )?;
    }
    Ok(())
}

fn refusing(f: &mut fmt::Formatter<'_>, it: &Refusing) -> fmt::Result {
    if it.runs == 0 {
        return Ok(());
    }
    write!(
        f,
        "  refusing one after the other: {}; {} gone in all, {} at most for one of them",
        counted(it.runs, "person"),
        counted(
            usize::try_from(it.records_gone).unwrap_or(usize::MAX),
            "record"
        ),
        it.most_gone
    )?;
    if it.nothing_gone > 0 {
        write!(f, "; nothing for {} of them", it.nothing_gone)?;
    }
    if it.not_tried > 0 {
        write!(f, "; {} not tried", it.not_tried)?;
    }
    match it.still_named {
        0 => writeln!(f, "; none still named"),
        n => writeln!(f, "; {n} STILL NAMED"),
    }
}

/// `once`, `7 times`.
fn times(n: u64) -> String {
    match n {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    }
}

fn strange(f: &mut fmt::Formatter<'_>, word: &str, all: &[Strange]) -> fmt::Result {
    let wide = all.iter().map(|it| it.member.chars().count()).max();
    let wide = wide.unwrap_or(0);
    for it in all {
        let kinds = it.kinds.join(" or ");
        write!(
            f,
            "  {word} {:wide$}  {}, {kinds}",
            it.member,
            times(it.count)
        )?;
        match (it.names_people, it.names_others) {
            (0, _) => {}
            (n, 0) => write!(f, "; {n} name people, all of whom the record names")?,
            (n, others) => write!(f, "; {n} name people, {others} of them somebody else")?,
        }
        if it.allowed {
            f.write_str("; the document allows any member here")?;
        }
        writeln!(f)?;
    }
    Ok(())
}
