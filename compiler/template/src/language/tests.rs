//! Macros, packages, `return`, dispatch and errors, run end to end.

use std::sync::{Arc, Mutex};

use minijinja::{Environment, Value};

use super::{
    ContextScope, MacroDefinition, MacroLibrary, MacroRuns, MacroSource, RenderError, dispatch,
    new_environment, render, root_context, scan_blocks,
};

#[derive(Default)]
struct Scope {
    recorded: Mutex<Vec<String>>,
    is_parsing: bool,
}

impl ContextScope for Scope {
    fn lookup(&self, name: &str) -> Option<Value> {
        (name == "number").then(|| Value::from(7))
    }

    fn lookup_builtin(&self, name: &str) -> Option<Value> {
        (name == "ref").then(|| Value::from_function(|name: String| format!("builtin {name}")))
    }

    fn current_package(&self) -> &'static str {
        "root"
    }

    fn is_parsing(&self) -> bool {
        self.is_parsing
    }

    fn record_macro(&self, unique_id: &Arc<str>) {
        self.recorded.lock().unwrap().push(unique_id.to_string());
    }
}

struct World {
    library: Arc<MacroLibrary>,
    environment: Environment<'static>,
    scope: Arc<Scope>,
}

impl World {
    fn new(packages: &[(&str, &str)]) -> Self {
        let definitions = packages.iter().flat_map(|(package, text)| {
            let text: Arc<str> = Arc::from(*text);
            scan_blocks(&text).unwrap().into_iter().map(move |block| {
                MacroDefinition::new(
                    package,
                    MacroSource { text: Arc::clone(&text), file: 1, block },
                )
            })
        });
        let library = Arc::new(MacroLibrary::new(
            definitions,
            "root",
            &["duck".to_owned(), "dbt".to_owned()],
        ));
        let environment = new_environment(Arc::clone(&library));
        Self { library, environment, scope: Arc::new(Scope::default()) }
    }

    fn globals(&self) -> Value {
        let scope: Arc<dyn ContextScope> = Arc::clone(&self.scope) as _;
        root_context(Arc::clone(&self.library), scope)
    }

    fn render(&self, text: &str) -> Result<String, RenderError> {
        render(&self.environment, &self.library, "model.sql", text, &self.globals())
    }
}

fn printed(macros: &str, text: &str) -> String {
    World::new(&[("root", macros)]).render(text).unwrap()
}

#[test]
fn a_macro_prints_or_returns() {
    let macros = "{% macro show(a, b='x') %}[{{ a }} {{ b }}]{% endmacro %}\
                  {% macro give(a) %}lost{{ return([a, a]) }}never{% endmacro %}\
                  {% macro twice(a) %}{{ return(give(a) + give('z')) }}{% endmacro %}\
                  {% macro fact(n) %}{% if n <= 1 %}{{ return(1) }}{% endif %}{{ return(n * fact(n - 1)) }}{% endmacro %}";
    assert_eq!(printed(macros, "{{ show(1) }}{{ show(2, b=number) }}"), "[1 x][2 7]");
    assert_eq!(
        printed(macros, "{{ give(1)[0] }} {{ twice('y') | join('-') }} {{ fact(5) }}"),
        "1 y-y-z-z 120"
    );
}

#[test]
fn loops_over_texts_know_where_they_end() {
    let shown = "{{ c }}{{ ',' if not loop.last }}";
    for over in [
        "'abc'",
        "word",
        "word[:3]",
        "word | upper | lower",
        "(word)",
        "dict(w=word).w",
        "'a' ~ 'bc'",
    ] {
        let text = format!("{{% set word = 'abc' %}}{{% for c in {over} %}}{shown}{{% endfor %}}");
        assert_eq!(printed("", &text), "a,b,c", "{over}");
    }
    let text = "{% for c in 'ab' if c != 'x' %}{{ loop.length }}{{ loop.revindex }}{% endfor %}\
                {%- for key in {'a': 1} %}{{ key }}{{ loop.last }}{% endfor -%}\
                {% for x in [1, 2] | map('string') %}{{ x }}{{ loop.last }}{% endfor %}";
    assert_eq!(printed("", text), "2221aTrue1False2True");
    let recursive = "{%- for item in [{'n': 1, 'c': [{'n': 2, 'c': []}]}] recursive -%}\
                     {{ item.n }}{{ loop.last }}{{ loop(item.c) }}{%- endfor -%}";
    assert_eq!(printed("", recursive), "1True2True");
}

