{#- dbt writes PostgreSQL's functions in plain SQL and says nothing of parallel plans. Ours are in the language that `meta`
    names, where it names one, and read their arguments or tables and change nothing, which is safe in parallel. A view of a
    copied or restored database reads the tables beside it; so does a function only if its text does not name the database. -#}
{% macro postgres__scalar_function_body_sql() -%}
    $body$
    {{- '\n' ~ model.compiled_code | replace('"' ~ model.database ~ '".', '') }}
    $body$ language {{ config.get('meta').get('language', 'sql') }} parallel safe
{%- endmacro %}

{#- A function that gives rows: dbt knows the type and writes no SQL for it. `meta` states its columns, or names the mart
    whose contract does. Not strict, so that PostgreSQL can plan a call as part of the query around it. -#}
{% macro postgres__table_function_sql(target_relation) -%}
    {%- set stated = config.get('meta') -%}
    {%- set shape = stated.columns or graph.nodes['model.' ~ project_name ~ '.' ~ stated.columns_of].columns.values() -%}
    {#- Nothing but a function of the same columns could be replaced, and nothing is bound to this one. -#}
    drop function if exists {{ target_relation.render() }};
    create function {{ target_relation.render() }} ({{ formatted_scalar_function_args_sql() }})
    returns table (
        {%- for column in shape %}{{ column.name }} {{ column.data_type }}{{ ', ' if not loop.last }}{% endfor -%}
    )
    {{ scalar_function_volatility_sql() }}
    as {{ scalar_function_body_sql() }};
{%- endmacro %}

{#- What is made in a candidate, under the name that readers have for it once it is released: for the text of a function,
    which PostgreSQL looks at when it is called. Elsewhere than in a candidate it is the relation itself. -#}
{% macro as_released(relation, schema='marts') -%}
    {{ schema ~ '.' ~ relation.identifier if relation.schema == 'candidate' else relation }}
{%- endmacro %}

{#- The end of a subquery whose columns are computed once for a row. PostgreSQL merges any other into the query around it
    and puts what a column is computed of wherever that names it. -#}
{% macro computed_once() -%}
    limit all offset 0
{%- endmacro %}

{#- A number, or null where it is none or has no end: PostgreSQL puts NaN above everything, and a comparison would believe it. -#}
{% macro finite(number) -%}
    case when abs({{ number }}) < 'infinity' then {{ number }} end
{%- endmacro %}
