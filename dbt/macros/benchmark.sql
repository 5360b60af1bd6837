{#- Places among councils, for those of `figures`: all of them, or those that somebody chose. The columns are those of
    fct_benchmark.

    `figures` has one row per measure, council and period with all that is known of the figure by itself; `sign` is null where
    no direction is better, and `is_small` says that the figure is of too few people. `observations` are asked whether one of
    the councils, for which `chosen` holds, withholds its figure. `reference` is what a figure with an interval must part from
    to have a place. -#}
{% macro places_among(figures, observations, chosen, reference) -%}
with figure as (

    select
        {%- for column in columns_of_benchmarked() %}
        {{ column }},
        {%- endfor %}
        coalesce(least(sign * lci_95, sign * uci_95), sign * obs_value) as at_best,
        coalesce(greatest(sign * lci_95, sign * uci_95), sign * obs_value) as at_worst
    from {{ figures }} as known

),

-- With all but one known and a middle, the one can be bounded.
withheld as (

    select distinct
        measure_id,
        period_start,
        period_end
    from {{ observations }}
    where breakdown = 'total' and conf_status != 'free' and {{ chosen }}

),

among as (

    select
        figure.measure_id,
        figure.period_start,
        figure.period_end,
        case
            when count(withheld.measure_id) = 0 then percentile_cont(0.5) within group (order by figure.obs_value)
        end::numeric as group_median,
        (count(*) filter (where not figure.is_small))::integer as councils_ranked,
        array_agg(figure.at_best) filter (where not figure.is_small) as all_at_best,
        array_agg(figure.at_worst) filter (where not figure.is_small) as all_at_worst
    from figure
    left join withheld
        on
            figure.measure_id = withheld.measure_id
            and figure.period_start = withheld.period_start
            and figure.period_end = withheld.period_end
    group by figure.measure_id, figure.period_start, figure.period_end

),

placed as (

    select
        figure.*,
        among.group_median,
        among.councils_ranked,
        case when figure.sign is not null and not figure.is_small then rank() over better_first end::integer as place,
        case when figure.sign is not null and not figure.is_small then count(*) over same - 1 end::integer as tied_with,
        -- The places that the intervals leave open. A figure without one is taken as it stands.
        (
            1 + (select count(*) from unnest(among.all_at_worst) as other (at_worst) where other.at_worst < figure.at_best)
        )::integer as first_place,
        (
            among.councils_ranked
            - (select count(*) from unnest(among.all_at_best) as other (at_best) where other.at_best > figure.at_worst)
        )::integer as last_place
    from figure
    inner join among
        on
            figure.measure_id = among.measure_id
            and figure.period_start = among.period_start
            and figure.period_end = among.period_end
    window
        better_first as (
            partition by figure.measure_id, figure.period_start, figure.period_end, figure.is_small
            order by figure.sign * figure.obs_value
        ),
        same as (partition by figure.measure_id, figure.period_start, figure.period_end, figure.is_small, figure.obs_value)

),

told as (

    select
        *,
        case
            when sign is null then 'no_direction'
            when is_small then case when people is null then 'people_not_known' else 'small_numbers' end
            when lci_95 is null then null
            when {{ reference }} is null or is_count
                then case when first_place = 1 and last_place = councils_ranked then 'not_clearly_different' end
            when {{ reference }} between lci_95 and uci_95 then 'not_clearly_different'
        end as rank_reason
    from placed

)

select
    indicator_id,
    measure_id,
    area_code,
    period_start,
    period_end,
    period_label,
    obs_value,
    case when rank_reason is null then place end as rank,
    councils_ranked,
    case when rank_reason is null then ceil(place * 4.0 / councils_ranked) end::integer as quartile,
    family_group,
    family_median,
    scotland_value,
    rank_reason,
    tied_with,
    case when place is not null and lci_95 is not null then first_place end as place_from,
    case when place is not null and lci_95 is not null then last_place end as place_to,
    lci_95,
    uci_95,
    evidence,
    compared_with_scotland,
    people,
    group_median,
    numerator,
    denominator
from told
{%- endmacro %}

{#- What is known of a council's figure by itself. -#}
{% macro columns_of_benchmarked() -%}
    {{ return([
        'indicator_id', 'measure_id', 'area_code', 'period_start', 'period_end', 'period_label', 'obs_value', 'family_group',
        'family_median', 'scotland_value', 'lci_95', 'uci_95', 'evidence', 'compared_with_scotland', 'people', 'numerator', 'denominator',
        'is_count',
        'is_small', 'sign'
    ]) }}
{%- endmacro %}
