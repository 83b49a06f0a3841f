//! The names of dbt's context: which name gives what, at parse time and at run time.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use minijinja::State;
use minijinja::value::{Enumerator, Object, ObjectRepr, Value};

use super::adapter::AdapterObject;
use super::column::ColumnClassObject;
use super::config::ConfigObject;
use super::exceptions::Exceptions;
use super::function::ContextFunction;
use super::graph_nodes::GraphNodes;
use super::plain::{dictionary, list, none, text_or_none};
use super::relation::{RelationClass, RelationObject};
use super::render_scope::{Phase, RenderScope, SCOPE_NAME, ScopeHandle, lock};
use super::session::SessionObject;
use super::whole_context::WholeContext;
use super::{reference, rendering, session, speech, statement_results, variables};
use crate::language::{ContextScope, NameMap, root_context};
use crate::python::{PyDict, datetime_utc, entries_from_json, from_json};
use crate::scope::NodeScope;

/// The render's scope in the shape that the language part asks for.
struct Bridge {
    scope: Arc<RenderScope>,
    /// What was asked for while running: each macro asks for its names, and all get the same `model`, as in dbt.
    known: Mutex<NameMap<Option<Value>>>,
}

/// The name whose value is another whenever it is asked for.
const RESULTS: &str = "_sql_results";

/// The globals of a render.
pub(crate) fn globals(scope: &Arc<RenderScope>) -> Value {
    root_context(scope.library(), names(scope))
}

/// The names of a render.
pub(crate) fn names(scope: &Arc<RenderScope>) -> Arc<dyn ContextScope> {
    Arc::new(Bridge { scope: scope.clone(), known: Mutex::default() })
}

impl ContextScope for Bridge {
    fn lookup(&self, name: &str) -> Option<Value> {
        if name == SCOPE_NAME {
            return Some(Value::from_object(ScopeHandle(self.scope.clone())));
        }
        lock(&self.scope.extra).get(name).cloned()
    }

    fn lookup_builtin(&self, name: &str) -> Option<Value> {
        if self.scope.run().is_none() || name == RESULTS {
            return builtin(&self.scope, name);
        }
        if let Some(known) = lock(&self.known).get(name) {
            return known.clone();
        }
        let value = builtin(&self.scope, name);
        lock(&self.known).insert(name.to_owned(), value.clone());
        value
    }

    fn current_package(&self) -> &str {
        &self.scope.package
    }

    fn is_parsing(&self) -> bool {
        matches!(self.scope.phase, Phase::Parse(_))
    }

    fn record_macro(&self, unique_id: &Arc<str>) {
        lock(&self.scope.capture).macros.insert(unique_id.clone());
    }

    fn count_look(&self) -> u64 {
        if self.is_parsing() { 0 } else { self.scope.shared.looks.fetch_add(1, Ordering::Relaxed) }
    }

    fn print(&self, text: &str) {
        self.scope.shared.listener.print(text);
    }
}

/// Says a text on standard output for the render that a state belongs to.
pub(crate) fn say_print(state: &State<'_, '_>, text: &str) {
    if let Some(scope) = super::render_scope::scope_of(state) {
        scope.shared.listener.print(text);
    }
}

/// The names of `builtins`, in dbt's order.
pub(crate) const BUILTINS: [&str; 57] = [
    "dbt_version",
    "var",
    "env_var",
    "return",
    "fromjson",
    "tojson",
    "fromyaml",
    "toyaml",
    "set",
    "set_strict",
    "zip",
    "zip_strict",
    "log",
    "run_started_at",
    "invocation_id",
    "thread_id",
    "modules",
    "flags",
    "print",
    "diff_of_two_dicts",
    "local_md5",
    "target",
    "project_name",
    "context_macro_stack",
    "dbt_metadata_envs",
    "invocation_args_dict",
    "_sql_results",
    "load_result",
    "store_result",
    "store_raw_result",
    "validation",
    "write",
    "render",
    "try_or_compiler_error",
    "load_agate_table",
    "ref",
    "source",
    "metric",
    "function",
    "config",
    "execute",
    "exceptions",
    "database",
    "schema",
    "adapter",
    "api",
    "column",
    "env",
    "graph",
    "model",
    "pre_hooks",
    "post_hooks",
    "sql",
    "sql_now",
    "adapter_macro",
    "selected_resources",
    "submit_python_job",
];

/// So many of them, the first ones, are everywhere, also in YAML (`BaseContext`).
pub(super) const BASE_COUNT: usize = 23;

/// What a render has beside those: `context` has them too.
pub(super) const BESIDE_BUILTINS: [&str; 7] =
    ["context", "builtins", "this", "compiled_code", "defer_relation", "source_node", "session"];

