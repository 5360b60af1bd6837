-- One row per figure for which there are several lines of publications, and entry that was the one shown: from when to
-- when. The line of the better source wins; of equals, the one that published last. A figure with one line needs no
-- contest and is not here: its line's own times are those in which it was shown.
with standing as (

    select
        {{ figure_key() }},
        source_id,
        publication_id,
        entry,
        line_preference,
        known_from,
        publication_rank,
        line_from,
        line_to
    from {{ ref('int_observation_history') }}
    where lines > 1 and has_stood

),

moment as (

    select distinct
        {{ figure_key() }},
        line_from as moment
    from standing

),

placed as (

    select
        {{ figure_key('standing') }},
        standing.source_id,
        standing.publication_id,
        standing.entry,
        moment.moment,
        row_number() over (
            partition by {{ figure_key('moment') }}, moment.moment
            order by {{ order_of_choice('standing') }}
        ) as choice
    from moment
    inner join standing
        on
            {{ same_figure('moment', 'standing') }}
            and moment.moment >= standing.line_from
            and (standing.line_to is null or moment.moment < standing.line_to)

),

shown as (

    -- An entry is shown for one stretch of time: what takes its place is always newer.
    select
        {{ figure_key() }},
        source_id,
        publication_id,
        entry,
        min(moment) as shown_from
    from placed
    where choice = 1
    group by {{ figure_key() }}, source_id, publication_id, entry

)

select
    *,
    lead(shown_from) over (partition by {{ figure_key() }} order by shown_from asc) as shown_to
from shown
