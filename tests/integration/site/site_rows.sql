-- A few rows for the site's own tests, made up and nowhere else used: three square councils, two statements, a revision,
-- a suppressed figure, one that is not available, one that is not there, and text that must be escaped.
insert into marts.release_info values (7, '2026-01-02 03:04:05+00', 1, 'synthetic');
insert into marts.dim_vision_statement (vision_statement_id, number, name, statement, statement_source_url,
    promise_report_page, publication_state, gap_statement, outcomes, indicators, indicators_with_figures)
values ('vs01', 1, 'Synthetic learning', 'Children must thrive <script>alert("statement")</script> & be heard.',
        'https://example.org/statement', 71, 'published', null, 1, 2, 1),
       ('vs02', 2, 'Synthetic silence', 'Nothing is published under this one.', null,
        null, 'gap', 'Synthetic gap: nothing was found.', 0, 0, 0);
insert into marts.dim_outcome (outcome_id, vision_statement_id, number, outcome_text, publication_state)
values ('vs01_o1', 'vs01', 1, 'More time in school.', 'published');
insert into marts.dim_indicator (indicator_id, outcome_id, vision_statement_id, name, short_name, kind, direction,
    direction_basis, population_marker, publication_state, proposed_because, headline_measure_id, minimum_periods, method,
    baseline_period_start, baseline_note, baseline_absence, baseline_filled_by, display_order, has_figures, has_council_figures,
    standing, counted_as)
values ('in_school', 'vs01_o1', 'vs01', 'Time in school', 'In school', 'core', 'increase', 'Derived.', 'care_marker',
        'published', null, 'in_school__share', 2, 'Change from the baseline.', '2019-08-01',
        '2019/20, the nearest to 2020.', null, null, 1, true, true, 'framework', 'direction'),
       ('unheard', 'vs01_o1', 'vs01', 'An indicator <b>without</b> figures', 'Unheard', 'contextual', 'neutral', null,
        'whole_population', 'proposed', 'Made up, and it does not say much.', null, 2, 'None.', null,
        null, 'not_in_our_copy', 'a made-up table', 2, false, false, 'background', 'background');
insert into marts.dim_measure (measure_id, indicator_id, title, unit, population, decimals, polarity, role,
    comparator_measure_id, geography, threshold_value, threshold_unit, threshold_author, threshold_reason, caveat,
    display_order)
values ('in_school__share', 'in_school', 'Share in school', 'percent', 'care_experienced', 1, 'higher_is_better',
        'headline', 'in_school__all', 'national', 1, 'percentage_point', 'this project', 'Made up.', 'Take note.', 1),
       ('in_school__count', 'in_school', 'Number in school', 'count', 'care_experienced', 0, 'neutral', 'companion',
        null, 'national', null, null, null, null, null, 2),
       ('in_school__all', 'in_school', 'Share in school, everyone', 'percent', 'all_pupils', 1, 'higher_is_better',
        'comparator', null, 'national', null, null, null, null, null, 3),
       ('in_school__council', 'in_school', 'Share in school by council', 'percent', 'looked_after', 1,
        'higher_is_better', 'local', null, 'council', null, null, null, null, 'Another definition.', 4);
insert into marts.dim_area (area_code, area_name, area_type, is_current, family_group)
values ('S92000003', 'Scotland', 'country', true, null),
       ('S12000901', 'Council of A & B', 'council', true, 1), ('S12000902', 'Middle', 'council', true, 1),
       ('S12000903', 'Western', 'council', true, 2), ('S12000904', 'Absent', 'council', true, 2),
       ('S12000800', 'Archived', 'council', false, null);
insert into marts.dim_area_boundary (area_code, area_name, geometry, snapshot_id)
select area_code, area_name, format('{"type": "Polygon", "coordinates": [[[%s, 56], [%s, 57], [%s, 57], [%s, 56], [%s, 56]]]}',
    -right(area_code, 1)::integer, -right(area_code, 1)::integer, 1 - right(area_code, 1)::integer,
    1 - right(area_code, 1)::integer, -right(area_code, 1)::integer)::jsonb, repeat('b', 64)
from marts.dim_area where area_type = 'council' and is_current;
insert into marts.dim_source (source_id, title, publisher, landing_page, licence, licence_url, attribution, feeds_indicators,
    source_kind, cadence, latest_retrieved_at)
values ('made_up', 'A made-up source', 'Nobody', 'https://example.org/source', 'None', null, 'Made up', '{in_school}', 'published_file', 'annual',
    '2026-01-01 09:08:07+00');
