//! A report as one page that loads nothing: pictures, findings, and what could not be judged.
//!
//! Every number on it is one of the report's own, or a sum that the page says it is.

mod lanes;
mod view;

use askama::Template as _;

use crate::report::Report;

/// The page.
///
/// # Errors
/// None that a report could cause; a template's own.
pub fn html(report: &Report) -> Result<String, askama::Error> {
    view::Page::new(report).render()
}
