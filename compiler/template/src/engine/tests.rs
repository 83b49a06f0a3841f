//! The engine from outside: parsing, macros, places of failures.

use std::sync::{Arc, Mutex};

use adapter_interface::{
    AdapterFactory, Capabilities, Credentials, Dialect, MacroPackage, ProfileError, ProfileFields,
    SeedType, Warehouse, WarehouseError, WarehouseErrorKind,
};
use indexmap::IndexMap;
use project::load::{LoadInput, load};
use project::{ConfigOptions, Environment, ResourceType};
use serde_json::json;
use source::{Diagnostic, MemoryFileSystem, Sources, Span};

use super::*;
use crate::YamlRenderer;

#[derive(Debug)]
struct TestDialect;

static CAPABILITIES: Capabilities = Capabilities {
    has_transactions: true,
    begins_by_itself: false,
    streams_seeds: false,
    folds_to_upper_case: false,
    ignores_case: false,
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
    key_aliases: &[],
};

impl Dialect for TestDialect {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn seed_type(&self, _: SeedType) -> &'static str {
        "text"
    }
}

struct TestAdapter;

impl AdapterFactory for TestAdapter {
    fn adapter_type(&self) -> &'static str {
        "testdb"
    }

    fn dispatch_prefixes(&self) -> &'static [&'static str] {
        &["testdb"]
    }

    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(TestDialect)
    }

    fn read_profile(&self, _: &ProfileFields) -> Result<Credentials, ProfileError> {
        Ok(credentials())
    }

    fn open(&self, _: &Credentials) -> Result<Arc<dyn Warehouse>, WarehouseError> {
        Err(WarehouseError::new(WarehouseErrorKind::Other, "there is no such warehouse"))
    }
}

fn credentials() -> Credentials {
    Credentials {
        database: Some("db".to_owned()),
        schema: "main".to_owned(),
        shown: IndexMap::new(),
        secrets: Vec::new(),
        details: Arc::new(()),
    }
}

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl TemplateListener for Heard {
    fn log(&self, message: &str, _: bool, _: Option<&str>) {
        self.0.lock().unwrap().push(message.to_owned());
    }

    fn print(&self, message: &str) {
        self.0.lock().unwrap().push(message.to_owned());
    }

    fn warn(&self, diagnostic: Diagnostic) -> Result<(), Diagnostic> {
        self.0.lock().unwrap().push(diagnostic.message);
        Ok(())
    }
}

const BUILT_IN: MacroPackage = MacroPackage {
    name: "dbt",
    files: &[(
        "macros/naming.sql",
        "{% macro generate_schema_name(custom_schema_name, node) %}{{ return(adapter.dispatch('generate_schema_name', 'dbt')(custom_schema_name, node)) }}{% endmacro %}
{% macro default__generate_schema_name(custom_schema_name, node) %}x{% endmacro %}
{% macro is_incremental() %}{{ return(false) }}{% endmacro %}
{% test not_null(model, column_name) %}select * from {{ model }} where {{ column_name }} is null{% endtest %}
{% macro get_where_subquery(relation) %}{{ return(relation) }}{% endmacro %}",
    )],
};

fn engine(files: &[(&str, &str)]) -> (Engine, Arc<Sources>) {
    let mut all = vec![
        ("/p/dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\nvars:\n  zone: UTC\n"),
        ("/p/profiles.yml", "shop:\n  target: dev\n  outputs:\n    dev: {type: testdb}\n"),
    ];
    all.extend_from_slice(files);
    let environment = Environment {
        project_directory: "/p".into(),
        working_directory: "/p".into(),
        dbt_version: "1.12.0".to_owned(),
        ..Environment::default()
    };
    let sources = Arc::new(Sources::new());
    let loaded = load(LoadInput {
        sources: &sources,
        files: &MemoryFileSystem::new(all),
        environment: &environment,
        renderer: &YamlRenderer::new(),
        describe_target: &|_| {
            let fields = json!({"name": "dev"});
            Ok(project::TargetDescription { fields, key_aliases: &[] })
        },
    });
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    let built = Engine::build(EngineInput {
        sources: sources.clone(),
        project: Arc::new(loaded.value.unwrap()),
        adapter: Arc::new(TestAdapter),
        credentials: credentials(),
        builtin_packages: vec![BUILT_IN],
        invocation: Invocation::default(),
        listener: Arc::new(Heard::default()),
    });
    assert_eq!(built.diagnostics, vec![]);
    (built.value, sources)
}

fn parse(engine: &Engine, text: &str, place: Option<Span>) -> Result<crate::Capture, Diagnostic> {
    parse_as(engine, ResourceType::Model, text, place)
}

