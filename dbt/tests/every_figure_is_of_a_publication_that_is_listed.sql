-- A figure of a publication that nobody lists has no day on which it was known: it would be in no history, and who reads
-- what stands would not see that it is missing. What stands in its cell is a text of the file, so its address is given.
select
    count(*) || ' figures, the first at ' || min(figure.source_cell) || ', name a publication that is in no list; add it to'
    || ' publication_register with its rank, or correct the row' as problem,
    figure.source_id,
    figure.vintage,
    min(figure.source_row) as source_row,
    min(figure.source_cell) as source_cell
from {{ ref('int_published_figures') }} as figure
left join {{ ref('int_publications') }} as publication on figure.publication_id = publication.publication_id
where publication.publication_id is null and figure.publication_id is not null
group by figure.source_id, figure.vintage, figure.publication_id
