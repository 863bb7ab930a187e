//! What pages that stand alone share: the style, an axis of time, numbers as people read them.
//!
//! A page of ours is one file that loads nothing: no script, no font, no picture from elsewhere. It is well-formed XML
//! at the same time, so that tests can walk it. Pictures are inline SVG without a view box: places along them are per
//! cents, so that they stretch with the window while letters and lines keep their size.

mod axis;
mod words;

pub use axis::{Axis, Place, Year};
pub use words::{between, thousands};

/// The style sheet that a page carries in itself: light and dark, wide and narrow, on paper.
pub const STYLE: &str = include_str!("style.css");

/// What a page forbids itself: a browser that honours it would not even load what a mistake let in.
pub const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