insert into marts.dim_publication (publication_id, title, publisher, url, published_on, precision)
values ('early', 'Early figures', 'Nobody', 'https://example.org/early?a=1&b=2', '2024-05-01', 'month'),
       ('late', 'Late figures', 'Nobody', 'https://example.org/late', '2025-06-07', 'day'),
       ('undated', 'Undated figures', 'Nobody', null, null, 'unknown');
insert into marts.dim_organisation (organisation_id, name, kind, answers_for, url, datasets, indicators, area_code)
values ('nobody', 'Nobody', 'public_body', 'Nothing', 'https://example.org', 1, '{in_school}', null),
       ('middle', 'Middle Council', 'council', 'Middle', null, 0, '{}', 'S12000902');
insert into marts.dim_dataset (dataset_id, entry, title, publisher, organisation_id, organisation_ids, url, held_by, catalogue,
    source_id, vision_statement_ids, indicator_ids, question_ids, in_warehouse, licence, kind, population, population_words,
    care_experience_marker, geography, period_from, period_to, frequency, access_rights, identifiers, figures, councils_covered,
    missing_share, figures_revised, last_landed_at, is_in_front)
values ('warehouse:one', 'source', 'Attendance "and" <more>', 'Nobody', 'nobody', '{nobody}', 'https://example.org/one', 'Nobody',
        'this warehouse', 'made_up', '{vs01}', '{in_school}', '{}', true, 'None', 'open_data', '{looked_after}', null, 'everyone',
        'council', '2019-08-01', null, 'annual', 'public', '{none}', 12, 3, 0.25, 1, '2026-01-02', true),
       ('holding:two', 'holding', 'Where brothers live', 'Nobody; All councils', null, '{nobody,councils}', 'https://example.org/two?a=1&b=2',
        'Nobody; All councils', 'pages of organisations', null, '{vs01}', '{}', '{wm_asked}', false, null, 'administrative',
        '{looked_after}', 'children & young people', 'everyone', 'scotland', '2010-01-01', '2020-12-31', null, 'restricted',
        '{child_id}', null, null, null, null, null, true),
       ('statistics.gov.scot:bus', 'catalogue', 'Bus stops', 'Somebody', null, '{nobody}', 'https://example.org/bus', 'Somebody',
        'statistics.gov.scot', null, '{}', '{}', '{}', false, null, 'open_data', '{}', null, null, null, null, null, null,
        'public', '{none}', null, null, null, null, null, false);
insert into marts.bridge_dataset_link (dataset_id, target_kind, target_id, vision_statement_id, how, basis, author, decided_on, reason)
values ('warehouse:one', 'indicator', 'in_school', 'vs01', 'answers', 'feeds', null, null, 'Its figures are loaded here.'),
       ('holding:two', 'statement', 'vs01', 'vs01', 'partly', 'judged', 'somebody', '2026-01-01', 'It says who lives where.'),
       ('holding:two', 'question', 'wm_asked', null, 'partly', 'judged', 'somebody', '2026-01-01', 'It says a part of it.');
insert into marts.fct_question_answer (question_id, question_text, source_url, answered, dataset_ids, by_what)
values ('wm_asked', 'Am I with my family?', 'https://example.org/asked', 'partly', '{holding:two}', 'Where brothers live: a part.');
insert into marts.dim_search_word (word, synonym_group) values ('sibling', 'sibling'), ('brother', 'sibling'), ('sister', 'sibling');
insert into marts.fct_dataset_duplicate (dataset_id, other_dataset_id, score, reasons)
values ('holding:two', 'warehouse:one', 0.5, '{"words: live","about the same people"}');
insert into marts.fct_dataset_link (dataset_id, other_dataset_id, shared_identifiers, shared_population, blocked_by)
values ('holding:two', 'warehouse:one', '{}', '{looked_after}', 'unknown');
insert into marts.fct_reporting_requirement (requirement_id, report_id, organisation_id, title, kind, sent_to, duty, duty_url,
    frequency, when_words, months, same_again, could_align, not_known, source_url)
values ('r__nobody', 'r', 'nobody', 'A return & more', 'return', '{nobody}', 'An Act, section 1', 'https://example.org/act', 'annual',
        'August', '{8}', '{}', '{s}', '{}', 'https://example.org/r'),
       ('s__nobody', 's', 'nobody', 'A report', 'report', '{}', null, null, null, null, '{}', '{}', '{r}', '{duty,"how often",when}', null);