#[test]
fn what_a_macro_returns_undefined_stays_undefined() {
    let macros = "{% macro give(a) %}{{ return(none.table) }}{% endmacro %}\
                  {% macro named() %}{{ return(data=2) }}{% endmacro %}";
    let text = "[{{ give() }}] {{ give() is none }} {{ give() is defined }} {{ named() }}";
    assert_eq!(printed(macros, text), "[] False False 2");
}

#[test]
fn arguments_that_are_left_over_reach_varargs_and_kwargs() {
    let macros = "{% macro all(a) %}{{ a }} {{ varargs }} {{ kwargs }}{% endmacro %}\
                  {% macro pass() %}{{ all(*varargs, **kwargs) }}{% endmacro %}";
    assert_eq!(
        printed(macros, "{{ all(1, 2, 3, x=4) }}; {{ all(a=1) }}"),
        "1 (2, 3) {'x': 4}; 1 () {}"
    );
    assert_eq!(printed(macros, "{{ pass(1, 2, z=[3]) }}"), "1 (2,) {'z': [3]}");
}

#[test]
fn defaults_may_use_the_parameters_before_them() {
    let macros = "{% macro sum(a, b=a + 1, c=b * 2) -%} {{ a }} {{ b }} {{ c }} {{ varargs }} {%- endmacro %}\
                  {% macro give(a, b=twice('x' ~ a)) %}{{ return(b) }}{% endmacro %}\
                  {% macro twice(a) %}{{ return([a, a]) }}{% endmacro %}";
    assert_eq!(
        printed(macros, "{{ sum(1) }}, {{ sum(1, 5, 6, 7) }}, {{ sum(1, c=0) }}, {{ give(1)[1] }}"),
        "1 2 4 (), 1 5 6 (7,), 1 2 0 (), x1"
    );
}

#[test]
fn macros_that_only_hand_on_are_as_any_other() {
    let macros = "{% macro plain(a, b=2, c=none) %}\n  {{ return(show(b, z=a, y='!')) }}\n{% endmacro %}\
                  {% macro show(x, y='', z=0) %}[{{ x }}{{ y }}{{ z }}]{% endmacro %}\
                  {% macro other(show) %}{{ return(show(1)) }}{% endmacro %}";
    let said =
        "{{ plain(1) }} {{ plain(b=3, a=4) }} {{ plain(5, unknown) }} {{ other(range) | length }}";
    assert_eq!(printed(macros, said), "[2!1] [3!4] [2!5] 1");
    for (call, message) in [
        ("plain(1, 2, 3, 4)", "macro `plain(a, b, c)` takes at most 3 arguments"),
        ("plain(1, a=2)", "macro `plain(a, b, c)` got more than one value for `a`"),
        ("plain(d=2)", "macro `plain(a, b, c)` takes no keyword argument `d`"),
    ] {
        let world = World::new(&[("root", macros)]);
        assert_eq!(world.render(&format!("{{{{ {call} }}}}")).unwrap_err().message, message);
    }
    let macros = "{% macro outer() %}\n\n{{ return(inner(1)) }}{% endmacro %}\n{% macro inner(x) %}\n{{ x.y.z }}{% endmacro %}\
                  {% macro lost() %}{{ return(nowhere()) }}{% endmacro %}";
    let world = World::new(&[("root", macros)]);
    let error = world.render("\n{{ outer() }}").unwrap_err();
    let places: Vec<_> =
        error.frames.iter().map(|frame| (frame.name.as_str(), frame.line)).collect();
    assert_eq!(places, [("model.sql", 2), ("macro.root.outer", 3), ("macro.root.inner", 5)]);
    assert_eq!(world.render("{{ lost() }}").unwrap_err().message, "`nowhere` is undefined");
    world.render("{{ outer is defined }}{% set x = plain %}").unwrap();
}

#[test]
fn call_blocks_reach_their_caller() {
    let macros = "{% macro wrap(n) %}<{% for i in range(n) %}{{ caller(i) }}{% endfor %}>{% endmacro %}\
                  {% macro first(xs) %}{% for x in xs %}{{ caller(x) }}{% endfor %}none{% endmacro %}";
    assert_eq!(
        printed(macros, "{% call(i) wrap(3) %}{{ i }}{{ number }}{% endcall %}"),
        "<071727>"
    );
    assert_eq!(
        printed(macros, "{% call(x) first([1, 2]) %}{{ return(x * 10) }}{% endcall %}"),
        "10"
    );
}

