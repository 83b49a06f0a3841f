//! Unit tests: a model's query over rows that are given, and what came out beside what should.
//!
//! The rules are dbt's: every input of the test stands as a common table expression in front of the model's own query,
//! under the name that `ref` and `source` give; `overrides` replace variables and macros while the query is rendered;
//! the materialization `unit` runs it together with the expected rows.

mod difference;
mod rows;
mod scope;

use std::sync::Arc;

use graph::{Graph, Node, NodeDetails, NodeIndex};
use indexmap::IndexMap;
use project::ResourceType;
use serde_json::{Map, Value, json};
use source::{Diagnostic, codes};
use template::{
    Argument, Materialized, NodeScope, Overrides, Reference, RunFailure, SharedWarehouse,
};

use self::rows::Rows;
use self::scope::{UnitScope, cte_name, cte_relation};
use crate::compile::Compiler;
use crate::ctes::{Cte, with_ctes};
use crate::node::Done;
use crate::report::NodeStatus;

/// A unit test made ready: the query over its rows, and the scope in which the materialization runs.
pub(crate) struct Prepared {
    /// The model's query over the given rows.
    pub(crate) code: Arc<str>,
    scope: Arc<dyn NodeScope>,
}

/// The definition of a unit test; none for other nodes.
pub(crate) fn definition(node: &Node) -> Option<&Value> {
    match &node.details {
        NodeDetails::Carried(value) if node.resource_type == ResourceType::UnitTest => Some(value),
        _ => None,
    }
}

/// Compiles the tested model over the given rows.
pub(crate) fn prepare(
    compiler: &Compiler,
    index: NodeIndex,
    definition: &Value,
    warehouse: &SharedWarehouse,
) -> Result<Prepared, Box<RunFailure>> {
    let graph = &compiler.scope.graph;
    let node = graph.node(index);
    let tested = node
        .depends_on
        .first()
        .copied()
        .ok_or_else(|| failed(node, format!("the unit test `{}` names no model", node.name)))?;
    let given = definition.get("given").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut inputs: IndexMap<NodeIndex, String> = IndexMap::new();
    let mut ctes = Vec::new();
    for entry in given {
        let written = entry.get("input").and_then(Value::as_str).unwrap_or_default();
        let input = input_of(compiler, node, tested, written)
            .map_err(|diagnostic| failure(diagnostic, node))?;
        let name = cte_name(graph.node(input));
        let rows = rows::read(graph, entry, Some(input)).map_err(|text| failed(node, text))?;
        ctes.push(Cte { sql: fixture_sql(compiler, input, rows, warehouse)?, name: name.clone() });
        inputs.insert(input, name);
    }
    let expected = definition.get("expect").unwrap_or(&Value::Null);
    let expected = rows::read(graph, expected, None).map_err(|text| failed(node, text))?;
    let base = UnitScope {
        shared: compiler.scope.clone(),
        unique_id: node.unique_id.clone(),
        package: node.package.clone(),
        resource_type: ResourceType::UnitTest,
        code: graph.node(tested).raw_code.clone(),
        place: graph.node(tested).code_start,
        // As in dbt, `this` is what the test gives for it, or nothing.
        this: inputs.get(&tested).map(|name| cte_relation(name)),
        tested,
        config: config(node, &expected),
        model: model(graph, node, tested, &expected),
        inputs,
        overrides: overrides(definition),
    };
    let while_running = UnitScope {
        this: graph
            .node(tested)
            .relation
            .clone()
            .map(|relation| relation.with_identifier(&node.name)),
        overrides: Overrides::default(),
        ..base.clone()
    };
    let scope: Arc<dyn NodeScope> = Arc::new(base);
    let sql = compiler.engine.compile(&scope, warehouse, None)?.text;
    ctes.retain(|cte| sql.contains(&cte.name));
    Ok(Prepared { code: Arc::from(with_ctes(&sql, &ctes)), scope: Arc::new(while_running) })
}

/// Runs the materialization `unit` over the compiled query.
pub(crate) fn run(
    compiler: &Compiler,
    prepared: &Prepared,
    macro_id: &str,
    warehouse: &SharedWarehouse,
) -> Result<Materialized, Box<RunFailure>> {
    compiler.engine.run_materialization(macro_id, &prepared.code, &prepared.scope, warehouse)
}

/// Whether what came out is what was expected.
pub(crate) fn verdict(node: &Node, made: Materialized) -> Done {
    let differs = made.table.as_ref().and_then(difference::of_table);
    let Some(drawing) = differs else {
        return Done {
            status: Some(NodeStatus::Pass),
            response: made.response,
            failures: Some(0),
            ..Done::default()
        };
    };
    let message = format!("\n\nactual differs from expected:\n\n{drawing}\n");
    let diagnostic = Diagnostic::error(
        codes::TEST_FAILED,
        format!("actual differs from expected:\n\n{drawing}"),
    );
    Done {
        status: Some(NodeStatus::Fail),
        message: Some(message),
        response: made.response,
        failures: Some(1),
        diagnostics: vec![diagnostic.at_optional(node.span).about(&*node.unique_id)],
        ..Done::default()
    }
}

