//! Unit tests: a model's query over rows that are given, and what came out beside what should.
//!
//! The rules are dbt's: every input of the test stands as a common table expression in front of the model's own query,
//! under the name that `ref` and `source` give; `overrides` replace variables and macros while the query is rendered;
//! the materialization `unit` runs it together with the expected rows.

mod difference;
mod node;
mod rows;
mod scope;

use std::sync::Arc;

use graph::{Node, NodeDetails, NodeIndex};
use indexmap::IndexMap;
use project::ResourceType;
use serde_json::{Map, Value, json};
use source::{Diagnostic, codes};
use template::{
    Argument, Materializations, Materialized, NodeScope, Overrides, Reference, RunFailure,
    SharedWarehouse,
};

pub(crate) use self::node::shown;
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
        let id: Arc<str> = Arc::from(node::input_id(graph.node(input)));
        let sql = fixture_sql(compiler, input, rows, warehouse).map_err(|mut failure| {
            // As in dbt, the rows of an input are a model, whose mistake it is.
            failure.diagnostic.node = Some(id.to_string());
            failure
        })?;
        ctes.push(Cte { id, sql: Some(Arc::from(sql)), name: name.clone() });
        inputs.insert(input, name);
    }
    let expected = definition.get("expect").unwrap_or(&Value::Null);
    let expected = rows::read(graph, expected, None).map_err(|text| failed(node, text))?;
    let config = node::config(&expected);
    let keys: Vec<NodeIndex> = inputs.keys().copied().collect();
    let model = node::dictionary(graph, index, tested, &keys, &config);
    let this = inputs.get(&tested).cloned();
    let base = UnitScope {
        node: Some(index),
        shared: compiler.scope.clone(),
        unique_id: node.unique_id.clone(),
        package: node.package.clone(),
        resource_type: ResourceType::UnitTest,
        code: graph.node(tested).raw_code.clone(),
        place: graph.node(tested).code_start,
        // As in dbt, `this` is what the test gives for it, or nothing.
        this: this.as_deref().map(cte_relation),
        tested,
        config,
        model: without_none(model.clone()),
        inputs,
        overrides: overrides(definition),
    };
    let mut while_running = UnitScope {
        this: graph
            .node(tested)
            .relation
            .clone()
            .map(|relation| relation.with_identifier(&node::name(graph, node, tested))),
        overrides: Overrides::default(),
        ..base.clone()
    };
    let scope: Arc<dyn NodeScope> = Arc::new(base);
    let rendered = compiler.engine.compile(&scope, warehouse, None)?;
    let sql = rendered.text;
    let place = |cte: &Cte| match &this {
        // As in dbt, `this` comes first, and also when the query leaves it out.
        Some(this) if cte.name == *this => Some(0),
        _ => place_of_word(&sql, &cte.name).map(|place| place + 1),
    };
    ctes.retain(|cte| place(cte).is_some());
    ctes.sort_by_key(place);
    let code: Arc<str> = Arc::from(with_ctes(&sql, &ctes));
    compiler.scope.note(index, |noted| {
        noted.code = Some(code.clone());
        noted.ctes = ctes;
        noted.macros = rendered.capture.macros.into_iter().collect();
        noted.unit_test = Some(Arc::new(model));
    });
    while_running.model["compiled"] = json!(true);
    while_running.model["compiled_code"] = json!(&*code);
    Ok(Prepared { code, scope: Arc::new(while_running) })
}

/// Runs the materialization `unit` over the compiled query.
pub(crate) fn run(
    materializations: &Materializations<'_>,
    prepared: &Prepared,
    macro_id: &str,
    warehouse: &SharedWarehouse,
) -> Result<Materialized, Box<RunFailure>> {
    materializations.run(macro_id, &prepared.code, &prepared.scope, warehouse)
}

/// Whether what came out is what was expected.
pub(crate) fn verdict(node: &Node, made: Materialized) -> Done {
    let differs = made.table.as_ref().and_then(|table| difference::of_table(table, &made.texts));
    let run_code = made.written.map(Arc::from);
    let Some(drawing) = differs else {
        return Done {
            status: Some(NodeStatus::Pass),
            response: made.response,
            failures: Some(0),
            run_code,
            ..Done::default()
        };
    };
    let message = format!("\n\nactual differs from expected:\n\n{drawing}\n");
    let diagnostic = Diagnostic::error(
        codes::TEST_FAILED,
        format!("actual differs from expected:\n\n{}", drawing.replace('\r', "").trim_end()),
    );
    Done {
        status: Some(NodeStatus::Fail),
        message: Some(message),
        response: made.response,
        failures: Some(1),
        run_code,
        diagnostics: vec![diagnostic.at_optional(node.span).about(&*node.unique_id)],
        ..Done::default()
    }
}

/// Where a name stands in SQL, and is not the start of a longer one.
fn place_of_word(sql: &str, name: &str) -> Option<usize> {
    let is_whole = |place: usize| {
        let next = sql[place + name.len()..].chars().next();
        !next.is_some_and(|next| next.is_alphanumeric() || next == '_')
    };
    sql.match_indices(name).map(|(place, _)| place).find(|place| is_whole(*place))
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
        node: None,
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

fn without_none(mut model: Value) -> Value {
    project::omit_none(&mut model);
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
