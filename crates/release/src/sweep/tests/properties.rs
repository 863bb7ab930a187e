//! The sweep against a slow finder, and identifiers hidden in layers.
