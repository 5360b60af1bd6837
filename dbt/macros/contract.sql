{#- Whether a query gives the columns of its model's contract. dbt compares each with each, in templates; here the two are
    compared as they are, and only of two that differ is it left to dbt to say in what. -#}
{% macro postgres__get_assert_columns_equivalent(sql) -%}
    {%- set schemas = [] -%}
    {%- for query in [get_empty_subquery_sql(sql, config.get('sql_header', none)), get_empty_subquery_sql(get_empty_schema_sql(model.columns))] -%}
        {%- set columns = [] -%}
        {%- for column in adapter.get_column_schema_from_query(query) -%}
            {%- do columns.append(column.column ~ ' ' ~ column.dtype) -%}
        {%- endfor -%}
        {%- do schemas.append(columns | sort) -%}
    {%- endfor -%}
    {%- if not schemas[0] or schemas[0] != schemas[1] -%}{{ return(assert_columns_equivalent(sql)) }}{%- endif -%}
{%- endmacro %}
