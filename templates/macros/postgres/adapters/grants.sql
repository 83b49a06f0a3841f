{#- What the connected role has granted to others. The information schema would leave materialized views out. -#}
{%- macro postgres__get_show_grant_sql(relation) -%}
  select
    case when privileges.grantee = 0 then 'public' else pg_get_userbyid(privileges.grantee) end as grantee,
    privileges.privilege_type
  from pg_catalog.pg_class as relations
  join pg_catalog.pg_namespace as schemas on schemas.oid = relations.relnamespace
  cross join aclexplode(relations.relacl) as privileges
  where pg_get_userbyid(privileges.grantor) = current_role
    and (privileges.grantee = 0 or pg_get_userbyid(privileges.grantee) != current_role)
    and schemas.nspname = '{{ relation.schema | replace("'", "''") }}'
    and relations.relname = '{{ relation.identifier | replace("'", "''") }}'
{%- endmacro -%}

{#- A replaced relation is a new one here. -#}
{% macro postgres__copy_grants() %}
  {{ return(False) }}
{% endmacro %}
