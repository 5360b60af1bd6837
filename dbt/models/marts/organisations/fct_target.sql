-- One row per target that somebody agreed: of what, for where, by when, who agreed it and where that is recorded; and where
-- the measure stands on the way to it, from the period that was agreed with it or else the indicator's baseline.
with target as (

    select
        target_id,
        indicator_id,
        measure_id,
        area_code,
        value::numeric as value,
        unit,
        due_period,
        due_period_start::date as due_period_start,
        due_period_end::date as due_period_end,
        kind,
        agreed_by as agreed_by_organisation_id,
        agreed_on::date as agreed_on,
        baseline_period,
        baseline_period_start::date as baseline_period_start,
        what_good_looks_like,
        source_url
    from {{ ref('framework__target') }}

),

standing as (

    select
        target.target_id,
        case
            when exists (
                select 1
                from {{ ref('fct_break') }} as point
                where
                    target.measure_id = point.measure_id
                    and point.certainty = 'established'
                    and {{ broken_between(
                        'point', 'coalesce(target.baseline_period_start, progress.baseline_period_start)',
                        'coalesce(agreed.period_end, progress.baseline_period_start)', 'progress.latest_period_start',
                        'progress.latest_period_start'
                    ) }}
            ) then null
            when target.baseline_period_start is null then progress.baseline_value
            else agreed.obs_value
        end as base_value,
        extract(year from coalesce(target.baseline_period_start, progress.baseline_period_start))::integer as base_year,
        progress.latest_value,
        progress.latest_period_label,
        extract(year from progress.latest_period_start)::integer as latest_year,
        extract(year from target.due_period_start)::integer as due_year,
        target.value,
        measure.polarity
    from target
    inner join {{ ref('dim_measure') }} as measure on target.measure_id = measure.measure_id
    left join {{ ref('fct_progress') }} as progress
        on target.measure_id = progress.measure_id and target.area_code = progress.area_code
    left join {{ ref('fct_observation') }} as agreed
        on
            target.measure_id = agreed.measure_id
            and target.area_code = agreed.area_code
            and target.baseline_period_start = agreed.period_start
            and agreed.breakdown = 'total'

),

-- Of a neutral measure the target itself says which way it is to go.
way as (

    select
        *,
        case polarity
            when 'higher_is_better' then 'increase'
            when 'lower_is_better' then 'decrease'
            else case when value < base_value then 'decrease' else 'increase' end
        end as direction
    from standing

)

select
    target.*,
    way.base_value as baseline_value,
    way.latest_period_label,
    way.latest_value,
    observed.linear as observed_annual_change,
    required.linear as required_annual_change,
    coalesce(progress.status, 'not_available') as progress_status
from target
left join way on target.target_id = way.target_id
left join lateral {{ function('observed_annual_change') }}(way.base_value, way.base_year, way.latest_value, way.latest_year) as observed on true
left join lateral {{ function('required_annual_change') }}(way.latest_value, way.latest_year, way.value, way.due_year) as required on true
left join
    lateral
    {{ function('progress_to_target') }}(
        way.base_value, way.base_year, way.latest_value, way.latest_year, way.direction, null, way.value, way.due_year
    ) as progress
    on true
