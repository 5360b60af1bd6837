-- One row per council and heading of the table, and edition: a number of looked after children, or a share of them, as the
-- heading says. The day stands in the title, in words that differ between editions; a title without 31 July gives no period.
{{ figures(
    'looked_after_children_tables__cell',
    values={'@text': 'cell_text'},
    label='heading',
    area='council',
    period="substring(title from '31 July ([0-9]{4})')",
    cell='cell',
) }}
