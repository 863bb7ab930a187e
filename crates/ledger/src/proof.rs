//! Inclusion and consistency proofs (RFC 6962, C2SP tlog-proof).
