//! The administration: how connections, consents and documents come in until the desks do.
