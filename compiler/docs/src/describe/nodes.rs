//! Nodes, source tables and exposures as the manifest has them.

use graph::{
    ColumnInfo, ExposureDetails, FunctionDetails, FunctionOverload, Graph, Node, NodeDetails,
    SourceDetails,
};
use project::ResourceType;
use run::CompiledNode;
use serde_json::{Map, Value};

use super::{Head, json_map, owner};
use crate::artifacts::column::{Column, ColumnConfig, Constraint};
use crate::artifacts::config::Config;
use crate::artifacts::exposure::{Exposure, ExposureConfig};
use crate::artifacts::function::{Argument, Function, Overload, Returned, Signature};
use crate::artifacts::node::{
    Compiled, CompiledCode, Contract, GenericTestFields, InjectedCte, ModelFields, NodeKind,
    OperationFields, ParsedNode, SeedFields, TestMetadata,
};
use crate::artifacts::source_table::{SourceConfig, SourceTable};
use crate::artifacts::{
    Checksum, DependsOn, DocsConfig, Freshness, Json, JsonMap, MacroDependsOn, Quoting,
    RefArguments, Text,
};

/// A model, seed, snapshot, test, analysis or hook.
pub(super) fn node<'a>(
    graph: &'a Graph,
    node: &'a Node,
    head: &'a Head,
    compiled: Option<&'a CompiledNode>,
) -> crate::artifacts::node::Node<'a> {
    crate::artifacts::node::Node {
        parsed: parsed(node, head, compiled),
        compiled: (node.resource_type != ResourceType::Seed)
            .then(|| compiled_fields(graph, node, head, compiled)),
        kind: kind(node, compiled),
    }
}

fn borrowed(text: &str) -> Text<'_> {
    Text::Borrowed(text)
}

fn written_path(node: &Node, head: &Head, folder: &str) -> String {
    format!("{}/{folder}/{}/{}", head.target_path, node.package, graph::code_path(node))
}

fn parsed<'a>(node: &'a Node, head: &Head, compiled: Option<&'a CompiledNode>) -> ParsedNode<'a> {
    let has_run = compiled.is_some_and(|compiled| compiled.is_written);
    ParsedNode {
        database: node.database.as_deref().map(borrowed),
        schema: borrowed(&node.schema),
        name: borrowed(&node.name),
        resource_type: borrowed(node.resource_type.as_str()),
        package_name: borrowed(&node.package),
        path: borrowed(node.path.as_str()),
        original_file_path: borrowed(node.original_file_path.as_str()),
        unique_id: borrowed(&node.unique_id),
        fqn: node.fqn.iter().map(|part| borrowed(part)).collect(),
        alias: borrowed(&node.alias),
        checksum: Checksum {
            name: borrowed(node.checksum.0),
            checksum: borrowed(&node.checksum.1),
        },
        config: Config::Settled(&node.config.values),
        tags: node.tags.iter().map(|tag| borrowed(tag)).collect(),
        description: borrowed(&node.description),
        columns: node
            .columns
            .iter()
            .map(|(name, info)| (borrowed(name), column(info, compiled)))
            .collect(),
        meta: meta_of(node),
        group: node.group.as_deref().map(borrowed),
        docs: docs(node),
        patch_path: node.patch_path.as_deref().map(borrowed),
        build_path: has_run.then(|| Text::Owned(written_path(node, head, "run"))),
        unrendered_config: json_map(&node.unrendered_config),
        created_at: node.created_at,
        relation_name: node.relation_name.as_deref().map(borrowed),
        raw_code: borrowed(&node.raw_code),
        doc_blocks: node.doc_blocks.iter().map(|id| borrowed(id)).collect(),
    }
}

fn meta_of(node: &Node) -> JsonMap<'_> {
    node.config.meta().map_or_else(JsonMap::default, JsonMap::Borrowed)
}

fn docs(node: &Node) -> DocsConfig<'_> {
    let docs = node.config.get("docs");
    let part = |key: &str| docs.and_then(|docs| docs.get(key));
    DocsConfig {
        show: part("show").and_then(Value::as_bool).unwrap_or(true),
        node_color: part("node_color").and_then(Value::as_str).map(borrowed),
    }
}