#[test]
fn lists_that_a_macro_gets_are_the_callers() {
    let macros =
        "{% macro fill(xs, d) %}{% do xs.append(1) %}{% do d.update({'k': xs}) %}{% endmacro %}";
    assert_eq!(
        printed(macros, "{% set a, d = [], {} %}{% do fill(a, d) %}{{ a }}{{ d }}"),
        "[1]{'k': [1]}"
    );
}

#[test]
fn names_are_found_in_dbts_order() {
    let world = World::new(&[
        (
            "root",
            "{% macro ref(n) %}mine{% endmacro %}{% macro call_who() %}{{ who() }}{% endmacro %}",
        ),
        (
            "util",
            "{% macro who() %}util{% endmacro %}{% macro call_ref() %}{{ ref('x') }}{% endmacro %}",
        ),
        ("dbt", "{% macro who() %}dbt{% endmacro %}{% macro default__w() %}default{% endmacro %}"),
        ("duck", "{% macro duckdb__w() %}duck{% endmacro %}"),
    ]);
    let text = "{{ ref('a') }} {{ who() }} {{ util.who() }} {{ dbt.who() }} {{ call_who() }} {{ util.call_ref() }}";
    assert_eq!(world.render(text).unwrap(), "mine dbt util dbt dbt mine");
    assert_eq!(
        *world.scope.recorded.lock().unwrap(),
        [
            "macro.root.ref",
            "macro.dbt.who",
            "macro.util.who",
            "macro.dbt.who",
            "macro.root.call_who",
            "macro.util.call_ref"
        ]
    );
    let found = dispatch(&world.library, "w", &["root", "dbt"], &["duckdb", "default"]).unwrap();
    assert_eq!(found.to_string(), "<macro macro.duck.duckdb__w>");
    let missing =
        dispatch(&world.library, "v", &["root", "dbt"], &["duckdb", "default"]).unwrap_err();
    assert_eq!(
        missing.searched,
        ["'root.duckdb__v'", "'root.default__v'", "'dbt.duckdb__v'", "'dbt.default__v'"]
    );
}

#[test]
fn a_macro_can_be_the_whole_run() {
    let world = World::new(&[(
        "root",
        "{% macro run(a, b) %}{{ return({'a': a, 'b': b}) }}{% endmacro %}",
    )]);
    let run = world.library.get("macro.root.run").unwrap();
    let keyword = [("b".to_owned(), Value::from("x"))];
    let runs = MacroRuns::new(&world.environment, &world.library);
    let scope: Arc<dyn ContextScope> = world.scope.clone();
    let value = runs.run(run, scope, &[Value::from(1)], &keyword).unwrap();
    assert_eq!(value.to_string(), "{'a': 1, 'b': 'x'}");
}

/// A scope whose one name has a value of its own.
struct Named(&'static str);

impl ContextScope for Named {
    fn lookup_builtin(&self, name: &str) -> Option<Value> {
        (name == "node").then(|| Value::from(self.0))
    }

    fn current_package(&self) -> &'static str {
        "root"
    }
}

