//! What the code of a node is, as one text that changes with the code and with nothing else.
//!
//! The ledger compares fingerprints to tell which windows were built by other code. A fingerprint is made when it is
//! asked for: nothing of it is computed while parsing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use project::ResourceType;
use serde_json::Value;
use source::yaml::marked::unmarked;
use template::{Engine, InputsRead};

use crate::digest::sha256;
use crate::graph::Graph;
use crate::node::{Node, NodeDetails, NodeIndex};

/// Changes when fingerprints come to be made otherwise.
const VERSION: &str = "2";

/// Options that change how a node is called, described, watched or chosen, and nothing of what it computes.
const OTHER_OPTIONS: &[&str] = &[
    "access",
    "alias",
    "database",
    "description",
    "docs",
    "enabled",
    "error_if",
    "fail_calc",
    "freshness",
    "full_refresh",
    "group",
    "limit",
    "meta",
    "persist_docs",
    "schema",
    "severity",
    "store_failures",
    "store_failures_as",
    "tags",
    "target_database",
    "target_schema",
    "wall_clock",
    "warn_if",
];

/// All that the code of a node consists of.
#[derive(Debug, Default)]
struct Code {
    /// Texts by what they are, such as `code` or `option materialized`.
    texts: BTreeMap<String, String>,
    /// The macros that it calls, also indirectly, by unique id.
    macros: BTreeSet<Arc<str>>,
    /// The variables and environment variables that all of these read.
    inputs: InputsRead,
}

/// The variables and environment variables that the SQL of a node may depend on.
///
/// That is what was read while parsing, what stands behind conditions in its text and in the texts of the macros
/// that it calls, directly or not, and what its options read; and the same of the ephemeral models that become
/// part of it. A name that is computed is known only when it was read while parsing.
pub fn inputs_of(graph: &Graph, engine: &Engine, index: NodeIndex) -> InputsRead {
    let mut inputs = code_of(graph, engine, index).inputs;
    for parent in ephemeral_parents(graph, index) {
        inputs.join(&inputs_of(graph, engine, parent));
    }
    inputs
}

/// The fingerprint of a node's code, a SHA-256 in hexadecimal.
///
/// It covers the node's template, the macros of the project and its packages that it calls, directly or not (also by
/// a materialization, an incremental strategy or a dispatch of their own), the options that matter as they are
/// written, the columns of an enforced contract, the values of the variables and environment variables that all of
/// these read, where its sources are, and the ephemeral models that become part of it.
///
/// Of an incremental model it covers the calendar of its windows too: the zone, and the usual grain where it has none of
/// its own.
///
/// It does not cover `session_variable`, so that another session time is no other code; built-in macros, so that
/// another version of the program is none; names in the warehouse, so that it is the same in every target; and what
/// else the node selects from.
pub fn fingerprint(
    graph: &Graph,
    engine: &Engine,
    index: NodeIndex,
    session_variable: &str,
) -> String {
    let node = graph.node(index);
    let code = code_of(graph, engine, index);
    let session_value = graph.project.variable(&node.package, session_variable);
    let session_value =
        session_value.and_then(Value::as_str).map(|text| unmarked(text).unwrap_or(text));
    let session_value = session_value.filter(|text| text.len() > 3);
    let mut all = String::new();
    let mut add = |what: &str, text: &str| {
        // The length keeps what stands in one text from being taken for the beginning of the next.
        let _ = writeln!(all, "{what} {}\n{text}", text.len());
    };
    add("fingerprint", VERSION);
    add("kind", node.resource_type.as_str());
    for (what, text) in &code.texts {
        match session_value {
            // Property files are rendered as they are read: what they say of the session is its value by now.
            Some(value) if what.starts_with("option ") => add(what, &text.replace(value, "")),
            _ => add(what, text),
        }
    }
    for id in &code.macros {
        if let Some(one) = graph.macros.get(id).filter(|one| is_own(graph, &one.package)) {
            add(&format!("macro {id}"), &one.code);
        }
    }
    for name in code.inputs.variables.iter().filter(|name| *name != session_variable) {
        let value = graph.project.variable(&node.package, name);
        add(&format!("var {name}"), &value.map(Value::to_string).unwrap_or_default());
    }
    for name in &code.inputs.environment {
        let value = graph.project.environment.variables.get(name);
        add(&format!("env_var {name}"), value.map_or("", String::as_str));
    }
    if node.resource_type == ResourceType::Model && node.config.materialized() == "incremental" {
        let session = &graph.project.quern.session;
        add("zone", &session.zone_name);
        if node.config.window.grain.is_none() && node.config.batches.is_none() {
            add("grain", &session.grain.to_string());
        }
    }
    for parent in ephemeral_parents(graph, index) {
        let id = &graph.node(parent).unique_id;
        add(&format!("ephemeral {id}"), &fingerprint(graph, engine, parent, session_variable));
    }
    sha256(&all)
}

