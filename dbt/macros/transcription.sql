{#- How a figure came here, as columns of the relations that `join_transcription` joins. -#}
{% macro source_kind() -%}
    coalesce(transcription.source_kind, kind.source_kind)
{%- endmacro %}

{% macro join_transcription(figure) -%}
    inner join {{ ref('catalogue__source') }} as kind on {{ figure }}.source_id = kind.source_id
    left join {{ ref('int_transcription') }} as transcription
        on {{ figure }}.vintage = transcription.vintage and {{ figure }}.source_cell = transcription.source_cell
{%- endmacro %}
