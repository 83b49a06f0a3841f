//! `ref` and `source` followed to their nodes.

use std::sync::Arc;

use project::{Project, ResourceType};
use rayon::prelude::*;
use serde_json::Value;
use source::codes::{REF_ACCESS, ROOT_DEPENDENCY};
use source::{Diagnostic, Severity, Warned};

use crate::lookup::{BrokenMetric, Lookup, Target, shown_ref};
use crate::node::{Node, NodeDetails, NodeIndex, RefCall};
use crate::parse::semantics::{inputs_of_metric, semantic_model_of_metric};

/// What following the references of one node gave.
#[derive(Debug, Default)]
struct Followed {
    depends_on: Vec<NodeIndex>,
    /// References, by place in the node's lists, that lead nowhere.
    broken: Vec<(Broken, Target)>,
    diagnostics: Vec<Diagnostic>,
}

#[derive(Debug, Clone)]
enum Broken {
    Ref(usize),
    Source(usize),
    Function(usize),
    Metric(BrokenMetric),
}

/// Follows all references; tests whose references lead nowhere, and unit tests of disabled models, are given back
/// apart, as dbt disables them.
pub fn resolve(project: &Project, lookup: &Lookup, nodes: &mut Vec<Node>) -> Warned<Vec<Node>> {
    let followed: Vec<Followed> =
        nodes.par_iter().map(|node| follow(project, lookup, nodes, node)).collect();
    let mut diagnostics = Vec::new();
    let mut numbers = Vec::with_capacity(nodes.len());
    let mut kept = 0;
    for (node, followed) in nodes.iter_mut().zip(followed) {
        let is_broken_test = match node.resource_type {
            ResourceType::Test => !followed.broken.is_empty(),
            // Its one reference is the model that it tests.
            ResourceType::UnitTest => {
                followed.broken.iter().any(|(_, target)| *target == Target::Disabled)
            }
            _ => false,
        };
        numbers.push((!is_broken_test).then_some(NodeIndex(kept)));
        kept += u32::from(!is_broken_test);
        node.depends_on = followed.depends_on;
        diagnostics.extend(followed.diagnostics);
        for (broken, target) in followed.broken {
            if is_broken_test && target == Target::Disabled {
                continue;
            }
            let mut diagnostic = match broken {
                Broken::Ref(at) => lookup.ref_failure(&node.refs[at], &target),
                Broken::Source(at) => lookup.source_failure(&node.sources[at], &target),
                Broken::Metric(name) => lookup.metric_failure(&name, &target),
                Broken::Function(at) => lookup.function_failure(&node.functions[at], &target),
            };
            if is_broken_test {
                diagnostic.severity = Severity::Warning;
                diagnostic = diagnostic.note("the test is left out");
            }
            if diagnostic.labels.is_empty() {
                diagnostic = diagnostic.at_optional(node.span);
            }
            diagnostics.push(diagnostic.about(&*node.unique_id));
        }
    }
    let mut unsound = Vec::new();
    if (kept as usize) < nodes.len() {
        let mut at = 0;
        unsound.extend(nodes.extract_if(.., |_| {
            at += 1;
            numbers[at - 1].is_none()
        }));
        for node in &mut unsound {
            leave_out(node);
        }
        // Nothing depends on a test, so that every parent has a new number.
        for parent in nodes.iter_mut().chain(&mut unsound).flat_map(|node| &mut node.depends_on) {
            if let Some(number) = numbers[parent.0 as usize] {
                *parent = number;
            }
        }
    }
    Warned { value: unsound, diagnostics }
}

fn leave_out(node: &mut Node) {
    Arc::make_mut(&mut node.config).values.insert("enabled".to_owned(), Value::Bool(false));
    if let NodeDetails::Test(test) = &mut node.details {
        test.is_left_out = true;
    }
}

/// Sources first, then refs, then functions, each once: dbt's order of `depends_on`.
fn follow(project: &Project, lookup: &Lookup, nodes: &[Node], node: &Node) -> Followed {
    let mut followed = Followed::default();
    // dbt takes no sources for what a function depends on; there is nothing to wait for either.
    let has_sources = node.resource_type != ResourceType::Function;
    for (at, call) in node.sources.iter().enumerate() {
        match lookup.find_source(&node.package, call) {
            Target::Node(target) if has_sources => followed.add(target),
            Target::Node(_) => {}
            other => followed.broken.push((Broken::Source(at), other)),
        }
    }
    for (at, call) in node.refs.iter().enumerate() {
        let is_same = |known: &RefCall| {
            (&known.package, &known.name, &known.version)
                == (&call.package, &call.name, &call.version)
        };
        if node.refs[..at].iter().any(is_same) {
            continue;
        }
        match lookup.find_ref(&node.package, call) {
            Target::Node(target) => {
                if let Some(problem) = access_problem(project, node, &nodes[target.0 as usize]) {
                    let message = format!("`{}` {problem}", shown_ref(call));
                    let diagnostic =
                        Diagnostic::error(REF_ACCESS, message).at_optional(call.span.or(node.span));
                    followed.diagnostics.push(diagnostic.about(&*node.unique_id));
                }
                let target_node = &nodes[target.0 as usize];
                followed.diagnostics.extend(root_dependency(project, node, call, target_node));
                followed.add(target);
            }
            other => followed.broken.push((Broken::Ref(at), other)),
        }
    }
    follow_metrics(lookup, node, &mut followed);
    for (at, names) in node.functions.iter().enumerate() {
        match lookup.find_function(&node.package, names) {
            Target::Node(target) => followed.add(target),
            other => followed.broken.push((Broken::Function(at), other)),
        }
    }
    followed
}

