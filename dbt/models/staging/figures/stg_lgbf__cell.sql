-- One row per filled cell of the children's columns. A heading is an indicator's code, a year, and perhaps "Real"
-- (costs adjusted for inflation), which makes another series. Headings that are not of this form are numerators and
-- denominators in words: they keep their whole text as label and have no period. The bundled file lists the cells of a
-- workbook; the publisher's own is that workbook. Real costs are at the prices of another year in each edition, so that no
-- two editions of them compare, and no figure is made of them.
select *
from (

    {{ figures(
        'lgbf__cell',
        values={'text': 'cell_text'},
        label="regexp_replace(heading, '\\s+[0-9]{4}-[0-9]{2}(\\s+Real)?\\s*$', '')",
        heading="case when heading ~ '\\sReal\\s*$' then 'Real' else '' end",
        area='council',
        period="substring(heading from '([0-9]{4}-[0-9]{2})(?:\\s+Real)?\\s*$')",
        cell="case when is_bundled then " ~ cell_of('cell_text') ~ " else cell end",
    ) }}

) as cell
where series_heading != 'Real'
