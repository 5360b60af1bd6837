{#- Each returns the offending rows, not a count. -#}

{% test unique_combination(model, columns) %}
select {{ columns | join(', ') }}, count(*) as times
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}

{#- A figure and a reason for its absence are mutually exclusive, and one of them is always there. `low` is said of both: of a
    nought that is none, and of a mark in place of one. -#}
{% test null_explained_by_status(model, value_column='obs_value', status_column='obs_status', confidentiality_column='conf_status') %}
select *
from {{ model }}
where
    ({{ value_column }} is null) != (
        {{ status_column }} in ('missing', 'not_applicable', 'not_collected', 'not_available')
        or ({{ status_column }} = 'low' and {{ value_column }} is null)
        or {{ confidentiality_column }} in ('suppressed_by_publisher', 'suppressed_by_us')
    )
{% endtest %}

{% test not_empty(model) %}
select 'the table is empty' as reason
where not exists (select 1 from {{ model }})
{% endtest %}

{#- Every value of each column is one of the table that it refers to, or null. One test where there would be several,
    because each node costs a build a tenth of a second. -#}
{% test refers_to(model, columns) %}
{%- for each in columns %}
select distinct '{{ each.column }}' as refers_with, child.{{ each.column }}::text as what_is_not_there, child.*
from {{ model }} as child
left join {{ each.to }} as parent on child.{{ each.column }} = parent.{{ each.field }}
where child.{{ each.column }} is not null and parent.{{ each.field }} is null
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{% endtest %}

{% test period_in_order(model) %}
select *
from {{ model }}
where period_end < period_start
{% endtest %}

{% test interval_holds_value(model) %}
select *
from {{ model }}
where obs_value < lci_95 or obs_value > uci_95
{% endtest %}

{#- Of each figure exactly one entry stands on every day from its first publication on: where one ends the next begins,
    and the last does not end. One that was withdrawn ends with nothing after it, or not at once. -#}
{% test one_figure_stands_at_any_time(model) %}
with stretch as (
    select
        {{ figure_key() }}, source_id, publication_id, entry, published_from, published_to, withdrawn_from,
        lead(published_from) over (partition by {{ figure_key() }} order by published_from) as next_from,
        count(published_from) over (partition by {{ figure_key() }}) as times,
        count(withdrawn_from) over (partition by {{ figure_key() }}) as withdrawals,
        min(known_from) over (partition by {{ figure_key() }}) as first_known,
        min(published_from) over (partition by {{ figure_key() }}) as first_shown
    from {{ model }}
)
select *
from stretch
where
    (
        published_from is not null
        and published_to is distinct from next_from
        and (withdrawn_from is null or published_to is null or published_to > next_from)
    )
    or (published_from is null and published_to is not null)
    or (withdrawals = 0 and (times = 0 or first_shown != first_known))
{% endtest %}

{#- Every figure is of a known area, a period that could be read, and a publication. What is not is shown as published. -#}
{% test every_figure_is_placed(model) %}
select source_id, series_label, area_published, area_code, period_published, period_start, publication_id, vintage, source_cell
from {{ model }}
where area_code is null or period_start is null or period_end is null or publication_id is null
{% endtest %}

{#- In place of dbt's own three, which give the value alone: whose row it stands in is asked. -#}
{% test not_null(model, column_name) %}
select *
from {{ model }}
where {{ column_name }} is null
{% endtest %}

{% test accepted_values(model, column_name, values) %}
select *
from {{ model }}
where {{ column_name }} not in ({% for value in values %}'{{ value }}'{{ ', ' if not loop.last }}{% endfor %})
{% endtest %}

{% test relationships(model, column_name, to, field) %}
select child.*
from {{ model }} as child
left join {{ to }} as parent on child.{{ column_name }} = parent.{{ field }}
where child.{{ column_name }} is not null and parent.{{ field }} is null
{% endtest %}
