//! From the graph, a run and the warehouse's listing to the published artifacts.
//!
//! Everything borrows from the graph and the report, so that describing ten thousand models copies no SQL.

mod catalog;
mod freshness;
mod lineage;
mod nodes;
mod results;
mod stream;

use graph::{Graph, Node, NodeDetails, NodeIndex};
use indexmap::IndexMap;
use project::ResourceType;
use run::{CompiledNodes, RunReport};
use serde_json::{Map, Value};

use crate::artifacts::group::Group;
use crate::artifacts::macros::{DocsBlock, Macro, MacroArgument, MacroConfig};
use crate::artifacts::manifest::{DisabledResource, MANIFEST_SCHEMA, Manifest, ManifestMetadata};
use crate::artifacts::unit_test::{UnitTest, UnitTestConfig};
use crate::artifacts::{
    DependsOn, DocsConfig, Json, JsonMap, MacroDependsOn, Owner, Quoting, Text, TextMap,
};

pub use catalog::describe_catalog;
pub use freshness::describe_freshness;
pub use lineage::{ColumnLineage, describe_column_lineage};
pub use results::describe_results;
pub use stream::ManifestStream;

/// Facts of the invocation that the heads of artifacts have.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// The version of dbt that is behaved like.
    pub dbt_version: String,
    /// When the artifact is made, in microseconds since 1970-01-01T00:00:00Z.
    pub generated_at: i64,
    /// When the invocation started, likewise.
    pub started_at: i64,
    /// The invocation's id.
    pub invocation_id: String,
    /// `DBT_ENV_CUSTOM_ENV_…` variables without their prefix.
    pub custom_variables: IndexMap<String, String>,
    /// The adapter's `type`.
    pub adapter_type: String,
    /// The MD5 of the root project's name, in hexadecimal.
    pub project_id: String,
    /// The target path relative to the project, for `compiled_path` and `build_path`.
    pub target_path: String,
    /// What the adapter quotes where nobody says: database, schema and identifier.
    pub default_quoting: Quoting,
    /// The selections with names, by name.
    pub selectors: IndexMap<String, Value>,
}

/// The manifest of a project; a report adds what was compiled.
pub fn describe_manifest<'a>(
    graph: &'a Graph,
    head: &'a Head,
    report: Option<&'a RunReport>,
) -> Manifest<'a> {
    let compiled = report.map(|report| &report.compiled);
    let mut manifest = describe_all_but_nodes(graph, head, compiled);
    manifest.nodes = manifest_nodes(graph)
        .map(|(index, node)| {
            (
                Text::Borrowed(&*node.unique_id),
                nodes::node(graph, node, head, compiled.and_then(|all| all.get(&index))),
            )
        })
        .collect();
    manifest.nodes.extend(
        left_out_tests(graph)
            .map(|node| (Text::Borrowed(&*node.unique_id), nodes::node(graph, node, head, None))),
    );
    let children = children(graph);
    for (at, node) in graph.nodes.iter().enumerate() {
        let id = Text::Borrowed(&*node.unique_id);
        manifest.parent_map.insert(id.clone(), ids(graph, &node.depends_on));
        manifest.child_map.insert(id, child_ids(graph, NodeIndex(at as u32), &children[at]));
    }
    for test in left_out_tests(graph) {
        let id = Text::Borrowed(&*test.unique_id);
        manifest.parent_map.insert(id.clone(), ids(graph, &test.depends_on));
        manifest.child_map.insert(id, Vec::new());
    }
    manifest
}

/// The nodes that stand under `nodes`: those with code, and seeds.
pub(crate) fn manifest_nodes(graph: &Graph) -> impl Iterator<Item = (NodeIndex, &Node)> {
    let is_elsewhere = |details: &NodeDetails| {
        matches!(
            details,
            NodeDetails::Source(_)
                | NodeDetails::Exposure(_)
                | NodeDetails::Function(_)
                | NodeDetails::Carried(_)
        )
    };
    let numbered = graph.nodes.iter().enumerate().map(|(at, node)| (NodeIndex(at as u32), node));
    numbered.filter(move |(_, node)| !is_elsewhere(&node.details))
}

