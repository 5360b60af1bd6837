{#- A staging model of figures from statistics.gov.scot, whichever of its exports they come in: cube, slice or the answer to
    a query. What differs is the name of each column. `dimensions` are the columns that say what a figure is of, each with
    our name for it. Addresses are cut to their last part; labels, which may hold a slash, stay as they are. -#}
{% macro portal_figures(
    source_id, table, period_style, dimensions,
    area='feature_code', period='date_code', value='value', cell=none
) %}
with source as not materialized (

    {{ raw_rows(source_id, source_id ~ '__' ~ table) }}

),

-- a file names a few periods many times, and reading one costs more than joining it
period as materialized (

    select
        period_published,
        {{ function('period_start') }}('{{ period_style }}', period_published) as period_start,
        {{ function('period_end') }}('{{ period_style }}', period_published) as period_end
    from (select distinct {{ period }} as period_published from source) as published

),

renamed as (

    select
        -- what it is a figure of
        {%- for column, name in dimensions.items() %}
        {{ last_part(column) }} as {{ name }},
        {%- endfor %}
        {{ last_part(area) }} as area_code,
        period.period_start,
        period.period_end,

        -- the figure
        trim({{ value }}) as value_published,
        {{ function('published_number') }}({{ value }}) as obs_value,

        -- provenance
        vintage,
        snapshot_id,
        _row as source_row,
        {{ cell or cell_of(value) }} as source_cell

    from source
    left join period on source.{{ period }} = period.period_published

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
