-- One row per thing that happened to a published figure after it was first published, of kinds that are not the same:
-- revision (its publisher gave another), withheld (its publisher gave none, so that nobody can be identified), withdrawn
-- (the file that takes the place of its own has it no more) and given_again, correction (we declared that it is wrong),
-- conflict (two publishers disagree), break (figures before and after do not compare).
-- Also for what is published and feeds no measure. Of a figure that is withheld by now no event has a value.
with revised as (

    select
        *,
        lag(obs_value) over line as value_before,
        lag(publication_id) over line as publication_before
    from {{ ref('int_observation_history') }}
    where is_revised and entry = 'published'
    window line as (
        partition by {{ figure_key() }}, publication_series
        order by position asc
    )

),

revision as (

    select
        {{ kind_of_change() }} as kind,
        'certain' as certainty,
        indicator_id,
        measure_id,
        source_id,
        series_label,
        series_heading,
        area_code,
        period_label,
        breakdown,
        breakdown_value,
        value_before,
        obs_value as value_after,
        publication_before,
        publication_id as publication_after,
        known_from,
        date_basis,
        {{ words_of_change() }} as description,
        null as source_url,
        concat_ws('|', 'revision', {{ figure_key() }}, source_id, publication_id) as event_id
    from revised
    where is_changed

),

unmapped_revision as (

    select
        {{ kind_of_change('published') }} as kind,
        'certain' as certainty,
        null as indicator_id,
        null as measure_id,
        published.source_id,
        published.series_label,
        published.series_heading,
        spelling.area_code,
        published.period_published as period_label,
        coalesce(published.breakdown, 'total') as breakdown,
        coalesce(published.breakdown_value, 'total') as breakdown_value,
        published.value_before,
        published.obs_value as value_after,
        published.publication_before,
        published.publication_id as publication_after,
        published.known_from,
        published.date_basis,
        {{ words_of_change('published') }} || ' No indicator is measured by this series.' as description,
        null as source_url,
        concat_ws(
            '|',
            'revision',
            published.source_id,
            published.series_label,
            published.series_heading,
            published.area_published,
            published.period_published,
            published.breakdown_value,
            published.publication_id
        ) as event_id
    from {{ ref('int_published_history') }} as published
    left join {{ ref('vocabulary__area_spelling') }} as spelling
        on spelling.spelling = {{ function('area_spelling') }}(published.area_published)
    where published.is_changed

),

gone as (

    select *
    from {{ ref('int_succession') }}
    where is_gone

),

reading as (

    -- What a vintage gave last of a figure, as far as no later one gave the same publication again.
    select distinct on ({{ figure_key('history') }}, history.source_id, history.vintage) history.*
    from {{ ref('int_observation_history') }} as history
    where
        history.entry = 'published'
        -- Of few figures anything is gone, and all of them would have to be sorted.
        and exists (
            select 1
            from gone
            where
                {{ same_figure('history', 'gone') }}
                and history.source_id = gone.source_id
                and history.vintage in (gone.vintage, gone.given_again_by)
        )
    -- Lines of publications are numbered each by itself.
    order by
        {{ figure_key('history') }}, history.source_id, history.vintage,
        history.position desc, history.known_from desc, history.publication_id asc

),

withdrawn as (

    select
        'withdrawn' as kind,
        'certain' as certainty,
        gone.indicator_id,
        gone.measure_id,
        gone.source_id,
        gone.series_label,
        gone.series_heading,
        gone.area_code,
        gone.period_label,
        gone.breakdown,
        gone.breakdown_value,
        reading.obs_value as value_before,
        null::numeric as value_after,
        reading.publication_id as publication_before,
        gone.replaced_in as publication_after,
        greatest(gone.replaced_on, reading.known_from) as known_from,
        reading.date_basis,
        'The file that takes the place of the one before it has the figure no more.' as description,
        null as source_url,
        concat_ws('|', 'withdrawn', {{ figure_key('gone') }}, gone.source_id, gone.replaced_by) as event_id
    from gone
    left join reading
        on {{ same_figure('gone', 'reading') }} and gone.source_id = reading.source_id and gone.vintage = reading.vintage

),

