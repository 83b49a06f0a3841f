//! From the names in `ref` and `source` to nodes.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;
use project::{Project, ResourceType};
use serde_json::Value;
use source::codes::{
    FUNCTION_NOT_FOUND, METRIC_NOT_FOUND, REF_DISABLED, REF_NOT_FOUND, SOURCE_NOT_FOUND,
};
use source::suggest::did_you_mean;
use source::{Diagnostic, Span};
use template::{RefCall, SourceCall};

use crate::graph::Graph;
use crate::node::{Node, NodeDetails, NodeIndex};
use crate::version;

/// The nodes of one name, at most one for each package.
type ByPackage = Vec<(Arc<str>, NodeIndex)>;

/// All names that `ref` and `source` can lead to.
#[derive(Debug, Clone, Default)]
pub struct Lookup {
    root: String,
    is_node_package_first: bool,
    refs: IndexMap<String, ByPackage>,
    sources: IndexMap<String, ByPackage>,
    functions: IndexMap<String, ByPackage>,
    metrics: IndexMap<String, ByPackage>,
    /// From measures to their semantic models.
    measures: IndexMap<String, ByPackage>,
    semantic_models: IndexMap<String, ByPackage>,
    disabled: BTreeSet<String>,
}

/// What a name leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A node.
    Node(NodeIndex),
    /// Nodes of several packages, none of which comes first.
    Several(Vec<NodeIndex>),
    /// A disabled node.
    Disabled,
    /// Nothing.
    Missing,
}

/// A name in a metric or a saved query that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrokenMetric {
    /// The name of a metric.
    Metric(String),
    /// The name of a measure.
    Measure(String),
    /// The name of a semantic model.
    SemanticModel(String),
}

impl Lookup {
    /// The names of the enabled nodes; those of disabled ones for the messages.
    pub fn new(project: &Project, nodes: &[Node], disabled: &[Node]) -> Self {
        let settings = &project.root().settings;
        let flag = settings.flags.get("require_ref_searches_node_package_before_root");
        let mut lookup = Self {
            root: settings.name.clone(),
            is_node_package_first: flag.and_then(Value::as_bool).unwrap_or(false),
            ..Self::default()
        };
        for (at, node) in nodes.iter().enumerate() {
            let index = NodeIndex(at as u32);
            if let NodeDetails::Source(_) = &node.details {
                put(&mut lookup.sources, source_key(node), node, index);
            }
            match (node.resource_type, &node.details) {
                (ResourceType::Function, _) => {
                    put(&mut lookup.functions, node.name.clone(), node, index);
                }
                (ResourceType::Metric, _) => {
                    put(&mut lookup.metrics, node.name.clone(), node, index);
                }
                (ResourceType::SemanticModel, NodeDetails::Carried(definition)) => {
                    put(&mut lookup.semantic_models, node.name.clone(), node, index);
                    for measure in measures_of(definition) {
                        put(&mut lookup.measures, measure.to_owned(), node, index);
                    }
                }
                _ => {}
            }
            if is_referable(node.resource_type) {
                let model = match &node.details {
                    NodeDetails::Model(model) => Some(model),
                    _ => None,
                };
                let own_version = model.and_then(|model| model.version.as_ref());
                if let Some(own_version) = own_version {
                    put(&mut lookup.refs, versioned(&node.name, own_version), node, index);
                }
                let latest = model.and_then(|model| model.latest_version.as_ref());
                if own_version.zip(latest).is_none_or(|(own, latest)| version::is_same(own, latest))
                {
                    put(&mut lookup.refs, node.name.clone(), node, index);
                }
            }
        }
        lookup.disabled = disabled
            .iter()
            .filter(|node| {
                is_referable(node.resource_type)
                    || matches!(
                        node.resource_type,
                        ResourceType::Source | ResourceType::Function | ResourceType::Metric
                    )
            })
            .map(|node| match node.resource_type {
                ResourceType::Source => source_key(node),
                ResourceType::Function => function_key(&node.name),
                ResourceType::Metric => metric_key(&node.name),
                _ => node.name.clone(),
            })
            .collect();
        lookup
    }

    /// What a call of `ref` in a node of a package leads to.
    pub fn find_ref(&self, package: &str, call: &RefCall) -> Target {
        let key = match &call.version {
            Some(version) => versioned(&call.name, version),
            None => call.name.clone(),
        };
        let Some(found) = self.refs.get(&key) else { return self.absent(&call.name) };
        match self.choose(found, package, call.package.as_deref()) {
            Some(target) => target,
            None => self.absent(&call.name),
        }
    }

    /// What a call of `source` in a node of a package leads to.
    pub fn find_source(&self, package: &str, call: &SourceCall) -> Target {
        let key = format!("{}.{}", call.source, call.table);
        let Some(found) = self.sources.get(&key) else { return self.absent(&key) };
        match self.choose(found, package, None) {
            // Sources of several packages are no error: dbt takes the first.
            Some(Target::Several(nodes)) => Target::Node(nodes[0]),
            Some(target) => target,
            None => self.absent(&key),
        }
    }

