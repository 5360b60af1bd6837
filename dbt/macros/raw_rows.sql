{#- The rows of a raw table that passed the arrival gate, each with its vintage's ledger entry.
    `latest_only` for reference data, where a newer list replaces the older; figures keep every vintage. -#}
{% macro raw_rows(source_id, table, latest_only=false) %}
    select
        raw_table.*,
        ledger.vintage,
        ledger.snapshot_id,
        ledger.publication_id as file_publication_id
    from {{ source(source_id, table) }} as raw_table
    inner join {{ source('ops', 'vintage') }} as ledger on raw_table._vintage = ledger.vintage
    where
        ledger.arrival = 'accepted'
        {%- if latest_only %}
        and ledger.vintage = (
            select max(newest.vintage)
            from {{ source('ops', 'vintage') }} as newest
            where newest.source_id = '{{ source_id }}' and newest.arrival = 'accepted'
        )
        {%- endif %}
{% endmacro %}
