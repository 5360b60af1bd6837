{#- The rows of a raw table that passed the arrival gate and are not under embargo, each with its vintage's ledger entry.
    `latest_only` for reference data, where a newer list replaces the older; figures keep every vintage. With `each_file`
    a newer list replaces the older of the same name: of returns, the one of the same organisation. -#}
{% macro raw_rows(source_id, table, latest_only=false, each_file=false) %}
    select
        raw_table.*,
        ledger.vintage,
        ledger.snapshot_id,
        ledger.publication_id as file_publication_id,
        ledger.requested_url like 'bundle:%' as is_bundled,
        ledger.headings as _headings,
        {{ held_on('ledger') }} as held_on
    from {{ source(source_id, table) }} as raw_table
    inner join {{ source('ops', 'vintage') }} as ledger on raw_table._vintage = ledger.vintage
    where
        {{ in_use('ledger') }}
        {%- if latest_only %}
        and ledger.vintage = (
            select max(newest.vintage)
            from {{ source('ops', 'vintage') }} as newest
            where newest.source_id = '{{ source_id }}' and {{ in_use('newest') }}
                {%- if each_file %} and newest.file_name = ledger.file_name{% endif %}
        )
        {%- endif %}
{% endmacro %}

{#- Where the cell of a column stands in a text file: its line, and the heading that the column has in that very file. -#}
{% macro cell_of(column) -%}
    'line ' || _row || ':' || (_headings ->> '{{ column }}')
{%- endmacro %}

{#- The first day on which we certainly held a vintage, and so on which all that it names was published. A file that came
    under embargo was held before it was published, so there the embargo's end counts. -#}
{% macro held_on(ledger) -%}
    greatest(
        least({{ ledger }}.held_since, {{ ledger }}.retrieved_at::date),
        {{ ledger }}.not_before::date
    )
{%- endmacro %}

{#- Whether a vintage of the ledger may be used by this run: it passed the arrival gate, and no embargo holds it back. -#}
{% macro in_use(ledger) -%}
    {{ ledger }}.arrival = 'accepted' and ({{ ledger }}.not_before is null or {{ ledger }}.not_before <= ops.as_at())
{%- endmacro %}
