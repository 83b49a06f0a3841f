//! The Jinja language as dbt speaks it: blocks, macros as global objects, `return`, dispatch, errors with their place.
//!
//! How it is used:
//!
//! 1. [`scan_blocks`] splits each macro file; each block makes a [`MacroDefinition`].
//! 2. [`MacroLibrary::new`] gets all of them, once. [`new_environment`] builds the engine, once; both are shared by
//!    threads.
//! 3. A [`ContextScope`] answers for the names of one render: variables first, then the macros that the node's package
//!    sees, then the scope's functions, then the functions every template has (`range`, `dict`, …).
//! 4. [`render`] runs a text; [`MacroRuns`] run macros alone (a materialization, an `on-run-end` hook); Rust code that the
//!    engine called (an adapter's method) calls a macro's value to stay in the same render.
//!
//! One render has one `State`, which the runs of macros hand on to the next. A macro is loaded into it at the first call, by a small loader macro that stands in front
//! of every text; what macros share during a render is in a state extension. In the text of a macro each name that it does
//! not bind is read from `__g`, the names of the render, when the macro comes by it; and a macro that does nothing but
//! return the result of another, as half of dbt's do, is not loaded at all: that other one is called in its place.

mod ast_walk;
mod bound_names;
mod call_arguments;
mod clock_scan;
mod dispatch;
mod edits;
mod environment;
mod error;
mod forwarding;
mod global_macro;
mod late_defaults;
mod library;
mod macro_runs;
mod name_map;
mod namespace;
mod native;
mod parse_undefined;
mod render;
mod repair;
mod repair_code;
mod rewrite;
mod scan;
mod scope;
mod static_walk;
mod written;

pub use clock_scan::{ClockRead, ClockReadKind, ClockScan, clock_scan};
pub use dispatch::{dispatch, searched};
pub(crate) use environment::engine_function;
pub use environment::{forgiving, new_environment};
pub use error::{Frame, FrameKind, RenderError, RenderErrorKind};
pub(crate) use library::INTERNAL_NAMESPACE;
pub use library::{MacroDefinition, MacroLibrary, MacroSource, Replacements, Resolved};
pub use macro_runs::MacroRuns;
pub(crate) use name_map::NameMap;
pub use native::render_native;
pub(crate) use native::{Converted, install_conversions};
pub use parse_undefined::ParseUndefined;
pub use render::render;
pub use rewrite::prepare;
pub use scan::{Block, BlockKind, ScanError, scan_blocks, tags_outside};
pub use scope::{ContextScope, root_context, scope_of};
pub use static_walk::{CalledMacro, StaticCall, StaticCalls};

#[cfg(test)]
mod tests;
