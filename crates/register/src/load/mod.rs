//! Bulk load of people, consents and connections, idempotent.