insert into marts.outcome_strands (outcome_id, vision_statement_id, publication_state, indicators, indicators_with_figures, improving,
    worsening, numbers_show, pieces_heard, missing, different_ways)
values ('vs01_o1', 'vs01', 'published', 2, 1, 0, 1, 'worsening', 0, '{heard,done}', null);
insert into marts.fct_data_gap (data_gap_id, kind, about, description, why, could_be_filled_by)
values ('map__equality__age', 'equality_group', 'map', 'No figure by age.', 'Nobody says that it is held.', '{nobody}');
insert into marts.fct_observation (indicator_id, measure_id, area_code, period_start, period_end, period_label, breakdown,
    breakdown_value, obs_value, unit, obs_status, conf_status, lci_95, uci_95, publication_id, source_id, snapshot_id,
    source_cell, published_on, is_revised, source_kind, read_from, seen_through)
select 'in_school', m, a, make_date(y, 8, 1), make_date(y + 1, 7, 31), y || '/' || right((y + 1)::text, 2), b, v, value,
    u, status, conf, low, high, p, 'made_up', repeat('5', 64), 'Sheet!' || c, null, revised,
    case m when 'in_school__count' then 'quoted_elsewhere' when 'in_school__all' then 'transcription' else 'published_file' end,
    case m when 'in_school__count' then 'https://www.news.example/a?b=1&c=2' when 'in_school__all' then 'https://nobody.example/a' end,
    case m when 'in_school__count' then 'news.example' end
from (values
    ('in_school__share', 'S92000003', 2019, 'total', 'total', 87.94, 'percent', 'final', 'free', null, null, 'late', 'A1', true),
    ('in_school__share', 'S92000003', 2021, 'total', 'total', null, 'percent', 'not_collected', 'free', null, null, 'late', 'A2', false),
    ('in_school__share', 'S92000003', 2023, 'total', 'total', 83.7, 'percent', 'provisional', 'free', null, null, 'late', 'A3', false),
    ('in_school__share', 'S92000003', 2023, 'sex', 'female', 84.0, 'percent', 'final', 'free', null, null, 'late', 'A4', false),
    ('in_school__count', 'S92000003', 2019, 'total', 'total', 12000, 'count', 'final', 'free', null, null, 'undated', 'B1', false),
    ('in_school__count', 'S92000003', 2023, 'total', 'total', 13500, 'count', 'final', 'free', null, null, 'undated', 'B2', false),
    ('in_school__all', 'S92000003', 2023, 'total', 'total', 90.3, 'percent', 'final', 'free', null, null, 'late', 'C1', false),
    ('in_school__council', 'S92000003', 2021, 'total', 'total', 85.0, 'percent', 'final', 'free', null, null, 'late', 'D0', false),
    ('in_school__council', 'S12000901', 2019, 'total', 'total', 70.0, 'percent', 'final', 'free', null, null, 'late', 'D1', false),
    ('in_school__council', 'S12000901', 2021, 'total', 'total', 80.0, 'percent', 'estimated', 'free', 77.5, 82.5, 'late', 'D2', false),
    ('in_school__council', 'S12000902', 2021, 'total', 'total', null, 'percent', 'final', 'suppressed_by_publisher', null, null, 'late', 'D3', false),
    ('in_school__council', 'S12000903', 2021, 'total', 'total', 0.0, 'percent', 'final', 'free', null, null, 'late', 'D4', false),
    ('in_school__council', 'S12000901', 2023, 'total', 'total', null, 'percent', 'not_available', 'free', null, null, 'late', 'D5', false)
) as given (m, a, y, b, v, value, u, status, conf, low, high, p, c, revised);
insert into marts.fct_observation_vintage (indicator_id, measure_id, area_code, period_start, period_end, period_label,
    breakdown, breakdown_value, obs_value, unit, obs_status, conf_status, publication_id, source_id, snapshot_id,
    source_cell, is_revised, publication_series, position, is_latest, entry, source_kind)
select 'in_school', m, 'S92000003', make_date(y, 8, 1), make_date(y + 1, 7, 31), y || '/' || right((y + 1)::text, 2),
    'total', 'total', value, 'percent', 'final', 'free', p, 'made_up', repeat('5', 64), 'Sheet!' || c, revised, series, n, latest,
    'published', 'published_file'
