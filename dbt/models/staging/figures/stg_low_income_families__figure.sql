-- One row per council and financial year: children in families with a relative low income, before housing costs. An area is
-- str:value:…:S12000033, and the label of the latest year says that it is provisional: 2023/24 [p].
{{ figures(
    'low_income_families__figure',
    values={'@value': 'value'},
    label='measure',
    area="regexp_replace(area_address, '^.*:', '')",
    period="substring(year_label from '[0-9]{4}/[0-9]{2}')",
    status="case when year_label ~ '[\\[(]p[\\])]' then 'provisional' end",
) }}
