-- What somebody would write who knew that there is nothing but the synthetic editions: three sources, no corrections, no
-- exceptions, no embargo, no figure of two sources. The limit of a build: the same marts, from the same staging.
create table by_hand.cell as
with published as materialized (
    select * from staging.stg_published_series__figure
    union all
    select * from staging.stg_lgbf__cell
    union all
    select * from staging.stg_scotpho_profiles__indicator
), area as materialized (
    select area_published, spelling.area_code
    from (select distinct area_published from published) as known
    join staging.vocabulary__area_spelling as spelling on spelling.spelling = staging.area_spelling(area_published)
), measured as materialized (
    select series.measure_id, series.period_style, series.breakdown as by_what, series.breakdown_value as of_what,
        area.area_code, marker.obs_status as marked_status, coalesce(marker.conf_status, 'free') as conf_status, published.*
    from published
    join staging.framework__series as series using (source_id, series_label)
    join area using (area_published)
    left join staging.vocabulary__cell_marker as marker
        on marker.source_id = published.source_id and marker.marker = published.value_published
    where published.series_heading = coalesce(series.series_heading, '')
), period as materialized (
    select *, staging.period_start(period_style, period_published) as period_start,
        staging.period_end(period_style, period_published) as period_end
    from (select distinct period_style, period_published from measured) as said
)
select dense_rank() over (order by measure_id, area_code, period_start, period_end, by_what, of_what)::integer as figure,
    measure_id, area_code, period_start, period_end, by_what, of_what, source_id, vintage, snapshot_id, source_cell,
    publication_id, conf_status, numerator, lci_95, uci_95,
    case when marked_status is null then obs_value end as obs_value,
    coalesce(marked_status, staging.published_status(value_published), 'final') as obs_status
from measured
join period using (period_style, period_published);
analyze by_hand.cell;

create table by_hand.history as
with edition as materialized (
    select vintage, lead(vintage) over source as next_vintage,
        lead(coalesce(publication.known_from, ledger.retrieved_at::date)) over source as replaced_on
    from ops.vintage as ledger
    left join intermediate.int_publications as publication using (publication_id)
    where ledger.arrival = 'accepted'
    window source as (partition by ledger.source_id order by vintage)
), given as materialized (
    select figure, vintage, lead(vintage) over (partition by figure order by vintage) as given_next
    from (select distinct figure, vintage from by_hand.cell) as distinct_given
), placed as (
    select cell.*, publication.published_on, publication.known_from, publication.date_basis, publication.rank,
        -- The restating series stands in the line of the one that it restates.
        case when publication.series = %(restating)s then %(first)s else publication.series end as line,
        publication.series = %(restating)s as restates,
        edition.next_vintage is null as is_listed,
        greatest(edition.replaced_on, publication.known_from) as replaced_on,
        edition.next_vintage is distinct from given.given_next as is_gone
    from by_hand.cell as cell
    join intermediate.int_publications as publication using (publication_id)
    join edition on edition.vintage = cell.vintage
    join given on given.figure = cell.figure and given.vintage = cell.vintage
), compared as (
    select *, row_number() over line as position, lag(obs_value) over line as value_before, lag(restates) over line as restated_before,
        lead(known_from) over line as superseded_from, lead(publication_id) over line as superseded_by
    from placed
    window line as (partition by figure, line order by known_from, restates, rank, publication_id)
), changed as (
    select compared.*, measure.indicator_id, measure.unit, measure.decimals::integer as decimals, measure.small_numbers::boolean as is_small,
        position > 1 and obs_value is distinct from value_before and coalesce(
            round(obs_value, places.places) <> round(value_before, places.places), true
        ) as is_changed,
        case when not is_listed and superseded_by is null or is_gone and replaced_on < superseded_from then replaced_on end as withdrawn_from
    from compared
    join staging.framework__measure as measure using (measure_id)
    cross join lateral (
        select least(scale(obs_value), scale(value_before), case when restates <> restated_before then measure.decimals::integer end) as places
    ) as places
), counted as (
    select *, least(superseded_from, withdrawn_from) as line_to, superseded_by is null and withdrawn_from is null as is_latest,
        bool_or(is_changed) over line as is_revised, bool_or(is_changed) over (line order by position) as has_been_revised,
        max(position) filter (where obs_value is not null) over line as last_given,
        count(*) filter (where superseded_by is null) over (partition by figure) as lines
    from changed
    window line as (partition by figure, line)
)
select *, case when obs_value is not null then
        min(known_from) filter (where conf_status <> 'free' and position >= last_given) over (partition by figure, line)
    end as withheld_from,
    case when is_small and decimals < scale(obs_value) then round(obs_value, decimals) else obs_value end as served_value,
    line_to is null or known_from < line_to as has_stood
