{#- An indicator's own mart: every figure of its measures, beside what it was divided by and what everybody's figure is.

    `measures` has each of the indicator's measures once, with what its file in framework/indicators/ says that its figures
    are made of: numerator, denominator, per, parts, parts_by, as docs/framework_fields.md describes them. A measure that is
    published by itself has none of these: `{}`. -#}
{% macro indicator_mart(measures) %}
{%- set has_parts = measures.values() | selectattr('parts', 'defined') | list + measures.values() | selectattr('parts_by', 'defined') | list -%}
with definition (measure_id, numerator_measure_id, denominator_measure_id, per, parts, parts_by) as (

    values
    {%- for measure, made in measures.items() %}
    (
        '{{ measure }}', {{ text_or_null(made.numerator) }}, {{ text_or_null(made.denominator) }}, {{ made.per or 'null' }}::integer,
        {% if made.parts %}array['{{ made.parts | join("', '") }}']{% else %}null::text[]{% endif %}, {{ text_or_null(made.parts_by) }}
    ){{ ',' if not loop.last }}
    {%- endfor %}

),

-- The figures that stand beside, by themselves: else each of the three joins may read all figures there are.
beside as (

    select observation.*
    from {{ ref('fct_observation') }} as observation
    where
        observation.measure_id in (
            select named.measure_id
            from definition
            inner join {{ ref('dim_measure') }} as measure on definition.measure_id = measure.measure_id
            cross join lateral (
                values (definition.numerator_measure_id), (definition.denominator_measure_id), (measure.comparator_measure_id)
            ) as named (measure_id)
        )

)
{%- if has_parts %},

of_part as (

    -- Two joins by a measure, where one with `or` would look at every figure there is.
    select
        definition.measure_id,
        definition.parts,
        observation.area_code,
        observation.period_start,
        observation.period_end,
        observation.obs_value,
        observation.conf_status
    from definition
    cross join unnest(definition.parts) as named (measure_id)
    inner join {{ ref('fct_observation') }} as observation on named.measure_id = observation.measure_id
    where observation.breakdown = 'total'

    union all

    select
        definition.measure_id,
        definition.parts,
        observation.area_code,
        observation.period_start,
        observation.period_end,
        observation.obs_value,
        observation.conf_status
    from definition
    inner join {{ ref('fct_observation') }} as observation
        on definition.measure_id = observation.measure_id and definition.parts_by = observation.breakdown

),

summed as (

    select
        measure_id,
        parts,
        area_code,
        period_start,
        period_end,
        sum(obs_value) as parts_sum,
        count(obs_value) as known,
        count(*) as given,
        bool_or(conf_status != 'free') as is_suppressed
    from of_part
    group by measure_id, parts, area_code, period_start, period_end

),

asked as (

    select
        measure_id,
        max(given) as most
    from summed
    group by measure_id

),

part as (

    select
        summed.*,
        coalesce(cardinality(summed.parts), asked.most) as asked_for
    from summed
    inner join asked on summed.measure_id = asked.measure_id

)
{%- endif %}

select
    figure.measure_id,
    measure.title as measure_title,
    measure.role,
    measure.population,
    figure.area_code,
    area.area_name,
    area.area_type,
    figure.period_start,
    figure.period_end,
    figure.period_label,
    figure.breakdown,
    figure.breakdown_value,
    figure.obs_value,
    figure.unit,
    figure.obs_status,
    figure.conf_status,
    -- Beside a suppressed figure the two counts would give it away.
    case when figure.conf_status = 'free' and {{ is_free('denominator') }} then coalesce(figure.numerator, numerator.obs_value) end as numerator,
    case when figure.conf_status = 'free' and {{ is_free('numerator') }} then coalesce(figure.denominator, denominator.obs_value) end as denominator,
    definition.per,
    figure.lci_95,
    figure.uci_95,
    comparator.obs_value as comparator_value,
    {%- if has_parts %}
    part.asked_for::integer as parts,
    case when figure.conf_status = 'free' and not part.is_suppressed and part.known = part.asked_for then part.parts_sum end as parts_sum,
    case
        when figure.conf_status = 'free' and not part.is_suppressed and part.known = part.asked_for then figure.obs_value - part.parts_sum
    end as remainder,
    case
        when figure.conf_status != 'free' or part.is_suppressed then 'a part is suppressed, and the remainder would give it away'
        when part.known < part.asked_for then 'not every part is published'
    end as remainder_reason,
    {%- else %}
    null::integer as parts,
    null::numeric as parts_sum,
    null::numeric as remainder,
    null::text as remainder_reason,
    {%- endif %}
    figure.is_revised,
    figure.publication_id,
    figure.published_on,
    figure.source_id,
    figure.snapshot_id,
    figure.source_cell,
    figure.source_kind,
    figure.read_from,
    figure.seen_through
-- By measure alone, by which fct_observation has its key: the indicator beside it would say the same, and the planner would
-- expect a fiftieth of the figures. That no measure of the indicator is left out, every_figure_is_in_its_indicators_mart holds.
from {{ ref('fct_observation') }} as figure
inner join definition on figure.measure_id = definition.measure_id
inner join {{ ref('dim_measure') }} as measure on figure.measure_id = measure.measure_id
inner join {{ ref('dim_area') }} as area on figure.area_code = area.area_code
left join beside as numerator on {{ beside('numerator', 'definition.numerator_measure_id') }}
left join beside as denominator on {{ beside('denominator', 'definition.denominator_measure_id') }}
left join beside as comparator on {{ beside('comparator', 'measure.comparator_measure_id') }}
{%- if has_parts %}
left join part
    on
        figure.measure_id = part.measure_id
        and figure.area_code = part.area_code
        and figure.period_start = part.period_start
        and figure.period_end = part.period_end
        and figure.breakdown = 'total'
{%- endif %}
{% endmacro %}

{#- The figure of another measure for the same place, time and breakdown. -#}
{% macro beside(relation, measure_column) -%}
    {{ measure_column }} = {{ relation }}.measure_id
        and figure.area_code = {{ relation }}.area_code
        and figure.period_start = {{ relation }}.period_start
        and figure.period_end = {{ relation }}.period_end
        and figure.breakdown = {{ relation }}.breakdown
        and figure.breakdown_value = {{ relation }}.breakdown_value
{%- endmacro %}

{% macro is_free(relation) -%}
    coalesce({{ relation }}.conf_status, 'free') = 'free'
{%- endmacro %}

{% macro text_or_null(value) -%}
    {% if value %}'{{ value }}'{% else %}null::text{% endif %}
{%- endmacro %}

{#- The same question to every indicator's mart, one after the other. -#}
{% macro every_indicator(columns, where='true') -%}
    {%- for id in indicator_ids() %}
    select
        '{{ id }}' as indicator_id,
        {{ columns }}
    from {{ ref('indicator__' ~ id) }}
    where {{ where }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
