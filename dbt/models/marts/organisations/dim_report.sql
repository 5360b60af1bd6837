-- One row per plan, report, statistics, route map or return: who makes it, for whom, how often, and which others are about
-- the same thing.
with party as (

    select
        report_id,
        array_agg(coalesce(via, organisation_id) order by organisation_id) filter (where role = 'makes') as made_by,
        array_agg(coalesce(via, organisation_id) order by organisation_id) filter (where role = 'is_sent') as sent_to
    from (
        select distinct on (report_id, role, coalesce(via, organisation_id)) *
        from {{ ref('framework__report_organisation') }}
    ) as each_group_once
    group by report_id

),

indicator as (

    select
        report_id,
        array_agg(indicator_id order by indicator_id) as indicators
    from {{ ref('framework__report_indicator') }}
    group by report_id

),

twin as (

    select
        report.report_id,
        array_agg(other.report_id order by other.report_id) as same_subject
    from {{ ref('framework__report') }} as report
    inner join {{ ref('framework__report') }} as other
        on report.subject = other.subject and report.report_id != other.report_id
    group by report.report_id

)

select
    report.report_id,
    report.title,
    report.kind,
    coalesce(party.made_by, array[]::text[]) as made_by,
    report.made_by_words,
    coalesce(party.sent_to, array[]::text[]) as sent_to,
    report.frequency,
    report.when_words,
    report.subject,
    coalesce(twin.same_subject, array[]::text[]) as same_subject,
    report.covers_all::boolean as covers_all,
    string_to_array(report.vision_statement_ids, ' ') as vision_statement_ids,
    coalesce(indicator.indicators, array[]::text[]) as indicator_ids,
    coalesce(string_to_array(report.made_from, ' '), array[]::text[]) as made_from,
    report.url,
    report.source_url,
    report.note,
    report.display_order::integer as display_order
from {{ ref('framework__report') }} as report
left join party on report.report_id = party.report_id
left join indicator on report.report_id = indicator.report_id
left join twin on report.report_id = twin.report_id
