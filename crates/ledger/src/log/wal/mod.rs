//! The write-ahead log: the commit point. Segments of fixed size, preallocated and zeroed, hold
//! batches one after the other; each batch was synced before the next was written.

mod frame;
mod scan;
mod segment;

pub(super) use frame::{BatchWriter, decode_record, record_length};
pub(super) use scan::{End, Scanned, scan};
pub(super) use segment::{
    SEGMENT_HEAD, Segment, Spare, first_segment, segment_numbers, whole_segment,
};