    /// What a call of `function`, with a name or a package and a name, leads to in a node of a package.
    pub fn find_function(&self, package: &str, names: &[String]) -> Target {
        let Some(name) = names.last() else { return Target::Missing };
        let wanted = names.len().checked_sub(2).map(|at| names[at].as_str());
        self.first(self.functions.get(name), package, wanted)
            .unwrap_or_else(|| self.absent(&function_key(name)))
    }

    /// What the name of a metric, or its package and its name, leads to in a node of a package.
    pub fn find_metric(&self, package: &str, names: &[String]) -> Target {
        let Some(name) = names.last() else { return Target::Missing };
        let wanted = names.len().checked_sub(2).map(|at| names[at].as_str());
        self.first(self.metrics.get(name), package, wanted)
            .unwrap_or_else(|| self.absent(&metric_key(name)))
    }

    /// The semantic model that a measure is part of.
    pub fn find_measure(&self, package: &str, name: &str) -> Target {
        self.first(self.measures.get(name), package, None).unwrap_or(Target::Missing)
    }

    /// The semantic model of a name.
    pub fn find_semantic_model(&self, package: &str, name: &str) -> Target {
        self.first(self.semantic_models.get(name), package, None).unwrap_or(Target::Missing)
    }

    /// Where names of several packages fit, dbt takes the first.
    fn first(
        &self,
        found: Option<&ByPackage>,
        package: &str,
        wanted: Option<&str>,
    ) -> Option<Target> {
        match self.choose(found?, package, wanted)? {
            Target::Several(nodes) => Some(Target::Node(nodes[0])),
            target => Some(target),
        }
    }

    /// An error for the name of a metric or a measure that leads nowhere.
    pub fn metric_failure(&self, broken: &BrokenMetric, target: &Target) -> Diagnostic {
        let (what, name, known) = match broken {
            BrokenMetric::Metric(name) => ("metric", name, &self.metrics),
            BrokenMetric::Measure(name) => ("measure of a semantic model", name, &self.measures),
            BrokenMetric::SemanticModel(name) => ("semantic model", name, &self.semantic_models),
        };
        let state = match target {
            Target::Disabled => "is disabled",
            _ => "does not exist",
        };
        Diagnostic::error(METRIC_NOT_FOUND, format!("`{name}` names a {what} that {state}"))
            .hint_optional(did_you_mean(name, known.keys().map(String::as_str)))
    }

    /// An error for a call of `function` that leads to no function.
    pub fn function_failure(&self, names: &[String], target: &Target) -> Diagnostic {
        let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
        let shown = format!("function({})", quoted.join(", "));
        if *target == Target::Disabled {
            let message = format!("`{shown}` names a function that is disabled");
            return Diagnostic::error(REF_DISABLED, message)
                .hint("enable it, or take the call out");
        }
        let name = names.last().map(String::as_str).unwrap_or_default();
        Diagnostic::error(
            FUNCTION_NOT_FOUND,
            format!("`{shown}` names a function that does not exist"),
        )
        .hint_optional(did_you_mean(name, self.functions.keys().map(String::as_str)))
    }

    /// The node of a name in a package, whatever the order of packages.
    pub fn in_package(
        &self,
        package: &str,
        name: &str,
        wanted: Option<&Value>,
    ) -> Option<NodeIndex> {
        let key = wanted.map_or_else(|| name.to_owned(), |version| versioned(name, version));
        self.refs.get(&key)?.iter().find(|(own, _)| **own == *package).map(|(_, node)| *node)
    }

    /// dbt's `_packages_to_search`: the root project, then the node's package, then any.
    fn choose(&self, found: &ByPackage, package: &str, wanted: Option<&str>) -> Option<Target> {
        let of = |package: &str| {
            found.iter().find(|(own, _)| **own == *package).map(|(_, node)| Target::Node(*node))
        };
        if let Some(wanted) = wanted {
            return of(wanted);
        }
        let order =
            if self.is_node_package_first { [package, &self.root] } else { [&self.root, package] };
        order.into_iter().find_map(of).or(match found.as_slice() {
            [] => None,
            [(_, node)] => Some(Target::Node(*node)),
            several => Some(Target::Several(several.iter().map(|(_, node)| *node).collect())),
        })
    }

    fn absent(&self, key: &str) -> Target {
        if self.disabled.contains(key) { Target::Disabled } else { Target::Missing }
    }