from (values
    ('in_school__share', 2019, 88.6, 'early', 'E1', false, 's', 1, false),
    ('in_school__share', 2019, 87.94, 'late', 'A1', true, 's', 2, true),
    ('in_school__share', 2019, 11.1, 'undated', 'E2', false, 'another series', 1, true),
    ('in_school__share', 2023, 83.7, 'early', 'E3', false, 's', 1, false),
    ('in_school__share', 2023, 83.7, 'late', 'A3', false, 's', 2, true)
) as given (m, y, value, p, c, revised, series, n, latest);
insert into marts.fct_source_conflict
values ('in_school', 'in_school__share', 'S92000003', '2019-08-01', '2020-07-31', 'total', 'total', 'made_up', 'late', 87.94,
    'made_up', 'undated', 11.1, -76.84);
insert into marts.fct_progress (indicator_id, measure_id, area_code, baseline_period_start, baseline_period_label,
    baseline_value, latest_period_start, latest_period_label, latest_value, change_since_baseline, moves, points, judgement,
    reason, judgement_since_previous, method, reason_since_previous, judgement_since_2018_19, reason_since_2018_19,
    judgement_by_trend, reason_by_trend, computed_judgement)
values ('in_school', 'in_school__share', 'S92000003', '2019-08-01', '2019/20', 87.94, '2023-08-01', '2023/24', 83.7, -4.24,
        'down', 2, 'worsening', 'threshold of 1 percentage point, set by this project', 'cannot_be_calculated', 'm',
        'a figure is missing', 'worsening', 'fell by 4.3 percentage points', 'cannot_be_calculated', 'fewer than five figures', 'worsening'),
       ('in_school', 'in_school__count', 'S92000003', '2019-08-01', '2019/20', 12000, '2023-08-01', '2023/24', 13500, 1500,
        'up', 2, 'rose', 'rose by 1,500', 'rose', 'm', 'rose by 1,500', 'no_baseline_in_our_copy', 'our copy has no figure of 2018/19',
        'cannot_be_calculated', 'fewer than five figures', 'rose');
-- An outcome's mart says what fct_progress says of its measures; an indicator's has the figures.
insert into marts.outcome__vs01_o1 (outcome_id, indicator_id, indicator_name, measure_id, baseline_period_start,
    baseline_period_label, baseline_value, latest_period_start, latest_period_label, latest_value, change_since_baseline, moves,
    judgement, reason, judgement_since_previous, publication_state)
select 'vs01_o1', indicator_id, 'Time in school', measure_id, baseline_period_start, baseline_period_label, baseline_value,
    latest_period_start, latest_period_label, latest_value, change_since_baseline, moves, judgement, reason,
    judgement_since_previous, 'published'
from marts.fct_progress;
insert into marts.outcome__vs01_o1 (indicator_id, measure_id, judgement) values ('unheard', 'none', 'cannot_be_calculated');
create table marts.indicator__in_school (like marts.indicator__attendance_rate including all);
insert into marts.indicator__in_school (measure_id, area_code, period_start, period_end, breakdown, breakdown_value, obs_value,
    obs_status, conf_status, publication_id)
select measure_id, area_code, period_start, period_end, breakdown, breakdown_value, obs_value, obs_status, conf_status,
    publication_id
from marts.fct_observation;
insert into marts.fct_break (break_id, indicator_id, measure_id, reason, new_from, certainty, source_url)
values ('b', 'in_school', 'in_school__share', 'The form changed.', '2018-08-01', 'established', 'https://example.org/form');
insert into marts.fct_change (indicator_id, measure_id, area_code, from_period_start, from_period_label, from_value,
    latest_period_start, latest_period_label, latest_value, change, is_baseline, break_id)
values ('in_school', 'in_school__share', 'S92000003', '2017-08-01', '2017/18', 86.0, '2023-08-01', '2023/24', 83.7, null, false, 'b'),
       ('in_school', 'in_school__share', 'S92000003', '2018-08-01', '2018/19', 88.0, '2023-08-01', '2023/24', 83.7, -4.3, false, null),
       ('in_school', 'in_school__share', 'S92000003', '2019-08-01', '2019/20', 87.94, '2023-08-01', '2023/24', 83.7, -4.24, true, null);
insert into marts.fct_reconciliation (indicator_id, measure_id, area_code, period_start, period_end, period_label, breakdown,
    breakdown_value, kind, unit, published_value, calculated_value, difference, tolerance, verdict, reason, numerator,
    denominator, per)
select 'in_school', m, 'S92000003', make_date(y, 8, 1), make_date(y + 1, 7, 31), y || '/' || right((y + 1)::text, 2), 'total',
    'total', kind, u, published, calculated, published - calculated, 0.05, verdict, reason, num, den, 100
