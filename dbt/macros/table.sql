{#- A table as dbt makes one. Where none of this name stands, as in a candidate, it is made under its own name at once:
    to make it under another and put it in the place of nothing is a good part of what dbt computes for a table. -#}
{% materialization table, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none -%}
        {{ return(materialization_table_default()) }}
    {%- endif -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main') -%}{{ get_create_table_as_sql(False, target_relation, sql) }}{%- endcall -%}
    {%- do create_indexes(target_relation) -%}
    {{ run_hooks(post_hooks) }}
    {%- do persist_docs(target_relation, model) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}
