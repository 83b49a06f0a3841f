//! Whether a node is the same as in an earlier manifest.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;

use project::ResourceType;
use serde_json::{Map, Value};
use source::{Diagnostic, codes};

use super::contract;
use super::{PreviousManifest, PreviousState};
use crate::graph::Graph;
use crate::manifest_node::node_dictionary;
use crate::node::{Node, NodeDetails, NodeIndex};

/// What of a node is compared: the value of `state:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aspect {
    New,
    Old,
    Modified,
    Unmodified,
    Body,
    Configs,
    PersistedDescriptions,
    Relation,
    Macros,
    Contract,
}

impl Aspect {
    /// All values of `state:`, in dbt's order.
    pub(crate) const ALL: &[(&str, Self)] = &[
        ("new", Self::New),
        ("old", Self::Old),
        ("modified", Self::Modified),
        ("unmodified", Self::Unmodified),
        ("modified.body", Self::Body),
        ("modified.configs", Self::Configs),
        ("modified.persisted_descriptions", Self::PersistedDescriptions),
        ("modified.relation", Self::Relation),
        ("modified.macros", Self::Macros),
        ("modified.contract", Self::Contract),
    ];

    /// The aspect of a value.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == value).map(|(_, aspect)| *aspect)
    }
}

/// Keys of a configuration that are compared elsewhere or not at all.
const NOT_COMPARED: &[&str] = &["alias", "schema", "database", "tags", "group"];

/// The keys of a test's configuration that change what it does.
const OF_TESTS: &[&str] = &[
    "severity",
    "where",
    "limit",
    "fail_calc",
    "warn_if",
    "error_if",
    "store_failures",
    "store_failures_as",
    "sql_header",
];

/// The graph beside an earlier manifest.
pub(crate) struct Comparison<'a> {
    graph: &'a Graph,
    state: &'a PreviousState,
    manifest: &'a PreviousManifest,
    changed_macros: OnceCell<BTreeSet<String>>,
    /// What was found worth telling on the way.
    pub(crate) diagnostics: RefCell<Vec<Diagnostic>>,
}

impl<'a> Comparison<'a> {
    /// A comparison with the manifest of a state.
    pub(crate) fn new(
        graph: &'a Graph,
        state: &'a PreviousState,
        manifest: &'a PreviousManifest,
    ) -> Self {
        Self {
            graph,
            state,
            manifest,
            changed_macros: OnceCell::new(),
            diagnostics: RefCell::default(),
        }
    }

    /// Whether a node fits.
    pub(crate) fn fits(&self, index: NodeIndex, aspect: Aspect) -> bool {
        let node = self.graph.node(index);
        let old = self.manifest.node(&node.unique_id);
        let differs = |is_same: &dyn Fn(&Value, &Value) -> bool| {
            old.is_none_or(|old| !is_same(old, &node_dictionary(self.graph, index)))
        };
        match aspect {
            Aspect::New => old.is_none(),
            Aspect::Old => old.is_some(),
            Aspect::Modified => self.is_modified(index, old),
            Aspect::Unmodified => !self.is_modified(index, old),
            Aspect::Macros => self.has_changed_macros(node),
            Aspect::Body => is_parsed(node) && differs(&|old, new| self.same_body(node, old, new)),
            Aspect::Configs => {
                node.resource_type != ResourceType::UnitTest
                    && differs(&|old, new| same_config(node, old, new))
            }
            Aspect::PersistedDescriptions => {
                is_parsed(node) && differs(&|old, new| same_descriptions(node, old, new))
            }
            Aspect::Relation => {
                (is_parsed(node) || node.resource_type == ResourceType::Source)
                    && differs(&|old, new| self.same_relation(node, old, new))
            }
            Aspect::Contract => {
                is_parsed(node) && differs(&|old, new| self.same_contract(node, old, new))
            }
        }
    }

    fn is_modified(&self, index: NodeIndex, old: Option<&Value>) -> bool {
        let node = self.graph.node(index);
        let differs = match old {
            // As in dbt what is no step of a run is not changed by being new.
            None => is_parsed(node) || node.resource_type == ResourceType::UnitTest,
            Some(old) => !self.same_contents(node, old, &node_dictionary(self.graph, index)),
        };
        differs || self.has_changed_macros(node)
    }

