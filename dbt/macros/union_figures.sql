{#- Every staging model of figures has these columns; what differs between publishers ends in staging. -#}
{% macro union_figures(models) %}
    {%- for model in models %}
    select
        source_id,
        series_label,
        series_heading,
        area_published,
        period_published,
        value_published,
        obs_value,
        numerator,
        lci_95,
        uci_95,
        publication_id,
        vintage,
        snapshot_id,
        source_row,
        source_cell
    from {{ ref(model) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{% endmacro %}
