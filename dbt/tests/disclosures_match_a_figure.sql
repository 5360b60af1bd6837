-- What may be shown though it is withheld is declared in the publisher's words. One that matches no figure discloses nothing,
-- and whoever declared it should know.
select
    declared.disclosure_id || ': it matches no figure of ' || declared.source_id || ' in ' || declared.publication_id
    || '; correct label, heading, area or period in the source''s corrections.yml, in the words of the file' as problem
from {{ ref('catalogue__disclosure') }} as declared
left join {{ ref('int_published_figures') }} as figure
    on
        declared.source_id = figure.source_id
        and declared.publication_id = figure.publication_id
        and declared.series_label = figure.series_label
        and coalesce(declared.series_heading, '') = figure.series_heading
        and declared.area_published = figure.area_published
        and declared.period_published = figure.period_published
where figure.source_id is null
