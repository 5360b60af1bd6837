{{ without_loops() }}
-- One row per measure: how often and how far its figures are revised, and whether Scotland's judgement, or that of any
-- area, would have been another if every figure had stayed as it was first published.
with figure as (

    select *
    from {{ ref('int_observation_current') }}
    where choice = 1

),

first_figure as (

    -- An edition in which it was not available yet did not give it.
    select distinct on ({{ figure_key('history') }})
        {{ figure_key('history') }},
        history.indicator_id,
        history.period_label,
        history.obs_value,
        history.exact_value,
        history.numerator,
        history.denominator,
        history.lci_95,
        history.uci_95
    from {{ ref('int_observation_history') }} as history
    inner join figure
        on {{ same_figure('history', 'figure') }} and history.publication_series = figure.publication_series
    where history.exact_value is not null and history.entry = 'published'
    order by {{ figure_key('history') }}, history.position asc

),

first_progress as (

    {{ progress_of(
        'first_figure', ref('dim_indicator'), ref('dim_measure'), ref('fct_break'), ref('fct_qualifier'), ref('fct_benchmark'),
        exact='exact_value'
    ) }}

),

counted as (

    select
        indicator_id,
        measure_id,
        count(*) as figures,
        count(*) filter (where position > 1) as published_again,
        count(*) filter (where is_revised) as revised
    from figure
    group by indicator_id, measure_id

),

sized as (

    select
        revision.measure_id,
        avg(revision.size) as mean_revision,
        avg(abs(revision.size)) as mean_absolute_revision,
        avg(abs(revision.relative_size)) as mean_relative_revision,
        max(abs(revision.size)) as largest_revision,
        avg(revision.days_between) as mean_days_between
    from {{ ref('fct_revision') }} as revision
    inner join figure
        on {{ same_figure('revision', 'figure') }} and revision.publication_series = figure.publication_series
    group by revision.measure_id

),

judged as (

    select
        progress.measure_id,
        max(first_progress.judgement) filter (where progress.area_code = 'S92000003') as judgement_at_first,
        max(progress.judgement) filter (where progress.area_code = 'S92000003') as judgement_now,
        count(*) filter (where progress.judgement in ({{ "'" ~ judged_ways() | join("', '") ~ "'" }})) as areas_judged,
        count(*) filter (where progress.judgement is distinct from first_progress.judgement) as areas_flipped
    from {{ ref('fct_progress') }} as progress
    left join first_progress
        on progress.measure_id = first_progress.measure_id and progress.area_code = first_progress.area_code
    group by progress.measure_id

)

select
    counted.indicator_id,
    counted.measure_id,
    counted.figures::integer as figures,
    counted.published_again::integer as published_again,
    counted.revised::integer as revised,
    counted.revised::numeric / nullif(counted.published_again, 0) as share_revised,
    sized.mean_revision,
    sized.mean_absolute_revision,
    sized.mean_relative_revision,
    sized.largest_revision,
    round(sized.mean_days_between, 0) as mean_days_between,
    judged.judgement_at_first,
    judged.judgement_now,
    coalesce(judged.judgement_at_first is distinct from judged.judgement_now, false) as judgement_flips,
    coalesce(judged.areas_judged, 0)::integer as areas_judged,
    coalesce(judged.areas_flipped, 0)::integer as areas_flipped
from counted
left join sized on counted.measure_id = sized.measure_id
left join judged on counted.measure_id = judged.measure_id
