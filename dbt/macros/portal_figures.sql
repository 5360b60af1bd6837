{#- A staging model of figures from statistics.gov.scot, whichever of its exports they come in: cube, slice or the answer to
    a query. What differs is the name of each column. `dimensions` are the columns that say what a figure is of, each with
    our name for it. Addresses are cut to their last part; labels, which may hold a slash, stay as they are. -#}
{% macro portal_figures(
    source_id, table, period_style, dimensions,
    area='feature_code', period='date_code', value='value', cell="'line ' || _row || ':Value'"
) %}
with source as (

    {{ raw_rows(source_id, source_id ~ '__' ~ table) }}

),

renamed as (

    select
        -- what it is a figure of
        {%- for column, name in dimensions.items() %}
        {{ last_part(column) }} as {{ name }},
        {%- endfor %}
        {{ last_part(area) }} as area_code,
        {{ period_start("'" ~ period_style ~ "'", period) }} as period_start,
        {{ period_end("'" ~ period_style ~ "'", period) }} as period_end,

        -- the figure
        trim({{ value }}) as value_published,
        {{ published_number(value) }} as obs_value,

        -- provenance
        vintage,
        snapshot_id,
        _row as source_row,
        {{ cell }} as source_cell

    from source

)

select * from renamed
{% endmacro %}

{#- `http://statistics.gov.scot/id/statistical-geography/S12000005` is S12000005; any other text is as it was. -#}
{% macro last_part(column) -%}
    regexp_replace(trim({{ column }}), '^https?://.*/', '')
{%- endmacro %}

{#- Columns as numbers under their own names; a blank is null. -#}
{% macro as_numbers(columns, type='numeric') -%}
    {%- for column in columns %}
        nullif(trim({{ column }}), '')::{{ type }} as {{ column }},
    {%- endfor %}
{%- endmacro %}
