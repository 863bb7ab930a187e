//! Reading files that other systems wrote: CSV, newline-delimited JSON, Parquet; plain, gzip or zstd.

mod batches;
mod blocks;
mod cells;
mod clock;
mod columnar;
mod faults;
mod feed;
mod lists;
mod mapping;
mod met;
mod moment;
mod open;
mod rows;
mod table;

pub(crate) use faults::Faults;
pub(crate) use feed::{Counts, Feed, LogFile, Reader};
pub(crate) use lists::{Known, Reading, bystanders, lists};
pub use mapping::{Mapping, MappingError};
pub(crate) use moment::{day, list_moment};
pub(crate) use open::{Form, Packing, form_of, name as name_of};
pub(crate) use rows::Numbering;