/// Tests that refer to what is not there: disabled, but listed among the nodes, as in dbt.
pub(crate) fn left_out_tests(graph: &Graph) -> impl Iterator<Item = &Node> {
    graph.disabled.iter().filter(|node| is_left_out(node))
}

fn is_left_out(node: &Node) -> bool {
    matches!(&node.details, NodeDetails::Test(test) if test.is_left_out)
}

/// The nodes that depend on each node.
pub(crate) fn children(graph: &Graph) -> Vec<Vec<NodeIndex>> {
    let mut children: Vec<Vec<NodeIndex>> = vec![Vec::new(); graph.nodes.len()];
    for (at, node) in graph.nodes.iter().enumerate() {
        for parent in &node.depends_on {
            children[parent.0 as usize].push(NodeIndex(at as u32));
        }
    }
    children
}

/// The unique ids of nodes, sorted as in dbt's maps of parents and children.
pub(crate) fn ids<'a>(graph: &'a Graph, nodes: &[NodeIndex]) -> Vec<Text<'a>> {
    let mut ids: Vec<Text<'a>> =
        nodes.iter().map(|index| Text::Borrowed(&*graph.node(*index).unique_id)).collect();
    ids.sort_unstable();
    ids
}

/// The children of a node, sorted, tests that are left out of the graph among them.
pub(crate) fn child_ids<'a>(
    graph: &'a Graph,
    node: NodeIndex,
    children: &[NodeIndex],
) -> Vec<Text<'a>> {
    let mut all = ids(graph, children);
    let left_out = left_out_tests(graph).filter(|test| test.depends_on.contains(&node));
    let known = all.len();
    all.extend(left_out.map(|test| Text::Borrowed(&*test.unique_id)));
    if all.len() > known {
        all.sort_unstable();
    }
    all
}

/// The manifest without what there is one of for each node: `nodes`, `parent_map`, `child_map`.
pub(crate) fn describe_all_but_nodes<'a>(
    graph: &'a Graph,
    head: &'a Head,
    compiled: Option<&'a CompiledNodes>,
) -> Manifest<'a> {
    let mut manifest = Manifest { metadata: metadata(graph, head), ..Manifest::default() };
    // A group without members is listed too.
    for group in graph.groups.values() {
        manifest.group_map.entry(Text::Borrowed(group.name.as_str())).or_default();
    }
    for (at, node) in graph.nodes.iter().enumerate() {
        let id = Text::Borrowed(&*node.unique_id);
        match &node.details {
            NodeDetails::Source(source) => {
                manifest.sources.insert(id, nodes::source_table(node, source));
            }
            NodeDetails::Exposure(exposure) => {
                manifest.exposures.insert(id, nodes::exposure(graph, node, exposure));
            }
            NodeDetails::Carried(value) => add_carried(&mut manifest, graph, node, value),
            NodeDetails::Function(function) => {
                let compiled = compiled.and_then(|all| all.get(&NodeIndex(at as u32)));
                let function = nodes::function(graph, node, function, head, compiled);
                manifest.functions.insert(id, function);
            }
            _ => {}
        }
        if let Some(group) = &node.group {
            let members = manifest.group_map.entry(Text::Borrowed(group.as_str())).or_default();
            members.push(Text::Borrowed(&*node.unique_id));
        }
    }
    manifest.macros =
        graph.macros.values().map(|one| (Text::Borrowed(&*one.unique_id), macro_(one))).collect();
    manifest.docs = graph
        .docs
        .values()
        .map(|doc| (Text::Borrowed(doc.unique_id.as_str()), docs_block(doc)))
        .collect();
    manifest.selectors = head
        .selectors
        .iter()
        .map(|(name, selector)| (Text::Borrowed(name.as_str()), Json::Borrowed(selector)))
        .collect();
    manifest.groups = graph
        .groups
        .values()
        .map(|group| (Text::Borrowed(group.unique_id.as_str()), group_(group)))
        .collect();
    for node in graph.disabled.iter().filter(|node| !is_left_out(node)) {
        let resource = match &node.details {
            NodeDetails::Source(source) => {
                DisabledResource::Source(Box::new(nodes::source_table(node, source)))
            }
            NodeDetails::Exposure(exposure) => {
                DisabledResource::Exposure(Box::new(nodes::exposure(graph, node, exposure)))
            }
            NodeDetails::Carried(value) if node.resource_type == ResourceType::UnitTest => {
                match serde_json::from_value(value.as_ref().clone()) {
                    Ok(test) => DisabledResource::UnitTest(Box::new(unit_test(graph, node, test))),
                    Err(_) => DisabledResource::Other(Json::Borrowed(value)),
                }
            }
            NodeDetails::Carried(_) => {
                DisabledResource::Other(Json::Owned(graph::semantic_dictionary(graph, node)))
            }
            _ => DisabledResource::Node(Box::new(nodes::node(graph, node, head, None))),
        };
        manifest.disabled.entry(Text::Borrowed(&*node.unique_id)).or_default().push(resource);
    }
    manifest
}

