{#- The code of a model in Python with how its result is kept. It runs in a process of its own beside copies of
    what it reads; the tables that it makes are taken over from there, those of the schema
    `quern_temporary` as temporary ones. -#}
{% macro py_write_table(temporary, relation, compiled_code, partitioned_by=none, sorted_by=none) -%}
{%- if partitioned_by or sorted_by -%}
  {%- do exceptions.raise_compiler_error(
    "a model in Python cannot set `partitioned_by` or `sorted_by`: write the layout in a SQL model that selects from it"
  ) -%}
{%- endif -%}
{%- set place = relation.incorporate(path={'schema': 'quern_temporary', 'database': none}) if temporary else relation -%}
{{ compiled_code }}

def materialize(df, con):
    try:
        import pyarrow.dataset  # DuckDB reads tables of Arrow by it
    except ImportError:
        pass
    con.register("quern_model", df)
    con.execute({{ ("create schema if not exists " ~ place.without_identifier()) | tojson }})
    con.execute({{ ("create table " ~ place ~ " as select * from quern_model") | tojson }})
{% endmacro %}
