//! Whole projects in memory.

use source::MemoryFileSystem;

use super::*;
use crate::config::{ConfigOptions, OptionLayers, options_for, unrendered_options_for};
use crate::renderer::{RenderFailure, TextRenderer};
use crate::resource_type::ResourceType;

/// Knows `{{ var('x') }}`, `{{ env_var('X') }}` and `{{ target.name }}`.
struct Simple;

impl TextRenderer for Simple {
    fn render(&self, text: &str, scope: &TextScope<'_>) -> Result<Value, RenderFailure> {
        let inner = text.trim_start_matches("{{").trim_end_matches("}}").trim();
        let argument = inner.split('\'').nth(1).unwrap_or_default();
        let fail = |code, message: &str| RenderFailure {
            code,
            message: message.to_owned(),
            hint: None,
            offset: None,
        };
        if inner.starts_with("var(") {
            let known = scope.environment.vars.get(argument).or_else(|| scope.vars.get(argument));
            return known.cloned().ok_or_else(|| {
                fail(codes::VAR_MISSING, &format!("there is no variable `{argument}`"))
            });
        }
        if inner.starts_with("env_var(") {
            let known = scope.environment.variables.get(argument);
            let missing = || {
                fail(
                    codes::ENV_VAR_MISSING,
                    &format!("there is no environment variable `{argument}`"),
                )
            };
            return known.map(|value| Value::String(value.clone())).ok_or_else(missing);
        }
        if inner == "target.name" {
            let name = scope.target.and_then(|target| target.get("name"));
            return name
                .cloned()
                .ok_or_else(|| fail(codes::TEMPLATE_UNDEFINED, "`target` is not defined"));
        }
        Err(fail(codes::TEMPLATE_SYNTAX, "not understood"))
    }
}