fn metadata<'a>(graph: &'a Graph, head: &'a Head) -> ManifestMetadata<'a> {
    let root = &graph.project.root().settings;
    let preset = &head.default_quoting;
    let quoted = |part: &str, preset: Option<bool>| root.quoting.get(part).copied().or(preset);
    ManifestMetadata {
        dbt_schema_version: Text::Borrowed(MANIFEST_SCHEMA),
        dbt_version: Text::Borrowed(&head.dbt_version),
        generated_at: Text::Owned(results::moment(head.generated_at)),
        invocation_id: Some(Text::Borrowed(&head.invocation_id)),
        invocation_started_at: Some(Text::Owned(results::moment(head.started_at))),
        env: variables(head),
        project_name: Some(Text::Borrowed(&root.name)),
        project_id: Some(Text::Borrowed(&head.project_id)),
        user_id: None,
        send_anonymous_usage_stats: Some(false),
        adapter_type: Some(Text::Borrowed(&head.adapter_type)),
        quoting: Some(Quoting {
            database: quoted("database", preset.database),
            schema: quoted("schema", preset.schema),
            identifier: quoted("identifier", preset.identifier),
            column: quoted("column", None),
        }),
        run_started_at: Some(Text::Owned(results::moment(head.started_at))),
    }
}

pub(crate) fn variables(head: &Head) -> TextMap<'_, Text<'_>> {
    head.custom_variables
        .iter()
        .map(|(name, value)| (Text::Borrowed(name.as_str()), Text::Borrowed(value.as_str())))
        .collect()
}

/// What a definition does not say itself.
fn unit_test<'a>(graph: &'a Graph, node: &'a Node, written: UnitTest<'a>) -> UnitTest<'a> {
    let parents = node.depends_on.iter().map(|parent| graph.node(*parent));
    UnitTest {
        name: Text::Borrowed(&node.name),
        resource_type: Text::Borrowed("unit_test"),
        package_name: Text::Borrowed(&node.package),
        path: Text::Borrowed(node.path.as_str()),
        original_file_path: Text::Borrowed(node.original_file_path.as_str()),
        unique_id: Text::Borrowed(&node.unique_id),
        fqn: node.fqn.iter().map(|part| Text::Borrowed(part.as_str())).collect(),
        depends_on: DependsOn {
            macros: Vec::new(),
            nodes: parents.clone().map(|parent| Text::Borrowed(&*parent.unique_id)).collect(),
        },
        schema: parents.map(|parent| Text::Borrowed(parent.schema.as_str())).next(),
        config: UnitTestConfig {
            tags: node.config.get("tags").map_or_else(Json::default, Json::Borrowed),
            meta: node.config.meta().map_or_else(JsonMap::default, JsonMap::Borrowed),
            enabled: node.config.is_enabled(),
            static_analysis: node.config.text("static_analysis").map(Text::Borrowed),
            extra: nodes::own_keys(node, &["tags", "meta", "enabled", "static_analysis"]),
        },
        created_at: node.created_at,
        ..written
    }
}

