{#- dbt writes PostgreSQL's functions in plain SQL and says nothing of parallel plans. Ours are in the language that `meta`
    names, where it names one, and read their arguments or tables and change nothing, which is safe in parallel. -#}
{% macro postgres__scalar_function_body_sql() -%}
    $body$
    {{- '\n' ~ model.compiled_code }}
    $body$ language {{ config.get('meta', {}).get('language', 'sql') }} parallel safe
{%- endmacro %}