/// What metrics and saved queries are made of, and the metrics that others name.
fn follow_metrics(lookup: &Lookup, node: &Node, followed: &mut Followed) {
    let mut metrics = node.metrics.clone();
    if let NodeDetails::Carried(definition) = &node.details {
        match node.resource_type {
            ResourceType::Metric => {
                let (measures, inputs) = inputs_of_metric(definition);
                for measure in measures {
                    let name = measure.get("name").and_then(Value::as_str).unwrap_or_default();
                    match lookup.find_measure(&node.package, name) {
                        Target::Node(target) => followed.add(target),
                        other => {
                            let broken = BrokenMetric::Measure(name.to_owned());
                            followed.broken.push((Broken::Metric(broken), other));
                        }
                    }
                }
                if let Some(name) = semantic_model_of_metric(definition) {
                    match lookup.find_semantic_model(&node.package, name) {
                        Target::Node(target) => followed.add(target),
                        other => {
                            let broken = BrokenMetric::SemanticModel(name.to_owned());
                            followed.broken.push((Broken::Metric(broken), other));
                        }
                    }
                }
                metrics.extend(inputs.into_iter().map(|name| vec![name]));
            }
            ResourceType::SavedQuery => {
                let named = definition.pointer("/query_params/metrics").and_then(Value::as_array);
                let named = named.into_iter().flatten().filter_map(Value::as_str);
                metrics.extend(named.map(|name| vec![name.to_owned()]));
            }
            _ => {}
        }
    }
    for names in metrics {
        match lookup.find_metric(&node.package, &names) {
            Target::Node(target) => followed.add(target),
            other => {
                let broken = BrokenMetric::Metric(names.join("."));
                followed.broken.push((Broken::Metric(broken), other));
            }
        }
    }
}

impl Followed {
    fn add(&mut self, target: NodeIndex) {
        if !self.depends_on.contains(&target) {
            self.depends_on.push(target);
        }
    }
}

/// A warning of a package that depends on the project: circles may follow, as dbt's
/// `PackageNodeDependsOnRootProjectNode` says.
fn root_dependency(
    project: &Project,
    node: &Node,
    call: &RefCall,
    target: &Node,
) -> Option<Diagnostic> {
    let settings = &project.root().settings;
    let is_root = |package: &str| package == settings.name;
    let is_meant = call.package.as_deref().is_some_and(is_root);
    if is_root(&node.package) || !is_root(&target.package) || is_meant {
        return None;
    }
    if settings.behaves("require_ref_searches_node_package_before_root") {
        return None;
    }
    let message = format!(
        "`{}` of the package `{}` depends on `{}` of the project",
        node.name, node.package, target.unique_id
    );
    let hint = "set the flag `require_ref_searches_node_package_before_root`: packages then look at home first";
    let diagnostic = Diagnostic::warning(ROOT_DEPENDENCY, message).about(&*node.unique_id);
    Some(diagnostic.at_optional(call.span.or(node.span)).hint(hint))
}

/// Why a node may not refer to a model; dbt's `is_invalid_private_ref` and `is_invalid_protected_ref`.
fn access_problem(project: &Project, node: &Node, target: &Node) -> Option<String> {
    let NodeDetails::Model(model) = &target.details else { return None };
    if node.resource_type == ResourceType::SqlOperation {
        return None;
    }
    let is_root = *target.package == *project.root().settings.name;
    let is_elsewhere = node.package != target.package;
    let is_restricted = !is_root
        && project
            .package(&target.package)
            .is_some_and(|package| package.settings.is_access_restricted);
    match model.access.as_str() {
        "private" => {
            let group = target.group.as_deref().unwrap_or_default();
            let is_same_group = node.group.is_some() && node.group == target.group;
            let is_allowed = is_same_group && !(is_elsewhere && is_restricted);
            (!is_allowed).then(|| format!("names a model that is private to the group `{group}`"))
        }
        "protected" => (is_elsewhere && is_restricted).then(|| {
            format!("names a model that is protected by the package `{}`", target.package)
        }),
        _ => None,
    }
}
