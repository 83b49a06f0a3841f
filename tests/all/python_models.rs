//! Models in Python, run by a real Python that has the package `duckdb`: that of the environment with dbt.

use crate::parts;
use crate::quern::Quern;

const ORDERS: &str = "{{ config(materialized='table') }}
select i as id, (i * 1.5)::decimal(10, 2) as amount, date '2024-01-01' + i::int as day
from range(5) as t(i)";

/// Reads a model, also by SQL of its own, and its configuration.
const FORECAST: &str = r#"def model(dbt, session):
    dbt.config(materialized="table", least=2)
    count = session.sql("select count(*) from main.orders").fetchone()[0]
    print("counted", count)
    orders = dbt.ref("orders").filter(f"id >= {dbt.config.get('least')}")
    return orders.project(f"id, amount, day, {count} as orders")
"#;

/// Adds to its own table.
const GROWING: &str = r#"import duckdb


def model(dbt, session):
    dbt.config(materialized="incremental", unique_key="id")
    first = 0
    if dbt.is_incremental:
        first = session.sql(f"select max(id) from {dbt.this}").fetchone()[0]
    return session.sql(f"select id + {first} as id, amount from ({dbt.ref('forecast').sql_query()})")
"#;

fn project(python: &str) -> Quern {
    let mut quern = Quern::in_base_project();
    quern.set("QUERN_PYTHON", python);
    quern.write("models/orders.sql", ORDERS);
    quern.write("models/forecast.py", FORECAST);
    quern
}

fn python() -> Option<String> {
    parts::oracle().map(|programs| programs.join("python").display().to_string())
}

/// What a query gives, as JSON on one line.
fn rows(quern: &Quern, sql: &str) -> String {
    let shown = quern.succeed(&["show", "--quiet", "--output", "json", "--inline", sql]).text;
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn tables_and_incremental_models_in_python_are_built_from_what_they_read() {
    let Some(python) = python() else { return };
    let quern = project(&python);
    quern.write("models/growing.py", GROWING);
    quern.write("models/after.sql", "select sum(amount) as amount from {{ ref('forecast') }}");
    for _ in 0..2 {
        quern.succeed(&["build"]);
    }
    let told = rows(
        &quern,
        "select id, amount::varchar as amount, typeof(day) as day, orders from main.forecast order by id",
    );
    for part in
        [r#""id": 2, "amount": "3.00", "day": "DATE", "orders": 5"#, r#""id": 4, "amount": "6.00""#]
    {
        assert!(told.contains(part), "{told}");
    }
    let grown = rows(&quern, "select count(*) as rows, max(id) as top from main.growing");
    assert!(grown.contains(r#""rows": 6, "top": 8"#), "{grown}");
    let after = rows(&quern, "select amount::varchar as amount from main.after");
    assert!(after.contains("13.50"), "{after}");
}

#[test]
fn a_mistake_in_python_is_told_at_its_line_and_leaves_the_old_table() {
    let Some(python) = python() else { return };
    let quern = project(&python);
    quern.succeed(&["build"]);
    quern.write("models/forecast.py", &FORECAST.replace("main.orders", "main.nowhere"));
    let outcome = quern.run(&["build"]);
    assert_eq!(outcome.code, 1, "{}", outcome.text);
    for part in ["error[Q702]: Python model failed:", "--> models/forecast.py:3:5", "nowhere"] {
        assert!(outcome.text.contains(part), "{}", outcome.text);
    }
    assert!(rows(&quern, "select count(*) as rows from main.forecast").contains(r#""rows": 3"#));
}

#[test]
fn tables_that_a_model_makes_beside_its_own_are_made_anew() {
    let Some(python) = python() else { return };
    let quern = project(&python);
    let side = "    session.execute('create or replace table side as select 9 as nine')\n    return session.table('side')\n";
    quern.write("models/forecast.py", &format!("def model(dbt, session):\n{side}"));
    quern.succeed(&["build"]);
    quern.succeed(&["build"]);
    assert!(rows(&quern, "select nine from main.side").contains(r#""nine": 9"#));
}

#[test]
fn a_model_in_python_has_no_contract() {
    let quern = project("python3");
    let contract = "models: [{name: forecast, config: {contract: {enforced: true}}, columns: [{name: id, data_type: int}]}]\n";
    quern.write("models/contract.yml", contract);
    let outcome = quern.run(&["parse"]);
    assert!(
        !outcome.succeeded && outcome.text.contains("a model in python cannot have"),
        "{}",
        outcome.text
    );
}

#[test]
fn a_file_that_is_no_python_is_told_at_its_line() {
    let Some(python) = python() else { return };
    let quern = project(&python);
    quern.write("models/forecast.py", "def model(dbt, session):\n    x = 1 +\n    return x\n");
    let outcome = quern.run(&["build"]);
    assert!(outcome.text.contains("--> models/forecast.py:2:"), "{}", outcome.text);
}
