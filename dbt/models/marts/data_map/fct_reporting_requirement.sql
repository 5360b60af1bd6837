-- One row per plan, report, statistics or return and organisation that must make it: for whom, under which duty, when, and where the
-- same organisation is asked the same thing again or could have two dates become one. Only what pages say; `not_known` names what
-- none of them gives.
with maker as (

    select
        report_id,
        organisation_id,
        via
    from {{ ref('framework__report_organisation') }}
    where role = 'makes'
    union all
    -- Those who make it are not organisations that are listed.
    select
        report_id,
        null as organisation_id,
        null as via
    from {{ ref('framework__report') }}
    where made_by_words is not null

),

requirement as (

    select
        report.report_id || coalesce('__' || maker.organisation_id, '') as requirement_id,
        report.report_id,
        maker.organisation_id,
        report.made_by_words as organisation_words,
        maker.via,
        report.title,
        report.kind,
        report.sent_to,
        described.duty,
        described.duty_url,
        report.frequency,
        report.when_words,
        coalesce(string_to_array(described.months, ' ')::integer[], array[]::integer[]) as months,
        report.subject,
        report.source_url,
        report.note
    from {{ ref('dim_report') }} as report
    inner join {{ ref('framework__report') }} as described on report.report_id = described.report_id
    inner join maker on report.report_id = maker.report_id
    where report.kind != 'route_map'

),

-- A plan and the report on it are about one thing and are two things.
twin as (

    select
        one.requirement_id,
        array_agg(other.report_id order by other.report_id) filter (where one.kind = other.kind) as same_again,
        array_agg(other.report_id order by other.report_id) filter (where one.months != other.months) as could_align
    from requirement as one
    inner join requirement as other
        on
            one.organisation_id = other.organisation_id
            and one.subject = other.subject
            and one.report_id != other.report_id
    group by one.requirement_id

)

select
    requirement.requirement_id,
    requirement.report_id,
    requirement.organisation_id,
    requirement.organisation_words,
    requirement.via,
    requirement.title,
    requirement.kind,
    requirement.sent_to,
    requirement.duty,
    requirement.duty_url,
    requirement.frequency,
    requirement.when_words,
    requirement.months,
    status.expected_from,
    status.expected_until,
    requirement.subject,
    coalesce(twin.same_again, array[]::text[]) as same_again,
    coalesce(twin.could_align, array[]::text[]) as could_align,
    array_remove(array[
        case when requirement.sent_to = array[]::text[] and requirement.kind = 'return' then 'to whom' end,
        case when requirement.duty is null then 'duty' end,
        case when requirement.frequency is null then 'how often' end,
        case when requirement.when_words is null then 'when' end
    ], null) as not_known,
    requirement.source_url,
    requirement.note
from requirement
left join {{ ref('fct_reporting_status') }} as status
    on requirement.report_id = status.report_id and requirement.organisation_id = status.organisation_id
left join twin on requirement.requirement_id = twin.requirement_id
