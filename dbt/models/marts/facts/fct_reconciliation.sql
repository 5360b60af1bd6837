{{ without_loops() }}
-- One row per published figure that can be checked against other published figures: a ratio against the two counts that it
-- is of, a total against its parts. The published figure stands in every case. Where ours differs by more than the
-- publisher's rounding explains, this says so; where a published share is of the sum of the parts and not of the total
-- beside them, it asks whether the total is superseded.
with figure as (

    {{ every_indicator('*', where='numerator * denominator * per is not null or parts_sum is not null or remainder_reason is not null') }}

),

-- A series in which every figure ends in .0 is printed in whole numbers.
printed as (

    select
        measure_id,
        source_id,
        0.5 * power(10::numeric, -coalesce(max(scale(trim_scale(obs_value))), 0)) as half_a_unit
    from {{ ref('fct_observation') }}
    group by measure_id, source_id

),

share_of (measure_id, total_measure_id) as (

    {%- for share, total in shares_of_totals() %}
    {{ 'values' if loop.first }} ('{{ share }}', '{{ total }}'){{ ',' if not loop.last }}
    {%- else %}
    select null::text, null::text where false
    {%- endfor %}

),

checked as (

    select
        figure.*,
        'ratio' as kind,
        figure.numerator / nullif(figure.denominator, 0) * figure.per as calculated_value,
        printed.half_a_unit as tolerance,
        null::text as why_not
    from figure
    inner join printed on figure.measure_id = printed.measure_id and figure.source_id = printed.source_id
    where figure.numerator * figure.denominator * figure.per is not null

    union all

    select
        figure.*,
        'parts' as kind,
        figure.parts_sum as calculated_value,
        -- Counts are exact; averages are printed rounded, the total and each of its parts.
        case figure.unit when 'count' then 0 else printed.half_a_unit * (figure.parts + 1) end as tolerance,
        figure.remainder_reason as why_not
    from figure
    inner join printed on figure.measure_id = printed.measure_id and figure.source_id = printed.source_id
    where figure.parts_sum is not null or figure.remainder_reason is not null

),

judged as (

    select
        *,
        case
            when obs_value is null or calculated_value is null then 'cannot_be_checked'
            when abs(obs_value - calculated_value) <= tolerance then 'agrees'
            else 'differs'
        end as verdict
    from checked

),

-- Each share of a total that its parts do not sum to: is it of the total, of the sum of the parts, or of both as printed?
share as (

    select
        share.measure_id,
        total.measure_id as total_measure_id,
        share.area_code,
        share.period_start,
        share.period_end,
        total.parts_sum as published_parts_sum,
        share.verdict = 'agrees' as is_of_total,
        abs(share.obs_value - share.numerator / nullif(total.parts_sum, 0) * share.per) <= share.tolerance as is_of_parts
    from judged as share
    inner join share_of on share.measure_id = share_of.measure_id
    inner join judged as total
        on
            share_of.total_measure_id = total.measure_id
            and share.area_code = total.area_code
            and share.period_start = total.period_start
            and share.period_end = total.period_end
            and share.denominator = total.obs_value
    where share.kind = 'ratio' and share.breakdown = 'total' and total.kind = 'parts' and total.verdict = 'differs'

),

superseded as (

    select
        total_measure_id,
        area_code,
        period_start,
        period_end,
        min(published_parts_sum) as published_parts_sum
    from share
    group by total_measure_id, area_code, period_start, period_end
    having bool_or(is_of_parts and not is_of_total) and not bool_or(is_of_total and not is_of_parts)

),

proposed as (

    select
        judged.*,
        superseded.published_parts_sum,
        superseded.published_parts_sum is not null and judged.verdict = 'differs' as is_superseded
    from judged
    left join share
        on
            judged.kind = 'ratio'
            and judged.breakdown = 'total'
            and judged.measure_id = share.measure_id
            and judged.area_code = share.area_code
            and judged.period_start = share.period_start
            and judged.period_end = share.period_end
            and share.is_of_parts
    left join superseded
        on
            judged.breakdown = 'total'
            and superseded.total_measure_id = case judged.kind when 'ratio' then share.total_measure_id else judged.measure_id end
            and judged.area_code = superseded.area_code
            and judged.period_start = superseded.period_start
            and judged.period_end = superseded.period_end

)

select
    indicator_id,
    measure_id,
    area_code,
    period_start,
    period_end,
    period_label,
    breakdown,
    breakdown_value,
    kind,
    unit,
    obs_value as published_value,
    trim_scale(round(calculated_value, 4)) as calculated_value,
    trim_scale(round(obs_value - calculated_value, 4)) as difference,
    trim_scale(tolerance) as tolerance,
    case when is_superseded then 'total_superseded' else verdict end as verdict,
    case
        when why_not is not null then why_not
        when verdict = 'cannot_be_checked' then 'the figure itself is not published'
        when verdict = 'agrees' then 'the same, within the rounding of what is printed'
        when is_superseded and kind = 'parts' then 'total superseded? a published share is of the sum of the parts, as printed, and not of this total'
        when is_superseded then 'total superseded? the share is of the sum of the published parts, as printed, and not of the published total'
        when kind = 'parts' then 'the parts do not sum to the published total: the difference is in none of them, or they come from other publications'
        else 'more than the rounding of what is printed explains: printed with fewer digits than it looks, or the counts come from other publications'
    end as reason,
    numerator,
    denominator,
    per,
    case when is_superseded then published_parts_sum end as superseded_by,
    source_id,
    source_cell
from proposed
