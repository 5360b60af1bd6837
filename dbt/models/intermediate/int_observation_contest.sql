-- One row per figure for which there are several lines of publications, and entry that was the one shown: from when to
-- when. The line of the better source wins; of equals, the one that published last. A figure with one line needs no
-- contest and is not here: its line's own times are those in which it was shown. A line that ended in a withdrawal has no
-- time as long as another one goes on: what took its place then would be older than it.
with entry as (

    select
        *,
        bool_or(is_latest) over (partition by {{ figure_key() }}) as is_current
    from {{ ref('int_observation_history') }}
    where lines > 1

),

standing as (

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
    from entry
    where has_stood and not (is_current and withdrawn_from is not null and superseded_by is null)

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
        standing.line_to,
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
        min(moment) as shown_from,
        max(line_to) as line_to
    from placed
    where choice = 1
    group by {{ figure_key() }}, source_id, publication_id, entry

)

select
    {{ figure_key() }},
    source_id,
    publication_id,
    entry,
    shown_from,
    -- The last one ends where nothing takes its place: all lines have ended.
    coalesce(lead(shown_from) over (partition by {{ figure_key() }} order by shown_from asc), line_to) as shown_to
from shown
