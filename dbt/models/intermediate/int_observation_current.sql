-- One row per figure and line of publications that gives it: what each says now. `choice` 1 is the figure that stands. The
-- indicator's order of sources chooses between lines; of equals, the one that published last. Where another line gives
-- another figure, that is a conflict, not a revision.
select
    history.*,
    row_number() over (
        partition by {{ figure_key() }}
        order by {{ order_of_choice('history') }}
    ) as choice
from {{ ref('int_observation_history') }} as history
where history.is_latest
