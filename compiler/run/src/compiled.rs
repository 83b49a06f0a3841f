//! What compiling and running added to the nodes of a run: dbt keeps it on the nodes of its manifest.

use std::path::Path;
use std::sync::{Arc, MutexGuard, PoisonError};

use graph::{Node, NodeDetails, NodeIndex};
use indexmap::{IndexMap, IndexSet};
use serde_json::{Map, Value, json};
use template::GraphChanges;

use crate::ctes::Cte;
use crate::foreign_keys::{self, ForeignKeys};
use crate::scope::{SharedScope, put_bodies};

/// A node as far as it was compiled.
#[derive(Debug, Clone, Default)]
pub struct CompiledNode {
    /// The SQL, most often with the ephemeral models it uses in front; none for what was not compiled.
    pub code: Option<Arc<str>>,
    /// The macros that were called beside those that parsing saw, by unique id.
    pub macros: Vec<Arc<str>>,
    /// The compiled bodies of a function's overloads, in their order.
    pub overload_bodies: Arc<[Arc<str>]>,
    /// Where its foreign keys lead.
    pub foreign_keys: ForeignKeys,
    /// Whether a statement was written to `target/run`.
    pub is_written: bool,
    /// That statement, until the node ends.
    pub(crate) written: Option<Arc<str>>,
    /// The place of a hook among those of its stage, from 1.
    pub hook_index: Option<usize>,
    /// The node that runs for a unit test, as a dictionary.
    pub(crate) unit_test: Option<Arc<Value>>,
    /// The ephemeral models in front, each after what it needs itself.
    pub(crate) ctes: Vec<Cte>,
    /// Whether these are left out of the SQL, which then is written to no file.
    pub leaves_out_ephemerals: bool,
    /// Whether the SQL is that of a batch, which is written to the batch's own file.
    pub(crate) is_of_a_batch: bool,
}

/// The compiled nodes of a run.
pub type CompiledNodes = IndexMap<NodeIndex, CompiledNode>;

impl CompiledNode {
    /// Whether the SQL stands in the node's file below `target/compiled`.
    pub fn has_compiled_file(&self) -> bool {
        let has_code = self.code.as_ref().is_some_and(|code| !code.is_empty());
        has_code && !self.leaves_out_ephemerals && !self.is_of_a_batch
    }

    /// dbt's `extra_ctes`: unique ids, and expressions with their names.
    pub fn extra_ctes(&self) -> impl Iterator<Item = (&Arc<str>, String)> {
        self.ctes.iter().map(|cte| (&cte.id, cte.text()))
    }

    /// Puts all of it into the dictionary of its node.
    pub(crate) fn add_to(&self, node: &Node, target: &str, entries: &mut Map<String, Value>) {
        let mut put = |key: &str, value: Value| _ = entries.insert(key.to_owned(), value);
        let path = |folder: &str| {
            let path = graph::code_path(node);
            Value::from(format!("{target}/{folder}/{}/{path}", node.package))
        };
        if let Some(index) = self.hook_index {
            put("index", Value::from(index));
        }
        if self.is_written {
            put("build_path", path("run"));
        }
        if let Some(code) = self.code.as_ref().filter(|_| is_compiled(node)) {
            put("compiled", Value::Bool(true));
            put("compiled_code", Value::from(&**code));
            put("extra_ctes_injected", Value::Bool(!self.leaves_out_ephemerals));
            let ctes = self.extra_ctes().map(|(id, sql)| json!({"id": &**id, "sql": sql}));
            put("extra_ctes", ctes.collect());
            if self.has_compiled_file() {
                put("compiled_path", path("compiled"));
            }
        }
        put_bodies(&self.overload_bodies, entries);
        foreign_keys::put(&self.foreign_keys, entries);
        let macros = entries.get_mut("depends_on").and_then(|known| known.get_mut("macros"));
        if let Some(macros) = macros.and_then(Value::as_array_mut) {
            macros.extend(self.macros.iter().map(|id| Value::from(&**id)));
        }
    }
}

/// Whether nodes of its kind have SQL that is compiled.
fn is_compiled(node: &Node) -> bool {
    !matches!(node.details, NodeDetails::Seed { .. } | NodeDetails::Source(_))
}

impl SharedScope {
    fn compiled_nodes(&self) -> MutexGuard<'_, CompiledNodes> {
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what became of a node.
    pub(crate) fn note(&self, node: NodeIndex, change: impl FnOnce(&mut CompiledNode)) {
        change(self.compiled_nodes().entry(node).or_default());
        self.news.lock().unwrap_or_else(PoisonError::into_inner).push(node);
    }

    /// What compiling and running added to nodes since some number of notes, and the number of notes now.
    pub(crate) fn changes(&self, since: usize) -> GraphChanges {
        let (new, count) = {
            let news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
            let new: IndexSet<NodeIndex> = news.iter().skip(since).copied().collect();
            (new, news.len())
        };
        let compiled = self.compiled_nodes();
        let changed = |index: NodeIndex| {
            let node = self.graph.node(index);
            let noted = compiled.get(&index)?;
            let mut entries = Map::new();
            if !noted.macros.is_empty() {
                let depends_on = graph::depends_on_entry(&self.graph, node);
                entries.insert("depends_on".to_owned(), depends_on);
            }
            noted.add_to(node, self.target_path(), &mut entries);
            Some((node.unique_id.clone(), entries))
        };
        GraphChanges { nodes: new.into_iter().filter_map(changed).collect(), count }
    }

    /// Notes macros that a node called; those that parsing saw are known.
    pub(crate) fn note_macros<'m>(
        &self,
        node: NodeIndex,
        macros: impl IntoIterator<Item = &'m Arc<str>>,
    ) {
        let known = &self.graph.node(node).depends_on_macros;
        let new: Vec<_> = macros.into_iter().filter(|id| !known.contains(id)).collect();
        if new.is_empty() {
            return;
        }
        self.note(node, |noted| {
            for id in new {
                if !noted.macros.contains(id) {
                    noted.macros.push(id.clone());
                }
            }
        });
    }

    /// What is noted of a node.
    pub(crate) fn noted(&self, node: NodeIndex) -> Option<CompiledNode> {
        self.compiled_nodes().get(&node).cloned()
    }

    /// What is noted of the node of an id.
    pub(crate) fn noted_by_id(&self, unique_id: &str) -> Option<CompiledNode> {
        self.noted(*self.graph.index.get(unique_id)?)
    }

    /// What is noted of all nodes.
    pub(crate) fn all_noted(&self) -> CompiledNodes {
        self.compiled_nodes().clone()
    }

    /// The target path as dbt shows it, relative to the project.
    pub(crate) fn target_path(&self) -> &str {
        let asked = self.engine.invocation().flags.get("TARGET_PATH").and_then(Value::as_str);
        let asked = asked.and_then(|path| {
            let root = &self.graph.project.root().root;
            Path::new(path).strip_prefix(root).ok().and_then(Path::to_str).or(Some(path))
        });
        asked.unwrap_or(&self.graph.project.root().settings.target_path)
    }
}
