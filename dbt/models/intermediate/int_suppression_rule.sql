-- One row per published series of which its publisher says below which count it gives no figure. It says so in words:
-- "Values less than 5 are suppressed". Words that name no count are no rule: a figure missing there is missing.
{% for rule in suppression_rules() %}
    select
        '{{ rule.source_id }}' as source_id,
        {{ rule.label }} as series_label,
        max((regexp_match({{ rule.rule }}, 'less than ([0-9]+) are suppressed'))[1]::integer) as suppressed_below
    from {{ ref(rule.model) }}
    where {{ rule.rule }} ~ 'less than [0-9]+ are suppressed'
    group by {{ rule.label }}
    {% if not loop.last %}
        union all
    {% endif %}
{% else %}
    select
        null::text as source_id,
        null::text as series_label,
        null::integer as suppressed_below
    where false
{% endfor %}
