{#- What is known of a figure by itself is in the mart; what it is beside others is asked again, among those chosen. -#}
{%- set figures -%}
(
        select
            benchmark.*,
            measure.unit in ('count', 'average_count') as is_count,
            coalesce(benchmark.rank_reason in ('small_numbers', 'people_not_known'), false) as is_small,
            case measure.polarity when 'higher_is_better' then -1 when 'lower_is_better' then 1 end as sign
        from {{ as_released(ref('fct_benchmark')) }} as benchmark
        inner join {{ as_released(ref('dim_measure')) }} as measure on benchmark.measure_id = measure.measure_id
        where benchmark.area_code = any((select {{ function('chosen_councils') }}(councils))::text[])
    )
{%- endset -%}
{{ places_among(figures, as_released(ref('fct_observation')), 'area_code = any(councils)', 'group_median') }}
