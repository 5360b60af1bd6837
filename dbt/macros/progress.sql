{#- Where each measure stood, where it stands, and what may be said of the change, for any set of figures: those that stand
    now, those known on a day, those first published. The columns are those of fct_progress.

    `exact` is the column that is judged: where a figure leaves rounded, so that nobody gets a small count back of it, what is
    judged is the figure before rounding, and what is shown of the change has no more decimals than the figure. `sets` are
    columns, the same in all rows of a set, where there are several sets of figures to be judged each by itself. `counts` are
    the figures that others are made of, where they are others than `figures`, and `counted_then` when they stand. `released`
    says that it is a text that readers run: by the functions of the release that they see. `places` is fct_benchmark, which says
    what is of too few people. -#}
{% macro progress_of(
    figures, indicators, measures, breaks, qualifiers, places, exact='obs_value', sets=[], counts=none, counted_then='true', released=false
) -%}
{%- set ends = ['baseline', 'of_2019', 'previous', 'latest'] -%}
with figure as (

    select
        {{- columns_of_set(sets, 'observation') }}
        observation.indicator_id,
        observation.measure_id,
        observation.area_code,
        observation.period_start,
        observation.period_end,
        observation.period_label,
        observation.obs_value,
        observation.{{ exact }} as judged_value,
        coalesce(observation.numerator, numerator.obs_value) as numerator,
        coalesce(observation.denominator, denominator.obs_value) as denominator,
        observation.lci_95,
        observation.uci_95,
        row_number() over one_series as age,
        count(*) over (partition by {{ columns_of_set(sets, 'observation') }} observation.measure_id, observation.area_code) as points
    from {{ figures }} as observation
    inner join {{ measures }} as measure on observation.measure_id = measure.measure_id
    {%- for part in ['numerator', 'denominator'] %}
    left join {{ counts or figures }} as {{ part }}
        on
            measure.{{ part }}_measure_id = {{ part }}.measure_id
            and observation.area_code = {{ part }}.area_code
            and observation.period_start = {{ part }}.period_start
            and observation.period_end = {{ part }}.period_end
            and {{ part }}.breakdown = 'total'
            and {{ counted_then | replace('counts.', part ~ '.') }}
    {%- endfor %}
    where observation.breakdown = 'total' and observation.obs_value is not null
    window
        one_series as (
            partition by {{ columns_of_set(sets, 'observation') }} observation.measure_id, observation.area_code
            order by observation.period_start desc
        )

),

-- From where change is measured. A council that has no figure of the indicator's baseline is measured from its nearest one.
measured as (

    select
        figure.*,
        indicator.minimum_periods,
        indicator.baseline_absence,
        indicator.baseline_filled_by,
        indicator.baseline_departure,
        measure.geography,
        measure.unit,
        measure.population,
        measure.decimals::integer as decimals,
        case when measure.small_numbers then measure.decimals::integer end as served_decimals,
        case when measure.role = 'comparator' then 'neutral' else measure.polarity end as polarity,
        measure.role,
        measure.threshold_value,
        measure.threshold_unit,
        measure.threshold_author,
        case
            when measure.geography = 'national' then indicator.baseline_period_start
            else
                first_value(figure.period_start) over (
                    partition by {{ columns_of_set(sets, 'figure') }} figure.measure_id, figure.area_code
                    order by
                        figure.age = 1,
                        abs(figure.period_start - coalesce(indicator.baseline_period_start, {{ the_promise_was_made() }})),
                        figure.period_start
                )
        end as measured_from,
        indicator.baseline_period_start as declared_from,
        -- 2018/19 was the last year before the pandemic: the last period that ended in the twelve months to 31 July 2019.
        first_value(figure.period_start) over (
            partition by {{ columns_of_set(sets, 'figure') }} figure.measure_id, figure.area_code
            order by figure.period_end between '2018-08-01' and '2019-07-31' desc, figure.period_end desc
        ) as ended_in_2019
    from figure
    inner join {{ indicators }} as indicator on figure.indicator_id = indicator.indicator_id
    inner join {{ measures }} as measure on figure.measure_id = measure.measure_id

),

-- The four that are compared in one pass: nobody can tell the planner how many of each there are, and joined to each other
-- they are gone through again for each.
series as (

    select
        {{- columns_of_set(sets) }}
        measure_id,
        area_code,
        {%- for column in columns_of_series() if column not in ['measure_id', 'area_code'] %}
        min({{ column }}) as {{ column }},
        {%- endfor %}
        {%- for end in ends %}
        {%- for column in columns_of_end() %}
        {{ of_end(end, column) }} as {{ end }}_{{ column }},
        {%- endfor %}
        {%- endfor %}
        max(points)::integer as points,
        {{ last_five('extract(year from period_start)::integer') }} as years,
        {{ last_five('judged_value') }} as five_values,
        {{ last_five('lci_95') }} as five_lower,
        {{ last_five('uci_95') }} as five_upper,
        {{ last_five('numerator') }} as five_numerators,
        {{ last_five('denominator') }} as five_denominators,
        min(period_start) filter (where age <= 5) as five_from,
        min(period_label) filter (where age = 5) as first_label,
        max(period_end - period_start) filter (where age <= 5) as longest,
        min(period_end - period_start) filter (where age <= 5) as shortest
    from measured
    group by
        {{- columns_of_set(sets) }}
        measure_id,
        area_code

),

-- A share that was not printed for the baseline, of which both counts were, is known all the same.
whole as (

    select
        {{- columns_of_set(sets, 'series') }}
        {%- for column in columns_of_series() %}
        series.{{ column }},
        {%- endfor %}
        {%- for end in ends %}
        {%- for column in columns_of_end() %}
        {%- if end == 'baseline' and column in ['numerator', 'denominator'] %}
        coalesce(series.baseline_{{ column }}, {{ column }}.obs_value) as baseline_{{ column }},
        {%- elif end == 'baseline' and column in ['period_start', 'period_end', 'period_label'] %}
        coalesce(series.baseline_{{ column }}, case when denominator.obs_value is not null then numerator.{{ column }} end) as baseline_{{ column }},
        {%- else %}
        series.{{ end }}_{{ column }},
        {%- endif %}
        {%- endfor %}
        {%- endfor %}
        series.points,
        series.years,
        series.five_values,
        series.five_lower,
        series.five_upper,
        series.five_numerators,
        series.five_denominators,
        series.five_from,
        series.first_label,
        series.longest,
        series.shortest
    from series
    inner join {{ measures }} as measure on series.measure_id = measure.measure_id
    {%- for part in ['numerator', 'denominator'] %}
    left join {{ counts or figures }} as {{ part }}
        on
            measure.{{ part }}_measure_id = {{ part }}.measure_id
            and series.baseline_period_start is null
            and series.area_code = {{ part }}.area_code
            and series.measured_from = {{ part }}.period_start
            and {{ part }}.breakdown = 'total'
            and {{ counted_then | replace('counts.', part ~ '.') | replace('observation.', 'series.') }}
            {%- if part == 'denominator' %}
            and numerator.period_end = denominator.period_end
            {%- endif %}
    {%- endfor %}

),

told as (

    select
        series.*,
        {%- for view in ['baseline', 'of_2019', 'previous'] %}
        {{ places_of(view) }} as {{ view }}_places,
        {%- endfor %}
        {%- for end in ends %}
        {{ end }}_told.figure as {{ end }}_figure,
        {{ end }}_told.lower as {{ end }}_lower,
        {{ end }}_told.upper as {{ end }}_upper,
        {{ end }}_told.evidence as {{ end }}_evidence,
        {%- endfor %}
        {%- for view in ['baseline', 'of_2019', 'previous'] %}
        broken.{{ view }}_break,
        broken.{{ view }}_break_reason,
        broken.{{ view }}_doubt_reason,
        {%- endfor %}
        broken.baseline_doubt,
        broken.five_break,
        coalesce(place.rank_reason in ('small_numbers', 'people_not_known'), false) as is_of_few
    from whole as series
    left join {{ places }} as place
        on
            series.measure_id = place.measure_id
            and series.area_code = place.area_code
            and series.latest_period_start = place.period_start
            and series.latest_period_end = place.period_end
    {%- for end in ends %}
    cross join {{ method('figure_interval', released) }}(
        {{ unit_of_chance() }}, {{ end }}_judged_value, {{ end }}_numerator, {{ end }}_denominator, {{ end }}_lci_95, {{ end }}_uci_95,
        case threshold_unit when 'people' then threshold_value end
    ) as {{ end }}_told
    {%- endfor %}
    cross join lateral (
        -- Across an established break nothing is calculated. Where its day is not known, neither is it within the time it may
        -- lie in. One that is only possible is said, and calculates.
        select
            {%- for view in ['baseline', 'of_2019', 'previous'] %}
            min(point.break_id) filter (where point.certainty = 'established' and {{ broken_since(view) }}) as {{ view }}_break,
            min(point.reason) filter (where point.certainty = 'established' and {{ broken_since(view) }}) as {{ view }}_break_reason,
            min(point.reason) filter (where point.certainty = 'possible' and {{ broken_since(view) }}) as {{ view }}_doubt_reason,
            {%- endfor %}
            min(point.break_id) filter (where point.certainty = 'possible' and {{ broken_since('baseline') }}) as baseline_doubt,
            min(point.reason) filter (
                where
                point.certainty = 'established'
                and series.five_from < coalesce(point.rejoined_from, 'infinity')
                and series.latest_period_end > coalesce(point.old_until, point.new_from - 1)
                and (series.five_from < point.new_from or point.rejoined_from is not null)
            ) as five_break
        from {{ breaks }} as point
        where series.measure_id = point.measure_id
    ) as broken

),

compared as (

    select
        told.*,
        {%- for view in ['baseline', 'of_2019', 'previous'] %}
        {{ view }}_pair.change as {{ view }}_change,
        {{ view }}_pair.lower as {{ view }}_change_lower,
        {{ view }}_pair.upper as {{ view }}_change_upper,
        {{ view }}_pair.judgement as {{ view }}_judgement,
        {%- endfor %}
        trend.trend,
        trend.reason as trend_reason
    from told
    {%- for view in ['baseline', 'of_2019', 'previous'] %}
    cross join {{ method('judged_change', released) }}(
        polarity,
        case when {{ view }}_break is null and {{ view }}_period_start < latest_period_start then {{ view }}_figure end, {{ view }}_lower, {{ view }}_upper,
        latest_figure, latest_lower, latest_upper,
        threshold_value, threshold_unit,
        (latest_period_start - {{ view }}_period_start) / 365.25,
        {{ rounding_between('unit', view ~ '_evidence', view ~ '_judged_value', 'latest_evidence', 'latest_judged_value') }}
    ) as {{ view }}_pair
    {%- endfor %}
    cross join lateral (
        {{ trend_of_five(released) }}
    ) as trend

),

worded as (

    select
        compared.*,
        case
            when geography = 'council' and points = 1 then 'level'
            when baseline_figure is null then {{ without_a_baseline('baseline_absence') }}
            when points < minimum_periods or {{ is_not_after_the_baseline() }} then 'cannot_be_calculated'
            when baseline_break is not null then 'not_comparable'
            when {{ is_of_too_few('baseline') }} then 'cannot_be_calculated'
            else coalesce(baseline_judgement, 'cannot_be_calculated')
        end as computed,
        case
            when of_2019_obs_value is null then {{ without_a_baseline('baseline_absence') }}
            when latest_period_start <= of_2019_period_start then 'cannot_be_calculated'
            when of_2019_break is not null then 'not_comparable'
            when {{ is_of_too_few('of_2019') }} then 'cannot_be_calculated'
            else coalesce(of_2019_judgement, 'cannot_be_calculated')
        end as since_2019,
        case
            when points = 1 then 'level'
            when previous_break is not null then 'not_comparable'
            when {{ is_of_too_few('previous') }} then 'cannot_be_calculated'
            else coalesce(previous_judgement, 'cannot_be_calculated')
        end as since_previous,
        case trend
            when 'No significant change' then 'no_clear_change'
            when 'Increasing' then {{ better_or_worse('higher_is_better', 'rose') }}
            when 'Decreasing' then {{ better_or_worse('lower_is_better', 'fell') }}
            else 'cannot_be_calculated'
        end as by_trend,
        {{ is_not_after_the_baseline() }} as is_not_after,
        {%- for view in ['baseline', 'of_2019', 'previous'] %}
        {{ sentence(view) }} as {{ view }}_sentence,
        {%- endfor %}
        case when baseline_period_start = declared_from then 'declared' when baseline_period_start is not null then 'nearest' end
        as basis
    from compared

)

select
    {{- columns_of_set(sets, 'worded') }}
    worded.indicator_id,
    worded.measure_id,
    worded.area_code,
    worded.baseline_period_start,
    worded.baseline_period_label,
    worded.baseline_obs_value as baseline_value,
    worded.latest_period_start,
    worded.latest_period_label,
    worded.latest_obs_value as latest_value,
    worded.previous_period_label,
    worded.previous_obs_value as previous_value,
    {{ change_as_printed('baseline') }} as change_since_baseline,
    {{ change_as_printed('previous') }} as change_since_previous,
    case sign({{ change_as_printed('baseline') }}) when 1 then 'up' when -1 then 'down' when 0 then 'level' end as moves,
    worded.points,
    coalesce(qualifier.judgement, worded.computed) as judgement,
    coalesce(
        qualifier.reason || ' (agreed by ' || qualifier.agreed_by || ' on ' || qualifier.agreed_on || '; computed: ' || replace(worded.computed, '_', ' ') || ')',
        case
            when worded.computed = 'level' then 'one figure is held: a level, and no change yet'
            when worded.baseline_figure is null and worded.baseline_absence is not null
                then 'no baseline of 2020, ' || replace(worded.baseline_absence, '_', ' ') || '; it would be filled by ' || worded.baseline_filled_by
            when worded.baseline_figure is null then 'our copy has no figure for the baseline period'
            when worded.points < worded.minimum_periods then 'fewer figures than the indicator asks for'
            when worded.is_not_after then 'our copy has no figure after the baseline period'
            else worded.baseline_sentence
                || coalesce('; not the page''s own baseline: ' || worded.baseline_departure, '')
                || case
                    when worded.basis = 'nearest' then '; measured from the nearest figure held, as there is none of the indicator''s baseline'
                    when worded.baseline_absence is not null then '; no baseline of 2020, ' || replace(worded.baseline_absence, '_', ' ')
                    else ''
                end
        end
    ) as reason,
    worded.since_previous as judgement_since_previous,
    'Change from the baseline period to the latest: by the interval of the difference where counts or intervals are published, else by the rule of the measure'
    as method,
    worded.baseline_break as break_id,
    worded.basis as baseline_basis,
    {{ to_decimals('worded.baseline_change_lower') }} as change_lci_95,
    {{ to_decimals('worded.baseline_change_upper') }} as change_uci_95,
    case
        when worded.baseline_change is null then null
        when worded.baseline_change_lower is null then 'rule'
        else worded.latest_evidence
    end as evidence,
    case
        when worded.points = 1 then 'one figure is held'
        else worded.previous_sentence
    end as reason_since_previous,
    worded.since_2019 as judgement_since_2018_19,
    case
        when worded.of_2019_obs_value is null and worded.since_2019 = 'no_baseline_in_our_copy' then 'our copy has no figure of 2018/19'
        when worded.of_2019_obs_value is null then 'there is no figure of 2018/19 to compare with: ' || replace(worded.baseline_absence, '_', ' ')
        when worded.latest_period_start <= worded.of_2019_period_start then 'our copy has no figure after 2018/19'
        else worded.of_2019_sentence
    end as reason_since_2018_19,
    worded.by_trend as judgement_by_trend,
    worded.trend_reason as reason_by_trend,
    worded.computed as computed_judgement,
    qualifier.qualifier_id,
    worded.baseline_doubt as possible_break_id
from worded
left join {{ qualifiers }} as qualifier
    on
        worded.measure_id = qualifier.measure_id
        and worded.area_code = qualifier.area_code
        and worded.latest_period_start = qualifier.period_start
        {%- if 'known_on' in sets %}
        and worded.known_on >= qualifier.agreed_on
        {%- endif %}
{%- endmacro %}

{#- What is said of the figures of a measure and area, beside whose they are. -#}
{% macro progress_columns() -%}
    baseline_period_start,
    baseline_period_label,
    baseline_value,
    latest_period_start,
    latest_period_label,
    latest_value,
    previous_period_label,
    previous_value,
    change_since_baseline,
    change_since_previous,
    moves,
    points,
    judgement,
    reason,
    judgement_since_previous,
    method,
    break_id,
    baseline_basis,
    change_lci_95,
    change_uci_95,
    evidence,
    reason_since_previous,
    judgement_since_2018_19,
    reason_since_2018_19,
    judgement_by_trend,
    reason_by_trend,
    computed_judgement,
    qualifier_id,
    possible_break_id
{%- endmacro %}

{#- The columns that tell sets of figures apart, before others. -#}
{% macro columns_of_set(sets, relation='') -%}
    {%- for column in sets %}
        {{ relation ~ '.' if relation }}{{ column }},
    {%- endfor %}
{%- endmacro %}

{#- What is the same of all figures of a series. -#}
{% macro columns_of_series() -%}
    {{ return([
        'indicator_id', 'measure_id', 'area_code', 'minimum_periods', 'baseline_absence', 'baseline_filled_by',
        'baseline_departure', 'geography', 'unit', 'population', 'decimals', 'served_decimals', 'polarity', 'role',
        'threshold_value', 'threshold_unit', 'threshold_author', 'measured_from', 'declared_from', 'ended_in_2019'
    ]) }}
{%- endmacro %}

{#- What is kept of a figure that is compared. -#}
{% macro columns_of_end() -%}
    {{ return([
        'period_start', 'period_end', 'period_label', 'obs_value', 'judged_value', 'numerator', 'denominator', 'lci_95', 'uci_95'
    ]) }}
{%- endmacro %}

{#- What the figure of the baseline says, that of 2018/19, the one before the latest, or the latest. -#}
{% macro of_end(end, column) -%}
    min({{ column }}) filter (
        where {{ {
            'baseline': 'period_start = measured_from',
            'of_2019': "period_start = ended_in_2019 and period_end between '2018-08-01' and '2019-07-31'",
            'previous': 'age = 2',
            'latest': 'age = 1',
        }[end] }}
    )
{%- endmacro %}

{#- The last five figures of a series, oldest first. -#}
{% macro last_five(column) -%}
    array_agg({{ column }} order by period_start) filter (where age <= 5)
{%- endmacro %}

{#- When the Promise was made: what a series has no baseline of its own is measured from. -#}
{% macro the_promise_was_made() -%}
    date '2020-02-05'
{%- endmacro %}

{#- The most by which rounding in print can have changed the difference of two figures: nothing where they are counts, or are
    what published counts give. -#}
{% macro rounding_between(unit, one_evidence, one, other_evidence, other) -%}
    case
            when
                {{ unit }} = 'count'
                or ({{ one_evidence }} = {{ other_evidence }} and {{ other_evidence }} in ('share_of_counts', 'rate_of_counts'))
                then 0
            else
                coalesce(0.5 * power(10::numeric, -scale({{ one }})), 0) + coalesce(0.5 * power(10::numeric, -scale({{ other }})), 0)
        end
{%- endmacro %}

{#- A method as the build made it, or as readers have it. -#}
{% macro method(name, released) -%}
    {{ as_released(function(name), 'methods') if released else function(name) }}
{%- endmacro %}

{#- Whether a break lies between two periods. What lasted for a time compares with nothing, not with another of its own. -#}
{% macro broken_between(point, from_start, from_end, to_start, to_end) -%}
    case
        when {{ point }}.rejoined_from is null
            then {{ from_start }} < {{ point }}.new_from and {{ to_end }} > coalesce({{ point }}.old_until, {{ point }}.new_from - 1)
        else
            ({{ from_start }} < {{ point }}.rejoined_from and {{ from_end }} >= {{ point }}.new_from)
            or ({{ to_start }} < {{ point }}.rejoined_from and {{ to_end }} >= {{ point }}.new_from)
    end
{%- endmacro %}

{% macro broken_since(view) -%}
    {{ broken_between(
        'point', 'series.' ~ view ~ '_period_start', 'series.' ~ view ~ '_period_end',
        'series.latest_period_start', 'series.latest_period_end'
    ) }}
{%- endmacro %}

{#- By Fingertips' rule: of shares with their counts, else of figures with intervals. -#}
{% macro trend_of_five(released) -%}
    select
        case when cannot is null then coalesce(of_shares.trend, of_values.trend) else 'Cannot be calculated' end as trend,
        coalesce(
            cannot,
            replace(
                coalesce(of_shares.reason, of_values.reason),
                'fewer than five points with all they need', 'neither counts nor intervals are held for all of the last five'
            ) || ', ' || first_label || ' to ' || latest_period_label
        ) as reason
    from (
        select
            case
                when points < 5 then 'fewer than five figures are held'
                when longest > 366 then 'the periods overlap'
                when longest - shortest > 1 or years[cardinality(years)] - years[1] < 4 then 'the figures are not yearly'
                when five_break is not null then 'figures before and after a break do not compare: ' || five_break
            end as cannot,
            array_position(five_numerators, null) is null and array_position(five_denominators, null) is null and unit = 'percent'
            as has_counts
    ) as asked
    left join {{ method('recent_trend', released) }}(years, five_numerators, five_denominators) as of_shares
        on cannot is null and has_counts
    left join lateral (
        select
            array_agg(told.figure order by place) as figures,
            array_agg(told.lower order by place) as lowers,
            array_agg(told.upper order by place) as uppers
        from unnest(five_values, five_lower, five_upper) with ordinality as five (figure, lower, upper, place)
        cross join {{ method('figure_interval', released) }}(
            {{ unit_of_chance() }}, five.figure, null, null, five.lower, five.upper, case threshold_unit when 'people' then threshold_value end
        ) as told
    ) as limits on cannot is null and not has_counts
    left join {{ method('recent_trend_values', released) }}(years, limits.figures, limits.lowers, limits.uppers) as of_values
        on cannot is null and not has_counts
{%- endmacro %}

{#- Whose gap it is that there is no figure to measure from. -#}
{% macro without_a_baseline(absence) -%}
    case
                when {{ absence }} in ('not_published', 'not_collected', 'suppressed') then 'no_baseline_published'
                when {{ absence }} = 'not_comparable' then 'not_comparable'
                else 'no_baseline_in_our_copy'
            end
{%- endmacro %}

{% macro better_or_worse(good, otherwise) -%}
    case polarity when 'neutral' then '{{ otherwise }}' when '{{ good }}' then 'improving' else 'worsening' end
{%- endmacro %}

{#- The difference of two figures as printed, with no more decimals than they are served with; where one was not printed, that
    of what the counts give. -#}
{% macro change_as_printed(view) -%}
    case
        when worded.{{ view }}_break is null and worded.{{ view }}_period_start < worded.latest_period_start
            then
                coalesce(
                    {{ served('(worded.latest_judged_value - worded.' ~ view ~ '_judged_value)') }},
                    round(worded.{{ view }}_change, worded.{{ view }}_places)
                )
    end
{%- endmacro %}

{#- A limit of a change: one decimal more than the figure, where that gives no small count back. -#}
{% macro to_decimals(value) -%}
    round({{ value }}, coalesce(served_decimals, decimals + 1))
{%- endmacro %}

{#- A number in words for people: 2,614 or −1.3. -#}
{% macro printed(value, places='decimals') -%}
    replace(
        to_char(round({{ value }}, {{ places }}), 'FM999,999,999,990' || case when {{ places }} > 0 then '.' || repeat('0', {{ places }}) else '' end),
        '-', '−'
    )
{%- endmacro %}

{% macro points_of(change, places) -%}
    ' percentage point' || case when round({{ change }}, {{ places }}) = 1 then '' else 's' end
{%- endmacro %}

{% macro unit_of_change(change, places) -%}
    case unit
            when 'percent' then {{ points_of(change, places) }}
            when 'percentage_points' then {{ points_of(change, places) }}
            when 'per_1000' then ' per 1,000'
            when 'per_10000' then ' per 10,000'
            when 'per_place' then ' per place'
            when 'per_week_gbp' then ' pounds a week'
            else ''
        end
{%- endmacro %}

{#- What counts give is shown with a decimal, also where the share is printed without; a figure that leaves rounded, rounded. -#}
{% macro places_of(view) -%}
    coalesce(
            served_decimals,
            case
                when
                    {{ view }}_told.evidence in ('share_of_counts', 'rate_of_counts')
                    and latest_told.evidence in ('share_of_counts', 'rate_of_counts')
                    then greatest(decimals, 1)
                else decimals
            end
        )
{%- endmacro %}

{#- A figure in a sentence: what is judged, and what is printed where that is something else. -#}
{% macro figure_in_words(end, places) -%}
    {{ printed(end ~ '_figure', places) }} || ' (' || {{ end }}_period_label
                || case
                    when round({{ end }}_figure, scale({{ end }}_obs_value)) != {{ end }}_obs_value and served_decimals is null
                        then '; ' || {{ printed(end ~ '_obs_value', 'scale(' ~ end ~ '_obs_value)') }} || ' in print'
                    else ''
                end
                || ')'
{%- endmacro %}

{#- Services and their places are what a register holds, and no events. -#}
{% macro unit_of_chance() -%}
    case when population != 'services' then unit end
{%- endmacro %}

{#- A council may be measured from another period than the indicator's, and not from before it to before it. -#}
{% macro is_not_after_the_baseline() -%}
    latest_period_start <= greatest(
                baseline_period_start, case when geography = 'council' then coalesce(declared_from, {{ the_promise_was_made() }}) end
            )
{%- endmacro %}

{#- Where one person is more than the rule asks for, the rule tells nothing. -#}
{% macro is_of_too_few(view) -%}
    is_of_few and {{ view }}_change is not null and {{ view }}_change_lower is null
{%- endmacro %}

{#- Size, interval and reason of a change in a sentence. The size is that of the figures as they stand in it. -#}
{% macro sentence(view) -%}
{%- set places = view ~ '_places' -%}
{%- set size = 'abs(round(latest_figure, ' ~ places ~ ') - round(' ~ view ~ '_figure, ' ~ places ~ '))' -%}
    case
            when {{ view }}_break is not null
                then 'figures before and after a break do not compare: ' || rtrim({{ view }}_break_reason, '.')
            when {{ is_of_too_few(view) }}
                then 'of too few people: without their counts, one of them can be more than the rule of ' || threshold_author || ' asks for'
            when {{ view }}_change is null then 'a figure is missing'
            else
                case
                    when {{ size }} = 0 then 'did not change by as much as is printed'
                    else
                        case when {{ view }}_change > 0 then 'rose by ' else 'fell by ' end
                        || {{ printed(size, places) }} || {{ unit_of_change(size, places) }}
                        || case
                            when unit not in ('percent', 'percentage_points') and round({{ view }}_figure, {{ places }}) > 0
                                then ' (' || {{ printed(size ~ ' / round(' ~ view ~ '_figure, ' ~ places ~ ') * 100', '1') }} || ' per cent)'
                            else ''
                        end
                end
                || ', from ' || {{ figure_in_words(view, places) }}
                || ' to ' || {{ figure_in_words('latest', places) }}
                || case
                    when {{ view }}_change_lower is not null
                        then
                            '; 95 per cent interval of the change, ' || {{ words_of_evidence(view) }} || ': '
                            || {{ printed(view ~ '_change_lower', 'coalesce(served_decimals, decimals + 1)') }} || ' to '
                            || {{ printed(view ~ '_change_upper', 'coalesce(served_decimals, decimals + 1)') }}
                    when {{ view }}_judgement is null then '; nothing is known to tell a change by'
                    else
                        '; counts or intervals are not held for both, and the rule of ' || threshold_author || ' asks for '
                        || trim_scale(threshold_value)
                        || case threshold_unit
                            when 'percentage_point' then case threshold_value when 1 then ' percentage point' else ' percentage points' end
                            else ' per cent a year'
                        end
                        || ', however the figures were rounded'
                end
                || coalesce('; there may be a break between them: ' || rtrim({{ view }}_doubt_reason, '.'), '')
        end
{%- endmacro %}

{% macro words_of_evidence(view) -%}
    case
                                when {{ view }}_evidence != latest_evidence then 'by what is held of each'
                                when latest_evidence = 'count' then 'taking the counts as events by chance'
                                when latest_evidence in ('share_of_counts', 'rate_of_counts') then 'from the published counts'
                                when latest_evidence = 'published_interval' then 'from the published intervals'
                                else 'as of shares of ' || trim_scale(threshold_value) || ' people, by the rule of ' || threshold_author
                            end
{%- endmacro %}
