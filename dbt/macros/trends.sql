{#- Fingertips' recent trend of the five latest points that have all they need. `y` is fitted to the years by least squares
    with `weight`, `chi2` says how much of it is trend, and `faults` says what makes a point one that nothing can be
    calculated of: pairs of a condition and its words. The columns of a point are `lists` by name. -#}
{% macro recent_trend_of(lists, y, weight, chi2, faults) -%}
{%- set names = lists.keys() | list -%}
select
    case
        when problem is not null then 'Cannot be calculated'
        when not coalesce(chi_squared > 9.54953570608324 and is_of_one_direction, false) then 'No significant change'
        when slope > 0 then 'Increasing'
        else 'Decreasing'
    end as trend,
    case
        when problem is not null then problem
        when not coalesce(chi_squared > 9.54953570608324, false) then 'no significant trend'
        when is_of_one_direction then 'significant trend in one direction, whichever point is left out'
        else 'significant trend whose direction depends on one point'
    end as reason,
    case when problem is null then chi_squared::numeric end as chi2
from (
    select
        *,
        case
            when not is_in_shape then 'not as many of each as periods'
            when not is_in_order then 'periods that do not ascend, or a missing one'
            when points < 5 then 'fewer than five points with all they need'
            {%- for condition, words in faults %}
            when fault_{{ loop.index }} then '{{ words }}'
            {%- endfor %}
        end as problem,
        {{ chi2 }} as chi_squared
    from (
        select
            count(*) as points,
            min(slope) as slope,
            count(slope) = count(*) and coalesce(min(sign(slope)) = max(sign(slope_without)), false)
            and min(sign(slope_without)) = max(sign(slope_without)) and min(sign(slope)) <> 0 as is_of_one_direction,
            {%- for condition, words in faults %}
            bool_or({{ condition }}) as fault_{{ loop.index }},
            {%- endfor %}
            {%- for name in names if name != 'period' %}
            sum({{ name }}) as sum_{{ name }},
            sum({{ name }} * t) as sum_{{ name }}_t,
            sum({{ name }} * t * t) as sum_{{ name }}_tt,
            {%- endfor %}
            sum(w) as sum_w,
            sum(w * t) as sum_w_t,
            sum(w * t * t) as sum_w_tt,
            sum(w * y) as sum_w_y,
            sum(w * t * y) as sum_w_t_y
        from (
            select
                *,
                (all_w * all_wty - all_wt * all_wy) / nullif(all_w * all_wtt - all_wt ^ 2, 0) as slope,
                ((all_w - w) * (all_wty - w * t * y) - (all_wt - w * t) * (all_wy - w * y))
                / nullif((all_w - w) * (all_wtt - w * t * t) - (all_wt - w * t) ^ 2, 0) as slope_without
            from (
                select
                    *,
                    sum(w) over () as all_w,
                    sum(w * t) over () as all_wt,
                    sum(w * t * t) over () as all_wtt,
                    sum(w * y) over () as all_wy,
                    sum(w * t * y) over () as all_wty
                from (
                    select
                        *,
                        {{ y }} as y,
                        {{ weight }} as w,
                        (period - min(period) over ())::double precision as t
                    from (
                        select
                            {%- for name in names %}
                            {{ name }}{{ '::double precision' if name != 'period' }}{{ ',' if not loop.last }}
                            {%- endfor %}
                        from unnest({{ lists.values() | join(', ') }}) as point ({{ names | join(', ') }})
                        where
                            {%- for name in names %}
                            {{ name }} is not null{{ ' and' if not loop.last }}
                            {%- endfor %}
                        order by period desc
                        limit 5
                    ) as latest
                ) as placed
            ) as summed
        ) as fitted
    ) as calculated
    cross join (
        select
            {%- for list in lists.values() %}
            coalesce(cardinality({{ list }}) = cardinality({{ lists.period }}), false) and
            {%- endfor %} true as is_in_shape,
            (
                select coalesce(bool_and(coalesce(period > before, place = 1)), true)
                from (
                    select
                        period,
                        place,
                        lag(period) over (order by place) as before
                    from unnest({{ lists.period }}) with ordinality as given (period, place)
                ) as ordered
            ) as is_in_order
    ) as given
) as judged
{%- endmacro %}
