-- One row per figure that stands: the way back to the cell of the landed file, and what was done on the way.
with earlier as (

    select
        {{ figure_key() }},
        count(*) as earlier_figures,
        jsonb_agg(
            jsonb_build_object(
                'obs_value', obs_value,
                'obs_status', obs_status,
                'conf_status', conf_status,
                'publication_id', publication_id,
                'source_id', source_id,
                'publication_series', publication_series,
                'entry', entry,
                'known_from', known_from,
                'date_basis', date_basis,
                'source_cell', source_cell,
                'snapshot_id', snapshot_id
            )
            order by known_from asc, position asc, entry desc
        ) as earlier
    from {{ ref('fct_observation_vintage') }}
    where not is_latest
    group by {{ figure_key() }}

)

select
    figure.indicator_id,
    figure.measure_id,
    figure.area_code,
    figure.period_start,
    figure.period_end,
    figure.period_label,
    figure.breakdown,
    figure.breakdown_value,
    figure.obs_value,
    figure.unit,
    figure.obs_status,
    figure.conf_status,
    coalesce(figure.value_published, figure.value_corrected) as value_published,
    figure.is_rounded,
    figure.area_published,
    figure.period_published,
    figure.series_label,
    nullif(figure.series_heading, '') as series_heading,
    concat_ws(
        '; ',
        case
            when marker.meaning is not null then {{ quoted('figure.value_published') }} || ' means: ' || marker.meaning
            when figure.entry = 'published' then {{ quoted('figure.value_published') }} || ' is read as ' || figure.obs_value
        end,
        -- Where our correction withholds the figure, what is printed would give it away, and the reason might.
        coalesce({{ quoted('figure.value_published') }}, case when correction.correction_id is not null then 'what is printed' end)
        || ' was corrected by us to ' || {{ quoted('correction.value_corrected') }}
        || case when figure.value_published is not null then ': ' || correction.reason else '' end
        || ' (' || correction.declared_by || ', ' || correction.declared_on || ')',
        case
            when figure.area_published not in (area.area_name, figure.area_code)
                then 'the area ' || {{ quoted('figure.area_published') }} || ' is ' || area.area_name
        end,
        case
            when figure.period_published != figure.period_label
                then 'the period ' || {{ quoted('figure.period_published') }} || ' means ' || figure.period_label
        end,
        period_exception.reason,
        case
            when figure.conf_status = 'suppressed_by_us'
                then 'withheld by us: with it, one that its publisher withholds could be worked out'
        end,
        case
            when figure.is_rounded
                then 'rounded by us to the decimals that it is shown with: those that are printed would give a small count back'
        end,
        case
            when figure.published_in != figure.publication_series
                then figure.published_in || ' restates ' || figure.publication_series
        end
    ) as what_was_done,
    figure.correction_id,
    figure.source_id,
    source.title as source_title,
    source.licence,
    source.licence_url,
    source.attribution,
    figure.publication_id,
    publication.title as publication_title,
    publication.publisher,
    publication.url as publication_url,
    publication.published_on,
    publication.precision as published_precision,
    figure.known_from,
    figure.date_basis,
    'stg_' || source.raw_table as staging_model,
    source.raw_table,
    figure.source_row as raw_row,
    figure.vintage,
    figure.source_cell,
    figure.snapshot_id,
    {{ source_kind() }} as source_kind,
    transcription.read_from,
    transcription.read_note,
    transcription.seen_through,
    ledger.file_name,
    ledger.final_url as file_url,
    ledger.retrieved_at,
    coalesce(earlier.earlier_figures, 0)::integer as earlier_figures,
    coalesce(earlier.earlier, '[]'::jsonb) as earlier
from {{ ref('int_observation_current') }} as figure
inner join {{ ref('catalogue__source') }} as source on figure.source_id = source.source_id
inner join {{ ref('dim_publication') }} as publication on figure.publication_id = publication.publication_id
inner join {{ source('ops', 'vintage') }} as ledger on figure.vintage = ledger.vintage
inner join {{ ref('dim_area') }} as area on figure.area_code = area.area_code
{{ join_transcription('figure') }}
left join earlier on {{ same_figure('figure', 'earlier') }}
left join {{ ref('catalogue__correction') }} as correction on figure.correction_id = correction.correction_id
left join {{ ref('vocabulary__cell_marker') }} as marker
    on
        figure.source_id = marker.source_id
        and {{ is_marker('figure.value_published') }}
        and figure.entry = 'published'
left join {{ ref('framework__period_exception') }} as period_exception
    on
        figure.source_id = period_exception.source_id
        and figure.series_label = period_exception.series_label
        and figure.series_heading = coalesce(period_exception.series_heading, '')
        and figure.period_published = period_exception.period_as_published
where figure.choice = 1
