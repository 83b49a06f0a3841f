{% macro nobody_calls() %}{{ return(adapter.dispatch("lost_too", macro_namespace="small")()) }}{% endmacro %}
