//! From the keys to the agreement: every value judged, everything wrong collected.

use std::collections::BTreeSet;

use decide::{ClaimedRole, Days, Frequency, Per, Power, Term, Time, Verb};

use super::form::{AgreementForm, ApprovalForm, FrequencyForm, PowerForm, SignatoryForm, TermForm};
use super::{Agreement, Approval, Granted, Signatory};
use crate::documents::problem::Problems;
use crate::documents::sheet::{At, Sheet};
use crate::documents::terms;

const ID: &str = "choose a short id that never changes";

pub(super) fn read(file: &str, text: &str) -> Result<Agreement, Problems> {
    let (mut sheet, form) = Sheet::read::<AgreementForm>(file, text, "agreement")?;
    let agreement = agreement(&mut sheet, &form);
    sheet.finish(agreement)
}

fn agreement(sheet: &mut Sheet<'_>, form: &AgreementForm) -> Option<Agreement> {
    let agreement = sheet.parse("agreement", &form.agreement, ID);
    let partner = sheet.parse(
        "partner",
        &form.partner,
        "write the id under which the partner is enrolled",
    );
    let claimed_role = role(sheet, &form.claimed_role);
    let in_return = sheet.words(
        "in-return",
        &form.in_return,
        "say what the platform gets: it stands on record",
    );
    let term = term(sheet, &form.term);
    let platform_officers = signatories(sheet, "platform", &form.officers.platform);
    let partner_officers = signatories(sheet, "partner", &form.officers.partner);
    let approvals = approvals(sheet, &form.approvals);
    let notice = |sheet: &mut Sheet<'_>, text| {
        sheet.parse("notices", text, "write SHA-256 of the exact notice text")
    };
    let notices: Vec<_> = form
        .notices
        .iter()
        .map(|text| notice(sheet, text))
        .collect();
    let powers = powers(sheet, &form.powers);
    if form.version.value == 0 {
        let place = form.version.referenced;
        sheet.add(
            place,
            "version: 0 is no version",
            "1 or more",
            "write 1 for the first version, then count up",
        );
    }
    Some(Agreement {
        agreement: agreement?,
        version: form.version.value,
        partner: partner?,
        claimed_role: claimed_role?,
        in_return,
        term: term?,
        platform_officers,
        partner_officers,
        approvals,
        notices: notices.into_iter().collect::<Option<_>>()?,
        powers,
    })
}

fn role(sheet: &mut Sheet<'_>, text: &At<String>) -> Option<ClaimedRole> {
    match text.value.as_str() {
        "third-party" => Some(ClaimedRole::ThirdParty),
        "service-provider" => Some(ClaimedRole::ServiceProvider),
        "joint-controller" => Some(ClaimedRole::JointController),
        other => {
            sheet.add(
                text.referenced,
                format!("claimed-role: {other:?} is not a role"),
                "third-party, service-provider or joint-controller",
                "write what the partner is said to be; it is shown and changes nothing in what people must consent to",
            );
            None
        }
    }
}

fn term(sheet: &mut Sheet<'_>, form: &At<TermForm>) -> Option<Term> {
    let advice = "write a moment with its zone";
    let from: Option<Time> = sheet.parse("term.from", &form.value.from, advice);
    let until: Option<Time> = sheet.parse("term.until", &form.value.until, advice);
    let term = Term {
        from: from?,
        until: until?,
    };
    if term.until <= term.from {
        sheet.add(
            form.value.until.referenced,
            format!(
                "the term is empty: it ends ({}) before it begins ({})",
                term.until, term.from
            ),
            "an end after the beginning",
            "correct one of the two moments",
        );
    }
    Some(term)
}

fn signatories(sheet: &mut Sheet<'_>, side: &str, all: &At<Vec<SignatoryForm>>) -> Vec<Signatory> {
    if all.value.is_empty() {
        sheet.add(
            all.referenced,
            format!("officers.{side} is empty"),
            "at least one officer",
            "name who may sign for this side: unsigned, every power in the agreement is inert",
        );
    }
    let mut seen = BTreeSet::new();
    let mut read = |form: &SignatoryForm| {
        let officer: Option<decide::OfficerId> = sheet.parse("officer", &form.officer, ID);
        let name = sheet.words("name", &form.name, "write the officer's name");
        let title = sheet.words("title", &form.title, "write the officer's function");
        let officer = officer?;
        if !seen.insert(officer.clone()) {
            let wrong = format!("officer {officer} stands in officers.{side} twice");
            sheet.add(
                form.officer.referenced,
                wrong,
                "each officer once",
                "remove one of the two",
            );
        }
        Some(Signatory {
            officer,
            name,
            title,
        })
    };
    all.value.iter().filter_map(&mut read).collect()
}

