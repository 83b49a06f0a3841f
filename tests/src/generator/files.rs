//! The texts of a synthetic project, by their paths.

use super::GeneratorOptions;
use super::shape::{Materialized, ModelShape, shapes};

const MEASURES: [&str; 3] = ["amount", "quantity", "price"];
const CATEGORIES: [&str; 4] = ["alpha", "beta", "gamma", "delta"];
const SOURCE_TABLES: [&str; 4] = ["events", "orders", "visits", "payments"];
const MACROS_PER_FILE: usize = 10;

/// Paths, relative to the project and with `/`, and what stands in each file.
pub fn project_files(options: &GeneratorOptions) -> Vec<(String, String)> {
    let shapes = shapes(options);
    let per_folder = options.models_per_folder.max(1);
    let mut files = vec![
        ("dbt_project.yml".to_owned(), project_file(shapes.len().div_ceil(per_folder))),
        ("profiles.yml".to_owned(), PROFILES.to_owned()),
        ("models/_sources.yml".to_owned(), source_file()),
    ];
    for (group, models) in shapes.chunks(per_folder).enumerate() {
        let folder = format!("models/{}", group_name(group));
        for model in models {
            files.push((format!("{folder}/{}.sql", model_name(model.index)), model_file(model)));
        }
        files.push((format!("{folder}/_properties.yml"), property_file(models)));
    }
    let macros: Vec<String> = (0..options.macros.max(1)).map(macro_text).collect();
    for (number, texts) in macros.chunks(MACROS_PER_FILE).enumerate() {
        files.push((format!("macros/measures_{number:02}.sql"), texts.join("\n")));
    }
    files
}

fn model_name(index: usize) -> String {
    format!("model_{index:05}")
}

fn group_name(group: usize) -> String {
    format!("group_{group:03}")
}

const PROFILES: &str = "\
synthetic:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: \"{{ env_var('SYNTHETIC_DATABASE', 'target/synthetic.duckdb') }}\"
      schema: main
      threads: 4
";

fn project_file(groups: usize) -> String {
    let folders: Vec<String> = (0..groups)
        .map(|group| {
            let name = group_name(group);
            let team = group % 7;
            format!(
                "    {name}:\n      +tags: [{name}, team_{team}]\n      +meta:\n        owner: team_{team}\n"
            )
        })
        .collect();
    let categories = CATEGORIES.join("', '");
    let tables: Vec<String> = SOURCE_TABLES
        .iter()
        .enumerate()
        .map(|(number, table)| {
            let days = number + 1;
            format!(
                "  - \"create table if not exists raw.{table} as select n + 1 as id, \
                 list_extract(['{categories}'], cast(n % 4 as integer) + 1) as category, \
                 date '2024-01-01' + cast(n * {days} as integer) as event_date, \
                 n * 7 as amount, n % 5 as quantity, n * 3 as price from range(20) as numbers (n)\"\n"
            )
        })
        .collect();
    format!(
        "\
name: synthetic
version: 1.0.0
config-version: 2
profile: synthetic

clean-targets: [target]

vars:
  region: north
  row_limit: 100
  first_day: \"2024-01-01\"

models:
  synthetic:
    +materialized: view
{}
on-run-start:
  - create schema if not exists raw
{}",
        folders.concat(),
        tables.concat()
    )
}

fn source_file() -> String {
    let tables: Vec<String> = SOURCE_TABLES
        .iter()
        .map(|table| {
            format!(
                "      - name: {table}\n        description: Raw {table}.\n        columns:\n          \
                 - name: id\n            description: The number of the row.\n            \
                 data_tests: [unique, not_null]\n"
            )
        })
        .collect();
    format!(
        "version: 2\n\nsources:\n  - name: raw\n    description: What other systems load.\n    schema: raw\n    tables:\n{}",
        tables.concat()
    )
}

