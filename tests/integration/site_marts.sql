-- The tables of marts that the site reads, with the columns of the contract and no rows. For the site's own tests only:
-- the real ones are built by dbt, and tests over the real warehouse check that the two agree.
create schema marts;

create table marts.release_info (
    release_id integer, released_at timestamptz, run_id bigint, fingerprint text
);
create table marts.dim_vision_statement (
    vision_statement_id text primary key, number integer, name text, earlier_name text, statement text,
    statement_source_url text, earlier_statement text, earlier_statement_source_url text, wording_note text,
    promise_report_page integer,
    dashboard_slug text, publication_state text, gap_statement text, outcomes integer, indicators integer,
    indicators_with_figures integer
);
create table marts.dim_outcome (
    outcome_id text primary key, vision_statement_id text, number integer, outcome_text text, earlier_text text,
    source_url text, publication_state text, proposed_because text, note text
);
create table marts.dim_indicator (
    indicator_id text primary key, outcome_id text, vision_statement_id text, name text, short_name text, kind text,
    definition text, source_publication text, producer_organisation_id text, frequency text, publication_month text,
    population_marker text, population_marker_words text, geography text[], direction text, direction_basis text,
    publication_state text, proposed_because text, baseline_period_start date,
    baseline_note text, headline_measure_id text, source_preference text, minimum_periods integer, method text,
    last_updated text, next_update_due text, source_url text, display_order integer, has_figures boolean,
    has_council_figures boolean
);
create table marts.dim_measure (
    measure_id text primary key, indicator_id text, title text, unit text, population text, decimals integer,
    polarity text, role text, comparator_measure_id text, geography text, definition text, lower_bound numeric,
    upper_bound numeric, threshold_value numeric, threshold_unit text, threshold_author text, threshold_reason text,
    caveat text, display_order integer
);
create table marts.dim_area (
    area_code text primary key, area_name text, area_type text, parent_area_code text, health_board_code text,
    valid_from date, valid_to date, is_current boolean, successor_area_code text, family_group integer,
    family_group_place integer
);
create table marts.dim_area_boundary (
    area_code text primary key, area_name text, geometry jsonb, snapshot_id text
);
create table marts.dim_source (
    source_id text primary key, title text, publisher_organisation_id text, publisher text, landing_page text,
    licence text, licence_url text, attribution text, cadence text, description text, latest_vintage integer,
    latest_snapshot_id text, latest_retrieved_at timestamptz, rows_loaded bigint, feeds_indicators text[]
);
create table marts.dim_publication (
    publication_id text primary key, title text, publisher text, url text, published_on date, precision text,
    rank integer, series text, note text, source_id text, known_from date, date_basis text
);
create table marts.dim_organisation (
    organisation_id text primary key, name text, kind text, area_code text, answers_for text, url text,
    source_url text, datasets integer, indicators text[]
);
create table marts.dim_dataset (
    dataset_id text primary key, title text, publisher text, organisation_id text, url text, held_by text,
    catalogue text, source_id text, vision_statement_ids text[], indicator_ids text[], in_warehouse boolean,
    licence text
);
create table marts.fct_observation (
    indicator_id text, measure_id text, area_code text, period_start date, period_end date, period_label text,
    breakdown text, breakdown_value text, obs_value numeric, unit text, obs_status text, conf_status text,
    numerator numeric, denominator numeric, lci_95 numeric, uci_95 numeric, publication_id text, source_id text,
    snapshot_id text, source_cell text, published_on date, is_revised boolean,
    unique (measure_id, area_code, period_start, period_end, breakdown, breakdown_value)
);
create table marts.fct_observation_vintage (
    indicator_id text, measure_id text, area_code text, period_start date, period_end date, period_label text,
    breakdown text, breakdown_value text, obs_value numeric, unit text, obs_status text, conf_status text,
    numerator numeric, denominator numeric, lci_95 numeric, uci_95 numeric, publication_id text, source_id text,
    snapshot_id text, source_cell text, published_on date, is_revised boolean, publication_series text,
    position integer, published_from date, published_to date, superseded_by text, is_latest boolean, entry text,
    correction_id text, known_from date, date_basis text, has_been_revised boolean
);
create table marts.fct_source_conflict (
    indicator_id text, measure_id text, area_code text, period_start date, period_end date, breakdown text,
    breakdown_value text, chosen_source_id text, chosen_publication_id text, chosen_value numeric,
    other_source_id text, other_publication_id text, other_value numeric, difference numeric
);
create table marts.fct_progress (
    indicator_id text, measure_id text, area_code text, baseline_period_start date, baseline_period_label text,
    baseline_value numeric, latest_period_start date, latest_period_label text, latest_value numeric,
    previous_period_label text, previous_value numeric, change_since_baseline numeric, change_since_previous numeric,
    moves text, points integer, judgement text, reason text, judgement_since_previous text, method text, break_id text
);
create table marts.fct_change (
    indicator_id text, measure_id text, area_code text, from_period_start date, from_period_label text,
    from_value numeric, latest_period_start date, latest_period_label text, latest_value numeric, change numeric,
    is_baseline boolean, break_id text
);
create table marts.fct_break (
    break_id text primary key, indicator_id text, measure_id text, reason text
);
create table marts.fct_reconciliation (
    indicator_id text, measure_id text, area_code text, period_start date, period_end date, period_label text,
    breakdown text, breakdown_value text, kind text, unit text, published_value numeric, calculated_value numeric,
    difference numeric, tolerance numeric, verdict text, reason text, numerator numeric, denominator numeric,
    per integer, source_id text, source_cell text
);
create table marts.council_matrix (
    area_code text, area_name text, family_group integer, vision_statement_id text, outcome_id text,
    indicator_id text, indicator_name text, publication_state text, measure_id text, measure_title text, unit text,
    population text, polarity text, decimals integer, period_label text, obs_value numeric, status text, rank integer,
    councils_ranked integer, quartile integer, family_median numeric, scotland_value numeric,
    previous_period_label text, change_since_previous numeric, change_since_baseline numeric, judgement text,
    reason text, display_order integer
);
create table marts.direction_basket (
    scope text, publication_state text, judgement text, indicators integer, indicator_ids text[]
);
create table marts.statement_summary (
    vision_statement_id text primary key, number integer, name text, statement text, publication_state text,
    gap_statement text, published_indicators integer, proposed_indicators integer, data_gaps text[]
);
create table marts.fct_gap (
    indicator_id text, measure_id text, comparator_measure_id text, area_code text, period_start date,
    period_end date, period_label text, breakdown text, breakdown_value text, care_value numeric, comparator_value numeric, absolute_gap numeric,
    relative_gap numeric
);
create table marts.fct_benchmark (
    indicator_id text, measure_id text, area_code text, period_start date, period_end date, period_label text,
    obs_value numeric, rank integer, councils_ranked integer, quartile integer, family_group integer,
    family_median numeric, scotland_value numeric
);
create table marts.fct_data_gap (
    data_gap_id text primary key, vision_statement_id text, outcome_id text, indicator_id text, kind text, about text,
    description text, since text, could_be_filled_by text[], source_url text
);
create table marts.fct_evidence (
    evidence_id text primary key, vision_statement_id text, strand text, kind text, title text, summary text,
    url text, published_on text, question_id text
);
create table marts.fct_milestone (
    milestone_id text primary key, theme_id text, vision_statement_id text, title text, organisation_id text,
    due_on date, due_precision text, status text, source_url text
);