/// The query that stands for an input.
fn fixture_sql(
    compiler: &Compiler,
    input: NodeIndex,
    rows: Rows,
    warehouse: &SharedWarehouse,
) -> Result<String, Box<RunFailure>> {
    let graph = &compiler.scope.graph;
    let node = graph.node(input);
    let mut model = graph::node_dictionary(graph, input);
    model["resource_type"] = json!("model");
    let config = IndexMap::from([("materialized".to_owned(), json!("ephemeral"))]);
    let scope: Arc<dyn NodeScope> = Arc::new(UnitScope {
        shared: compiler.scope.clone(),
        unique_id: node.unique_id.clone(),
        package: node.package.clone(),
        resource_type: ResourceType::Model,
        code: Arc::from(""),
        place: None,
        this: node.relation.clone(),
        tested: input,
        config,
        model,
        inputs: IndexMap::new(),
        overrides: Overrides::default(),
    });
    let engine = &compiler.engine;
    match rows {
        Rows::Query(sql) => Ok(engine.render_text(&sql, None, &scope, warehouse)?.text),
        Rows::Values(rows) => {
            let id = engine.find_macro(&node.package, "get_fixture_sql");
            let arguments = [Argument::Json(Value::Array(rows)), Argument::Json(Value::Null)];
            let called = engine.call_macro(
                id.as_deref().unwrap_or_default(),
                &arguments,
                &[],
                &scope,
                warehouse,
            )?;
            Ok(called.value.as_str().unwrap_or_default().to_owned())
        }
    }
}

/// The node that an `input` names.
fn input_of(
    compiler: &Compiler,
    node: &Node,
    tested: NodeIndex,
    written: &str,
) -> Result<NodeIndex, Diagnostic> {
    if written.trim() == "this" {
        return Ok(tested);
    }
    let graph = &compiler.scope.graph;
    let settings = &graph.project.root().settings;
    if !settings.behaves("support_custom_ref_kwargs")
        && let Some(keyword) = compiler.engine.unknown_ref_keywords(written).first()
    {
        return Err(Diagnostic::error(
            codes::TEST_INVALID,
            format!("`{written}` is no input of a unit test: `ref` has no argument `{keyword}`"),
        )
        .hint("the flag `support_custom_ref_kwargs` lets inputs have what a macro `ref` of the project takes"));
    }
    match compiler.engine.evaluate_reference(written)? {
        Reference::Ref(call) => graph::find_ref(graph, &node.package, &call),
        Reference::Source(call) => graph::find_source(graph, &node.package, &call),
        Reference::Metric(_) => Err(Diagnostic::error(
            codes::TEST_INVALID,
            format!("`{written}` is no input of a unit test"),
        )
        .hint("write `ref('model')`, `source('source', 'table')` or `this`")),
    }
}

fn config(node: &Node, expected: &Rows) -> IndexMap<String, Value> {
    let mut config = node.config.values.clone();
    config.insert("materialized".to_owned(), json!("unit"));
    let (rows, sql) = expected.as_config();
    config.insert("expected_rows".to_owned(), rows);
    config.insert("expected_sql".to_owned(), sql);
    config
}

/// `model` in the macros that run a unit test: the tested model under the test's name.
fn model(graph: &Graph, node: &Node, tested: NodeIndex, expected: &Rows) -> Value {
    let mut model = graph::node_dictionary(graph, tested);
    let own = json!({
        "name": node.name,
        "alias": node.name,
        "resource_type": "unit_test",
        "unique_id": &*node.unique_id,
        "package_name": &*node.package,
        "original_file_path": node.original_file_path.as_str(),
        "config": config(node, expected),
        "tested_node_unique_id": &*graph.node(tested).unique_id,
    });
    if let (Value::Object(model), Value::Object(own)) = (&mut model, own) {
        model.extend(own);
    }
    model
}

fn overrides(definition: &Value) -> Overrides {
    let part = |key: &str| -> IndexMap<String, Value> {
        let found =
            definition.get("overrides").and_then(|all| all.get(key)).and_then(Value::as_object);
        found
            .map(|entries: &Map<String, Value>| entries.clone().into_iter().collect())
            .unwrap_or_default()
    };
    Overrides { variables: part("vars"), environment: part("env_vars"), macros: part("macros") }
}

fn failed(node: &Node, text: String) -> Box<RunFailure> {
    failure(Diagnostic::error(codes::TEST_INVALID, text), node)
}

fn failure(diagnostic: Diagnostic, node: &Node) -> Box<RunFailure> {
    let diagnostic =
        if diagnostic.labels.is_empty() { diagnostic.at_optional(node.span) } else { diagnostic };
    Box::new(RunFailure {
        diagnostic: diagnostic.about(&*node.unique_id),
        warehouse: None,
        statement: None,
    })
}
