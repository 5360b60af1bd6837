-- One row per figure and publication, in the order in which they came out, and one more where we correct what was printed.
-- A later publication supersedes an earlier one of the same line. A line is a series of publications, together with the
-- series that only restate it; between lines nothing supersedes anything (see int_observation_contest).
-- Whether a value may still be shown is decided here and nowhere else, and whatever says anything of a figure reads it here:
-- one that is withheld by now is in no row, nor is what was published beside it. That it was there, and changed, stays.
with correction as (

    select
        declared.*,
        {{ function('published_number') }}(declared.value_corrected) as corrected_value,
        coalesce(marker.obs_status, 'final') as corrected_status,
        coalesce(marker.conf_status, 'free') as corrected_confidentiality
    from {{ ref('catalogue__correction') }} as declared
    left join {{ ref('vocabulary__cell_marker') }} as marker
        on declared.source_id = marker.source_id and {{ is_marker('declared.value_corrected') }}

),

read as materialized (

    -- Each with a number, so that what follows sorts a dozen times only what decides when a figure stood: read once, for
    -- read again it might number them otherwise.
    select
        figures.*,
        row_number() over () as cell,
        {{ figure_id('figures') }} as figure,
        publication.published_on,
        publication.known_from,
        publication.date_basis,
        publication.series as published_in,
        publication.rank as publication_rank,
        succession.replaced_by is null as is_listed,
        coalesce(succession.is_gone, false) as is_gone,
        greatest(succession.replaced_on, publication.known_from) as replaced_on,
        correction.correction_id as correction,
        correction.value_corrected,
        correction.corrected_value,
        correction.corrected_status,
        correction.corrected_confidentiality,
        case
            when correction.correction_id is not null then greatest(publication.known_from, correction.declared_on::date)
        end as corrected_from,
        coalesce(
            array_position(string_to_array(indicator.source_preference, ' '), figures.source_id), 1000
        ) as preference
    from {{ ref('int_figures') }} as figures
    left join {{ ref('int_publications') }} as publication on figures.publication_id = publication.publication_id
    left join {{ ref('framework__indicator') }} as indicator on figures.indicator_id = indicator.indicator_id
    left join {{ ref('int_succession') }} as succession
        on {{ same_figure('figures', 'succession') }} and figures.vintage = succession.vintage
    left join correction
        on
            figures.source_id = correction.source_id
            and figures.publication_id = correction.publication_id
            and figures.series_label = correction.series_label
            and figures.series_heading = coalesce(correction.series_heading, '')
            and figures.area_published = correction.area_published
            and figures.period_published = correction.period_published
            and figures.value_published = correction.value_published

),

reading as (

    -- The same publication can have been landed more than once; the last reading of it is the one that stands.
    select
        cell,
        figure,
        source_id,
        publication_id,
        obs_value,
        decimals,
        conf_status,
        known_from,
        published_in,
        publication_rank,
        is_listed,
        is_gone,
        replaced_on,
        correction,
        corrected_value,
        corrected_confidentiality,
        corrected_from,
        preference,
        row_number() over (partition by figure, publication_id, source_id order by vintage desc, source_row asc) as reading
    from read

),

carried as (

    select
        *,
        row_number() over (partition by figure, publication_id order by preference asc, source_id asc) as carrier
    from reading
    where reading = 1

),

restated as (

    select
        read.figure,
        restatement.series,
        (array_agg(restatement.restates order by restatement.position::integer))[1] as line
    from read
    inner join {{ ref('catalogue__restatement') }} as restatement on read.published_in = restatement.restates
    group by read.figure, restatement.series

),

lined as (

    select
        carried.*,
        coalesce(restated.line, carried.published_in) as origin_series,
        coalesce(restated.line, carried.published_in)
        -- One publication read by two sources is not two publications: the less preferred reading stands by itself.
        || case when carried.carrier > 1 then ', as carried by ' || carried.source_id else '' end as publication_series
    from carried
    left join restated on carried.figure = restated.figure and carried.published_in = restated.series

),

