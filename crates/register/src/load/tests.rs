//! Bulk load: what is in, what is passed over, and where a broken line is told.