/// `builtins`: dbt's own names, also those that macros of the project hide.
#[derive(Debug)]
struct Builtins(Arc<RenderScope>);

impl Object for Builtins {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        builtin(&self.0, name).or_else(|| crate::language::engine_function(name))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&BUILTINS)
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }
}

/// A name of dbt's context.
pub(super) fn builtin(scope: &Arc<RenderScope>, name: &str) -> Option<Value> {
    if !scope.offers(name) {
        return None;
    }
    let shared = &scope.shared;
    let function = |name, body| Some(ContextFunction::value(name, scope, body));
    match name {
        "ref" => function("ref", reference::reference),
        "source" => function("source", reference::source),
        "metric" => function("metric", reference::metric),
        "function" => function("function", reference::function),
        "config" => Some(Value::from_object(ConfigObject(scope.clone()))),
        "var" => function("var", variables::var),
        "env_var" => function("env_var", variables::env_var),
        "log" => function("log", speech::log),
        "print" => function("print", speech::print),
        "debug" if speech::is_debugging(scope) => function("debug", speech::debug),
        "store_result" => function("store_result", statement_results::store_result),
        "store_raw_result" => function("store_raw_result", statement_results::store_raw_result),
        "load_result" => function("load_result", statement_results::load_result),
        "load_agate_table" => function("load_agate_table", statement_results::load_agate_table),
        RESULTS => Some(dictionary(lock(&scope.results).clone())),
        "execute" => Some(Value::from(scope.is_executing())),
        "adapter" => Some(Value::from_object(AdapterObject(scope.clone()))),
        "exceptions" => Some(Value::from_object(Exceptions(scope.clone()))),
        "api" => Some(dictionary([
            ("Relation", RelationClass::of_project(shared)),
            ("Column", Value::from_object(ColumnClassObject { dialect: shared.dialect.clone() })),
        ])),
        "column" => Some(Value::from_object(ColumnClassObject { dialect: shared.dialect.clone() })),
        "target" | "env" => Some(shared.target.clone()),
        "flags" => Some(shared.flags.clone()),
        "modules" => Some(shared.modules.clone()),
        "run_started_at" => Some(session::run_started_at(scope)),
        "session" => Some(Value::from_object(SessionObject(scope.clone()))),
        "invocation_id" => Some(Value::from(shared.invocation.id.as_str())),
        "invocation_args_dict" => Some(dictionary(
            shared.invocation.arguments.iter().map(|(key, value)| (key.as_str(), from_json(value))),
        )),
        "dbt_metadata_envs" => Some(metadata_variables(scope)),
        "dbt_version" => Some(Value::from(shared.project.environment.dbt_version.as_str())),
        "project_name" => Some(Value::from(shared.project.root().settings.name.as_str())),
        "thread_id" => Some(Value::from(match std::thread::current().name() {
            // Rust's name of the first thread; Python's is another.
            None | Some("main") => "MainThread",
            Some(name) => name,
        })),
        "sql_now" => Some(session::sql_now(scope)),
        "builtins" => Some(Value::from_object(Builtins(scope.clone()))),
        "context" => Some(Value::from_object(WholeContext(scope.clone()))),
        "context_macro_stack" => Some(none()),
        "defer_relation" => {
            let other = scope.run().and_then(|run| run.node.defer_relation());
            Some(other.map_or_else(none, |other| RelationObject::value(other, &shared.dialect)))
        }
        "this" | "model" | "source_node" | "database" | "schema" | "graph" | "sql"
        | "compiled_code" | "pre_hooks" | "post_hooks" | "selected_resources" => {
            of_node(scope, name)
        }
        _ => rendering::find(name, scope),
    }
}

/// `DBT_ENV_CUSTOM_ENV_…` variables without their prefix.
fn metadata_variables(scope: &RenderScope) -> Value {
    let variables = scope.shared.project.environment.variables.iter();
    dictionary(variables.filter_map(|(name, value)| {
        let short = name.strip_prefix("DBT_ENV_CUSTOM_ENV_")?;
        Some((short, Value::from(value.as_str())))
    }))
}