fn compiled_fields<'a>(
    graph: &'a Graph,
    node: &'a Node,
    head: &Head,
    compiled: Option<&'a CompiledNode>,
) -> Compiled<'a> {
    let code = compiled.and_then(|compiled| compiled.code.as_deref());
    let leaves_out_ephemerals = compiled.is_some_and(|compiled| compiled.leaves_out_ephemerals);
    let extra_ctes = compiled.into_iter().flat_map(CompiledNode::extra_ctes);
    let extra_ctes =
        extra_ctes.map(|(id, sql)| InjectedCte { id: borrowed(id), sql: Text::Owned(sql) });
    Compiled {
        language: borrowed(node.language()),
        refs: refs(node),
        sources: sources(node),
        metrics: names(&node.metrics),
        functions: names(&node.functions),
        depends_on: depends_on(graph, node, compiled),
        compiled_path: compiled
            .filter(|compiled| compiled.has_compiled_file())
            .map(|_| Text::Owned(written_path(node, head, "compiled"))),
        code: code.map(|code| CompiledCode {
            compiled: true,
            compiled_code: Some(borrowed(code)),
            extra_ctes_injected: !leaves_out_ephemerals,
            extra_ctes: extra_ctes.collect(),
        }),
        contract: contract(node),
    }
}

fn contract(node: &Node) -> Contract<'_> {
    let alias_types = node.config.get("contract").and_then(|contract| contract.get("alias_types"));
    Contract {
        enforced: node.config.is_contract_enforced(),
        alias_types: alias_types.and_then(Value::as_bool).unwrap_or(true),
        checksum: graph::contract_checksum(node).map(Text::Owned),
    }
}

fn names(calls: &[Vec<String>]) -> Vec<Vec<Text<'_>>> {
    calls.iter().map(|names| names.iter().map(|name| borrowed(name)).collect()).collect()
}

fn refs(node: &Node) -> Vec<RefArguments<'_>> {
    let reference = |call: &'_ graph::RefCall| -> RefArguments<'static> {
        RefArguments {
            name: Text::Owned(call.name.clone()),
            package: call.package.clone().map(Text::Owned),
            version: call.version.clone().map(Json::Owned),
        }
    };
    node.refs.iter().map(reference).collect()
}

fn sources(node: &Node) -> Vec<Vec<Text<'_>>> {
    node.sources.iter().map(|call| vec![borrowed(&call.source), borrowed(&call.table)]).collect()
}

fn depends_on<'a>(
    graph: &'a Graph,
    node: &'a Node,
    compiled: Option<&'a CompiledNode>,
) -> DependsOn<'a> {
    let while_running = compiled.into_iter().flat_map(|compiled| &compiled.macros);
    DependsOn {
        macros: node.depends_on_macros.iter().chain(while_running).map(|id| borrowed(id)).collect(),
        nodes: node
            .depends_on
            .iter()
            .map(|parent| borrowed(&graph.node(*parent).unique_id))
            .collect(),
    }
}

fn kind<'a>(node: &'a Node, compiled: Option<&'a CompiledNode>) -> NodeKind<'a> {
    match &node.details {
        NodeDetails::Model(model) => NodeKind::Model(Box::new(ModelFields {
            access: borrowed(&model.access),
            constraints: constraints(&model.constraints, compiled).map(of_model).collect(),
            version: model.version.as_ref().map(Json::Borrowed),
            latest_version: model.latest_version.as_ref().map(Json::Borrowed),
            deprecation_date: model.deprecation_date.as_deref().map(borrowed),
            primary_key: model.primary_key.iter().map(|column| borrowed(column)).collect(),
            time_spine: model.time_spine.as_ref().map(Json::Borrowed),
        })),
        NodeDetails::Seed { root_path, .. } => NodeKind::Seed(SeedFields {
            root_path: Some(Text::Owned(root_path.display().to_string())),
            depends_on: MacroDependsOn {
                macros: node.depends_on_macros.iter().map(|id| borrowed(id)).collect(),
            },
        }),
        NodeDetails::Test(test) => match &test.generic {
            Some(generic) => NodeKind::GenericTest(Box::new(GenericTestFields {
                column_name: test.column_name.as_deref().map(borrowed),
                file_key_name: test.file_key_name.as_deref().map(borrowed),
                attached_node: test.attached_node.as_deref().map(borrowed),
                test_metadata: TestMetadata {
                    name: borrowed(&generic.name),
                    kwargs: JsonMap::Owned(generic.written_arguments().into_iter().collect()),
                    namespace: generic.namespace.as_deref().map(borrowed),
                },
            })),
            None => NodeKind::Plain,
        },
        NodeDetails::Operation { index, .. } => {
            let index = compiled.and_then(|compiled| compiled.hook_index).unwrap_or(*index);
            NodeKind::Operation(OperationFields { index: Some(index as i64) })
        }
        _ => NodeKind::Plain,
    }
}

