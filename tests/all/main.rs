//! The one integration binary: every module is a topic, and none of them is in the way of another.
//!
//! The program runs as users run it, as a process in a copy of a project (`quern.rs`). What a test needs beyond
//! the program (a browser, dbt to compare with) is found by `parts.rs`, which says what is missing.

#[cfg(test)]
#[cfg(unix)]
mod any_order;
#[cfg(test)]
mod artifacts;
#[cfg(test)]
mod athena;
#[cfg(test)]
mod bigquery;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod codes;
#[cfg(test)]
mod console;
#[cfg(test)]
mod dbt_package;
#[cfg(test)]
mod deploy;
#[cfg(test)]
mod differential;
#[cfg(test)]
mod digdag;
#[cfg(test)]
mod duckdb;
#[cfg(test)]
#[cfg(unix)]
mod engine;
#[cfg(test)]
mod example;
#[cfg(test)]
mod hostile;
#[cfg(test)]
#[cfg(unix)]
mod interrupt;
#[cfg(test)]
mod layering;
#[cfg(test)]
mod normalise;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod packages;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod pattern;
#[cfg(test)]
mod portable;
#[cfg(test)]
#[cfg(unix)]
mod postgres;
#[cfg(test)]
#[cfg(unix)]
mod postgres_server;
#[cfg(test)]
mod python_models;
#[cfg(test)]
mod quern;
#[cfg(test)]
#[cfg(unix)]
mod redshift;
#[cfg(test)]
mod semantic_layer;
#[cfg(test)]
#[cfg(unix)]
mod sessions;
#[cfg(test)]
#[cfg(unix)]
mod sessions_elsewhere;
#[cfg(test)]
mod site;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod trino;
#[cfg(test)]
#[cfg(unix)]
mod warehouses;
#[cfg(test)]
#[cfg(unix)]
mod windows;
#[cfg(test)]
mod workspace;
