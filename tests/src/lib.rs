//! The tests that cross crates, the benches and the project generator.

pub mod generator;
#[cfg(unix)]
pub mod postgres_server;