numbered as (

    select
        *,
        row_number() over (
            partition by figure, publication_series
            -- Within a series the days never contradict the ranks; of one day, who restates comes after who is restated.
            order by known_from asc, (published_in != publication_series) asc, publication_rank asc, publication_id asc
        ) as position
    from lined

),

listed as (

    -- What came after the last reading that its source's newest file still has, and is in none itself, was taken back: what
    -- stood before it stands. Where no reading is left in a newest file, the last one is withdrawn.
    select
        *,
        not is_listed and position > max(position) filter (where is_listed) over (
            partition by figure, publication_series
        ) as was_taken_back
    from numbered

),

ordered as (

    select
        *,
        coalesce(was_taken_back, false) as is_taken_back,
        position > 1 and not coalesce(was_taken_back, false) and {{ differs(
            'obs_value', 'lag(obs_value) over line', 'case when published_in != lag(published_in) over line then decimals end'
        ) }} as is_changed,
        lead(known_from) over line as superseded_from,
        lead(publication_id) over line as superseded_by,
        min(preference) over line as line_preference
    from listed
    window line as (
        partition by figure, publication_series, coalesce(was_taken_back, false)
        order by position asc
        rows between unbounded preceding and current row
    )

),

told as (

    select
        *,
        case
            when
                is_taken_back
                or (not is_listed and superseded_by is null)
                -- It was gone for a time.
                or (is_gone and replaced_on < superseded_from)
                then replaced_on
        end as withdrawn_from,
        bool_or(is_changed) over (
            partition by figure, publication_series
            order by position asc rows between unbounded preceding and current row
        ) as has_been_revised,
        bool_or(is_changed) over (partition by figure, publication_series) as is_revised,
        count(*) filter (where superseded_by is null and not is_taken_back) over (partition by figure) as lines,
        bool_or(conf_status != 'free' or corrected_confidentiality != 'free') over (partition by figure) as has_suppressed
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
        cell,
        figure,
        source_id,
        publication_id,
        known_from,
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
        has_suppressed,
        case when is_ours then corrected_value else obs_value end as obs_value,
        case when is_ours then corrected_confidentiality else conf_status end as conf_status,
        is_changed and not is_ours as is_changed,
        entry,
        is_ours,
        case when is_ours then corrected_from else known_from end as line_from,
        least(superseded_from, withdrawn_from, case when not is_ours then corrected_from end) as line_to,
        is_taken_back,
        superseded_by is null and withdrawn_from is null and (is_ours or correction is null) as is_latest
    from entered

),

placed as (

    -- In the order of publications, whoever carries them: where of one publication one reading is a figure and another
    -- says that it is withheld, it is withheld.
    select
        cell,
        figure,
        source_id,
        origin_series,
        known_from,
        obs_value,
        conf_status,
        entry,
        line_from,
        dense_rank() over (partition by figure, origin_series order by {{ order_of_publication() }}) as place_in_series,
        dense_rank() over (partition by figure, source_id order by {{ order_of_publication() }}) as place_in_source,
        is_latest and row_number() over (
            partition by figure
            order by is_latest desc, {{ order_of_choice() }}
        ) = 1 as is_chosen
    from timed
    where has_suppressed

),

given as (

    select
        *,
        max(place_in_series) filter (where obs_value is not null) over series as given_in_series,
        max(place_in_source) filter (where obs_value is not null) over source as given_in_source,
        max(line_from) filter (where is_chosen and conf_status != 'free') over whole as suppressed_from,
        max(known_from) filter (where is_chosen and conf_status != 'free') over whole as suppressed_in
    from placed
    window
        whole as (partition by figure),
        series as (partition by figure, origin_series),
        source as (partition by figure, source_id)

),

withheld as (

    -- Suppressed after it was last given, in its series or by its source; or what stands is suppressed, and what another
    -- publisher gave before would give it away.
    select
        cell,
        entry,
        case
            when obs_value is not null
                then least(
                    min(line_from) filter (where conf_status != 'free' and place_in_series >= given_in_series) over (
                        partition by figure, origin_series
                    ),
                    min(line_from) filter (where conf_status != 'free' and place_in_source >= given_in_source) over (
                        partition by figure, source_id
                    ),
                    case when known_from <= suppressed_in then suppressed_from end
                )
        end as suppressed_since
    from given

),

