//! Everything that is said: to people as lines in dbt's words, to programs as JSON, to the log file as either.
//!
//! Whatever is said is an [`event::LogEvent`] and goes through [`console::Console`], which knows levels, formats and
//! colours, and takes secrets out of every line.

pub(crate) mod backfill_events;
pub(crate) mod colour;
pub(crate) mod console;
pub(crate) mod diagnostics;
pub(crate) mod event;
pub(crate) mod event_names;
pub(crate) mod events_of_codes;
pub(crate) mod json;
pub(crate) mod lines;
pub(crate) mod log_file;
pub(crate) mod node_info;
mod overload_events;
pub(crate) mod progress;
mod result_lines;
pub(crate) mod run_events;
pub(crate) mod secrets;
pub(crate) mod strip;
pub(crate) mod summary;
pub(crate) mod table;
pub(crate) mod warnings;