from counted;
analyze by_hand.history;

create table by_hand.fct_observation_vintage as
with shown as (
    -- Of two lines that came out on one day the publication with the lower name is shown.
    select figure, publication_id, known_from as shown_from,
        coalesce(lead(known_from) over (partition by figure order by known_from), line_to) as shown_to
    from (
        select distinct on (figure, known_from) figure, publication_id, known_from, line_to
        from by_hand.history
        where lines > 1 and has_stood
        order by figure, known_from, publication_id
    ) as first_of_day
)
select indicator_id, measure_id, area_code, period_start, period_end, by_what as breakdown, of_what as breakdown_value,
    case when withheld_from is null then served_value end as obs_value, unit, obs_status,
    case when withheld_from is null then conf_status else 'suppressed_by_publisher' end as conf_status,
    case when conf_status = 'free' and withheld_from is null then numerator end as numerator,
    case when conf_status = 'free' and withheld_from is null then lci_95 end as lci_95,
    case when conf_status = 'free' and withheld_from is null then uci_95 end as uci_95,
    history.publication_id, source_id, snapshot_id, source_cell, published_on, is_changed as is_revised,
    line as publication_series, position::integer as position,
    case when lines > 1 then shown_from when has_stood then known_from end as published_from,
    case when lines > 1 then shown_to when has_stood then line_to end as published_to,
    superseded_by, is_latest, known_from, date_basis, has_been_revised, withheld_from, withdrawn_from
from by_hand.history as history
left join shown on shown.figure = history.figure and shown.publication_id = history.publication_id;
create unique index on by_hand.fct_observation_vintage
    (measure_id, area_code, period_start, period_end, breakdown, breakdown_value, source_id, publication_id);
create index on by_hand.fct_observation_vintage (measure_id, area_code, period_start, period_end, breakdown, breakdown_value, published_from);
create index on by_hand.fct_observation_vintage (breakdown, area_code, measure_id);
create index on by_hand.fct_observation_vintage (published_from, published_to);
analyze by_hand.fct_observation_vintage;

create table by_hand.fct_observation as
select distinct on (figure) indicator_id, measure_id, area_code, period_start, period_end, by_what as breakdown, of_what as breakdown_value,
    case when withheld_from is null then served_value end as obs_value, unit, obs_status,
    case when withheld_from is null then conf_status else 'suppressed_by_publisher' end as conf_status,
    case when conf_status = 'free' and withheld_from is null then numerator end as numerator,
    case when conf_status = 'free' and withheld_from is null then lci_95 end as lci_95,
    case when conf_status = 'free' and withheld_from is null then uci_95 end as uci_95,
    publication_id, source_id, snapshot_id, source_cell, published_on, is_revised
from by_hand.history
where is_latest
order by figure, known_from desc, rank desc, publication_id;
create unique index on by_hand.fct_observation (measure_id, area_code, period_start, period_end, breakdown, breakdown_value);
create index on by_hand.fct_observation (indicator_id);
analyze by_hand.fct_observation;

create table by_hand.fct_revision as
select indicator_id, measure_id, area_code, period_start, period_end, by_what as breakdown, of_what as breakdown_value,
    line as publication_series, first_value, latest_value, first_publication_id, latest_publication_id,
    latest_value - first_value as size, latest_known_from - first_known_from as days_between, times_published::integer as times_published, times_revised::integer as times_revised
from (
    select distinct on (figure, line) *,
        first_value(case when withheld_from is null then served_value end) over line as first_value,
        first_value(publication_id) over line as first_publication_id,
        first_value(known_from) over line as first_known_from,
        case when withheld_from is null then served_value end as latest_value,
        publication_id as latest_publication_id,
        known_from as latest_known_from,
        count(*) over (partition by figure, line) as times_published,
        count(*) filter (where is_changed) over (partition by figure, line) as times_revised
    from by_hand.history
    where is_revised
    window line as (partition by figure, line order by position)
    order by figure, line, is_changed desc, position desc
) as revised;
create unique index on by_hand.fct_revision (measure_id, area_code, period_start, period_end, breakdown, breakdown_value, publication_series);
analyze by_hand.fct_revision;
