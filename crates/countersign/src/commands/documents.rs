//! `promise`, `policy`, `notice`: documents that are taken in byte for byte.

use std::path::Path;

use decide::Form;
use http::Method;
use register::Change;
use register::documents::{policy as policy_document, promise as promise_document};
use serde_json::json;

use super::take;
use crate::args;
use crate::door::Step;
use crate::exit::{Exit, Failure};
use crate::output::{Format, print, print_json};
use crate::surroundings::read_text;

/// `promise draft`, `promise check`, `promise make`
pub(crate) fn promise(args: &args::Promise, format: Format) -> Result<Exit, Failure> {
    match args {
        args::Promise::Draft { promise } => {
            print(&promise_document::draft(promise))?;
            Ok(Exit::Done)
        }
        args::Promise::Check(args) => {
            let document = read_promise(&args.file)?;
            let promise = &document.promise;
            match format {
                Format::Json => print_json(&json!({
                    "promise": promise,
                    "made": document.made,
                    "summary": document.summary,
                    "address": document.address,
                }))?,
                Format::Plain => print(&format!("{}\t{}\n", promise.promise, document.made))?,
                Format::Human => print(&format!(
                    "{}: {}\nmade {}, {}\n",
                    promise.promise,
                    document.summary,
                    document.made,
                    enforced(promise.form)
                ))?,
            }
            Ok(Exit::Done)
        }
        args::Promise::Make(args) => {
            read_promise(&args.file)?;
            let document = read_text(&args.file)?;
            let step = Step::new(Method::POST, "/promises", document.clone(), |_| {
                Ok(Change::MakePromise {
                    document: document.clone(),
                })
            })?;
            take(
                &args.door,
                &step.once(),
                format,
                "Promised; nobody can override it from here on",
            )
        }
    }
}

fn read_promise(path: &Path) -> Result<promise_document::PromiseDocument, Failure> {
    let text = read_text(path)?;
    promise_document::parse(&path.display().to_string(), &text)
        .map_err(|problems| Exit::Document.because(problems))
}

fn enforced(form: Form) -> &'static str {
    match form {
        Form::Absolute => "enforced always",
        Form::UnlessConsented => "enforced unless everybody concerned has consented",
        Form::Dated { .. } => "enforced between its moments",
        Form::NotJudgeable => "not enforced: nobody could tell whether it is kept",
    }
}

/// `policy check`, `policy set`
pub(crate) fn policy(args: &args::Policy, format: Format) -> Result<Exit, Failure> {
    match args {
        args::Policy::Check(args) => {
            let policy = read_policy(&args.file)?;
            match format {
                Format::Json => print_json(&json!(policy))?,
                Format::Human | Format::Plain => print(&format!(
                    "{}: {} categories; powers lapse after {} days, connections go quiet after {}, consents run {} at most\n",
                    args.file.display(),
                    policy.categories.len(),
                    policy.power_lapses_after.0,
                    policy.connection_quiet_after.0,
                    policy.consent_at_most.0,
                ))?,
            }
            Ok(Exit::Done)
        }
        args::Policy::Set(args) => {
            read_policy(&args.file)?;
            let document = read_text(&args.file)?;
            let step = Step::new(Method::PUT, "/policy", document.clone(), |_| {
                Ok(Change::SetPolicy {
                    document: document.clone(),
                })
            })?;
            take(&args.door, &step, format, "The policy is in force")
        }
    }
}

fn read_policy(path: &Path) -> Result<decide::Policy, Failure> {
    let text = read_text(path)?;
    policy_document::parse(&path.display().to_string(), &text)
        .map_err(|problems| Exit::Document.because(problems))
}

/// `notice publish`
pub(crate) fn notice(args: &args::Notice, format: Format) -> Result<Exit, Failure> {
    let args::Notice::Publish {
        file,
        language,
        door,
    } = args;
    let text = read_text(file)?;
    let hash = notice_hash(&text);
    let body = json!({ "language": language, "text": text });
    let step = Step::new(Method::POST, "/notices", body.to_string(), |_| {
        Ok(Change::PublishNotice {
            language: language.clone(),
            text: text.clone(),
        })
    })?;
    take(
        door,
        &step.once(),
        format,
        &format!("Published: notice {hash}"),
    )
}

/// The name of a notice text.
pub(crate) fn notice_hash(text: &str) -> decide::NoticeHash {
    // A notice is named by the plain SHA-256 of its bytes; a document's digest is the same function.
    decide::NoticeHash(register::documents::agreement::digest(text.as_bytes()).0)
}