    /// An error for a call of `ref` that leads to no node.
    pub fn ref_failure(&self, call: &RefCall, target: &Target) -> Diagnostic {
        let shown = shown_ref(call);
        let diagnostic = match target {
            Target::Disabled => {
                Diagnostic::error(REF_DISABLED, format!("`{shown}` names a node that is disabled"))
                    .hint("enable it, or take the reference out")
            }
            Target::Several(_) => Diagnostic::error(
                REF_NOT_FOUND,
                format!("`{shown}` names nodes of several packages"),
            )
            .hint(format!("name the package too: `ref('package', '{}')`", call.name)),
            _ if call.name.is_empty() => {
                Diagnostic::error(REF_NOT_FOUND, "`ref` is given a name that is not defined")
                    .hint("put the name of a model in quotes: `ref('model')`")
            }
            _ => {
                let diagnostic = Diagnostic::error(
                    REF_NOT_FOUND,
                    format!("`{shown}` names a node that does not exist"),
                );
                let names = self.refs.keys().map(String::as_str);
                let hint = match (self.refs.contains_key(&call.name), &call.package) {
                    (true, Some(_)) => {
                        Some(format!("there is one in another package: `ref('{}')`", call.name))
                    }
                    (true, None) => Some("there is no such version of it".to_owned()),
                    (false, _) => did_you_mean(&call.name, names),
                };
                diagnostic.hint_optional(hint)
            }
        };
        diagnostic.at_optional(call.span)
    }

    /// An error for a call of `source` that leads to no source.
    pub fn source_failure(&self, call: &SourceCall, target: &Target) -> Diagnostic {
        let key = format!("{}.{}", call.source, call.table);
        let shown = format!("source('{}', '{}')", call.source, call.table);
        let diagnostic = if *target == Target::Disabled {
            Diagnostic::error(REF_DISABLED, format!("`{shown}` names a source that is disabled"))
                .hint("enable it, or take the reference out")
        } else {
            Diagnostic::error(
                SOURCE_NOT_FOUND,
                format!("`{shown}` names a source that does not exist"),
            )
            .hint_optional(did_you_mean(&key, self.sources.keys().map(String::as_str)))
        };
        diagnostic.at_optional(call.span)
    }
}

/// The node that a call of `ref` in a node of a package leads to.
#[expect(clippy::result_large_err, reason = "templates get the diagnostic as it is")]
pub fn find_ref(graph: &Graph, package: &str, call: &RefCall) -> Result<NodeIndex, Diagnostic> {
    match graph.lookup.find_ref(package, call) {
        Target::Node(node) => Ok(node),
        other => Err(graph.lookup.ref_failure(call, &other)),
    }
}

/// The source that a call of `source` in a node of a package leads to.
#[expect(clippy::result_large_err, reason = "templates get the diagnostic as it is")]
pub fn find_source(
    graph: &Graph,
    package: &str,
    call: &SourceCall,
) -> Result<NodeIndex, Diagnostic> {
    match graph.lookup.find_source(package, call) {
        Target::Node(node) => Ok(node),
        other => Err(graph.lookup.source_failure(call, &other)),
    }
}

/// The function that a call of `function` in a node of a package leads to.
#[expect(clippy::result_large_err, reason = "templates get the diagnostic as it is")]
pub fn find_function(
    graph: &Graph,
    package: &str,
    names: &[String],
) -> Result<NodeIndex, Diagnostic> {
    match graph.lookup.find_function(package, names) {
        Target::Node(node) => Ok(node),
        other => Err(graph.lookup.function_failure(names, &other)),
    }
}

/// A call as it is written.
pub(crate) fn shown_ref(call: &RefCall) -> String {
    let package = call.package.as_ref().map(|package| format!("'{package}', ")).unwrap_or_default();
    let version =
        call.version.as_ref().map(|own| format!(", v={}", version::text(own))).unwrap_or_default();
    format!("ref({package}'{}'{version})", call.name)
}

/// Whether `ref` can lead to nodes of a kind.
pub(crate) fn is_referable(kind: ResourceType) -> bool {
    matches!(kind, ResourceType::Model | ResourceType::Seed | ResourceType::Snapshot)
}

/// Where a node is declared, for labels.
pub(crate) fn place_of(node: &Node) -> Option<Span> {
    node.span.or(node.code_start)
}

fn put(names: &mut IndexMap<String, ByPackage>, key: String, node: &Node, index: NodeIndex) {
    let found = names.entry(key).or_default();
    match found.iter_mut().find(|(package, _)| *package == node.package) {
        Some(known) => known.1 = index,
        None => found.push((node.package.clone(), index)),
    }
}

fn versioned(name: &str, own: &Value) -> String {
    format!("{name}.v{}", version::text(own))
}

/// Functions have names of their own: a model may be called the same.
fn function_key(name: &str) -> String {
    format!("function {name}")
}

fn metric_key(name: &str) -> String {
    format!("metric {name}")
}

/// The names of the measures of a semantic model.
fn measures_of(definition: &Value) -> impl Iterator<Item = &str> {
    let measures = definition.get("measures").and_then(Value::as_array).into_iter().flatten();
    measures.filter_map(|measure| measure.get("name")?.as_str())
}

fn source_key(node: &Node) -> String {
    match &node.details {
        NodeDetails::Source(details) => format!("{}.{}", details.source_name, node.name),
        _ => node.name.clone(),
    }
}
