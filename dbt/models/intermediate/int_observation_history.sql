-- One row per figure and publication, in the order in which they came out, and one more where we correct what was printed.
-- A later publication supersedes an earlier one of the same line. A line is a series of publications, together with the
-- series that only restate it; between lines nothing supersedes anything (see int_observation_contest).
with reading as (

    -- The same publication can have been landed more than once; the last reading of it is the one that stands.
    select
        *,
        row_number() over (
            partition by {{ figure_key() }}, publication_id, source_id
            order by vintage desc, source_row asc
        ) as reading
    from {{ ref('int_figures') }}

),

correction as (

    select
        declared.*,
        {{ function('published_number') }}(declared.value_corrected) as corrected_value,
        coalesce(marker.obs_status, 'final') as corrected_status,
        coalesce(marker.conf_status, 'free') as corrected_confidentiality
    from {{ ref('catalogue__correction') }} as declared
    left join {{ ref('vocabulary__cell_marker') }} as marker
        on declared.source_id = marker.source_id and declared.value_corrected = marker.marker

),

figure as (

    select
        reading.*,
        publication.published_on,
        publication.known_from,
        publication.date_basis,
        publication.series as published_in,
        publication.rank as publication_rank,
        correction.correction_id as correction,
        correction.value_corrected,
        correction.corrected_value,
        correction.corrected_status,
        correction.corrected_confidentiality,
        case
            when correction.correction_id is not null then greatest(publication.known_from, correction.declared_on::date)
        end as corrected_from,
        coalesce(
            array_position(string_to_array(indicator.source_preference, ' '), reading.source_id), 1000
        ) as preference
    from reading
    left join {{ ref('int_publications') }} as publication on reading.publication_id = publication.publication_id
    left join {{ ref('framework__indicator') }} as indicator on reading.indicator_id = indicator.indicator_id
    left join correction
        on
            reading.source_id = correction.source_id
            and reading.publication_id = correction.publication_id
            and reading.series_label = correction.series_label
            and reading.series_heading = coalesce(correction.series_heading, '')
            and reading.area_published = correction.area_published
            and reading.period_published = correction.period_published
            and reading.value_published = correction.value_published
    where reading.reading = 1

),

carried as (

    select
        *,
        row_number() over (partition by {{ figure_key() }}, publication_id order by preference asc, source_id asc) as carrier
    from figure

),

restated as (

    -- From the figures themselves: read twice, the rows above would be written to disk in between.
    select
        {{ figure_key('figures') }},
        restatement.series,
        (array_agg(restatement.restates order by restatement.position::integer))[1] as line
    from {{ ref('catalogue__restatement') }} as restatement
    inner join {{ ref('int_publications') }} as publication on restatement.restates = publication.series
    inner join {{ ref('int_figures') }} as figures on publication.publication_id = figures.publication_id
    group by {{ figure_key('figures') }}, restatement.series

),

lined as (

    select
        carried.*,
        coalesce(restated.line, carried.published_in)
        -- One publication read by two sources is not two publications: the less preferred reading stands by itself.
        || case when carried.carrier > 1 then ', as carried by ' || carried.source_id else '' end as publication_series
    from carried
    left join restated on {{ same_figure('carried', 'restated') }} and carried.published_in = restated.series

),

ordered as (

    select
        *,
        row_number() over line as position,
        row_number() over line > 1 and {{ differs(
            'obs_value', 'lag(obs_value) over line', 'case when published_in != lag(published_in) over line then decimals end'
        ) }} as is_changed,
        lead(known_from) over line as superseded_from,
        lead(publication_id) over line as superseded_by,
        min(preference) over line as line_preference
    from lined
    window line as (
        partition by {{ figure_key() }}, publication_series
        -- Within a series the days never contradict the ranks; of one day, who restates comes after who is restated.
        order by known_from asc, (published_in != publication_series) asc, publication_rank asc, publication_id asc
        rows between unbounded preceding and current row
    )

),

told as (

    select
        *,
        bool_or(is_changed) over (
            partition by {{ figure_key() }}, publication_series
            order by position asc rows between unbounded preceding and current row
        ) as has_been_revised,
        bool_or(is_changed) over (partition by {{ figure_key() }}, publication_series) as is_revised,
        count(*) filter (where superseded_by is null) over (partition by {{ figure_key() }}) as lines
    from ordered

),

entered as (

    -- A correction makes a second entry: the printed figure stands until it was declared, ours from then.
    select
        told.*,
        entries.entry,
        entries.entry = 'corrected' as is_ours
    from told
    cross join unnest(
        case when told.correction is null then array['published'] else array['published', 'corrected'] end
    ) as entries (entry)

),

timed as (

    select
        {{ history_columns() }},
        case when is_ours then corrected_value else obs_value end as obs_value,
        case when is_ours then corrected_status else obs_status end as obs_status,
        case when is_ours then corrected_confidentiality else conf_status end as conf_status,
        -- What was published beside a wrong figure was published for it.
        case when not is_ours then numerator end as numerator,
        case when not is_ours then denominator end as denominator,
        case when not is_ours then lci_95 end as lci_95,
        case when not is_ours then uci_95 end as uci_95,
        is_changed and not is_ours as is_changed,
        entry,
        case when is_ours then correction end as correction_id,
        case when is_ours then value_corrected end as value_corrected,
        case when is_ours then corrected_from else known_from end as line_from,
        case when is_ours then superseded_from else least(superseded_from, corrected_from) end as line_to,
        superseded_by is null and (is_ours or correction is null) as is_latest
    from entered

)

select
    *,
    -- A figure that was superseded on the day on which it came out, or corrected after that, never stood.
    line_to is null or line_from < line_to as has_stood
from timed
