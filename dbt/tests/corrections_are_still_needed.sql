-- A correction names a cell and what is printed in it. It has to go when no such cell is found, and when the publisher has
-- made it: in the same publication, or in a later one of the line.
with declared as (

    select
        *,
        coalesce(series_heading, '') as heading
    from {{ ref('catalogue__correction') }}

),

cell as (

    select
        declared.correction_id,
        min(figure.value_published) as stands_there,
        bool_or({{ function('published_number') }}(figure.value_published) = {{ function('published_number') }}(declared.value_corrected)) as is_made
    from declared
    inner join {{ ref('int_figures') }} as figure
        on
            declared.source_id = figure.source_id
            and declared.publication_id = figure.publication_id
            and declared.series_label = figure.series_label
            and declared.heading = figure.series_heading
            and declared.area_published = figure.area_published
            and declared.period_published = figure.period_published
    group by declared.correction_id

),

made_later as (

    select
        corrected.correction_id,
        min(later.publication_id) as publication_id
    from {{ ref('int_observation_history') }} as corrected
    inner join {{ ref('int_observation_history') }} as later
        on
            {{ same_figure('corrected', 'later') }}
            and corrected.publication_series = later.publication_series
            and corrected.position < later.position
            and not {{ differs('corrected.obs_value', 'later.obs_value') }}
    where corrected.entry = 'corrected' and later.entry = 'published'
    group by corrected.correction_id

)

select
    declared.correction_id || case
        when made_later.publication_id is not null
            then ': the publisher has since made it, in ' || made_later.publication_id || '; remove it from the source''s corrections.yml'
        when cell.is_made
            then ': the publisher has since made it, the cell holds "' || cell.stands_there || '"; remove it from the source''s corrections.yml'
        when cell.stands_there is not null
            then
                ': it expects "' || declared.value_published || '" and the cell holds "' || cell.stands_there
                || '"; look at the publication and correct or remove it in the source''s corrections.yml'
        else
            ': it matches no figure of ' || declared.source_id || ' in ' || declared.publication_id
            || '; correct label, heading, area or period in the source''s corrections.yml, in the words of the file'
    end as problem,
    declared.source_id
from declared
left join cell on declared.correction_id = cell.correction_id
left join made_later on declared.correction_id = made_later.correction_id
where
    made_later.publication_id is not null
    or not exists (
        select 1
        from {{ ref('int_observation_history') }} as applied
        where applied.correction_id = declared.correction_id
    )
