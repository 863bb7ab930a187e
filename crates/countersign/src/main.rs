//! The program: wires the crates together and is the only one that reads the clock.

fn main() {}
