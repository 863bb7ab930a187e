//! A fault injector behind the file seam. For tests.
