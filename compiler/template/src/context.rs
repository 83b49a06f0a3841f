//! dbt's context: the functions and objects that templates of a project use.

pub(crate) mod adapter;
pub(crate) mod column;
pub(crate) mod config;
pub(crate) mod contract;
pub(crate) mod early_node;
pub(crate) mod exceptions;
pub(crate) mod function;
mod function_config;
mod graph_nodes;
pub(crate) mod names;
pub(crate) mod offered;
pub(crate) mod overrides;
pub(crate) mod own_method;
pub(crate) mod plain;
pub(crate) mod reference;
pub(crate) mod relation;
pub(crate) mod render_scope;
pub(crate) mod rendering;
pub(crate) mod run_result;
mod runtime_config;
pub(crate) mod seed_table;
pub(crate) mod session;
pub(crate) mod speech;
pub(crate) mod statement_results;
pub(crate) mod table;
pub(crate) mod variables;
mod whole_context;

pub(crate) use names::say_print;
pub(crate) use whole_context::WholeContext;
