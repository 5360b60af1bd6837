-- One row per measure, area, period and breakdown: the figure that stands now, or why there is none.
with figure as (

    select
        current_figure.*,
        {{ source_kind() }} as source_kind,
        transcription.read_from,
        transcription.seen_through
    from {{ ref('int_observation_current') }} as current_figure
    {{ join_transcription('current_figure') }}
    where current_figure.choice = 1

)

select
    {{ observation_columns() }}
from figure
