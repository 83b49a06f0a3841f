//! Jinja with dbt's semantics; the only crate that knows minijinja.
//!
//! `language` is Jinja as dbt has it on top of minijinja (blocks, `return`, macros in one name space, dispatch),
//! `python` the values and methods that templates expect, `context` the functions and objects of dbt, `engine` what
//! the crates to the right use. `Value`s stop here: Rust types go in and out.

pub mod capture;
mod context;
pub mod engine;
mod interrupt;
mod language;
mod python;
mod query_items;
pub mod scope;
mod yaml_renderer;

pub use capture::{Capture, InputsRead, RefCall, SourceCall};
pub use engine::{
    Argument, Called, DocLookup, Engine, EngineInput, GenericTestCall, Invocation, MacroInfo,
    Materializations, Materialized, NameKind, Namer, ParseRequest, QUERY_COMMENT_MACRO, Reference,
    Rendered, ResultTable, RunFailure, TextLook, target_fields,
};
pub use interrupt::interrupt_renders;
pub use language::{Block, BlockKind, ClockRead, ClockReadKind, ClockScan, clock_scan};
pub use query_items::{QueryItem, QueryItemKind, QueryItems, QueryPlace};
pub use scope::{
    Batch, CachedRelation, FinishedNode, GraphChanges, NodeScope, Overrides, QueryComment,
    RefTarget, ServedNode, SharedWarehouse, StatementEvent, TemplateListener, WarehouseAccess,
};
pub use yaml_renderer::YamlRenderer;