fn ephemeral_parents(graph: &Graph, index: NodeIndex) -> impl Iterator<Item = NodeIndex> + '_ {
    let is_ephemeral = |node: &Node| {
        node.resource_type == ResourceType::Model && node.config.materialized() == "ephemeral"
    };
    graph
        .node(index)
        .depends_on
        .iter()
        .copied()
        .filter(move |parent| is_ephemeral(graph.node(*parent)))
}

/// Whether a package is of the project; built-in macros are of packages that it does not know.
fn is_own(graph: &Graph, package: &str) -> bool {
    graph.project.package(package).is_some()
}

fn code_of(graph: &Graph, engine: &Engine, index: NodeIndex) -> Code {
    let node = graph.node(index);
    let mut code = Code { inputs: node.inputs.clone(), ..Code::default() };
    let mut roots: Vec<Arc<str>> = node.depends_on_macros.clone();
    let look = engine.look(&node.package, &node.raw_code);
    code.inputs.join(&look.inputs);
    roots.extend(look.macros);
    match &node.details {
        NodeDetails::Seed { .. } => code.add("checksum", node.checksum.1.clone()),
        NodeDetails::Test(test) => {
            code.add("code", node.raw_code.to_string());
            if let Some(generic) = &test.generic {
                let arguments = serde_json::to_string(&generic.arguments).unwrap_or_default();
                code.add("arguments", arguments);
            }
        }
        _ => code.add("code", node.raw_code.to_string()),
    }
    for (key, value) in &*node.unrendered_config {
        let key = project::config::canonical_key(key);
        let is_computed = look.computed_options.iter().any(|option| option == key);
        // What a template computes for an option is code, and counted as that.
        if is_computed || OTHER_OPTIONS.contains(&key) {
            continue;
        }
        look_at(value, &mut |text| {
            let look = engine.look(&node.package, text);
            code.inputs.join(&look.inputs);
            roots.extend(look.macros);
        });
        code.add(&format!("option {key}"), value.to_string());
    }
    add_contract(node, &mut code);
    add_sources(graph, engine, node, &mut code);
    roots.extend(builders(engine, node));
    add_macros(graph, roots, &mut code);
    code
}

impl Code {
    fn add(&mut self, what: &str, text: String) {
        self.texts.insert(what.to_owned(), text);
    }
}

/// All texts in a value.
fn look_at(value: &Value, look: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => look(text),
        Value::Array(items) => items.iter().for_each(|item| look_at(item, look)),
        Value::Object(entries) => entries.values().for_each(|item| look_at(item, look)),
        _ => {}
    }
}

/// Columns are made as an enforced contract says.
fn add_contract(node: &Node, code: &mut Code) {
    if !node.config.is_contract_enforced() {
        return;
    }
    for column in node.columns.values() {
        let text = format!("{:?} {:?}", column.data_type, column.constraints);
        code.add(&format!("column {}", column.name), text);
    }
    if let NodeDetails::Model(model) = &node.details {
        code.add("constraints", format!("{:?}", model.constraints));
    }
}

/// Where sources are said to be is part of what reads them.
fn add_sources(graph: &Graph, engine: &Engine, node: &Node, code: &mut Code) {
    let parents = node.depends_on.iter().map(|parent| graph.node(*parent)).chain([node]);
    for source in parents {
        let NodeDetails::Source(details) = &source.details else { continue };
        for text in [&details.unrendered_database, &details.unrendered_schema].into_iter().flatten()
        {
            code.inputs.join(&engine.look(&source.package, text).inputs);
        }
        let place = format!("{:?} {:?}", details.unrendered_database, details.unrendered_schema);
        code.add(&format!("source {}", source.unique_id), place);
    }
}

/// The macros that build a node: its materialization, and its incremental strategy.
fn builders(engine: &Engine, node: &Node) -> Vec<Arc<str>> {
    let materialized = match node.resource_type {
        ResourceType::Model => node.config.materialized(),
        ResourceType::Snapshot => "snapshot",
        ResourceType::Seed => "seed",
        _ => return Vec::new(),
    };
    let strategy = node.config.text("incremental_strategy");
    let strategy = strategy.and_then(|strategy| {
        engine.find_macro(&node.package, &format!("get_incremental_{strategy}_sql"))
    });
    engine.find_materialization(materialized).into_iter().chain(strategy).collect()
}

fn add_macros(graph: &Graph, mut roots: Vec<Arc<str>>, code: &mut Code) {
    while let Some(id) = roots.pop() {
        let Some(one) = graph.macros.get(&id) else { continue };
        if code.macros.insert(id) {
            code.inputs.join(&one.inputs);
            roots.extend(one.depends_on.iter().cloned());
        }
    }
}

#[cfg(test)]
mod tests;
