{#- What a figure as printed and its correction have in common. -#}
{% macro history_columns() -%}
    indicator_id,
        measure_id,
        area_code,
        period_start,
        period_end,
        period_label,
        breakdown,
        breakdown_value,
        unit,
        publication_id,
        source_id,
        vintage,
        snapshot_id,
        source_row,
        source_cell,
        series_label,
        series_heading,
        area_published,
        period_published,
        value_published,
        published_on,
        known_from,
        date_basis,
        published_in,
        publication_rank,
        publication_series,
        line_preference,
        position,
        superseded_by,
        has_been_revised,
        is_revised,
        lines
{%- endmacro %}

{#- Which of several lines of publications gives the figure that is shown, best first. -#}
{% macro order_of_choice(relation) -%}
    {{ relation }}.line_preference asc,
    {{ relation }}.known_from desc,
    {{ relation }}.publication_rank desc,
    {{ relation }}.publication_id asc
{%- endmacro %}

{#- What is said of every event in the history of a figure. -#}
{% macro event_columns() -%}
    event_id,
    kind,
    certainty,
    indicator_id,
    measure_id,
    source_id,
    series_label,
    nullif(series_heading, '') as series_heading,
    area_code,
    period_label,
    breakdown,
    breakdown_value,
    value_before,
    value_after,
    value_after - value_before as difference,
    publication_before,
    publication_after,
    known_from,
    date_basis,
    description,
    source_url
{%- endmacro %}