fn approvals(sheet: &mut Sheet<'_>, all: &At<Vec<ApprovalForm>>) -> Vec<Approval> {
    if all.value.is_empty() {
        sheet.add(
            all.referenced,
            "approvals is empty",
            "at least one approval",
            "name who approved the agreement inside the platform, and when",
        );
    }
    let mut read = |form: &ApprovalForm| {
        let by = sheet.words("by", &form.by, "write who approved");
        let on = sheet.parse("on", &form.on, "write the day of the approval");
        let note = form
            .note
            .as_ref()
            .map_or(String::new(), |note| note.value.clone());
        Some(Approval { by, on: on?, note })
    };
    all.value.iter().filter_map(&mut read).collect()
}

fn powers(sheet: &mut Sheet<'_>, all: &At<Vec<At<PowerForm>>>) -> Vec<Granted> {
    if all.value.is_empty() {
        sheet.add(
            all.referenced,
            "powers is empty: an agreement without powers grants nothing",
            "at least one power",
            "add a power, or do not offer the agreement",
        );
    }
    let mut granted: Vec<Granted> = Vec::new();
    for form in &all.value {
        let Some(power) = power(sheet, form) else {
            continue;
        };
        let same = |other: &&Granted| {
            let key = |p: &Power| {
                (
                    p.verb,
                    p.category.clone(),
                    p.reach.clone(),
                    p.purpose.clone(),
                )
            };
            key(&other.power) == key(&power.power)
        };
        if let Some(first) = granted.iter().find(same) {
            let Power {
                verb,
                category,
                reach,
                purpose,
                ..
            } = &power.power;
            sheet.add(
                form.referenced,
                format!("{verb} {category} through {reach} for {purpose} is granted twice (first on line {})", first.line),
                "each (verb, category, reach, purpose) once",
                "merge the two: with different limits nobody could say which holds",
            );
        }
        granted.push(power);
    }
    granted
}

fn power(sheet: &mut Sheet<'_>, at: &At<PowerForm>) -> Option<Granted> {
    let form = &at.value;
    let verb = verb(sheet, &form.verb);
    let category = terms::category(sheet, &form.category);
    let reach = sheet.parse(
        "reach",
        &form.reach,
        "write how the partner gets to the person; each reach is a power of its own",
    );
    let purpose = terms::purpose(sheet, "purpose", &form.purpose);
    let window = form
        .window_days
        .as_ref()
        .and_then(|days| window(sheet, days));
    let frequency = match &form.frequency {
        Some(form) => Some(frequency(sheet, form)?),
        None => None,
    };
    let legal_basis = terms::legal_basis(sheet, &form.legal_basis);
    let feature = sheet.words(
        "feature",
        &form.feature,
        "name the feature that the power is for",
    );
    let in_words = sheet.words(
        "in-words",
        &form.in_words,
        "say in plain words what the power means for people",
    );
    Some(Granted {
        power: Power {
            verb: verb?,
            category: category?,
            reach: reach?,
            purpose: purpose?,
            window,
            frequency,
            retention: Days(form.retention_days.value),
            legal_basis: legal_basis?,
        },
        feature,
        needed: form.needed,
        in_words,
        line: at.referenced.line(),
    })
}

fn verb(sheet: &mut Sheet<'_>, text: &At<String>) -> Option<Verb> {
    let (wrong, advice) = match text.value.as_str() {
        "read" => return Some(Verb::Read),
        "write" => return Some(Verb::Write),
        "delete" => return Some(Verb::Delete),
        "import" => return Some(Verb::Import),
        "conceal" | "hide" | "hidden" | "suppress" | "mask" => (
            format!(
                "verb: {:?} would hide from people that their data is taken; no agreement can grant that",
                text.value
            ),
            "remove this power: there is no way to write it, on purpose",
        ),
        other => (
            format!("verb: {other:?} is not a verb"),
            "write one power per verb; write and delete do not imply read",
        ),
    };
    sheet.add(
        text.referenced,
        wrong,
        "read, write, delete or import",
        advice,
    );
    None
}

fn window(sheet: &mut Sheet<'_>, days: &At<u32>) -> Option<Days> {
    if days.value == 0 {
        sheet.add(
            days.referenced,
            "window-days: 0 days of data are none",
            "1 or more",
            "write the number of days, or leave the key out for data of any age",
        );
    }
    Some(Days(days.value))
}

fn frequency(sheet: &mut Sheet<'_>, form: &FrequencyForm) -> Option<Frequency> {
    if form.times.value == 0 {
        sheet.add(
            form.times.referenced,
            "frequency: 0 times is never",
            "1 or more",
            "write how often, or leave the power out",
        );
    }
    let per = match form.per.value.as_str() {
        "hour" => Per::Hour,
        "day" => Per::Day,
        "week" => Per::Week,
        "month" => Per::Month,
        other => {
            let wrong = format!("per: {other:?} is not a span");
            sheet.add(
                form.per.referenced,
                wrong,
                "hour, day, week or month",
                "a month counts as 30 days",
            );
            return None;
        }
    };
    Some(Frequency {
        times: form.times.value,
        per,
    })
}