given_again as (

    select
        'given_again' as kind,
        'certain' as certainty,
        gone.indicator_id,
        gone.measure_id,
        gone.source_id,
        gone.series_label,
        gone.series_heading,
        gone.area_code,
        gone.period_label,
        gone.breakdown,
        gone.breakdown_value,
        null::numeric as value_before,
        reading.obs_value as value_after,
        null as publication_before,
        gone.given_again_in as publication_after,
        greatest(gone.given_again_on, reading.known_from) as known_from,
        reading.date_basis,
        'The figure is in the file again, after one that did not have it.' as description,
        null as source_url,
        concat_ws('|', 'given_again', {{ figure_key('gone') }}, gone.source_id, gone.given_again_by) as event_id
    from gone
    left join reading
        on
            {{ same_figure('gone', 'reading') }}
            and gone.source_id = reading.source_id
            and gone.given_again_by = reading.vintage
    where gone.given_again_by is not null

),

correction as (

    select
        'correction' as kind,
        'certain' as certainty,
        corrected.indicator_id,
        corrected.measure_id,
        corrected.source_id,
        corrected.series_label,
        corrected.series_heading,
        corrected.area_code,
        corrected.period_label,
        corrected.breakdown,
        corrected.breakdown_value,
        printed.obs_value as value_before,
        corrected.obs_value as value_after,
        corrected.publication_id as publication_before,
        null as publication_after,
        declared.declared_on::date as known_from,
        'day' as date_basis,
        -- Somebody may have given the figure as the reason.
        case when num_nulls(printed.withheld_from, corrected.withheld_from) = 2 then declared.reason else 'The figure is withheld by now.' end
        || ' Declared by ' || declared.declared_by || '.' as description,
        declared.source_url,
        'correction|' || corrected.correction_id as event_id
    from {{ ref('int_observation_history') }} as corrected
    inner join {{ ref('catalogue__correction') }} as declared on corrected.correction_id = declared.correction_id
    inner join {{ ref('int_observation_history') }} as printed
        on
            {{ same_figure('corrected', 'printed') }}
            and corrected.source_id = printed.source_id
            and corrected.publication_id = printed.publication_id
            and printed.entry = 'published'
    where corrected.entry = 'corrected'

),

conflict as (

    select
        'conflict' as kind,
        'certain' as certainty,
        disagreement.indicator_id,
        disagreement.measure_id,
        disagreement.other_source_id as source_id,
        other.series_label,
        other.series_heading,
        disagreement.area_code,
        other.period_label,
        disagreement.breakdown,
        disagreement.breakdown_value,
        disagreement.chosen_value as value_before,
        disagreement.other_value as value_after,
        disagreement.chosen_publication_id as publication_before,
        disagreement.other_publication_id as publication_after,
        other.known_from,
        other.date_basis,
        'Another publisher gives another figure for the same cell. The first is the one that is shown.' as description,
        null as source_url,
        concat_ws(
            '|', 'conflict', {{ figure_key('disagreement') }}, disagreement.other_source_id, disagreement.other_publication_id
        ) as event_id
    from {{ ref('fct_source_conflict') }} as disagreement
    inner join {{ ref('int_observation_current') }} as other
        on
            {{ same_figure('disagreement', 'other') }}
            and disagreement.other_source_id = other.source_id
            and disagreement.other_publication_id = other.publication_id

),

known_conflict as (

    select
        'conflict' as kind,
        'reported' as certainty,
        null as indicator_id,
        null as measure_id,
        null as source_id,
        subject as series_label,
        unit as series_heading,
        area_code,
        period_label,
        'total' as breakdown,
        'total' as breakdown_value,
        value::numeric as value_before,
        other_value::numeric as value_after,
        null as publication_before,
        null as publication_after,
        null::date as known_from,
        null as date_basis,
        publisher || ' gives the first figure, ' || other_publisher || ' the second; no loaded file carries either. ' || note as description,
        source_url,
        'conflict|' || known_conflict_id as event_id
    from {{ ref('catalogue__known_conflict') }}

),

broken as (

    select
        'break' as kind,
        certainty,
        indicator_id,
        measure_id,
        source_id,
        series_label,
        series_heading,
        null as area_code,
        null as period_label,
        null as breakdown,
        null as breakdown_value,
        null::numeric as value_before,
        null::numeric as value_after,
        null as publication_before,
        null as publication_after,
        new_from as known_from,
        case when old_until = new_from - 1 then 'day' else 'bounded' end as date_basis,
        reason as description,
        source_url,
        'break|' || break_id as event_id
    from {{ ref('fct_break') }}

)

select
    {{ event_columns() }}
from revision

union all

select
    {{ event_columns() }}
from unmapped_revision

union all

select
    {{ event_columns() }}
from withdrawn

union all

select
    {{ event_columns() }}
from given_again

union all

select
    {{ event_columns() }}
from correction

union all

select
    {{ event_columns() }}
from conflict

union all

select
    {{ event_columns() }}
from known_conflict

union all

select
    {{ event_columns() }}
from broken