from (values
    ('in_school__share', 2023, 'ratio', 'percent', 83.7, 84.12, 'differs', 'counts of other publications', 8412, 10000),
    ('in_school__share', 2019, 'ratio', 'percent', 87.94, 87.94, 'agrees', 'the same', 8794, 10000),
    ('in_school__count', 2023, 'parts', 'count', 13500, 13400, 'differs', 'in none of them', null, null),
    ('in_school__count', 2019, 'parts', 'count', 12000, null, 'cannot_be_checked', 'a part is suppressed', null, null)
) as given (m, y, kind, u, published, calculated, verdict, reason, num, den);
insert into marts.fct_gap (indicator_id, measure_id, comparator_measure_id, area_code, period_start, period_end, period_label,
    breakdown, breakdown_value, care_value, comparator_value, absolute_gap, relative_gap)
values ('in_school', 'in_school__share', 'in_school__all', 'S92000003', '2023-08-01', '2024-07-31', '2023/24', 'total', 'total',
    83.7, 90.3, -6.6, 0.93);
insert into marts.fct_benchmark
values ('in_school', 'in_school__council', 'S12000901', '2021-08-01', '2022-07-31', '2021/22', 80.0, 1, 2, 1, 1, null, 85.0),
       ('in_school', 'in_school__council', 'S12000903', '2021-08-01', '2022-07-31', '2021/22', 0.0, 2, 2, 4, 2, 0.0, 85.0);
insert into marts.council_matrix (area_code, area_name, family_group, indicator_id, indicator_name, publication_state,
    measure_id, measure_title, polarity, period_label, obs_value, status, rank, councils_ranked, quartile, scotland_value,
    previous_period_label, change_since_previous, display_order)
values ('S12000901', 'Council of A & B', 1, 'in_school', 'In school', 'published', 'in_school__council', 'Share', 'higher_is_better',
        '2021/22', 80.0, 'shown', 1, 2, 1, 85.0, '2019/20', 10.0, 1),
       ('S12000902', 'Middle', 1, 'in_school', 'In school', 'published', 'in_school__council', 'Share', 'higher_is_better',
        '2021/22', null, 'suppressed', null, null, null, null, null, null, 1),
       ('S12000903', 'Western', 2, 'in_school', 'In school', 'published', 'in_school__council', 'Share', 'higher_is_better',
        '2021/22', 0.0, 'shown', 2, 2, 4, 85.0, null, null, 1),
       ('S12000904', 'Absent', 2, 'in_school', 'In school', 'published', 'in_school__council', 'Share', 'higher_is_better',
        '2021/22', null, 'not_published', null, null, null, null, null, null, 1);
insert into marts.direction_by_rule (rule, scope, publication_state, counted_as, judgement, indicators, indicator_ids)
select rule, scope, state, counted_as, case when rule = 'last_two' then 'cannot_be_calculated' else judgement end, 1, array[indicator]
from (values ('since_baseline'), ('since_2018_19'), ('last_two'), ('trend')) as rules (rule)
cross join (values ('scotland'), ('vs01')) as scopes (scope)
cross join (values
    ('published', 'direction', 'worsening', 'in_school'), ('proposed', 'background', 'no_baseline_in_our_copy', 'unheard')
) as indicators (state, counted_as, judgement, indicator);
insert into marts.direction_basket
select scope, publication_state, counted_as, judgement, indicators, indicator_ids
from marts.direction_by_rule where rule = 'since_baseline';
insert into marts.judgement_disagreement (indicator_id, indicator_name, vision_statement_id, publication_state, counted_as, measure_id,
    since_baseline, since_2018_19, last_two, trend)
values ('in_school', 'In school', 'vs01', 'published', 'direction', 'in_school__share', 'worsening', 'no_clear_change', 'cannot_be_calculated', null);
insert into marts.fct_data_gap (data_gap_id, vision_statement_id, indicator_id, kind, about, description, since,
    could_be_filled_by)
values ('g_silence', 'vs02', null, 'not_measured', 'evidence', 'Nobody measures this.', null, '{nobody}'),
       ('g_unheard', 'vs01', 'unheard', 'no_figure_loaded', 'our_copy', 'No figure of it is loaded.', '2020', '{nobody}'),
       ('g_all', null, null, 'not_measured', 'evidence', 'Nobody measures that either.', null, '{nobody}');
