{#- When the next issue of anything is expected, in one place: fct_reporting_status asks it of reports, and the function
    publication_calendar of sources. -#}

{#- How long from one issue to the next; null where no rhythm is known. -#}
{% macro cadence_interval(word) -%}
    case {{ word }}
        when 'monthly' then interval '1 month'
        when 'quarterly' then interval '3 months'
        when 'annual' then interval '1 year'
        when 'biennial' then interval '2 years'
        when 'triennial' then interval '3 years'
    end
{%- endmacro %}

{#- Whether a printed month counts: until an issue of that month or later is known. -#}
{% macro next_is_printed(printed, last_on) -%}
    coalesce({{ printed }} > date_trunc('month', {{ last_on }}), {{ printed }} is not null)
{%- endmacro %}

{#- The first day on which the next is expected; null when nothing says so. -#}
{% macro next_expected_from(printed, last_on, precision, cadence) -%}
    case
        when {{ next_is_printed(printed, last_on) }} then {{ printed }}
        when {{ precision }} = 'year' then (date_trunc('year', {{ last_on }}) + {{ cadence }})::date
        else (date_trunc('month', {{ last_on }}) + {{ cadence }})::date
    end
{%- endmacro %}

{#- The last such day: the end of the month, or of the year where no month is known. -#}
{% macro next_expected_until(expected_from, is_printed, precision) -%}
    case
        when {{ is_printed }} or {{ precision }} != 'year' then ({{ expected_from }} + interval '1 month' - interval '1 day')::date
        else ({{ expected_from }} + interval '1 year' - interval '1 day')::date
    end
{%- endmacro %}

{#- Where a day stands against the time of the next. Where two issues or more would be missing of what nobody follows here,
    the state is unknown: what is loaded is too old to say. -#}
{% macro next_state(day, expected_from, expected_until, is_printed, cadence, is_followed='false') -%}
    case
            when {{ expected_from }} is null then 'unknown'
            when {{ day }} < {{ expected_from }} then 'on_time'
            when {{ day }} <= {{ expected_until }} then 'due'
            when not {{ is_printed }} and not {{ is_followed }} and {{ day }} >= {{ expected_from }} + {{ cadence }} then 'unknown'
            else 'overdue'
        end
{%- endmacro %}