fn column<'a>(info: &'a ColumnInfo, compiled: Option<&'a CompiledNode>) -> Column<'a> {
    let tags: Vec<Text<'_>> = info.tags.iter().map(|tag| borrowed(tag)).collect();
    Column {
        name: borrowed(&info.name),
        description: borrowed(&info.description),
        meta: json_map(&info.meta),
        data_type: info.data_type.as_deref().map(borrowed),
        constraints: constraints(&info.constraints, compiled).collect(),
        quote: info.quote,
        config: ColumnConfig { meta: json_map(&info.meta), tags: tags.clone() },
        tags,
        granularity: info.granularity.as_deref().map(borrowed),
        dimension: info.other.get("dimension").map(Json::Borrowed),
        entity: info.other.get("entity").map(Json::Borrowed),
        doc_blocks: info.doc_blocks.iter().map(|id| borrowed(id)).collect(),
        extra: info
            .other
            .iter()
            .filter(|(key, _)| !matches!(key.as_str(), "dimension" | "entity"))
            .map(|(key, value)| (borrowed(key), Json::Borrowed(value)))
            .collect(),
    }
}

/// Constraints; of what was compiled, foreign keys have relations where references are written.
fn constraints<'a>(
    written: &'a [Value],
    compiled: Option<&'a CompiledNode>,
) -> impl Iterator<Item = Constraint<'static>> + use<'a> {
    let read = |written: &Value| serde_json::from_value(written.clone()).ok();
    let relation = move |to: &str| compiled?.foreign_keys.get(to);
    written.iter().filter_map(read).map(move |mut constraint: Constraint<'static>| {
        if let Some(relation) = constraint.to.as_deref().and_then(relation) {
            constraint.to = Some(Text::Owned(relation.to_string()));
        }
        constraint
    })
}

/// A user-defined function.
pub(super) fn function<'a>(
    graph: &'a Graph,
    node: &'a Node,
    function: &'a FunctionDetails,
    head: &'a Head,
    compiled: Option<&'a CompiledNode>,
) -> Function<'a> {
    let argument = |written: &'a Value| {
        let text = |key: &str| written.get(key).and_then(Value::as_str).map(borrowed);
        Argument {
            name: text("name").unwrap_or_default(),
            data_type: text("data_type").unwrap_or_default(),
            description: text("description"),
            default_value: written
                .get("default_value")
                .filter(|value| !value.is_null())
                .map(Json::Borrowed),
        }
    };
    let returned = |written: Option<&'a Value>| {
        let text = |key: &str| written?.get(key)?.as_str().map(borrowed);
        // dbt's word where no property file says it.
        let data_type = text("data_type").unwrap_or(borrowed("INVALID_TYPE"));
        Returned { data_type, description: text("description") }
    };
    let bodies = compiled.map_or(&[][..], |compiled| &compiled.overload_bodies);
    let overload = |(at, written): (usize, &'a FunctionOverload)| Overload {
        defined_in: borrowed(&written.defined_in),
        arguments: written.arguments.iter().map(argument).collect(),
        returns: written.returns.as_ref().map(|returns| returned(Some(returns))),
        description: written.description.as_deref().map(borrowed),
        raw_body: Some(borrowed(&written.raw_body)),
        compiled_body: bodies.get(at).map(|body| borrowed(body)),
    };
    Function {
        returns: returned(function.returns.as_ref()),
        parsed: parsed(node, head, compiled),
        compiled: compiled_fields(graph, node, head, compiled),
        signature: Signature {
            arguments: function.arguments.iter().map(argument).collect(),
            overloads: function.overloads.iter().enumerate().map(overload).collect(),
        },
    }
}