fn add_carried<'a>(
    manifest: &mut Manifest<'a>,
    graph: &'a Graph,
    node: &'a Node,
    value: &'a Value,
) {
    let id = Text::Borrowed(&*node.unique_id);
    match node.resource_type {
        ResourceType::Metric => {
            manifest.metrics.insert(id, Json::Owned(graph::semantic_dictionary(graph, node)));
        }
        ResourceType::SavedQuery => {
            manifest.saved_queries.insert(id, Json::Owned(graph::semantic_dictionary(graph, node)));
        }
        ResourceType::SemanticModel => {
            manifest
                .semantic_models
                .insert(id, Json::Owned(graph::semantic_dictionary(graph, node)));
        }
        ResourceType::UnitTest => {
            let mut written = value.clone();
            // It is there as the author wrote it, in whatever form; what counts is the node's.
            if let Some(entries) = written.as_object_mut() {
                entries.remove("config");
            }
            if let Ok(test) = serde_json::from_value(written) {
                manifest.unit_tests.insert(id, unit_test(graph, node, test));
            }
        }
        _ => {}
    }
}

fn macro_(one: &graph::MacroNode) -> Macro<'_> {
    let docs = DocsConfig {
        show: one.is_shown,
        node_color: one.node_color.as_deref().map(Text::Borrowed),
    };
    let meta = json_map(&one.meta);
    Macro {
        name: Text::Borrowed(&one.name),
        resource_type: Text::Borrowed("macro"),
        package_name: Text::Borrowed(&one.package),
        path: Text::Borrowed(one.original_file_path.as_str()),
        original_file_path: Text::Borrowed(one.original_file_path.as_str()),
        unique_id: Text::Borrowed(&one.unique_id),
        macro_sql: Text::Borrowed(&one.code),
        depends_on: MacroDependsOn {
            macros: one.depends_on.iter().map(|id| Text::Borrowed(&**id)).collect(),
        },
        description: Text::Borrowed(&one.description),
        meta: meta.clone(),
        docs: docs.clone(),
        config: MacroConfig { meta, docs },
        patch_path: one.patch_path.as_deref().map(Text::Borrowed),
        arguments: one
            .arguments
            .iter()
            .map(|(name, kind, description)| MacroArgument {
                name: Text::Borrowed(name),
                argument_type: kind.as_deref().map(Text::Borrowed),
                description: Text::Borrowed(description),
            })
            .collect(),
        created_at: 0.0,
        supported_languages: one.supported_languages.as_ref().map(|languages| {
            languages.iter().map(|language| Text::Borrowed(language.as_str())).collect()
        }),
    }
}

fn docs_block(doc: &graph::DocBlock) -> DocsBlock<'_> {
    DocsBlock {
        name: Text::Borrowed(&doc.name),
        resource_type: Text::Borrowed("doc"),
        package_name: Text::Borrowed(&doc.package),
        path: Text::Borrowed(doc.path.as_str()),
        original_file_path: Text::Borrowed(doc.original_file_path.as_str()),
        unique_id: Text::Borrowed(&doc.unique_id),
        block_contents: Text::Borrowed(&doc.contents),
    }
}

fn group_(group: &graph::Group) -> Group<'_> {
    Group {
        name: Text::Borrowed(&group.name),
        resource_type: Text::Borrowed("group"),
        package_name: Text::Borrowed(&group.package),
        path: Text::Borrowed(group.path.as_str()),
        original_file_path: Text::Borrowed(group.original_file_path.as_str()),
        unique_id: Text::Borrowed(&group.unique_id),
        owner: owner(&group.owner),
        description: (!group.description.is_empty())
            .then_some(Text::Borrowed(group.description.as_str())),
        config: json_map(&group.config),
    }
}

/// An owner with its address, its name and whatever else was written.
pub(crate) fn owner(written: &IndexMap<String, Value>) -> Owner<'_> {
    let others = written.iter().filter(|(key, _)| !matches!(key.as_str(), "name" | "email"));
    Owner {
        email: written.get("email").filter(|value| !value.is_null()).map(Json::Borrowed),
        name: written.get("name").and_then(Value::as_str).map(Text::Borrowed),
        extra: others.map(|(key, value)| (key.clone(), value.clone())).collect(),
    }
}

/// A dictionary in the form that artifacts have.
pub(crate) fn json_map(entries: &IndexMap<String, Value>) -> JsonMap<'_> {
    let map: Map<String, Value> =
        entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    JsonMap::Owned(map)
}
