-- One row per figure, and vintage of a source that gives it, of sources with several vintages: which vintage takes its place
-- by what the source's entry says that a file replaces, and whether that one has the figure. A figure that is not there is
-- withdrawn; one that a later vintage gives again is given again. Only vintages in use count, in the order in which they came.
with edition as (

    select
        ledger.source_id,
        ledger.vintage,
        ledger.publication_id,
        source.replaces,
        {{ held_on('ledger') }} as held_on,
        lead(ledger.vintage) over (partition by ledger.source_id order by ledger.vintage asc) as next_vintage,
        count(*) over (partition by ledger.source_id) as editions
    from {{ source('ops', 'vintage') }} as ledger
    inner join {{ ref('catalogue__source') }} as source on ledger.source_id = source.source_id
    where {{ in_use('ledger') }}

),

given as (

    select
        {{ figure_key('figures') }},
        figures.source_id,
        figures.vintage,
        min(figures.indicator_id) as indicator_id,
        min(figures.period_label) as period_label,
        min(figures.series_label) as series_label,
        min(figures.series_heading) as series_heading
    from {{ ref('int_figures') }} as figures
    inner join edition on figures.vintage = edition.vintage and edition.editions > 1 and edition.replaces != 'nothing'
    group by {{ figure_key('figures') }}, figures.source_id, figures.vintage

),

of_period as (

    select
        source_id,
        measure_id,
        period_start,
        period_end,
        vintage,
        lead(vintage) over (partition by source_id, measure_id, period_start, period_end order by vintage asc) as next_vintage
    from (
        select distinct
            source_id,
            measure_id,
            period_start,
            period_end,
            vintage
        from given
    ) as periods

),

followed as (

    select
        given.*,
        edition.publication_id,
        case edition.replaces when 'whole' then edition.next_vintage else of_period.next_vintage end as replaced_by,
        lead(given.vintage) over (partition by {{ figure_key('given') }}, given.source_id order by given.vintage asc) as given_next
    from given
    inner join edition on given.vintage = edition.vintage
    left join of_period
        on
            given.vintage = of_period.vintage
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
    followed.replaced_by,
    {{ out_from('successor', 'followed') }} as replaced_on,
    successor.publication_id as replaced_in,
    coalesce(followed.replaced_by != coalesce(followed.given_next, 0), false) as is_gone,
    case when followed.given_next > followed.replaced_by then followed.given_next end as given_again_by,
    case when followed.given_next > followed.replaced_by then {{ out_from('again', 'successor') }} end as given_again_on,
    case when followed.given_next > followed.replaced_by then again.publication_id end as given_again_in
from followed
left join edition as successor on followed.replaced_by = successor.vintage
left join {{ ref('int_publications') }} as publication_of_successor
    on successor.publication_id = publication_of_successor.publication_id
left join edition as again on followed.given_next = again.vintage
left join {{ ref('int_publications') }} as publication_of_again on again.publication_id = publication_of_again.publication_id
