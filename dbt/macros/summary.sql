{#- What a summary says of a scope of direction_basket: lists with their lengths. -#}
{% macro summary_columns() -%}
    {%- for judgement in judgements() %}
    cardinality(coalesce(basket.{{ judgement }}, array[]::text[])) as {{ judgement }},
    coalesce(basket.{{ judgement }}, array[]::text[]) as {{ judgement }}_indicators,
    {%- endfor %}
    coalesce(apart.same_fact, array[]::text[]) as same_fact_indicators,
    coalesce(apart.background, array[]::text[]) as background_indicators,
    coalesce(basket.published, 0)::integer as published_indicators,
    coalesce(basket.proposed, 0)::integer as proposed_indicators,
    coalesce(gap.data_gaps, array[]::text[]) as data_gaps,
    coalesce(evidence.pieces, 0)::integer as evidence_count,
    coalesce(milestone.milestones, 0)::integer as milestone_count
{%- endmacro %}

{% macro summary_joins(scope) -%}
left join (
    select
        scope,
        {%- for judgement in judgements() %}
        min(indicator_ids) filter (
            where publication_state = 'published' and counted_as = 'direction' and judgement = '{{ judgement }}'
        ) as {{ judgement }},
        {%- endfor %}
        sum(indicators) filter (where publication_state = 'published') as published,
        sum(indicators) filter (where publication_state = 'proposed') as proposed
    from {{ ref('direction_basket') }}
    group by scope
) as basket on {{ scope }} = basket.scope
left join (
    {{ both_scopes(
        ref('dim_indicator'),
        "array_agg(indicator_id order by display_order) filter (where publication_state = 'published' and counted_as = 'same_fact')
            as same_fact,
        array_agg(indicator_id order by display_order) filter (where publication_state = 'published' and counted_as = 'background')
            as background"
    ) }}
) as apart on {{ scope }} = apart.scope
left join (
    {{ both_scopes(ref('fct_data_gap'), "array_agg(data_gap_id order by data_gap_id) filter (where about != 'map') as data_gaps") }}
) as gap on {{ scope }} = gap.scope
left join (
    {{ both_scopes(ref('fct_evidence'), 'count(*) as pieces') }}
) as evidence on {{ scope }} = evidence.scope
left join (
    {{ both_scopes(ref('fct_milestone'), 'count(*) as milestones') }}
) as milestone on {{ scope }} = milestone.scope
{%- endmacro %}

{#- What is said of an indicator, in the order in which it is shown. -#}
{% macro judgements() -%}
    {{ return([
        'improving', 'no_clear_change', 'worsening', 'rose', 'fell', 'not_comparable', 'no_baseline_published',
        'no_baseline_in_our_copy', 'cannot_be_calculated'
    ]) }}
{%- endmacro %}

{#- Those of them that say something of a change. -#}
{% macro judged_ways() -%}
    {{ return(['improving', 'no_clear_change', 'worsening', 'rose', 'fell']) }}
{%- endmacro %}

{#- For each vision statement, and for Scotland as a whole. -#}
{% macro both_scopes(relation, columns) -%}
    select
        vision_statement_id as scope,
        {{ columns }}
    from {{ relation }}
    group by vision_statement_id
    union all
    select
        'scotland' as scope,
        {{ columns }}
    from {{ relation }}
{%- endmacro %}