insert into marts.fct_evidence (evidence_id, vision_statement_ids, strand, kind, title, summary, url)
values ('e', '{vs01,vs02}', 'experience', 'page', 'What was said', 'In our words.', 'https://example.org/said'),
       ('f', '{vs02}', 'organisational', 'page', 'What was done', 'In our words too.', 'https://example.org/done');
insert into marts.fct_milestone (milestone_id, vision_statement_id, title, organisation_id, due_on, due_precision, returned_by)
values ('m', 'vs02', 'Begin to measure', 'nobody', '2027-01-01', 'year', 'nobody');
comment on column marts.fct_observation.obs_value is 'The figure | in its unit.';
insert into marts.provenance (measure_id, area_code, period_start, period_end, breakdown, breakdown_value, value_published, area_published,
    period_published, series_label, what_was_done, source_id, source_title, file_name, retrieved_at, source_kind, published_precision,
    source_cell, snapshot_id)
select measure_id, area_code, period_start, period_end, breakdown, breakdown_value, coalesce(obs_value::text, 'x'), 'All <Scotland>',
    period_label, 'In school', 'read as printed', source_id, 'A made-up source', 'figures.csv', '2026-01-01 09:08:07+00', source_kind, 'day',
    source_cell, snapshot_id
from marts.fct_observation
where area_code = 'S92000003';
insert into marts.fct_responsibility (indicator_id, produced_by, reported_by, can_change, organisations_that_can_change, basis, reason,
    about, source_url)
values ('in_school', '{nobody}', '{nobody}', '{councils}', 32, 'Councils keep schools.', null, 'in_school', 'https://example.org/law'),
       ('unheard', '{}', '{}', '{}', 0, null, 'No page says.', 'vs01', null);
insert into marts.bridge_organisation_role (organisation_role_id, organisation_id, strand, role, what, stated_on, stated_precision, source_url)
values ('nobody_1', 'nobody', 'national', 'lead', 'Leads nothing.', '2025-10-01', 'month', 'https://example.org/roles');
insert into marts.dim_report (report_id, title, kind, made_by, frequency, indicator_ids, url, display_order)
values ('yearbook', 'The yearbook', 'statistics', '{nobody}', 'annual', '{in_school}', 'https://example.org/yearbook', 1),
       ('return', 'The return', 'return', '{councils}', 'annual', '{}', null, 2);
insert into marts.fct_reporting_status (organisation_id, report_id, title, kind, frequency, last_published_on, last_published_precision,
    expected_from, expected_until, expected_basis, state, basis, as_at)
values ('nobody', 'yearbook', 'The yearbook', 'statistics', 'annual', '2024-06-01', 'month', '2025-06-01', '2025-06-30', 'cadence', 'overdue',
        'It was expected in June 2025.', '2026-01-02'),
       ('middle', 'return', 'The return', 'return', 'annual', null, null, null, null, null, 'unknown', 'No page says when.', '2026-01-02');
insert into marts.fct_publication_calendar (source_id, title, publisher_organisation_id, cadence, expected_until, overdue_from, expected_basis,
    state, basis, as_at)
values ('made_up', 'A made-up source', 'nobody', 'annual', '2026-03-31', '2026-06-30', 'freshness', 'expected', 'So many days.', '2026-01-02');
insert into marts.fct_history_event (event_id, kind, certainty, indicator_id, measure_id, area_code, period_label, breakdown, breakdown_value,
    value_before, value_after, known_from, description)
values ('e1', 'revision', 'certain', 'in_school', 'in_school__share', 'S92000003', '2019/20', 'total', 'total', 88.6, 87.94, '2025-06-07', 'Revised.'),
       ('e2', 'withheld', 'certain', 'in_school', 'in_school__council', 'S12000902', '2021/22', 'total', 'total', null, null, '2025-06-07', 'Withheld.'),
       ('e3', 'revision', 'certain', null, null, null, '2019', null, null, 1, 2, null, 'A series <that> feeds nothing.');
insert into marts.fct_revision_summary (indicator_id, measure_id, figures, published_again, revised, judgement_at_first, judgement_now,
    judgement_flips)
values ('in_school', 'in_school__share', 3, 2, 1, 'improving', 'worsening', true);
insert into marts.fct_recommendation (recommendation_id, text, is_quotation, made_by_organisation_id, made_on, made_precision, addressed_to,
    due_words, deadline_has_passed, source_url, display_order)
values ('r', 'Say who answers.', false, 'nobody', '2025-10-08', 'day', '{nobody}', 'within six months', true, 'https://example.org/audit', 1);