fn parse_as(
    engine: &Engine,
    resource_type: ResourceType,
    text: &str,
    place: Option<Span>,
) -> Result<crate::Capture, Diagnostic> {
    engine.parse(&ParseRequest {
        unique_id: "model.shop.orders",
        package: "shop",
        name: "orders",
        resource_type,
        text,
        place,
        path: "orders.sql",
        original_file_path: "models/orders.sql",
        fqn: &["shop".to_owned(), "orders".to_owned()],
        checksum: ("sha256", "1"),
        raw_code: &Arc::from(text),
        properties: &ConfigOptions::new(),
        generic_test: None,
    })
}

#[test]
fn a_literal_model_and_a_rendered_one_capture_the_same() {
    let (engine, _) = engine(&[]);
    let literal = "{{ config(materialized='incremental', tags=['a']) }} select * from {{ ref('b') }} join {{ source('s', 't') }} {% if is_incremental() %} where x > 1 {% endif %} -- {{ var('zone') }}";
    let rendered = format!("{{% set x = 1 + 1 %}}{literal}");
    let one = parse(&engine, literal, None).unwrap();
    let other = parse(&engine, &rendered, None).unwrap();
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
    assert_eq!(one.refs[0].name, "b");
    assert_eq!(one.config["tags"], json!(["a"]));
    assert_eq!(one.macros.iter().map(|id| &**id).collect::<Vec<_>>(), ["macro.dbt.is_incremental"]);
    assert_eq!(one.vars["zone"], json!("UTC"));
}

#[test]
fn a_node_is_described_only_for_macros_that_look_at_it() {
    let asked = std::cell::Cell::new(0);
    let node = || {
        asked.set(asked.get() + 1);
        json!({"name": "orders"})
    };
    let macros =
        "{% macro generate_schema_name(custom, node) %}{{ custom or target.name }}{% endmacro %}
        {% macro generate_alias_name(custom, node) %}{{ inner(node) }}{% endmacro %}
        {% macro inner(it) %}{{ it.name }}{% endmacro %}";
    let (engine, _) = engine(&[("/p/macros/names.sql", macros)]);
    let namer = engine.namer();
    assert_eq!(namer.name(NameKind::Schema, "shop", None, &node).unwrap().unwrap(), "dev");
    assert_eq!(asked.get(), 0);
    assert_eq!(namer.name(NameKind::Alias, "shop", None, &node).unwrap().unwrap(), "orders");
    assert_eq!(asked.get(), 1);
}

#[test]
fn names_come_from_the_built_in_rule_until_the_project_overrides_it() {
    let (plain, _) = engine(&[]);
    let node = || json!({"name": "orders"});
    assert_eq!(
        plain
            .namer()
            .name(NameKind::Schema, "shop", Some("raw"), &node)
            .unwrap()
            .unwrap_or_default(),
        "main_raw"
    );
    assert_eq!(
        plain.namer().name(NameKind::Schema, "shop", None, &node).unwrap().unwrap_or_default(),
        "main"
    );
    let own = "{% macro generate_schema_name(custom, node) %}\n  {{ custom | trim if custom else target.name ~ node.name }}\n{% endmacro %}";
    let (own, _) = engine(&[("/p/macros/schema.sql", own)]);
    assert_eq!(
        own.namer().name(NameKind::Schema, "shop", Some("raw"), &node).unwrap().unwrap_or_default(),
        "raw"
    );
    assert_eq!(
        own.namer().name(NameKind::Schema, "shop", None, &node).unwrap().unwrap_or_default(),
        "devorders"
    );
}

#[test]
fn a_macro_depends_on_what_the_project_file_lets_it_dispatch_to() {
    let dispatches = "{% macro asks() %}{{ return(adapter.dispatch('x', 'near')()) }}{% endmacro %}
        {% macro default__x() %}near{% endmacro %}";
    let far = "{% macro default__x() %}far{% endmacro %}";
    let files = [
        ("/p/dbt_packages/near/dbt_project.yml", "name: near\nversion: '1.0'\n"),
        ("/p/dbt_packages/near/macros/x.sql", dispatches),
        ("/p/dbt_packages/far/dbt_project.yml", "name: far\nversion: '1.0'\n"),
        ("/p/dbt_packages/far/macros/x.sql", far),
    ];
    let of = |engine: &Engine| engine.macro_dependencies("macro.near.asks");
    assert_eq!(of(&engine(&files).0), [Arc::from("macro.near.default__x")]);
    let order = "name: shop\nversion: '1.0'\nprofile: shop\ndispatch:\n  - \
                 {macro_namespace: near, search_order: [shop, far, near]}\n";
    let mut ordered = files.to_vec();
    ordered.push(("/p/dbt_project.yml", order));
    assert_eq!(of(&engine(&ordered).0), [Arc::from("macro.far.default__x")]);
}