/// A constraint of a model: it always has a list of columns.
fn of_model(mut constraint: Constraint<'static>) -> Constraint<'static> {
    constraint.columns.get_or_insert_default();
    constraint
}

/// A source table.
pub(super) fn source_table<'a>(node: &'a Node, source: &'a SourceDetails) -> SourceTable<'a> {
    let freshness: Option<Freshness<'static>> =
        source.freshness.as_ref().and_then(|value| serde_json::from_value(value.clone()).ok());
    let meta = || meta_of(node);
    let tags = || node.config.tags().into_iter().map(borrowed).collect::<Vec<_>>();
    let quoted = |part: &str| source.quoting.get(part).copied();
    let known = [
        "enabled",
        "event_time",
        "freshness",
        "loaded_at_field",
        "loaded_at_query",
        "meta",
        "tags",
        "static_analysis",
    ];
    let own = node.config.values.iter().filter(|(key, _)| !known.contains(&key.as_str()));
    SourceTable {
        database: node.database.as_deref().map(borrowed),
        schema: borrowed(&node.schema),
        name: borrowed(&node.name),
        resource_type: borrowed("source"),
        package_name: borrowed(&node.package),
        path: borrowed(node.original_file_path.as_str()),
        original_file_path: borrowed(node.original_file_path.as_str()),
        unique_id: borrowed(&node.unique_id),
        fqn: node.fqn.iter().map(|part| borrowed(part)).collect(),
        source_name: borrowed(&source.source_name),
        source_description: borrowed(&source.source_description),
        loader: borrowed(&source.loader),
        identifier: borrowed(&source.identifier),
        quoting: Quoting {
            database: quoted("database"),
            schema: quoted("schema"),
            identifier: quoted("identifier"),
            column: quoted("column"),
        },
        loaded_at_field: source.loaded_at_field.as_deref().map(borrowed),
        loaded_at_query: source.loaded_at_query.as_deref().map(borrowed),
        freshness: freshness.clone(),
        external: source.external.as_ref().map(Json::Borrowed),
        description: borrowed(&node.description),
        columns: node
            .columns
            .iter()
            .map(|(name, info)| (borrowed(name), column(info, None)))
            .collect(),
        meta: meta(),
        source_meta: json_map(&source.source_meta),
        tags: tags(),
        config: SourceConfig {
            enabled: node.config.is_enabled(),
            event_time: node
                .config
                .get("event_time")
                .filter(|value| !value.is_null())
                .map(Json::Borrowed),
            freshness,
            loaded_at_field: source.loaded_at_field.as_deref().map(borrowed),
            loaded_at_query: source.loaded_at_query.as_deref().map(borrowed),
            meta: meta(),
            tags: tags(),
            static_analysis: node.config.text("static_analysis").map(borrowed),
            extra: own.map(|(key, value)| (key.clone(), value.clone())).collect(),
        },
        patch_path: node.patch_path.as_deref().map(borrowed),
        unrendered_config: json_map(&node.unrendered_config),
        relation_name: node.relation_name.as_deref().map(borrowed),
        created_at: node.created_at,
        unrendered_database: source.unrendered_database.as_deref().map(borrowed),
        unrendered_schema: source.unrendered_schema.as_deref().map(borrowed),
        doc_blocks: node.doc_blocks.iter().map(|id| borrowed(id)).collect(),
    }
}

/// What a configuration says beside the keys that its kind has.
pub(super) fn own_keys(node: &Node, known: &[&str]) -> Map<String, Value> {
    let own = node.config.values.iter().filter(|(key, _)| !known.contains(&key.as_str()));
    own.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// An exposure.
pub(super) fn exposure<'a>(
    graph: &'a Graph,
    node: &'a Node,
    exposure: &'a ExposureDetails,
) -> Exposure<'a> {
    let meta = || meta_of(node);
    let tags = || node.config.tags().into_iter().map(borrowed).collect::<Vec<_>>();
    Exposure {
        name: borrowed(&node.name),
        resource_type: borrowed("exposure"),
        package_name: borrowed(&node.package),
        path: borrowed(node.path.as_str()),
        original_file_path: borrowed(node.original_file_path.as_str()),
        unique_id: borrowed(&node.unique_id),
        fqn: node.fqn.iter().map(|part| borrowed(part)).collect(),
        exposure_type: borrowed(&exposure.kind),
        owner: owner(&exposure.owner),
        description: borrowed(&node.description),
        label: exposure.label.as_deref().map(borrowed),
        maturity: exposure.maturity.as_deref().map(borrowed),
        meta: meta(),
        tags: tags(),
        config: ExposureConfig {
            enabled: node.config.is_enabled(),
            tags: tags(),
            meta: meta(),
            extra: own_keys(node, &["enabled", "tags", "meta"]),
        },
        unrendered_config: json_map(&node.unrendered_config),
        url: exposure.url.as_deref().map(borrowed),
        depends_on: depends_on(graph, node, None),
        refs: refs(node),
        sources: sources(node),
        metrics: names(&node.metrics),
        created_at: node.created_at,
    }
}