const PROFILES: (&str, &str) = (
    "/home/.dbt/profiles.yml",
    "shop:
  target: \"{{ env_var('TARGET') }}\"
  outputs:
    dev: {type: duckdb, path: dev.duckdb, threads: 3, password: '{{ % odd'}
    prod: {type: duckdb, path: \"{{ env_var('MISSING') }}\"}
",
);

fn environment() -> Environment {
    Environment {
        variables: [("TARGET".to_owned(), "dev".to_owned())].into(),
        project_directory: "/shop".into(),
        working_directory: "/elsewhere".into(),
        home_directory: Some("/home".into()),
        dbt_version: "1.12.0".to_owned(),
        checks_version: true,
        ..Environment::default()
    }
}

fn load_with(
    environment: &Environment,
    files: &[(&str, &str)],
) -> (Warned<Option<Project>>, Sources) {
    let sources = Sources::new();
    let files = MemoryFileSystem::new(files.iter().copied());
    let describe_target = |profile: &Profile| {
        Ok(TargetDescription {
            fields: serde_json::json!({"name": profile.target, "type": profile.adapter_type}),
            key_aliases: &[("dataset", "schema"), ("project", "database")],
        })
    };
    let input = LoadInput {
        sources: &sources,
        files: &files,
        environment,
        renderer: &Simple,
        describe_target: &describe_target,
    };
    (load(input), sources)
}

fn messages(loaded: &(Warned<Option<Project>>, Sources)) -> Vec<String> {
    let (warned, sources) = loaded;
    let line = |found: &Diagnostic| {
        let place = found.labels.first().map(|label| sources.place(label.span)).unwrap_or_default();
        let hint = found.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        format!("{} {place}: {}{hint}", found.code, found.message)
    };
    warned.diagnostics.iter().map(line).collect()
}

#[test]
fn a_project_is_loaded_with_its_packages() {
    let loaded = load_with(
        &environment(),
        &[
            PROFILES,
            (
                "/shop/dbt_project.yml",
                "name: shop
version: 1.0
profile: shop
vars: {level: root, tools: {level: for_tools}}
on-run-start: \"{{ late() }}\"
models:
  +schema: \"{{ target.name }}\"
  shop:
    staging:
      +materialized: table
      +tags: s
      +pre-hook: \"{{ late() }}\"
  tools: {+enabled: false}
on-run-end: |
  {{ late() }}
",
            ),
            ("/shop/.dbtignore", "models/ignored/\n"),
            ("/shop/packages.yml", "packages: [{package: x/tools, version: 1}]\n"),
            ("/shop/models/staging/stg.sql", "select 1\n"),
            ("/shop/models/staging/.hidden.sql", "x"),
            ("/shop/models/ignored/x.sql", "x"),
            ("/shop/models/py.py", "x"),
            (
                "/shop/models/schema.yml",
                "models: [{name: stg, config: {alias: \"{{ var('level') }}\"}}]\n",
            ),
            ("/shop/models/docs.md", "{% docs x %}y{% enddocs %}"),
            ("/shop/macros/m.sql", "{% macro m() %}{% endmacro %}"),
            ("/shop/tests/singular.sql", "select 1"),
            ("/shop/tests/generic/g.sql", "{% test g(model) %}{% endtest %}"),
            ("/shop/tests/fixtures/f.csv", "a\n1\n"),
            ("/shop/seeds/s.csv", "a\r\n1\r\n"),
            (
                "/shop/dbt_packages/tools/dbt_project.yml",
                "name: tools\nmodels: {tools: {+materialized: view, +tags: t}}\nvars: {level: own, only: tools}\n",
            ),
            ("/shop/dbt_packages/tools/models/t.sql", "select 1"),
            (
                "/shop/dbt_packages/tools/models/t.yml",
                "models: [{name: t, config: {alias: \"{{ var('level') }}\"}}]\n",
            ),
        ],
    );
    assert_eq!(messages(&loaded), [""; 0]);
    let project = loaded.0.value.unwrap();
    let [shop, tools] = project.packages.as_slice() else { panic!("two packages") };
    let paths = |files: &[crate::SqlFile]| {
        files.iter().map(|file| file.path.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(paths(&shop.models), ["models/staging/stg.sql"]);
    assert_eq!(shop.models[0].relative_path.as_str(), "staging/stg.sql");
    assert_eq!(
        shop.models[0].checksum,
        "822ae07d4783158bc1912bb623e5107cc9002d519e1143a9c200ed6ee18b6d0f"
    );
    assert_eq!(paths(&shop.python_models), ["models/py.py"]);
    assert_eq!(paths(&shop.macros), ["macros/m.sql", "tests/generic/g.sql"]);
    assert_eq!(paths(&shop.tests), ["tests/singular.sql"]);
    assert_eq!(paths(&shop.fixtures), ["tests/fixtures/f.csv"]);
    assert_eq!(shop.docs.len(), 1);
    assert_eq!(shop.seeds[0].checksum.0, "sha256");
    assert_eq!(shop.settings.version.as_deref(), Some("1.0"));
    assert_eq!(shop.settings.on_run_start[0].value, "{{ late() }}");
    assert_eq!(shop.settings.on_run_end[0].value, "{{ late() }}");
    assert_eq!(shop.properties[0].models[0].config["alias"], "root");
    assert_eq!(tools.properties[0].models[0].config["alias"], "for_tools");
    assert_eq!(project.variable("tools", "only"), Some(&serde_json::json!("tools")));
    assert_eq!((project.profile.target.as_str(), project.profile.threads), ("dev", 3));
    assert_eq!(project.profile.fields["password"], "{{ % odd");

    let configured = crate::config::configured_paths(&shop.settings);
    let shown: Vec<_> = configured.iter().map(crate::config::ConfiguredPath::shown).collect();
    assert_eq!(shown, ["models", "models.shop.staging", "models.tools"]);
    assert!(configured[1].fits(&["shop".to_owned(), "staging".to_owned(), "stg".to_owned()]));

    let options = |package: &str, fqn: &[&str]| {
        let fqn: Vec<String> = fqn.iter().map(|name| (*name).to_owned()).collect();
        let in_file = ConfigOptions::from_iter([("tags".to_owned(), serde_json::json!("f"))]);
        let properties = ConfigOptions::from_iter([("alias".to_owned(), serde_json::json!("a"))]);
        let layers = OptionLayers {
            package,
            resource_type: ResourceType::Model,
            fqn: &fqn,
            properties: &properties,
            in_file: &in_file,
        };
        serde_json::to_string(&options_for(&project, layers)).unwrap()
    };
    assert_eq!(
        options("shop", &["shop", "staging", "stg"]),
        r#"{"schema":"dev","materialized":"table","tags":["s","f"],"pre-hook":["{{ late() }}"],"alias":"a"}"#
    );
    assert_eq!(
        options("tools", &["tools", "t"]),
        r#"{"materialized":"view","tags":["t","f"],"alias":"a","schema":"dev","enabled":false}"#
    );
}

#[test]
fn the_words_of_a_warehouse_for_keys_are_taken_for_those_of_dbt() {
    let file = "name: shop\nprofile: shop\nquoting: {dataset: false}\n\
                models: {+dataset: \"{{ target.name }}\", staging: {+project: p}}\n";
    let sources = "sources: [{name: raw, quoting: {project: true}, tables: [{name: t, quoting: {dataset: true}}]}]\n";
    let files = [("/shop/dbt_project.yml", file), PROFILES, ("/shop/models/raw.yml", sources)];
    let project = load_with(&environment(), &files).0.value.unwrap();
    let of = |key: &str, value: &str| {
        ConfigOptions::from_iter([(key.to_owned(), serde_json::json!(value))])
    };
    let (properties, in_file, fqn) = (of("schema", "y"), of("dataset", "c"), ["shop".to_owned()]);
    let layers = OptionLayers {
        package: "shop",
        resource_type: ResourceType::Model,
        fqn: &fqn,
        properties: &properties,
        in_file: &in_file,
    };
    let nothing = ConfigOptions::new();
    let bare = OptionLayers { properties: &nothing, in_file: &nothing, ..layers };
    let shown = |options: &ConfigOptions| serde_json::to_string(options).unwrap();
    assert_eq!(shown(&options_for(&project, layers)), r#"{"schema":"c"}"#);
    assert_eq!(shown(&options_for(&project, bare)), r#"{"schema":"dev"}"#);
    assert_eq!(shown(&unrendered_options_for(&project, bare)), r#"{"schema":"{{ target.name }}"}"#);
    let root = project.root();
    assert_eq!(root.settings.quoting, IndexMap::from([("schema".to_owned(), false)]));
    let source = &root.properties[0].sources[0];
    assert_eq!(source.quoting, IndexMap::from([("database".to_owned(), true)]));
    assert_eq!(source.tables[0].quoting, IndexMap::from([("schema".to_owned(), true)]));
}

#[test]
fn mistakes_in_the_project_and_the_profile_are_told() {
    let project = ("/shop/dbt_project.yml", "name: shop\nprofile: shop\n");
    let told = |files: &[(&str, &str)], change: &dyn Fn(&mut Environment)| {
        let mut environment = environment();
        change(&mut environment);
        messages(&load_with(&environment, files))
    };
    let keep = |_: &mut Environment| {};
    insta::assert_debug_snapshot!([
        told(&[PROFILES], &keep),
        told(&[project], &keep),
        told(&[("/shop/dbt_project.yml", "profile: shop\n"), PROFILES], &keep),
        told(
            &[
                (
                    "/shop/dbt_project.yml",
                    "name: a-b\nprofile: shopp\nmodel-path: x\nversion: [1]\n"
                ),
                PROFILES
            ],
            &keep
        ),
        told(&[("/shop/dbt_project.yml", "name: shop\n"), PROFILES], &keep),
        told(&[("/shop/dbt_project.yml", "name: shop\n  x: y\n"), PROFILES], &keep),
        told(&[project, PROFILES], &|environment| environment.target = Some("prd".to_owned())),
        told(&[project, PROFILES], &|environment| environment.target = Some("prod".to_owned())),
        told(
            &[
                project,
                ("/elsewhere/profiles.yml", "shop: {outputs: {default: {path: x, threads: '4'}}}")
            ],
            &keep
        ),
        told(
            &[
                project,
                ("/shop/profiles.yml", "shop: {outputs: {default: {type: x, threads: '4'}}}")
            ],
            &keep
        ),
        told(
            &[
                (
                    "/shop/dbt_project.yml",
                    "name: shop\nprofile: shop\nrequire-dbt-version: '>=2.0.0'\nsource-paths: [m]\n"
                ),
                PROFILES
            ],
            &keep
        ),
        told(
            &[project, PROFILES, ("/shop/packages.yml", "packages: [{local: x}, {local: y}]\n")],
            &keep
        ),
        told(&[project, PROFILES, ("/shop/dbt_packages/x/dbt_project.yml", "name: shop\n")], &keep),
        told(
            &[
                project,
                PROFILES,
                ("/shop/models/a.yml", "models:\n  - name: \"{{ var('x') }}\"\n  \t- y\n")
            ],
            &keep
        ),
        told(
            &[project, PROFILES, ("/shop/models/a.yml", "models:\n  - name: \"{{ var('x') }}\"\n")],
            &keep
        ),
    ]);
}

const PROJECT: (&str, &str) =
    ("/shop/dbt_project.yml", "name: shop\nprofile: shop\nvars: {at: 2023-12-01}\n");

fn session(environment: &Environment, quern: Option<&str>) -> (String, Vec<String>) {
    let mut files = vec![PROFILES, PROJECT];
    files.extend(quern.map(|text| ("/shop/quern.yml", text)));
    let loaded = load_with(environment, &files);
    let session = loaded.0.value.as_ref().and_then(|project| project.session.as_ref());
    let time = session.map(|session| session.time().to_string()).unwrap_or_default();
    (time, messages(&loaded))
}

fn at(text: &str) -> Environment {
    Environment { session_time: Some(text.to_owned()), ..environment() }
}

#[test]
fn the_session_time_comes_from_the_command_line_or_from_the_variable_that_quern_yml_names() {
    assert_eq!(session(&environment(), None), (String::new(), vec![]));
    assert_eq!(session(&environment(), Some("session: {}")), (String::new(), vec![]));
    let (time, _) = session(&environment(), Some("session: {var: at, timezone: Asia/Tokyo}"));
    assert_eq!(time, "2023-12-01T00:00:00+09:00");
    let vars = [("at".to_owned(), Value::from("2024-02-01T00:00:00Z"))].into_iter().collect();
    let from_vars = Environment { vars, ..environment() };
    assert_eq!(session(&from_vars, Some("session: {var: at}")).0, "2024-02-01T00:00:00+00:00");
    let both = Environment { session_time: Some("2025-01-01T00:00:00Z".to_owned()), ..from_vars };
    assert_eq!(session(&both, Some("session: {var: at}")).0, "2025-01-01T00:00:00+00:00");
    assert_eq!(session(&at("2024-01-01T00:00:00+01:00"), None).0, "2023-12-31T23:00:00+00:00");
}

#[test]
fn session_times_that_are_not_exact_or_no_times_are_told() {
    let berlin = Some("session: {timezone: \"{{ env_var('ZONE') }}\"}");
    let said = |text: &str| {
        let mut environment = at(text);
        environment.variables.insert("ZONE".to_owned(), "Europe/Berlin".to_owned());
        session(&environment, berlin).1
    };
    assert_eq!(said("2024-03-31T02:30:00+02:00"), Vec::<String>::new());
    insta::assert_snapshot!(
        ["2024-03-01", "2024-03-31T02:30:00", "2024-10-27 02:30", "yesterday"].map(|text| said(text).join("\n")).join("\n"),
        @r"
    Q903 : the session time `2024-03-01` of `--session-time` has no offset; it is read as 2024-03-01T00:00:00+01:00, in Europe/Berlin
    Q904 : the clocks of Europe/Berlin left out the session time `2024-03-31T02:30:00` of `--session-time`; it is read as 2024-03-31T03:30:00+02:00 (give the session time an offset, such as `+09:00`)
    Q904 : the clocks of Europe/Berlin show the session time `2024-10-27 02:30` of `--session-time` twice; the earlier is taken, 2024-10-27T02:30:00+02:00 (give the session time an offset, such as `+09:00`)
    Q902 : the session time of `--session-time`: `yesterday` is not a time; write one like `2023-12-01T09:00:00+09:00` or `2023-12-01`
    "
    );
    insta::assert_snapshot!(session(&environment(), Some("session: {var: at, timezone: Mars}")).1.join("\n"), @r"
    Q122 quern.yml:1:30: `Mars` is not a time zone; write a name like `Asia/Tokyo`, or an offset like `+09:00`
    Q903 : the session time `2023-12-01` of the variable `at` has no offset; it is read as 2023-12-01T00:00:00+00:00, in UTC
    ");
    insta::assert_snapshot!(session(&environment(), Some("- 1")).1.join("\n"), @"Q102 quern.yml:1:1: `quern.yml` must be a mapping, not a list");
}

#[test]
fn selectors_are_rendered_with_the_target_and_without_variables_of_the_project_file() {
    let project = "name: shop\nprofile: shop\nvars: {level: root}\n";
    let of = |value: &str| {
        let selectors = format!("selectors: [{{name: a, definition: \"{value}\"}}]\n");
        let files = [
            PROFILES,
            ("/shop/dbt_project.yml", project),
            ("/shop/selectors.yml", selectors.as_str()),
        ];
        let loaded = load_with(&environment(), &files);
        let messages = messages(&loaded);
        let selectors = loaded.0.value.and_then(|project| project.selectors);
        (selectors.map(|selectors| selectors.to_json()).unwrap_or_default(), messages)
    };
    let (rendered, messages) = of("{{ target.name }}");
    assert_eq!(messages, [""; 0]);
    assert_eq!(rendered["selectors"][0]["definition"], "dev");
    let (_, messages) = of("{{ var('level') }}");
    assert!(messages[0].contains("there is no variable `level`"), "{messages:?}");
}
