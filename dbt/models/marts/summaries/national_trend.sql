-- One row per figure for Scotland as a chart may join it to its neighbours: which stretch of its series it belongs to. A
-- stretch ends where a definition broke, and where more than the usual time passes until the next figure that is held.
with figure as (

    select
        observation.indicator_id,
        observation.measure_id,
        measure.title,
        observation.unit,
        observation.period_start,
        observation.period_end,
        observation.period_label,
        observation.obs_value,
        lag(observation.period_start) over series as previous_start
    from {{ ref('fct_observation') }} as observation
    inner join {{ ref('dim_measure') }} as measure on observation.measure_id = measure.measure_id
    where
        observation.area_code = 'S92000003'
        and observation.breakdown = 'total'
        and observation.obs_value is not null
    window series as (partition by observation.measure_id order by observation.period_start, observation.period_end)

),

usual as (

    select
        measure_id,
        percentile_disc(0.5) within group (order by period_start - previous_start) as days
    from figure
    group by measure_id

),

stretched as (

    select
        figure.*,
        count(*) filter (
            where
            figure.period_start - figure.previous_start > usual.days * 1.5
            or exists (
                select 1
                from {{ ref('fct_break') }} as series_break
                where
                    figure.measure_id = series_break.measure_id
                    and series_break.certainty != 'possible'
                    and figure.previous_start < series_break.new_from
                    and figure.period_start >= series_break.new_from
            )
        ) over (
            partition by figure.measure_id
            order by figure.period_start, figure.period_end
        )::integer + 1 as stretch
    from figure
    inner join usual on figure.measure_id = usual.measure_id

),

named as (

    select
        *,
        max(stretch) over (partition by measure_id) as stretches,
        first_value(period_label) over whole as first_label,
        last_value(period_label) over whole as last_label
    from stretched
    window whole as (
        partition by measure_id, stretch
        order by period_start, period_end
        rows between unbounded preceding and unbounded following
    )

)

select
    indicator_id,
    measure_id,
    unit,
    period_start,
    period_end,
    period_label,
    obs_value,
    stretch,
    title || ' (' || replace(unit, '_', ' ') || ')' || case
        when stretches = 1 then ''
        when first_label = last_label then ', ' || first_label
        else ', ' || first_label || ' to ' || last_label
    end as line
from named
