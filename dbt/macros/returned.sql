{#- What a row of a return is called in the marts: its sender's key behind the sender's id, which two senders cannot share.
    This project's own transcriptions keep their keys. -#}
{% macro returned_id(column) -%}
    case when returned_by = 'this_project' then {{ column }} else returned_by || '__' || {{ column }} end
{%- endmacro %}

{#- The one of a list, where it is of one. -#}
{% macro the_only(column) -%}
    case when cardinality({{ column }}) = 1 then {{ column }}[1] end
{%- endmacro %}

{#- The first day of a date that is known to the day, month or year; null for words. -#}
{% macro first_day(column) -%}
    case
        when {{ column }} ~ '^[0-9]{4}(-[0-9]{2}){0,2}$'
            then to_date(rpad({{ column }}, 10, '-01-01'), 'YYYY-MM-DD')
    end
{%- endmacro %}
