{#- How publishers write a period, and the two dates it means. One branch a style; a text that does not fit its style
    gives null, and a period that is null fails the build with its row. Years are inclusive on both ends. -#}
{% macro period_start(style, text_column) -%}
    case
        when {{ style }} in ('academic_year', 'csws_year') and {{ text_column }} ~ '^[0-9]{4}[/-][0-9]{2}$'
            then make_date(left({{ text_column }}, 4)::integer, 8, 1)
        when {{ style }} = 'academic_year_end' and {{ text_column }} ~ '^[0-9]{4}$'
            then make_date({{ text_column }}::integer - 1, 8, 1)
        when {{ style }} = 'financial_year' and {{ text_column }} ~ '^[0-9]{4}[/-][0-9]{2}$'
            then make_date(left({{ text_column }}, 4)::integer, 4, 1)
        when {{ style }} = 'calendar_year' and {{ text_column }} ~ '^[0-9]{4}$'
            then make_date({{ text_column }}::integer, 1, 1)
        else {{ snapshot_date(style, text_column) }}
    end
{%- endmacro %}

{% macro period_end(style, text_column) -%}
    case
        when {{ style }} in ('academic_year', 'academic_year_end', 'csws_year', 'financial_year', 'calendar_year')
            then ({{ period_start(style, text_column) }} + interval '1 year' - interval '1 day')::date
        when {{ style }} = 'scotpho_text' and {{ text_column }} !~ 'snapshot'
            then ({{ period_start(style, text_column) }} + interval '1 year' - interval '1 day')::date
        else {{ period_start(style, text_column) }}
    end
{%- endmacro %}

{#- A count on one day begins and ends on it. LGBF labels the 31 July snapshot by the school year it closes; ScotPHO
    writes the period in words. -#}
{% macro snapshot_date(style, text_column) -%}
    case
        when {{ style }} = 'snapshot_31_july' and {{ text_column }} ~ '^[0-9]{4}(-07-31)?$'
            then make_date(left({{ text_column }}, 4)::integer, 7, 31)
        when {{ style }} = 'snapshot_iso' and {{ text_column }} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
            then to_date({{ text_column }}, 'YYYY-MM-DD')
        when {{ style }} = 'lgbf_july_snapshot' and {{ text_column }} ~ '^[0-9]{4}-[0-9]{2}$'
            then make_date(left({{ text_column }}, 4)::integer + 1, 7, 31)
        when {{ style }} = 'scotpho_text' and {{ text_column }} ~ '^[0-9]{4} July snapshot$'
            then make_date(left({{ text_column }}, 4)::integer, 7, 31)
        when {{ style }} = 'scotpho_text' and {{ text_column }} ~ '^[0-9]{4}/[0-9]{2} school year$'
            then make_date(left({{ text_column }}, 4)::integer, 8, 1)
        when {{ style }} = 'scotpho_text' and {{ text_column }} ~ '^[0-9]{4}/[0-9]{2} financial year$'
            then make_date(left({{ text_column }}, 4)::integer, 4, 1)
    end
{%- endmacro %}

{#- A period in words: a day, a calendar year, or a year across two. -#}
{% macro period_label(start_column, end_column) -%}
    case
        when {{ start_column }} = {{ end_column }} then to_char({{ start_column }}, 'FMDD FMMonth YYYY')
        when extract(month from {{ start_column }}) = 1 then to_char({{ start_column }}, 'YYYY')
        else to_char({{ start_column }}, 'YYYY') || '/' || to_char({{ end_column }}, 'YY')
    end
{%- endmacro %}