    fn same_contents(&self, node: &Node, old: &Value, new: &Value) -> bool {
        let same = |key: &str| is_same(old, new, key);
        match (&node.details, node.resource_type) {
            (NodeDetails::Source(_), _) => {
                self.same_relation(node, old, new)
                    && same("fqn")
                    && same_config(node, old, new)
                    && same("quoting")
                    && same("freshness")
                    && same("loaded_at_field")
                    && same("external")
            }
            (NodeDetails::Exposure(_), _) => {
                let parents = |node: &Value| -> BTreeSet<String> {
                    let ids = node.pointer("/depends_on/nodes").and_then(Value::as_array);
                    let ids = ids.into_iter().flatten().filter_map(Value::as_str);
                    ids.map(str::to_owned).collect()
                };
                ["fqn", "type", "owner", "maturity", "url", "description", "label"]
                    .into_iter()
                    .all(same)
                    && parents(old) == parents(new)
                    && same_config(node, old, new)
            }
            (_, ResourceType::UnitTest) => same("checksum"),
            (_, ResourceType::Metric) => {
                ["type", "description", "label"].into_iter().all(same)
                    && same_config(node, old, new)
            }
            (_, ResourceType::SemanticModel) => [
                "model",
                "description",
                "defaults",
                "entities",
                "dimensions",
                "measures",
                "config",
                "primary_entity",
                "group",
            ]
            .into_iter()
            .all(same),
            (_, ResourceType::SavedQuery) => {
                ["description", "label", "config", "group", "tags"].into_iter().all(same)
                    && same_query(old, new)
                    && same_exports(old, new)
            }
            (NodeDetails::Test(test), _) if test.generic.is_some() => {
                same_config(node, old, new) && same("fqn")
            }
            _ => {
                // Asked first and always: it has something to say.
                let is_same_contract = self.same_contract(node, old, new);
                self.same_body(node, old, new)
                    && same_config(node, old, new)
                    && same_descriptions(node, old, new)
                    && same("fqn")
                    && self.same_relation(node, old, new)
                    && is_same_contract
                    && same_reference(node, old, new)
                    && (node.resource_type != ResourceType::Function
                        || (same("arguments") && same("returns") && same_overloads(old, new)))
            }
        }
    }

    fn same_body(&self, node: &Node, old: &Value, new: &Value) -> bool {
        if node.resource_type != ResourceType::Seed {
            return is_same(old, new, "raw_code");
        }
        let is_same = is_same(old, new, "checksum");
        if node.checksum.0 == "path" {
            let was_path = old.pointer("/checksum/name").and_then(Value::as_str) == Some("path");
            let seed =
                format!("the seed `{}.{}` is too large to be compared", node.package, node.name);
            let text = match (was_path, is_same) {
                (false, _) => format!("{seed}: it was smaller before, so it has changed"),
                (true, true) => format!("{seed}: it is taken to be the same, as its path is"),
                (true, false) => {
                    format!("{seed}: its path was another, so it is taken to have changed")
                }
            };
            self.say(Diagnostic::warning(codes::SEED_NOT_COMPARED, text).about(&*node.unique_id));
        }
        is_same
    }

    fn same_relation(&self, node: &Node, old: &Value, new: &Value) -> bool {
        if node.resource_type == ResourceType::Source {
            let keys = if self.state.compares_unrendered {
                ["unrendered_database", "unrendered_schema", "identifier"]
            } else {
                ["database", "schema", "identifier"]
            };
            return keys.into_iter().all(|key| is_same(old, new, key));
        }
        let of = |node: &Value, key: &str| {
            node.get("unrendered_config").and_then(|config| config.get(key)).cloned()
        };
        ["database", "schema", "alias"]
            .into_iter()
            .all(|key| of(old, key).unwrap_or_default() == of(new, key).unwrap_or_default())
    }

    fn same_contract(&self, node: &Node, old: &Value, new: &Value) -> bool {
        if !matches!(node.details, NodeDetails::Model(_)) {
            return true;
        }
        match contract::compare(node, old, new, &self.state.enforced_constraints) {
            contract::Change::None => true,
            contract::Change::Harmless => false,
            contract::Change::Breaking(diagnostic) => {
                self.say(*diagnostic);
                false
            }
        }
    }

    /// Tells of models that are gone, or switched off, although they had a contract.
    pub(crate) fn tell_removed(&self) {
        for (id, old) in self.manifest.nodes() {
            let disabled = self.graph.disabled.iter().find(|node| *node.unique_id == *id);
            if disabled.is_none() && self.graph.index.contains_key(id) {
                continue;
            }
            if let Some(diagnostic) = contract::removed(old, disabled, &self.state.now) {
                self.say(diagnostic);
            }
        }
    }

    fn say(&self, diagnostic: Diagnostic) {
        let mut known = self.diagnostics.borrow_mut();
        if !known.contains(&diagnostic) {
            known.push(diagnostic);
        }
    }

    /// Whether a macro that the node calls, by whatever way, is not what it was.
    fn has_changed_macros(&self, node: &Node) -> bool {
        let changed = self.changed_macros.get_or_init(|| self.changed_macros());
        if changed.is_empty() {
            return false;
        }
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut left: Vec<&str> = node.depends_on_macros.iter().map(|id| &**id).collect();
        while let Some(id) = left.pop() {
            if changed.contains(id) {
                return true;
            }
            if seen.insert(id)
                && let Some(one) = self.graph.macros.get(id)
            {
                left.extend(one.depends_on.iter().map(|id| &**id));
            }
        }
        false
    }

