-- One row per thing that is missing: what, since when, and who could fill it. An indicator without any loaded figure is
-- a gap even when nobody wrote it down.
select
    data_gap_id,
    vision_statement_id,
    outcome_id,
    indicator_id,
    kind,
    about,
    description,
    since,
    coalesce(string_to_array(could_be_filled_by, ' '), array[]::text[]) as could_be_filled_by,
    source_url
from {{ ref('framework__data_gap') }}

union all

select
    'no_figure__' || indicator_id as data_gap_id,
    vision_statement_id,
    outcome_id,
    indicator_id,
    'no_figure_loaded' as kind,
    'our_copy' as about,
    'No source loaded here gives a figure for this indicator.' as description,
    null as since,
    array_remove(array[producer_organisation_id], null) as could_be_filled_by,
    source_url
from {{ ref('dim_indicator') }}
where not has_figures
