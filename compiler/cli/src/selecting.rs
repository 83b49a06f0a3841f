//! What the command line selects, in the words of the graph.

use graph::{IndirectSelection, Selection, SelectionRequest};
use project::ResourceType;
use serde_json::json;
use source::codes;

use crate::invocation::{Failure, Invocation};
use crate::stages::Prepared;
use crate::ui::event::{Level, LogEvent};

/// The kinds of nodes that a command handles.
pub(crate) struct Kinds<'a> {
    /// When nobody says otherwise.
    pub usual: &'a [ResourceType],
    /// With `--resource-type all`.
    pub all: &'a [ResourceType],
    /// Whether nodes without SQL stay.
    pub keeps_empty_nodes: bool,
}

/// Selects nodes.
pub(crate) fn select(
    invocation: &Invocation,
    prepared: &Prepared,
    kinds: &Kinds<'_>,
) -> Result<Selection, Failure> {
    let settings = &invocation.settings;
    if let Some(only) = &invocation.only {
        let graph = &prepared.graph;
        let mut nodes: Vec<_> =
            only.iter().filter_map(|id| graph.index.get(id.as_str()).copied()).collect();
        nodes.retain(|index| kinds.all.contains(&graph.node(*index).resource_type));
        nodes.sort_unstable();
        nodes.dedup();
        return Ok(Selection { nodes });
    }
    let models = settings.list("models");
    let mut select = settings.list("select");
    let mut resource_types = wanted(&settings.list("resource-type"), kinds);
    if !models.is_empty() {
        select = models;
        resource_types = vec![ResourceType::Model];
    }
    let exclude = settings.list("exclude");
    let mut selector = settings.text("selector").map(str::to_owned);
    if selector.is_none() && select.is_empty() && exclude.is_empty() {
        if let Some(name) = prepared.selectors.default_name() {
            let event = LogEvent::new(
                Level::Info,
                ("DefaultSelector", "Q023"),
                format!("Using default selector {name}"),
                json!({"name": name}),
            );
            invocation.console.fire(&event);
            selector = Some(name.to_owned());
        }
    } else if selector.is_some() && !(select.is_empty() && exclude.is_empty()) {
        let text = "`--select` and `--exclude` are ignored, since `--selector` is given";
        let data = json!({"msg": text});
        let event = LogEvent::new(
            Level::Warn,
            ("SelectExcludeIgnoredWithSelectorWarning", "Z064"),
            text,
            data,
        );
        invocation.console.fire(&event);
    }
    let excluded = settings.list("exclude-resource-type");
    let excluded_resource_types =
        if excluded.is_empty() { Vec::new() } else { wanted(&excluded, kinds) };
    let indirect =
        settings.text("indirect-selection").and_then(IndirectSelection::parse).unwrap_or_default();
    let mut selected = graph::select(
        &prepared.graph,
        &SelectionRequest {
            select,
            exclude,
            resource_types: Some(resource_types),
            excluded_resource_types,
            indirect,
            selector,
            selectors: prepared.selectors.clone(),
            keeps_empty_nodes: kinds.keeps_empty_nodes,
            state: crate::state::load(invocation, prepared)?,
        },
    );
    if prepared.graph.nodes.is_empty() {
        // That there is nothing at all was said already.
        selected.diagnostics.retain(|diagnostic| diagnostic.code != codes::NOTHING_SELECTED);
    }
    invocation.heed(selected.diagnostics)?;
    Ok(selected.value)
}

/// The kinds that `--resource-type` names.
fn wanted(words: &[String], kinds: &Kinds<'_>) -> Vec<ResourceType> {
    if words.is_empty() {
        return kinds.usual.to_vec();
    }
    let mut wanted: Vec<ResourceType> = Vec::new();
    for word in words {
        match word.to_lowercase().as_str() {
            "all" => wanted.extend(kinds.all),
            "default" => wanted.extend(kinds.usual),
            word => wanted.extend(ResourceType::parse(word)),
        }
    }
    wanted
}
