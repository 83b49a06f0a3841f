{% macro get_incremental_microbatch_sql(arg_dict) %}
  insert into {{ arg_dict['target_relation'] }} select * from {{ arg_dict['temp_relation'] }}
{% endmacro %}

{% macro ref(name, why=none) %}{{ return(builtins.ref(name, **kwargs)) }}{% endmacro %}

{% macro described(one, two=2) %}{% endmacro %}
