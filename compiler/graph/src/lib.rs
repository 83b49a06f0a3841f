//! The project as a graph: parse, resolve, select.
//!
//! `parse` renders each file alone, in parallel, with `execute` false, and keeps what it captured; `resolve` gives
//! unique ids, configurations, relations and edges; `select` finds the nodes that a command is about.

pub mod graph;
pub mod node;

pub use graph::{DocBlock, Graph, Group, MacroNode};
pub use node::{
    ColumnInfo, ExposureDetails, GenericTest, ModelDetails, Node, NodeDetails, NodeIndex, RefCall, SourceCall,
    SourceDetails, TestDetails,
};
