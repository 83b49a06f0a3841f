//! Projects in memory, for unit tests.

use std::path::PathBuf;
use std::sync::Arc;

use adapter_interface::{
    AdapterFactory, Capabilities, Credentials, Dialect, MacroPackage, ProfileError, ProfileFields,
    SeedType, Warehouse, WarehouseError, WarehouseErrorKind,
};
use indexmap::IndexMap;
use project::load::LoadInput;
use project::{Environment, Project};
use source::{Diagnostic, MemoryFileSystem, Sources, Warned};
use template::{Engine, EngineInput, Invocation, TemplateListener, YamlRenderer, target_fields};

use crate::graph::Graph;

const MACROS: &str = "
{% macro get_where_subquery(relation) %}{{ return(relation) }}{% endmacro %}
{% test not_null(model, column_name) %}select 1{% endtest %}
{% test unique(model, column_name) %}select 1{% endtest %}
{% test accepted_values(model, column_name, values, quote=True) %}select 1 from {{ model }}{% endtest %}
{% test relationships(model, column_name, to, field) %}select 1 from {{ model }}, {{ to }}{% endtest %}
{% macro generate_database_name(custom_database_name=none, node=none) %}{{ target.database }}{% endmacro %}
{% macro generate_schema_name(custom_schema_name, node) %}{{ target.schema }}{% endmacro %}
{% macro generate_alias_name(custom_alias_name=none, node=none) %}{{ node.name }}{% endmacro %}
";

const BUILT_IN: MacroPackage = MacroPackage { name: "dbt", files: &[("macros/all.sql", MACROS)] };

#[derive(Debug)]
struct PlainDialect(Capabilities);

impl Dialect for PlainDialect {
    fn capabilities(&self) -> &Capabilities {
        &self.0
    }

    fn seed_type(&self, _: SeedType) -> &'static str {
        "text"
    }
}

/// As an adapter has them that calls schemas datasets.
const KEY_ALIASES: &[(&str, &str)] = &[("dataset", "schema")];

struct PlainAdapter;

impl AdapterFactory for PlainAdapter {
    fn adapter_type(&self) -> &'static str {
        "plain"
    }

    fn dispatch_prefixes(&self) -> &'static [&'static str] {
        &["plain"]
    }

    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(PlainDialect(Capabilities {
            has_transactions: true,
            begins_by_itself: false,
            streams_seeds: false,
            folds_to_upper_case: false,
            ignores_case: true,
            longest_identifier: None,
            has_concurrent_writers: true,
            has_concurrent_table_writers: false,
            has_concurrent_batches: false,
            cascades_drops: false,
            estimates_bytes: false,
            has_catalog_in_schema: false,
            statement_failure: "Database Error",
            overloads: adapter_interface::Overloads::OneByOne,
            runs_python_models: false,
            incremental_strategies: &["append"],
            default_incremental_strategy: "append",
            behaviour_flags: &[],
            checks_keys: false,
            key_aliases: KEY_ALIASES,
        }))
    }

    fn read_profile(&self, _: &ProfileFields) -> Result<Credentials, ProfileError> {
        Ok(Credentials {
            database: Some("dev".to_owned()),
            schema: "main".to_owned(),
            shown: IndexMap::new(),
            secrets: Vec::new(),
            details: Arc::new(()),
        })
    }

    fn open(&self, _: &Credentials) -> Result<Arc<dyn Warehouse>, WarehouseError> {
        Err(WarehouseError::new(WarehouseErrorKind::Transient, "there is no warehouse in tests"))
    }
}

struct Nobody;

impl TemplateListener for Nobody {
    fn log(&self, _: &str, _: bool, _: Option<&str>) {}

    fn print(&self, _: &str) {}

    fn warn(&self, _: Diagnostic) -> Result<(), Diagnostic> {
        Ok(())
    }
}

/// Loads a project of the package `shop` out of these files.
pub fn load(files: &[(&str, &str)]) -> (Project, Sources, Vec<Diagnostic>) {
    load_in(files, Environment::default())
}

/// Loads it with the variables of an environment.
fn load_in(
    files: &[(&str, &str)],
    environment: Environment,
) -> (Project, Sources, Vec<Diagnostic>) {
    let mut all: Vec<(String, &str)> = vec![
        ("/shop/dbt_project.yml".to_owned(), "name: shop\nversion: '1.0'\nprofile: shop\n"),
        (
            "/shop/profiles.yml".to_owned(),
            "shop:\n  target: dev\n  outputs:\n    dev: {type: plain, schema: main}\n",
        ),
    ];
    all.retain(|(path, _)| !files.iter().any(|(own, _)| path.ends_with(&format!("/{own}"))));
    all.extend(files.iter().map(|(path, text)| (format!("/shop/{path}"), *text)));
    let files = MemoryFileSystem::new(all.iter().map(|(path, text)| (path.as_str(), *text)));
    let sources = Sources::new();
    let environment = Environment {
        project_directory: PathBuf::from("/shop"),
        working_directory: PathBuf::from("/shop"),
        dbt_version: "1.12.0".to_owned(),
        checks_version: true,
        ..environment
    };
    let describe = |profile: &project::Profile| {
        let credentials = PlainAdapter.read_profile(&profile.fields).unwrap();
        Ok(project::TargetDescription {
            fields: target_fields(profile, &credentials),
            key_aliases: KEY_ALIASES,
        })
    };
    let input = LoadInput {
        sources: &sources,
        files: &files,
        environment: &environment,
        renderer: &YamlRenderer::new(),
        describe_target: &describe,
    };
    let loaded = project::load::load(input);
    (loaded.value.unwrap(), sources, loaded.diagnostics)
}

/// Loads, parses and resolves.
pub fn graph(files: &[(&str, &str)]) -> Warned<Graph> {
    graph_and_engine(files, Environment::default()).map(|(graph, _)| graph)
}

/// Loads, parses and resolves with the variables of an environment.
pub fn graph_and_engine(
    files: &[(&str, &str)],
    environment: Environment,
) -> Warned<(Graph, Engine)> {
    let (project, sources, mut diagnostics) = load_in(files, environment);
    let (project, sources) = (Arc::new(project), Arc::new(sources));
    let adapter = PlainAdapter;
    let credentials = adapter.read_profile(&project.profile.fields).unwrap();
    let engine = Engine::build(EngineInput {
        sources: sources.clone(),
        project: project.clone(),
        adapter: Arc::new(adapter),
        credentials,
        builtin_packages: vec![BUILT_IN],
        invocation: Invocation::default(),
        listener: Arc::new(Nobody),
    })
    .drain_into(&mut diagnostics);
    let parsed = crate::parse::parse(&project, &engine, &sources).drain_into(&mut diagnostics);
    let graph =
        crate::resolve::resolve(&project, &engine, &sources, parsed).drain_into(&mut diagnostics);
    Warned { value: (graph, engine), diagnostics }
}
