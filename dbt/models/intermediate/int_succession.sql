-- One row per figure, and vintage of a source that gives it, of sources with several vintages: which vintage takes its place
-- by what the source's entry says that a file replaces, and whether that one has the figure. A figure that is not there is
-- withdrawn; one that a later vintage gives again is given again. Only vintages in use count: in the order of the publications
-- that they are, so that an older edition which is found later takes the place of none, and of one in which they came.
with edition as (

    select
        ledger.source_id,
        ledger.vintage,
        ledger.publication_id,
        source.replaces,
        {{ held_on('ledger') }} as held_on,
        row_number() over (
            partition by ledger.source_id
            order by publication.rank asc nulls first, ledger.vintage asc
        ) as place,
        count(*) over (partition by ledger.source_id) as editions
    from {{ source('ops', 'vintage') }} as ledger
    inner join {{ ref('catalogue__source') }} as source on ledger.source_id = source.source_id
    left join {{ ref('int_publications') }} as publication on ledger.publication_id = publication.publication_id
    where {{ in_use('ledger') }}

),

given as (

    select
        {{ figure_key('figures') }},
        figures.source_id,
        edition.place,
        min(figures.indicator_id) as indicator_id,
        min(figures.period_label) as period_label,
        min(figures.series_label) as series_label,
        min(figures.series_heading) as series_heading,
        -- What was not available stays so, where it is left out.
        coalesce(
            bool_or(figures.obs_status not in ('missing', 'not_available', 'not_applicable', 'not_collected')), true
        ) as is_a_figure
    from {{ ref('int_figures') }} as figures
    inner join edition on figures.vintage = edition.vintage and edition.editions > 1 and edition.replaces != 'nothing'
    group by {{ figure_key('figures') }}, figures.source_id, edition.place

),

of_period as (

    select
        source_id,
        measure_id,
        period_start,
        period_end,
        place,
        lead(place) over (partition by source_id, measure_id, period_start, period_end order by place asc) as next_place
    from (
        select distinct
            source_id,
            measure_id,
            period_start,
            period_end,
            place
        from given
    ) as periods

),

followed as (

    select
        given.*,
        edition.vintage,
        edition.publication_id,
        case edition.replaces
            when 'whole' then case when edition.place < edition.editions then edition.place + 1 end
            else of_period.next_place
        end as replaced_at,
        lead(given.place) over (partition by {{ figure_key('given') }}, given.source_id order by given.place asc) as given_next
    from given
    inner join edition on given.source_id = edition.source_id and given.place = edition.place
    left join of_period
        on
            given.source_id = of_period.source_id
            and given.place = of_period.place
            and given.measure_id = of_period.measure_id
            and given.period_start = of_period.period_start
            and given.period_end = of_period.period_end

)

select
    {{ figure_key('followed') }},
    followed.indicator_id,
    followed.period_label,
    followed.source_id,
    followed.series_label,
    followed.series_heading,
    followed.vintage,
    successor.vintage as replaced_by,
    {{ out_from('successor', 'followed') }} as replaced_on,
    successor.publication_id as replaced_in,
    followed.is_a_figure and coalesce(followed.replaced_at != coalesce(followed.given_next, 0), false) as is_gone,
    case when followed.given_next > followed.replaced_at then again.vintage end as given_again_by,
    case when followed.given_next > followed.replaced_at then {{ out_from('again', 'successor') }} end as given_again_on,
    case when followed.given_next > followed.replaced_at then again.publication_id end as given_again_in
from followed
left join edition as successor
    on
        followed.source_id = successor.source_id
        and followed.replaced_at = successor.place
        and (followed.is_a_figure or followed.replaced_at = followed.given_next)
left join {{ ref('int_publications') }} as publication_of_successor
    on successor.publication_id = publication_of_successor.publication_id
left join edition as again on followed.source_id = again.source_id and followed.given_next = again.place
left join {{ ref('int_publications') }} as publication_of_again on again.publication_id = publication_of_again.publication_id
