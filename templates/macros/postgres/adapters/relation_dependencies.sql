{#- Which view reads which relation: dropping the one in cascade drops the other. A view's rule depends
    on the view itself (an internal entry) and on every column it reads, which `distinct` reduces to
    relations. -#}
{% macro postgres__get_relations() -%}
  {%- call statement('relations', fetch_result=True) -%}
    select distinct
        view_schemas.nspname as dependent_schema,
        views.relname as dependent_name,
        read_schemas.nspname as referenced_schema,
        read_relations.relname as referenced_name
    from pg_class as views
    join pg_namespace as view_schemas on view_schemas.oid = views.relnamespace
    join pg_depend as own_rules
        on own_rules.refobjid = views.oid
        and own_rules.classid = 'pg_rewrite'::regclass
        and own_rules.refclassid = 'pg_class'::regclass
        and own_rules.deptype = 'i'
    join pg_depend as reads
        on reads.objid = own_rules.objid
        and reads.classid = 'pg_rewrite'::regclass
        and reads.refclassid = 'pg_class'::regclass
        and reads.refobjid != own_rules.refobjid
    join pg_class as read_relations on read_relations.oid = reads.refobjid
    join pg_namespace as read_schemas
        on read_schemas.oid = read_relations.relnamespace
        and read_schemas.nspname != 'information_schema'
        and read_schemas.nspname not like 'pg\_%'
    order by dependent_schema, dependent_name, referenced_schema, referenced_name;
  {%- endcall -%}
  {{ return(load_result('relations').table) }}
{%- endmacro %}

{% macro postgres_get_relations() %}
  {{ return(postgres__get_relations()) }}
{% endmacro %}