    /// The macros that differ. Those that come with a program are left out: another version of it, or another program,
    /// is no change of the project.
    fn changed_macros(&self) -> BTreeSet<String> {
        let is_own = |id: &str| {
            let package = id.split('.').nth(1).unwrap_or_default();
            self.graph.project.package(package).is_some()
        };
        let mut changed = BTreeSet::new();
        for (id, one) in self.graph.macros.iter().filter(|(id, _)| is_own(id)) {
            if self.manifest.macro_text(id).is_none_or(|text| text.trim() != one.code.trim()) {
                changed.insert(id.to_string());
            }
        }
        let gone = self.manifest.macros().filter(|id| !self.graph.macros.contains_key(*id));
        changed.extend(gone.filter(|id| is_own(id)).map(str::to_owned));
        changed
    }
}

/// Whether a node is a step of dbt's runs: its `ParsedNode`.
fn is_parsed(node: &Node) -> bool {
    !matches!(
        node.details,
        NodeDetails::Source(_) | NodeDetails::Exposure(_) | NodeDetails::Carried(_)
    )
}

/// Whether a key has the same value; absent is null.
fn is_same(old: &Value, new: &Value, key: &str) -> bool {
    let of = |node: &Value| node.get(key).cloned().unwrap_or_default();
    of(old) == of(new)
}

fn same_config(node: &Node, old: &Value, new: &Value) -> bool {
    if matches!(node.resource_type, ResourceType::SemanticModel | ResourceType::SavedQuery) {
        return is_same(old, new, "config");
    }
    let empty = Map::new();
    let of = |node: &'_ Value| -> Map<String, Value> {
        node.get("unrendered_config").and_then(Value::as_object).unwrap_or(&empty).clone()
    };
    let (old, new) = (of(old), of(new));
    if node.resource_type == ResourceType::Test {
        return OF_TESTS.iter().all(|key| old.get(*key) == new.get(*key));
    }
    let leaves_out: &[&str] = match node.resource_type {
        ResourceType::Source | ResourceType::Exposure => &[],
        _ => NOT_COMPARED,
    };
    old.keys()
        .chain(new.keys())
        .filter(|key| !leaves_out.contains(&key.as_str()))
        .all(|key| old.get(key) == new.get(key))
}

fn same_descriptions(node: &Node, old: &Value, new: &Value) -> bool {
    let persists = |part: &str| {
        let docs = node.config.get("persist_docs").and_then(|docs| docs.get(part));
        docs.and_then(Value::as_bool).unwrap_or(false)
    };
    let columns = |node: &Value| -> Map<String, Value> {
        let columns = node.get("columns").and_then(Value::as_object).into_iter().flatten();
        columns
            .map(|(name, column)| {
                (name.clone(), column.get("description").cloned().unwrap_or_default())
            })
            .collect()
    };
    (!persists("relation") || is_same(old, new, "description"))
        && (!persists("columns") || columns(old) == columns(new))
}

/// Signatures and bodies alone count; dbt's `same_overloads`.
fn same_overloads(old: &Value, new: &Value) -> bool {
    let of = |node: &Value| -> Vec<Vec<Value>> {
        let overloads = node.get("overloads").and_then(Value::as_array).into_iter().flatten();
        let keys = ["defined_in", "arguments", "returns", "raw_body"];
        let part = |overload: &Value, key| overload.get(key).cloned().unwrap_or_default();
        overloads.map(|overload| keys.iter().map(|key| part(overload, key)).collect()).collect()
    };
    of(old) == of(new)
}

/// Order and limit of a saved query are no change in dbt.
fn same_query(old: &Value, new: &Value) -> bool {
    let of = |node: &Value| {
        let part = |key| node.pointer(&format!("/query_params/{key}")).cloned();
        ["metrics", "group_by", "where"].map(|key| part(key).unwrap_or_default())
    };
    of(old) == of(new)
}

/// Exports are compared as they are written: their schema follows the target.
fn same_exports(old: &Value, new: &Value) -> bool {
    let of = |node: &Value| -> Vec<Vec<Value>> {
        let exports = node.get("exports").and_then(Value::as_array).into_iter().flatten();
        let paths = ["export_as", "schema", "alias"]
            .map(|key| format!("/unrendered_config/{key}"))
            .into_iter()
            .chain(["/name".to_owned()]);
        let paths: Vec<String> = paths.collect();
        let part =
            |export: &Value, path: &String| export.pointer(path).cloned().unwrap_or_default();
        exports.map(|export| paths.iter().map(|path| part(export, path)).collect()).collect()
    };
    of(old) == of(new)
}

/// What a change of may break the references to a model.
fn same_reference(node: &Node, old: &Value, new: &Value) -> bool {
    if !matches!(node.details, NodeDetails::Model(_)) {
        return true;
    }
    let access =
        |node: &Value| node.get("access").and_then(Value::as_str).unwrap_or("protected").to_owned();
    is_same(old, new, "latest_version")
        && access(old) == access(new)
        && is_same(old, new, "deprecation_date")
}