/// The names that depend on the node and its phase.
fn of_node(scope: &Arc<RenderScope>, name: &str) -> Option<Value> {
    match &scope.phase {
        Phase::Run(run) => {
            let node = &run.node;
            Some(match name {
                "this" => node
                    .this()
                    .map_or_else(none, |this| RelationObject::value(this, &scope.shared.dialect)),
                "model" | "source_node" => {
                    let node = node.clone();
                    PyDict::later(move || model_entries(&*node)).into()
                }
                "database" => text_or_none(node.database_and_schema().0.as_deref()),
                "schema" => Value::from(node.database_and_schema().1),
                "graph" => graph_value(scope, &**node),
                "sql" | "compiled_code" => text_or_none(run.compiled.as_deref()),
                "pre_hooks" => hooks(node.config(), &["pre-hook", "pre_hook"]),
                "post_hooks" => hooks(node.config(), &["post-hook", "post_hook"]),
                "selected_resources" => {
                    list(node.selected_resources().into_iter().map(Value::from))
                }
                _ => return None,
            })
        }
        Phase::Parse(parse) => Some(match name {
            "this" => RelationObject::value(parse.this.clone(), &scope.shared.dialect),
            "model" => {
                let (node, this) = (parse.node.clone(), parse.this.clone());
                let project = scope.shared.project.clone();
                PyDict::later(move || entries_of(&node.dictionary(&project, &this))).into()
            }
            "database" => text_or_none(parse.this.database.as_deref()),
            "schema" => text_or_none(parse.this.schema.as_deref()),
            "graph" => dictionary(
                [
                    "nodes",
                    "sources",
                    "exposures",
                    "metrics",
                    "groups",
                    "semantic_models",
                    "saved_queries",
                ]
                .map(|part| (part, dictionary::<&str>([]))),
            ),
            "pre_hooks" | "post_hooks" | "selected_resources" => list([]),
            "sql" | "compiled_code" => none(),
            _ => return None,
        }),
        Phase::Name => match name {
            "this" | "model" | "graph" | "selected_resources" => None,
            "database" => Some(text_or_none(scope.shared.credentials.database.as_deref())),
            "schema" => Some(Value::from(scope.shared.credentials.schema.as_str())),
            _ => Some(none()),
        },
    }
}

/// The entries of `model`: the node's dictionary, and its batch, whose times are those of Python as in dbt.
pub(crate) fn model_entries(node: &dyn NodeScope) -> Vec<(Value, Value)> {
    let mut entries = entries_of(&node.model());
    if let Some(batch) = node.batch() {
        let batch = PyDict::from_pairs([
            (Value::from("id"), Value::from(batch.id)),
            (Value::from("event_time_start"), datetime_utc(batch.start)),
            (Value::from("event_time_end"), datetime_utc(batch.end)),
        ]);
        entries.push((Value::from("batch"), batch.into()));
    }
    entries
}

fn entries_of(object: &serde_json::Value) -> Vec<(Value, Value)> {
    object.as_object().map(|entries| entries_from_json(entries).collect()).unwrap_or_default()
}

/// `graph`, converted once for all renders of a run; what was compiled since the last look is added, as dbt has it.
fn graph_value(scope: &RenderScope, node: &dyn NodeScope) -> Value {
    let graph = node.graph();
    let mut cached = lock(&scope.shared.graph_cache);
    let (value, since) = match cached.take() {
        Some((known, value, since)) if Arc::ptr_eq(&known, &graph) => (value, since),
        before => {
            let value = GraphNodes::of_graph(&from_json(&graph));
            if let Some((_, before, _)) = before {
                keep_own_entries(&before, &value);
            }
            (value, 0)
        }
    };
    let changes = node.graph_changes(since);
    for (unique_id, entries) in changes.nodes {
        let id = Value::from(&*unique_id);
        let found = ["nodes", "functions", "unit_tests"].into_iter().find_map(|part| {
            let nodes = value.get_attr(part).ok()?;
            nodes.downcast_object_ref::<GraphNodes>()?.0.get(&id)
        });
        let Some(known) = found.as_ref().and_then(|node| node.downcast_object_ref::<PyDict>())
        else {
            continue;
        };
        entries_from_json(&entries).for_each(|(key, entry)| known.insert(key, entry));
    }
    *cached = Some((graph, value.clone(), changes.count));
    value
}

/// What macros put into the graph stays there when it is made anew, for the hooks at the end: it is one dictionary in dbt.
fn keep_own_entries(before: &Value, graph: &Value) {
    let (Some(before), Some(graph)) =
        (before.downcast_object_ref::<PyDict>(), graph.downcast_object_ref::<PyDict>())
    else {
        return;
    };
    for (name, entry) in before.snapshot() {
        if graph.get(&name).is_none() {
            graph.insert(name, entry);
        }
    }
}

/// Hooks as dictionaries with `sql`, `transaction` and `index`, as macros run them.
fn hooks(config: &indexmap::IndexMap<String, serde_json::Value>, keys: &[&str]) -> Value {
    let found = keys.iter().find_map(|key| config.get(*key)).and_then(serde_json::Value::as_array);
    list(found.into_iter().flatten().map(from_json))
}