whole as (

    select
        read.indicator_id,
        read.measure_id,
        read.area_code,
        read.period_start,
        read.period_end,
        read.period_label,
        read.breakdown,
        read.breakdown_value,
        read.unit,
        read.publication_id,
        read.source_id,
        read.vintage,
        read.snapshot_id,
        read.source_row,
        read.source_cell,
        read.series_label,
        read.series_heading,
        read.area_published,
        read.period_published,
        read.served_decimals,
        read.value_published,
        read.published_on,
        read.date_basis,
        read.known_from,
        read.published_in,
        read.publication_rank,
        timed.origin_series,
        timed.publication_series,
        timed.line_preference,
        timed.position,
        timed.superseded_by,
        timed.withdrawn_from,
        timed.has_been_revised,
        timed.is_revised,
        timed.lines,
        timed.obs_value,
        timed.conf_status,
        timed.is_changed,
        timed.entry,
        timed.is_ours,
        timed.line_from,
        timed.line_to,
        timed.is_taken_back,
        timed.is_latest,
        case when timed.is_ours then read.corrected_status else read.obs_status end as obs_status,
        -- What was published beside a wrong figure was published for it.
        case when not timed.is_ours then read.numerator end as numerator,
        case when not timed.is_ours then read.denominator end as denominator,
        case when not timed.is_ours then read.lci_95 end as lci_95,
        case when not timed.is_ours then read.uci_95 end as uci_95,
        case when timed.is_ours then read.correction end as correction_id,
        case when timed.is_ours then read.value_corrected end as value_corrected,
        withheld.suppressed_since
    from timed
    inner join read on timed.cell = read.cell
    left join withheld on timed.cell = withheld.cell and timed.entry = withheld.entry

),

decided as (

    select
        whole.*,
        case when disclosure.disclosure_id is null then whole.suppressed_since end as withheld_from,
        -- A cell that we correct to a marker holds what the marker withholds.
        (whole.suppressed_since is not null and disclosure.disclosure_id is null)
        or (whole.is_ours and whole.conf_status != 'free')
        or protection.measure_id is not null as is_withheld,
        -- With it somebody could work out a figure that its publisher withholds.
        protection.measure_id is not null and whole.obs_value is not null as is_protected
    from whole
    left join {{ source('ops', 'protection') }} as protection on {{ same_figure('whole', 'protection') }}
    left join {{ ref('catalogue__disclosure') }} as disclosure
        on
            whole.source_id = disclosure.source_id
            and whole.publication_id = disclosure.publication_id
            and whole.series_label = disclosure.series_label
            and whole.series_heading = coalesce(disclosure.series_heading, '')
            and whole.area_published = disclosure.area_published
            and whole.period_published = disclosure.period_published
            and whole.breakdown_value = coalesce(disclosure.breakdown_value, 'total')

)

select
    {{ history_columns() }},
    case when withheld_from is null and not is_protected then {{ served('obs_value') }} end as obs_value,
    -- For judgements, which are made before rounding; no reader sees it.
    case when withheld_from is null and not is_protected then obs_value end as exact_value,
    obs_status,
    case
        when withheld_from is not null then 'suppressed_by_publisher'
        when is_protected then 'suppressed_by_us'
        else conf_status
    end as conf_status,
    case when not is_withheld then numerator end as numerator,
    case when not is_withheld then denominator end as denominator,
    case when not is_withheld then lci_95 end as lci_95,
    case when not is_withheld then uci_95 end as uci_95,
    case
        when is_withheld then null
        when {{ is_rounded() }} then {{ served('obs_value') }}::text
        else value_published
    end as value_published,
    {{ is_rounded() }} and not is_withheld as is_rounded,
    case when withheld_from is null and not is_protected then value_corrected end as value_corrected,
    withheld_from,
    is_changed,
    entry,
    correction_id,
    line_from,
    line_to,
    is_latest,
    -- A figure that was superseded on the day on which it came out, or corrected after that, never stood.
    (line_to is null or line_from < line_to) and not is_taken_back as has_stood
from decided
