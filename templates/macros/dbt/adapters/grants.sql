{#- Brings the grants on a relation to what the `grants` config says. Nothing is done without one. -#}
{% macro apply_grants(relation, grant_config, should_revoke) %}
  {{ return(adapter.dispatch('apply_grants', 'dbt')(relation, grant_config, should_revoke)) }}
{% endmacro %}

{% macro default__apply_grants(relation, grant_config, should_revoke=True) %}
  {% if grant_config %}
    {% set to_grant = grant_config %}
    {% set to_revoke = {} %}

    {#- only a relation that may carry former grants has to be looked at -#}
    {% if should_revoke %}
      {% set current = adapter.standardize_grants_dict(run_query(get_show_grant_sql(relation))) %}
      {% set to_grant = diff_of_two_dicts(grant_config, current) %}
      {% set to_revoke = diff_of_two_dicts(current, grant_config) %}
      {% if not to_grant and not to_revoke %}
        {% do log('On ' ~ relation.render() ~ ': All grants are in place, no revocation or granting needed.') %}
      {% endif %}
    {% endif %}

    {% set dcl_statements = get_dcl_statement_list(relation, to_revoke, get_revoke_sql)
      + get_dcl_statement_list(relation, to_grant, get_grant_sql) %}
    {% if dcl_statements %}
      {% do call_dcl_statements(dcl_statements) %}
    {% endif %}
  {% endif %}
{% endmacro %}


{#- Whether former grants may be on the relation: never on a new one, always on one that was only
    added to, and on one that was replaced if this database copies grants. -#}
{% macro should_revoke(existing_relation, full_refresh_mode=True) %}
  {% if not existing_relation %}
    {{ return(False) }}
  {% endif %}
  {{ return(copy_grants() if full_refresh_mode else True) }}
{% endmacro %}


{#- Whether a replaced relation keeps the grants of the one before it. Yes, to be safe: the price of a
    wrong yes is one query. -#}
{% macro copy_grants() %}
  {{ return(adapter.dispatch('copy_grants', 'dbt')()) }}
{% endmacro %}

{% macro default__copy_grants() %}
  {{ return(True) }}
{% endmacro %}


{#- Whether one statement may name several grantees. -#}
{% macro support_multiple_grantees_per_dcl_statement() %}
  {{ return(adapter.dispatch('support_multiple_grantees_per_dcl_statement', 'dbt')()) }}
{% endmacro %}

{%- macro default__support_multiple_grantees_per_dcl_statement() -%}
  {{ return(True) }}
{%- endmacro -%}


{% macro get_show_grant_sql(relation) %}
  {{ return(adapter.dispatch('get_show_grant_sql', 'dbt')(relation)) }}
{% endmacro %}

{% macro default__get_show_grant_sql(relation) -%}
  show grants on {{ relation.render() }}
{%- endmacro %}


{% macro get_grant_sql(relation, privilege, grantees) %}
  {{ return(adapter.dispatch('get_grant_sql', 'dbt')(relation, privilege, grantees)) }}
{% endmacro %}

{%- macro default__get_grant_sql(relation, privilege, grantees) -%}
  grant {{ privilege }} on {{ relation.render() }} to {{ grantees | join(', ') }}
{%- endmacro -%}


{% macro get_revoke_sql(relation, privilege, grantees) %}
  {{ return(adapter.dispatch('get_revoke_sql', 'dbt')(relation, privilege, grantees)) }}
{% endmacro %}

{%- macro default__get_revoke_sql(relation, privilege, grantees) -%}
  {#- these names come from the database, so they are quoted as they are -#}
  {%- set quoted = [] -%}
  {%- for grantee in grantees -%}
    {%- do quoted.append(adapter.quote(grantee)) -%}
  {%- endfor -%}
  revoke {{ privilege }} on {{ relation.render() }} from {{ quoted | join(', ') }}
{%- endmacro -%}


{#- One statement for each privilege, or for each privilege and grantee. `get_dcl_macro` is
    get_grant_sql or get_revoke_sql. -#}
{% macro get_dcl_statement_list(relation, grant_config, get_dcl_macro) %}
  {{ return(adapter.dispatch('get_dcl_statement_list', 'dbt')(relation, grant_config, get_dcl_macro)) }}
{% endmacro %}

{%- macro default__get_dcl_statement_list(relation, grant_config, get_dcl_macro) -%}
  {%- set statements = [] -%}
  {%- for privilege, grantees in grant_config.items() if grantees -%}
    {%- if support_multiple_grantees_per_dcl_statement() -%}
      {%- do statements.append(get_dcl_macro(relation, privilege, grantees)) -%}
    {%- else -%}
      {%- for grantee in grantees -%}
        {%- do statements.append(get_dcl_macro(relation, privilege, [grantee])) -%}
      {%- endfor -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(statements) }}
{%- endmacro -%}


{#- Runs them, all at once by default. -#}
{% macro call_dcl_statements(dcl_statement_list) %}
  {{ return(adapter.dispatch('call_dcl_statements', 'dbt')(dcl_statement_list)) }}
{% endmacro %}

{% macro default__call_dcl_statements(dcl_statement_list) %}
  {% call statement('grants') %}
    {% for dcl_statement in dcl_statement_list %}
    {{ dcl_statement }};
    {% endfor %}
  {% endcall %}
{% endmacro %}
