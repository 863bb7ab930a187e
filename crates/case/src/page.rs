//! The page about a case: one file that loads nothing.
//!
//! Everything on it that holds a digit says where it comes from (`data-from`): sources by their ids, with a citation
//! beside it, or `rule`, `computed`, `calendar`, `invented`. A test walks the page for it.

mod lane;
mod rows;
mod view;

use askama::Template as _;

use crate::outcome::Outcome;
use crate::read::Case;

/// The page. `labelled` is the same case asked with another claimed role everywhere, to be compared.
///
/// # Errors
/// None that the documents could cause; a template's own.
pub fn html(case: &Case, outcome: &Outcome, labelled: &Outcome) -> Result<String, askama::Error> {
    view::Page::new(case, outcome, labelled).render()
}