#[test]
fn macros_that_are_called_and_dispatched_to_are_told_in_the_order_of_the_text() {
    let macros = "{% macro asks() %}{{ return(adapter.dispatch('x')(inner())) }}{{ last() }}{% endmacro %}
        {% macro default__x(value) %}{% endmacro %}{% macro inner() %}{% endmacro %}{% macro last() %}{% endmacro %}";
    let (engine, _) = engine(&[("/p/macros/m.sql", macros)]);
    let told = engine.macro_dependencies("macro.shop.asks");
    assert_eq!(
        told,
        ["macro.shop.default__x", "macro.shop.inner", "macro.shop.last"].map(Arc::from)
    );
}

#[test]
fn repeated_sources_are_one_only_where_dbt_renders_no_text() {
    let (engine, _) = engine(&[]);
    let text = "select * from {{ source('a', 'b') }}, {{ source('a', 'b') }}";
    let sources = |kind| parse_as(&engine, kind, text, None).unwrap().sources.len();
    assert_eq!((sources(ResourceType::Model), sources(ResourceType::Test)), (1, 2));
}

#[test]
fn an_error_three_macros_deep_shows_the_way_there() {
    let macros = "{% macro one() %}{{ two() }}{% endmacro %}\n{% macro two() %}{{ three() }}{% endmacro %}\n{% macro three() %}\n  {{ exceptions.raise_compiler_error('no good') }}\n{% endmacro %}";
    let (engine, sources) =
        engine(&[("/p/macros/m.sql", macros), ("/p/models/orders.sql", "select\n {{ one() }}")]);
    let file = engine.shared.project.root().models[0].file;
    let diagnostic =
        parse(&engine, "select\n {{ one() }}", Some(Span::whole_file(file))).unwrap_err();
    assert_eq!(diagnostic.message, "no good");
    assert_eq!(sources.place(diagnostic.labels[0].span), "macros/m.sql:4:16");
    assert_eq!(
        diagnostic.notes,
        [
            "in macro `three`, called from macros/m.sql:2:21",
            "in macro `two`, called from macros/m.sql:1:21",
            "in macro `one`, called from models/orders.sql:2:5"
        ]
    );
}

#[test]
fn the_node_is_known_while_its_text_is_parsed() {
    let (engine, _) = engine(&[]);
    let text = "{% do config(tags=[model.path, model.fqn[-1], model.config.materialized, model.access]) %}";
    let capture = parse(&engine, text, None).unwrap();
    assert_eq!(capture.config["tags"], json!(["orders.sql", "orders", "view", "protected"]));
}

#[test]
fn a_generic_test_captures_what_its_arguments_refer_to() {
    let (engine, _) = engine(&[]);
    let call = GenericTestCall {
        arguments: IndexMap::from([
            ("column_name".to_owned(), json!("id")),
            ("model".to_owned(), json!("{{ get_where_subquery(ref('orders')) }}")),
        ]),
    };
    let capture = engine
        .parse(&ParseRequest {
            unique_id: "test.shop.not_null",
            package: "shop",
            name: "not_null",
            resource_type: ResourceType::Test,
            text: "{{ test_not_null(**_dbt_generic_test_kwargs) }}",
            place: None,
            path: "not_null.sql",
            original_file_path: "models/schema.yml",
            fqn: &[],
            checksum: ("none", ""),
            raw_code: &Arc::from(""),
            properties: &ConfigOptions::new(),
            generic_test: Some(&call),
        })
        .unwrap();
    assert_eq!(capture.refs[0].name, "orders");
    let macros: Vec<&str> = capture.macros.iter().map(|id| &**id).collect();
    assert_eq!(macros, ["macro.dbt.get_where_subquery", "macro.dbt.test_not_null"]);
}

#[test]
fn references_in_yaml_are_understood() {
    let (engine, _) = engine(&[]);
    let Ok(Reference::Ref(call)) = engine.evaluate_reference("ref('pkg', 'm', v=2)") else {
        panic!("no ref")
    };
    assert_eq!(
        (call.package.as_deref(), call.name.as_str(), call.version),
        (Some("pkg"), "m", Some(json!(2)))
    );
    assert!(matches!(engine.evaluate_reference("source('a', 'b')"), Ok(Reference::Source(_))));
    assert!(engine.evaluate_reference("nonsense(").is_err());
}
