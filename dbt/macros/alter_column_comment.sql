{#- A column's description is the comment on it in the database. dbt asks for the columns that there are first, which is
    a tenth of what it computes in a build; here every column that is described is there, or the build says so. -#}
{% macro postgres__alter_column_comment(relation, column_dict) %}
    {%- for name, column in column_dict.items() %}
        comment on column {{ relation }}.{{ adapter.quote(name) if column['quote'] else name }}
            is {{ postgres_escape_comment(column['description']) }};
    {%- endfor %}
{% endmacro %}
