{#- What a row is: no two rows share the columns, and none of them is null; nor is any of `never_null`. One test where there
    would be two or more, because each node costs a build a tenth of a second. -#}
{% test grain(model, columns, never_null=[]) %}
select {{ columns | join(', ') }}, count(*) as times
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    or num_nulls({{ columns | join(', ') }}) > 0
    {%- for column in never_null %}
    or count({{ column }}) < count(*)
    {%- endfor %}
{% endtest %}
