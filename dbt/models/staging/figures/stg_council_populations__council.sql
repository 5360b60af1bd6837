-- One row per council and age from 0 to 17: how many people of that age lived there in the middle of 2022. An age stands
-- in a column of its own in the file; of adults nothing is asked here.
{%- set ages = {} %}
{%- for age in range(18) %}{% do ages.update({age | string: 'age_' ~ age}) %}{% endfor %}
{{ figures(
    'council_populations__council',
    values=ages,
    label="'People of an age'",
    heading='sex',
    area='council_code',
    period="'2022'",
    breakdowns={'age': "'Age ' || figure_cell.heading_published"},
) }}
