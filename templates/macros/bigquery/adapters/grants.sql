{#- Roles of IAM on a table or view, as SQL gives and takes them. -#}
{% macro bigquery__get_show_grant_sql(relation) %}
  {%- set located = relation.incorporate(location=adapter.get_dataset_location(relation)) -%}
    select privilege_type, grantee
    from {{ located.information_schema('OBJECT_PRIVILEGES') }}
    where object_schema = "{{ relation.dataset }}"
      and object_name = "{{ relation.identifier }}"
      -- who runs this keeps what they have
      and split(grantee, ':')[offset(1)] != session_user()
{% endmacro %}

{%- macro bigquery__get_grant_sql(relation, privilege, grantee) -%}
    grant `{{ privilege }}` on {{ relation.type }} {{ relation }} to "{{ grantee | join('", "') }}"
{%- endmacro -%}

{%- macro bigquery__get_revoke_sql(relation, privilege, grantee) -%}
    revoke `{{ privilege }}` on {{ relation.type }} {{ relation }} from "{{ grantee | join('", "') }}"
{%- endmacro -%}

{% macro grant_access_to(entity, entity_type, role, grant_target_dict) -%}
  {% do adapter.grant_access_to(entity, entity_type, role, grant_target_dict) %}
{% endmacro %}