fn model_file(model: &ModelShape) -> String {
    let parity = if model.index.is_multiple_of(2) { "even" } else { "odd" };
    let config = match model.materialized {
        Materialized::View => format!("materialized='view', tags=['{parity}']"),
        Materialized::Incremental => {
            format!("materialized='incremental', unique_key='id', tags=['{parity}', 'incremental']")
        }
    };
    let mut relations: Vec<String> = model
        .parents
        .iter()
        .map(|parent| format!("{{{{ ref('{}') }}}}", model_name(*parent)))
        .collect();
    if relations.is_empty() {
        let table = SOURCE_TABLES[model.index % SOURCE_TABLES.len()];
        relations.push(format!("{{{{ source('raw', '{table}') }}}}"));
    }
    let selects: Vec<String> = relations
        .iter()
        .map(|relation| {
            format!(
                "    select id, category, event_date, amount, quantity, price\n    from {relation}\n"
            )
        })
        .collect();
    let incremental = match model.materialized {
        Materialized::View => "",
        Materialized::Incremental => {
            "    {% if is_incremental() %}\n    and event_date >= (select max(event_date) from {{ this }})\n    {% endif %}\n"
        }
    };
    let [first_macro, second_macro] = model.macros;
    format!(
        "\
{{{{ config({config}) }}}}

{{% set measures = {MEASURES:?} %}}

with rows_of_parents as (
{}),

numbered as (
    select
        *,
        row_number() over (order by id, event_date, category, amount, quantity, price) as row_id
    from rows_of_parents
)

select
    row_id as id,
    category,
    event_date,
    {{%- for measure in measures %}}
    {{% if loop.first %}}{{{{ measure_{first_macro:02}(measure) }}}}{{% else %}}{{{{ measure_{second_macro:02}(measure) }}}}{{% endif %}} as {{{{ measure }}}},
    {{%- endfor %}}
    '{{{{ var(\"region\") }}}}' as region
from numbered
where
    row_id <= {{{{ var('row_limit', 50) }}}}
    and event_date >= date '{{{{ var(\"first_day\") }}}}'
{incremental}order by row_id
limit 20
",
        selects.join("\n    union all\n\n")
    )
}

/// The values are those of `CATEGORIES`.
const CATEGORY_TESTS: &str = "
        data_tests:
          - accepted_values:
              arguments:
                values: [CATEGORY_LIST]";

const AMOUNT_TESTS: &str = "
        data_tests:
          - not_null:
              config:
                severity: warn";

fn property_file(models: &[ModelShape]) -> String {
    let entries: Vec<String> = models
        .iter()
        .map(|model| {
            let name = model_name(model.index);
            let parents = model.parents.len();
            // As in real projects: each model's key is tested, and now and then more than that.
            let is_key_only = model.index % 5 != 0;
            let (category, amount) =
                if is_key_only { ("", "") } else { (CATEGORY_TESTS, AMOUNT_TESTS) };
            format!(
                "
  - name: {name}
    description: Rows of {parents} earlier models, measured anew.
    config:
      meta:
        number: {}
    columns:
      - name: id
        description: The number of the row in `{name}`.
        data_tests: [unique, not_null]
      - name: category
        description: One of four categories.{category}
      - name: event_date
        description: The day of the row.
      - name: amount
        description: The first measure.{amount}
      - name: quantity
        description: The second measure.
      - name: price
        description: The third measure.
      - name: region
        description: The region that the project is run for.
",
                model.index
            )
        })
        .collect();
    format!("version: 2\n\nmodels:{}", entries.concat())
        .replace("CATEGORY_LIST", &CATEGORIES.join(", "))
}

/// Every third macro calls the one before it, so that macros of macros are measured too.
fn macro_text(number: usize) -> String {
    let inner = if number % 3 == 2 {
        format!("{{{{ measure_{:02}(column_name, offset + 1) }}}}", number - 1)
    } else {
        "{{ column_name }}".to_owned()
    };
    let factor = number % 5 + 2;
    format!(
        "\
{{% macro measure_{number:02}(column_name, offset={number}) -%}}
    {{%- set modulus = 1000 if target.name == 'prod' else 997 -%}}
    (({inner} * {factor} + {{{{ offset }}}}) % {{{{ modulus }}}})
{{%- endmacro %}}
"
    )
}
