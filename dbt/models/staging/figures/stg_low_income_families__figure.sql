-- One row per council and financial year: children in families with a relative low income, before housing costs. An area is
-- str:value:…:S12000033, and the label of the latest year says that it is provisional: 2023/24 [p]. One measure is asked for
-- (`live: body` of the entry), so a figure is labelled by what was asked, whatever the answer calls it.
{{ figures(
    'low_income_families__figure',
    values={'@value': 'value'},
    label="'CILIF_REL'",
    area="regexp_replace(area_address, '^.*:', '')",
    period="substring(year_label from '[0-9]{4}/[0-9]{2}')",
    status="case when year_label ~ '[\\[(]p[\\])]' then 'provisional' end",
) }}
