{#- A number as published: "10, 518", "83.7%", "1,884.15", "2.29E0", "−68" (unicode minus). Null for anything else, which
    then needs a marker to explain it: a cell that has neither fails the build. -#}
{% macro published_number(text_column) -%}
    case
        when {{ clean_number(text_column) }} ~ '^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$'
            then {{ clean_number(text_column) }}::numeric
    end
{%- endmacro %}

{#- Spaces and thousands commas go only where they stand between a digit and a group of three, so "1,5" stays unread. -#}
{% macro clean_number(text_column) -%}
    replace(
        rtrim(regexp_replace(trim({{ text_column }}), '(?<=[0-9]),\s*(?=[0-9]{3}(?![0-9]))', '', 'g'), '%'), '−', '-'
    )
{%- endmacro %}
