//! The project as a graph: parse, resolve, select.
//!
//! `parse` renders each file alone, in parallel, with `execute` false, and keeps what it captured; `resolve` gives
//! unique ids, configurations, relations and edges; `select` finds the nodes that a command is about.

mod checksums;
mod code_path;
mod columns;
mod digest;
pub mod fingerprint;
pub mod graph;
pub mod lookup;
pub mod manifest_node;
pub mod node;
pub mod order;
pub mod parse;
pub mod parsed_node;
pub mod resolve;
pub mod select;
mod semantic;
mod shown_node;
pub mod state;
#[cfg(test)]
mod test_graph;
#[cfg(test)]
mod test_project;
mod uses;
pub mod version;

pub use checksums::contract_checksum;
pub use code_path::{code_path, unit_test_path};
pub use fingerprint::{fingerprint, inputs_of};
pub use graph::{DocBlock, Graph, Group, MacroNode};
pub use lookup::{Lookup, find_function, find_ref, find_source};
pub use manifest_node::{depends_on_entry, graph_dictionary, node_dictionary};
pub use node::{
    ColumnInfo, ExposureDetails, FunctionDetails, FunctionOverload, GenericTest, InputsRead,
    ModelDetails, Node, NodeDetails, NodeIndex, RefCall, SourceCall, SourceDetails, TestDetails,
};
pub use order::{RunOrder, Step, TestEdges, run_order};
pub use parse::{parse, test_call};
pub use parsed_node::ParsedNode;
pub use resolve::resolve;
pub use select::{IndirectSelection, Selection, SelectionRequest, select};
pub use semantic::dictionary as semantic_dictionary;
pub use shown_node::{model_dictionary, shown_node};
pub use state::{Deferral, DeferredRelation, PreviousManifest, PreviousState};
pub use uses::Uses;
