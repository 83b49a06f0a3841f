{#- Who may read what is decided by IAM and Lake Formation, which no statement of Athena reaches. -#}
{% macro athena__apply_grants(relation, grant_config, should_revoke=True) %}
  {%- if grant_config -%}
    {%- do exceptions.raise_compiler_error(
      "`grants` cannot be had on Athena: permissions are those of IAM and Lake Formation; remove the config"
    ) -%}
  {%- endif -%}
{% endmacro %}


{#- What a model asks for that is not there, or a place in S3 that is none; said before anything is changed. -#}
{% macro athena_check_config() %}
  {%- for name in ['lf_tags_config', 'lf_inherited_tags', 'lf_grants'] if config.get(name) -%}
    {%- do exceptions.raise_compiler_error(
      "`" ~ name ~ "` is not supported: tags and grants of Lake Formation are not set; remove the config and set them "
      ~ "where the permissions of the account are kept"
    ) -%}
  {%- endfor -%}
  {%- do athena__apply_grants(this, config.get('grants')) -%}
  {%- if config.get('materialized') != 'view' -%}
    {%- do adapter.generate_s3_location(
      this, config.get('s3_data_dir'), config.get('s3_data_naming'), none, config.get('external_location'), False
    ) -%}
  {%- endif -%}
{% endmacro %}