#[test]
fn each_run_of_a_macro_sees_its_own_names() {
    let macros = "{% macro plain() %}{{ return(node) }}{% endmacro %}
        {% macro binds() %}{% set before = node %}{% set node = 'bound' %}{{ before }} {{ node }}{% endmacro %}
        {% macro with_block() %}{% call shown() %}{{ node }}{% endcall %}{% endmacro %}
        {% macro shown() %}<{{ caller() }}>{% endmacro %}
        {% macro run() %}{{ plain() }} {{ binds() }} {{ with_block() }}{% endmacro %}
        {% macro fails() %}{{ plain() }} {{ 1 // 0 }}{% endmacro %}";
    let world = World::new(&[("root", macros)]);
    let of = |name: &str| world.library.get(&format!("macro.root.{name}")).unwrap();
    let runs = MacroRuns::new(&world.environment, &world.library);
    for round in 0..200 {
        for node in ["one", "two"] {
            let shown = runs.run(of("run"), Arc::new(Named(node)), &[], &[]).unwrap().to_string();
            assert_eq!(shown, format!("{node} {node} bound <{node}>"), "round {round}");
        }
        assert!(runs.run(of("fails"), Arc::new(Named("three")), &[], &[]).is_err());
    }
}

#[test]
fn materializations_and_tests_are_macros() {
    let world = World::new(&[
        ("dbt", "{% materialization table, default %}dbt{% endmaterialization %}"),
        ("duck", "{% materialization table, adapter='duckdb' %}duck{% endmaterialization %}"),
        ("root", "{% test small(model, n=3) %}{{ model }} < {{ n }}{% endtest %}"),
    ]);
    let found = world.library.find_materialization("table", &["duckdb"]).unwrap();
    assert_eq!(&*found.unique_id, "macro.duck.materialization_table_duckdb");
    assert_eq!(world.render("{{ test_small('m') }}").unwrap(), "m < 3");
}

fn failure(macros: &str, text: &str) -> String {
    let error = World::new(&[("root", macros)]).render(text).unwrap_err();
    let places = error.frames.iter().map(|frame| {
        let source = if frame.name == "model.sql" { text } else { macros };
        format!("{}:{} `{}`", frame.name, frame.line, &source[frame.range.clone()])
    });
    format!("{}\n{}", error.message, places.collect::<Vec<_>>().join("\n"))
}

#[test]
fn errors_show_the_stack_of_macro_calls() {
    let macros = "{% macro outer(a) %}\n{% set x = [1] + [a] %}{{ inner(x, x) }}{% endmacro %}\n\
                  {% macro inner(a, b) %}\n\n{{ a.b.c }}{% endmacro %}";
    insta::assert_snapshot!(failure(macros, "select\n{{ outer(1) }}"), @r"
    `a.b` is undefined, so it has no `c`
    model.sql:2 `outer(1)`
    macro.root.outer:2 `inner(x, x)`
    macro.root.inner:5 `.b.c`
    ");
}

#[test]
fn errors_say_what_is_wrong() {
    let macros =
        "{% macro two(a, b) %}{% endmacro %}{% macro again() %}{{ again() }}{% endmacro %}";
    let first_line = |text: &str| failure(macros, text).lines().next().unwrap().to_owned();
    assert_eq!(first_line("{{ two(1, 2, 3) }}"), "macro `two(a, b)` takes at most 2 arguments");
    assert_eq!(first_line("{{ two(c=1) }}"), "macro `two(a, b)` takes no keyword argument `c`");
    assert_eq!(first_line("{{ missing(1) }}"), "`missing` is undefined");
    assert_eq!(first_line("{{ missing.part }}"), "`missing` is undefined, so it has no `part`");
    assert_eq!(
        first_line("{{ 1 | uper }}"),
        "there is no filter named `uper`; did you mean `upper`?"
    );
    assert_eq!(
        first_line("{{ again() }}"),
        "macro calls nest too deeply; does `again` call itself without end?"
    );
    assert_eq!(first_line("{{ [1].push(2) }}"), "'list' object has no attribute 'push'");
    assert_eq!(
        first_line("{{ 1 + 'a' }}"),
        "tried to use + operator on unsupported types number and string"
    );
}

#[test]
fn a_macro_with_a_syntax_error_is_reported_where_it_is() {
    let macros = "\n{% macro bad() %}\n{{ 1 + }}{% endmacro %}";
    insta::assert_snapshot!(failure(macros, "{{ bad() }}"), @r"
    unexpected end of variable block
    model.sql:1 `bad()`
    macro.root.bad:3 `}}`
    ");
    let world = World::new(&[("root", macros)]);
    let error = world.library.get("macro.root.bad").unwrap().prepared().unwrap_err();
    assert_eq!((error.frames[0].line, &macros[error.frames[0].range.clone()]), (3, "}}"));
}

#[test]
fn unknown_names_are_harmless_while_parsing() {
    let mut world = World::new(&[]);
    world.scope = Arc::new(Scope { is_parsing: true, ..Scope::default() });
    let text = "{{ unknown.deep(1)[2] }}{% for x in unknown() %}x{% endfor %}{{ unknown is defined }}{{ unknown or 'd' }}";
    assert_eq!(world.render(text).unwrap(), "Falsed");
}

#[test]
fn text_without_jinja_is_untouched() {
    assert_eq!(printed("", "select 1\n\n"), "select 1\n\n");
    assert_eq!(printed("", "select {# no #}1\n\n"), "select 1\n");
}
