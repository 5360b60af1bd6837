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
        published_on,
        known_from,
        date_basis,
        published_in,
        origin_series,
        publication_rank,
        publication_series,
        line_preference,
        position,
        superseded_by,
        withdrawn_from,
        has_been_revised,
        is_revised,
        lines,
        served_decimals
{%- endmacro %}

{#- Which of several lines of publications gives the figure that is shown, best first. -#}
{% macro order_of_choice(relation='') -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {{ prefix }}line_preference asc,
    {{ prefix }}known_from desc,
    {{ prefix }}publication_rank desc,
    {{ prefix }}publication_id asc
{%- endmacro %}

{#- In which order the readings of a figure came out, whoever carries them; a correction of ours comes after what it corrects. -#}
{% macro order_of_publication() -%}
    known_from asc, (published_in != origin_series) asc, publication_rank asc, publication_id asc, is_ours asc
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

{#- What another publication did to a figure: gave another one, or withheld it. -#}
{% macro kind_of_change(relation='') -%}
    case when {{ is_suppressed(relation) }} then 'withheld' else 'revision' end
{%- endmacro %}

{% macro words_of_change(relation='') -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    case
            when {{ is_suppressed(relation) }} then 'The publication withholds the figure that the one before it gave.'
            when {{ prefix }}withheld_from is not null then 'The publication gives another figure than the one before it. It is withheld by now.'
            else 'The publication gives another figure than the one before it.'
        end
{%- endmacro %}

{#- Whether it is withheld by the very publication, and not only since. -#}
{% macro is_suppressed(relation) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {{ prefix }}conf_status != 'free' and {{ prefix }}withheld_from is null
{%- endmacro %}

{#- From which day a vintage says what it says: its publication was out, or where it is of the same one as the vintage before,
    or its rows name theirs, it was held. -#}
{% macro out_from(edition, before) -%}
    case
        when {{ edition }}.publication_id = {{ before }}.publication_id then {{ edition }}.held_on
        else coalesce(publication_of_{{ edition }}.known_from, {{ edition }}.held_on)
    end
{%- endmacro %}

{#- A figure as it leaves the warehouse: with the decimals that it is shown with, where more would give a small number back. -#}
{% macro served(value) -%}
    case when served_decimals < scale({{ value }}) then round({{ value }}, served_decimals) else {{ value }} end
{%- endmacro %}

{% macro is_rounded() -%}
    coalesce(served_decimals < scale(trim_scale(obs_value)), false)
{%- endmacro %}

{#- From when to when an entry of `history` was the figure that stood: where several lines give it, as they contest it. -#}
{% macro shown_from() -%}
    case when history.lines > 1 then contest.shown_from when history.has_stood then history.line_from end
{%- endmacro %}

{% macro shown_to() -%}
    case when history.lines > 1 then contest.shown_to when history.has_stood then history.line_to end
{%- endmacro %}

{% macro contested_by() -%}
    {{ same_figure('history', 'contest') }}
        and history.source_id = contest.source_id
        and history.publication_id = contest.publication_id
        and history.entry = contest.entry
{%- endmacro %}
