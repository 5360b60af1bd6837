{#- The scheduler's schemas are called what the project calls them, and those of a release what readers call them. Every
    other target is a person's own: its schemas begin with `dev_<user>_`, and end as a release's do. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set layer = custom_schema_name | trim if custom_schema_name else 'staging' -%}
    {%- set shown = 'methods' if node.resource_type == 'function' else 'restricted' if node.fqn[1] == 'restricted' else 'marts' -%}
    {%- if target.name == 'prod' -%}
        {{ layer }}
    {%- else -%}
        {{ target.schema ~ '_' if target.name != 'release' }}{{ shown if layer == 'candidate' else layer }}
    {%- endif -%}
{%- endmacro %}

{#- Nobody but the scheduler may make schemas: a function of the database makes those that are a person's own. -#}
{% macro postgres__create_schema(relation) -%}
    {%- call statement('create_schema') -%}
        {%- if target.name == 'prod' -%}
            create schema if not exists {{ relation.without_identifier().include(database=False) }}
        {%- else -%}
            select ops.create_dev_schema('{{ relation.schema }}')
        {%- endif -%}
    {%- endcall -%}
{%- endmacro %}
