{#- A model of staging/figures/: each cell of a raw table that holds a figure, in the shape of dbt/contracts/figure.yml.

    `values` are the columns of the cells, each with the heading under which it is published now; a figure's cell is named by
    the heading that it has in its own file. Where a row has several, each is a figure, and the heading is its label, or
    stands behind a label that all of them share. The other arguments are SQL over a row, mostly the name of a column; what
    a source does not have is left out. `breakdowns` are the columns that say which part a figure is of, each with our name
    for it, and `total` is the word in them for everyone together. `qualifiers` are columns that say of cells what kind of
    figure they hold, or why they are blank: where one of the `reasons` stands beside a blank, that is what is published. -#}
{% macro figures(
    table, values, area, period,
    label=none, heading=none, breakdowns={}, total=none, numerator=none, denominator=none, lci_95=none, uci_95=none,
    status=none, publication=none, cell=none, read_from=none, read_note=none, qualifiers={}, reasons=[]
) %}
{%- set source_id = table.split('__')[0] -%}
{%- if not heading -%}
    {%- set heading = 'figure_cell.heading_published' if label and values | length > 1 else "''" -%}
{%- endif -%}
with source as (

    {{ raw_rows(source_id, table) }}

),

figure as (

    select
        -- what it is a figure of
        '{{ source_id }}' as source_id,
        {{ published_text(label or 'figure_cell.heading_published') }} as series_label,
        {{ published_text(heading) }} as series_heading,
        {{ published_text(area) }} as area_published,
        {{ trimmed(period) }} as period_published,
        {%- if breakdowns %}
        {{ parts(breakdowns, total, names=true) }} as breakdown,
        {{ parts(breakdowns, total, names=false) }} as breakdown_value,
        {%- else %}
        null::text as breakdown,
        null::text as breakdown_value,
        {%- endif %}

        -- the figure
        {%- if qualifiers %}
        coalesce(
            nullif({{ trimmed('figure_cell.text_published') }}, ''),
            case when figure_cell.qualifier_published = any(array[{% for each in reasons %}{{ quoted_text(each) }}{{ ', ' if not loop.last }}{% endfor %}]::text[]) then figure_cell.qualifier_published end,
            ''
        ) as value_published,
        {%- else %}
        coalesce({{ trimmed('figure_cell.text_published') }}, '') as value_published,
        {%- endif %}
        {{ function('published_number') }}(figure_cell.text_published) as obs_value,
        {%- for name, column in {'numerator': numerator, 'denominator': denominator, 'lci_95': lci_95, 'uci_95': uci_95}.items() %}
        {% if column %}{{ function('published_number') }}({{ column }}){% else %}null::numeric{% endif %} as {{ name }},
        {%- endfor %}
        {{ status or 'null::text' }} as obs_status,

        -- provenance; a row that names no publication is of its file's
        {% if publication %}coalesce(nullif({{ trimmed(publication) }}, ''), file_publication_id){% else %}file_publication_id{% endif %} as publication_id,
        -- what the rows of a bundled file were typed from; a connector reads the pages themselves
        {%- for name, column in {'read_from': read_from, 'read_note': read_note}.items() %}
        {% if column %}case when is_bundled then nullif({{ trimmed(column) }}, '') end{% else %}null::text{% endif %} as {{ name }},
        {%- endfor %}
        vintage,
        snapshot_id,
        _row as source_row,
        {{ cell or "'line ' || _row || ':' || figure_cell.heading_in_file" }} as source_cell

    from source
    cross join lateral (
        values
        {%- for published, column in values.items() %}
        ({{ quoted_text(published) }}, _headings ->> '{{ column }}', {{ column }}
            {%- if qualifiers %}, {{ trimmed(qualifiers[column]) if column in qualifiers else 'null::text' }}{% endif %}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as figure_cell (heading_published, heading_in_file, text_published{{ ', qualifier_published' if qualifiers }})

)

select * from figure
{% endmacro %}

{#- A text as published, without space at its ends. Of an address, which is how statistics.gov.scot names things, its last
    part: `http://statistics.gov.scot/id/statistical-geography/S12000005` is S12000005. -#}
{% macro published_text(expression) -%}
    regexp_replace({{ trimmed(expression) }}, '^https?://.*/', '')
{%- endmacro %}

{#- A text without space at its ends, of whichever kind. -#}
{% macro trimmed(expression) -%}
    {{ function('without_space') }}({{ expression }})
{%- endmacro %}

{#- Which part a row is of: the names of the breakdowns of which it is not the total, or what stands in their columns. -#}
{% macro parts(breakdowns, total, names) -%}
    nullif(concat_ws('|'
    {%- for name, column in breakdowns.items() -%}
        , case when {{ published_text(column) }} != {{ quoted_text(total or '') }} then {{ quoted_text(name) if names else published_text(column) }} end
    {%- endfor -%}
    ), '')
{%- endmacro %}

{#- A text as an SQL literal. -#}
{% macro quoted_text(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}
