-- One row per published figure, vintage and cell, of the sources that framework/ names in a series: who feeds the marts is
-- written there and nowhere else. Everything is as published; what it means is looked up in int_figures.
{{ config(materialized='by_vintage') }}

{% for model in figure_models() %}
    select
        {{ published_columns() | join(', ') }}
    from {{ ref(model) }}
    where vintage != all({{ standing_vintages() }})
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
