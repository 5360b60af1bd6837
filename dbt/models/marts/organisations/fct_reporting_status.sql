-- One row per organisation and report that it makes: when it last came out, when the next is expected, and what may be said
-- of that on the day of the build. Only what is loaded or stated counts: `overdue` means that the time has passed and no
-- later issue is known here, not that there is none. Where two issues or more would be missing, this warehouse does not
-- follow the series, and the state is unknown.
with issue as (

    select distinct on (report.report_id)
        report.report_id,
        publication.publication_id,
        publication.title,
        publication.published_on,
        publication.precision
    from {{ ref('framework__report') }} as report
    inner join {{ ref('dim_publication') }} as publication
        on
            report.publication_series = publication.series
            and (report.title_contains is null or strpos(lower(publication.title), lower(report.title_contains)) > 0)
    order by report.report_id asc, publication.rank desc, publication.published_on desc nulls last, publication.publication_id asc

),

printed as (

    select
        report.report_id,
        max({{ month_and_year('indicator.last_updated') }}) as last_updated,
        max({{ month_and_year('indicator.next_update_due') }}) as next_update_due
    from {{ ref('framework__report_indicator') }} as report
    inner join {{ ref('dim_indicator') }} as indicator on report.indicator_id = indicator.indicator_id
    group by report.report_id

),

last_issue as (

    select
        report.report_id,
        report.title,
        report.kind,
        report.frequency,
        report.display_order,
        issue.publication_id,
        issue.title as issue_title,
        printed.next_update_due,
        case
            when issue.published_on is not null then 'publication'
            when report.published_on is not null then 'stated'
            when printed.last_updated is not null then 'framework_page'
        end as last_published_basis,
        coalesce(issue.published_on, report.published_on::date, printed.last_updated) as last_published_on,
        case
            when issue.published_on is not null then issue.precision
            when report.published_on is not null then report.published_precision
            when printed.last_updated is not null then 'month'
        end as last_published_precision,
        {{ cadence_interval('report.frequency') }} as cadence
    from {{ ref('framework__report') }} as report
    left join issue on report.report_id = issue.report_id
    left join printed on report.report_id = printed.report_id

),

expected as (

    select
        *,
        -- What the framework prints counts until an issue of that month or later is known.
        {{ next_expected_from('next_update_due', 'last_published_on', 'last_published_precision', 'cadence') }} as expected_from,
        {{ next_is_printed('next_update_due', 'last_published_on') }} as is_printed
    from last_issue

),

bounded as (

    select
        *,
        {{ next_expected_until('expected_from', 'is_printed', 'last_published_precision') }} as expected_until
    from expected

),

judged as (

    select
        *,
        ops.as_at()::date as as_at,
        case
            when frequency = 'once' and last_published_on is not null then 'on_time'
            else {{ next_state('ops.as_at()::date', 'expected_from', 'expected_until', 'is_printed', 'cadence') }}
        end as state
    from bounded

)

select
    maker.organisation_id,
    judged.report_id,
    judged.title,
    judged.kind,
    judged.frequency,
    judged.publication_id as latest_publication_id,
    judged.last_published_on,
    judged.last_published_precision,
    judged.last_published_basis,
    judged.expected_from,
    judged.expected_until,
    case when judged.expected_from is null then null when judged.is_printed then 'printed' else 'cadence' end as expected_basis,
    judged.state,
    case
        when judged.last_published_on is null and judged.publication_id is not null
            then 'The latest issue known here is "' || judged.issue_title || '", whose date is not known.'
        when judged.kind = 'return' then 'Whether and when it is sent is not published in what is loaded here.'
        when judged.last_published_on is null then 'When it last came out is not known here.'
        else
            'Last known to have come out '
            || case judged.last_published_precision
                when 'day' then 'on ' || to_char(judged.last_published_on, 'FMDD FMMonth YYYY')
                when 'month' then 'in ' || to_char(judged.last_published_on, 'FMMonth YYYY')
                else 'in ' || to_char(judged.last_published_on, 'YYYY')
            end
            || case judged.last_published_basis when 'framework_page' then ', when the framework''s page was last updated.' else '.' end
    end
    || case
        when judged.frequency = 'once' then ' It comes out once.'
        when judged.expected_from is null then ' When the next is expected is not known.'
        else
            case when judged.state in ('on_time', 'due') then ' The next is expected in ' else ' The next was expected in ' end
            || case
                when judged.expected_until - judged.expected_from > 31 then to_char(judged.expected_from, 'YYYY')
                else to_char(judged.expected_from, 'FMMonth YYYY')
            end
            || case when judged.is_printed then ', as the framework''s page says' else ', if it stays ' || judged.frequency end
            || case judged.state
                when 'overdue' then '; it may be out, but none is known here.'
                when 'unknown' then ', and more since then: what is loaded here is too old to say whether it is on time.'
                else '.'
            end
    end as basis,
    judged.as_at
from judged
inner join {{ ref('framework__report_organisation') }} as maker
    on judged.report_id = maker.report_id and maker.role = 'makes'
