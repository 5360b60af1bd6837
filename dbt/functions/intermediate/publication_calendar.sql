-- Late is what reports call overdue; overdue is late for as long as the entry of the source lies between its two days of
-- freshness, or until the issue after is expected where it gives none.
with vintage as (

    select
        entry.*,
        {{ held_on('entry') }} as landed_on,
        entry.requested_url not like 'bundle:%' as is_followed,
        row_number() over (partition by entry.source_id order by entry.vintage desc) as age
    from {{ source('ops', 'vintage') }} as entry
    where
        entry.arrival not in ('held', 'rejected', 'forgotten')
        and (entry.not_before is null or entry.not_before <= moment) -- noqa: RF03

),

issue as (

    -- A file is one publication as a whole, or its rows name theirs.
    select distinct on (held.source_id)
        held.source_id,
        publication.publication_id,
        publication.published_on,
        publication.precision
    from (
        select
            source_id,
            publication_id,
            vintage
        from vintage
        where publication_id is not null

        union all

        select distinct
            source_id,
            publication_id,
            null::integer as vintage
        from {{ ref('int_observation_history') }}
    ) as held
    inner join {{ ref('int_publications') }} as publication on held.publication_id = publication.publication_id
    order by
        held.source_id asc,
        held.vintage desc nulls last,
        publication.published_on desc nulls last,
        publication.rank desc,
        publication.publication_id asc

),

asked as (

    select
        source_id,
        max(started_at) as last_asked_at,
        coalesce(max(attempt_id) filter (where outcome in ('new', 'unchanged')), 0) as last_good
    from {{ source('ops', 'ingest_attempt') }}
    group by source_id

),

failing as (

    select
        attempt.source_id,
        min(attempt.started_at) as failing_since,
        count(*)::integer as failed_attempts
    from {{ source('ops', 'ingest_attempt') }} as attempt
    inner join asked on attempt.source_id = asked.source_id and attempt.attempt_id > asked.last_good
    group by attempt.source_id

),

known as (

    select
        source.source_id,
        source.title,
        source.publisher_organisation_id,
        source.cadence,
        vintage.vintage as latest_vintage,
        vintage.landed_on,
        coalesce(vintage.is_followed, false) as is_followed,
        issue.publication_id as latest_publication_id,
        issue.published_on as last_published_on,
        issue.precision as last_published_precision,
        asked.last_asked_at,
        failing.failing_since,
        coalesce(failing.failed_attempts, 0) as failed_attempts,
        source.warn_after_days::integer as warn_after_days,
        source.error_after_days::integer as error_after_days,
        {{ cadence_interval('source.cadence') }} as cadence_interval,
        -- The first printed month that no later issue has overtaken.
        (
            select min({{ month_and_year('printed.next_update_due') }})
            from {{ ref('catalogue__printed_update') }} as printed
            where
                printed.source_id = source.source_id
                and {{ next_is_printed(month_and_year('printed.next_update_due'), 'issue.published_on') }}
        ) as printed_due,
        moment::date as as_at -- noqa: RF02
    from {{ ref('catalogue__source') }} as source
    left join vintage on source.source_id = vintage.source_id and vintage.age = 1
    left join issue on source.source_id = issue.source_id
    left join asked on source.source_id = asked.source_id
    left join failing on source.source_id = failing.source_id

),

begun as (

    select
        *,
        case
            when cadence != 'once'
                then {{ next_expected_from('printed_due', 'last_published_on', 'last_published_precision', 'cadence_interval') }}
        end as issue_from,
        {{ next_is_printed('printed_due', 'last_published_on') }} as is_printed
    from known

),

bounded as (

    select
        *,
        case
            when latest_vintage is null or cadence = 'once' then null
            when issue_from is null and warn_after_days is not null then 'freshness'
            when issue_from is null then null
            when is_printed then 'printed'
            else 'cadence'
        end as expected_basis,
        case
            when issue_from is not null then {{ next_expected_until('issue_from', 'is_printed', 'last_published_precision') }}
            else landed_on + warn_after_days - 1
        end as until
    from begun

),

limited as (

    select
        *,
        case when expected_basis != 'freshness' then issue_from end as expected_from,
        case when expected_basis is not null then until end as expected_until,
        case
            when expected_basis is null then null
            when warn_after_days is not null then until + 1 + error_after_days - warn_after_days
            else (issue_from + cadence_interval)::date
        end as overdue_from
    from bounded

),

judged as (

    select
        *,
        case
            when cadence = 'once' and latest_vintage is not null then 'none_expected'
            when expected_basis is null then 'unknown'
            when expected_basis = 'freshness' and as_at <= expected_until then 'expected'
            else
                case
                    {{- ' ' ~ next_state(
                        'as_at', 'coalesce(expected_from, expected_until)', 'expected_until', 'is_printed', 'cadence_interval',
                        'is_followed'
                    ) }}
                    when 'on_time' then 'expected'
                    when 'due' then 'due'
                    when 'overdue' then case when as_at >= overdue_from then 'overdue' else 'late' end
                    else 'unknown'
                end
        end as state
    from limited

)

select
    source_id,
    title,
    publisher_organisation_id,
    cadence,
    latest_vintage,
    landed_on as last_landed_on,
    latest_publication_id,
    last_published_on,
    last_published_precision,
    expected_from,
    expected_until,
    overdue_from,
    expected_basis,
    state,
    last_asked_at,
    failing_since,
    failed_attempts,
    as_at - failing_since::date as failing_days,
    case
        when latest_vintage is null then 'Nothing of it was landed.'
        else
            'Landed on ' || to_char(landed_on, 'FMDD FMMonth YYYY')
            || case last_published_precision
                when 'day' then ', published on ' || to_char(last_published_on, 'FMDD FMMonth YYYY')
                when 'month' then ', published in ' || to_char(last_published_on, 'FMMonth YYYY')
                when 'year' then ', published in ' || to_char(last_published_on, 'YYYY')
                else ', when published is not known'
            end
            || '.'
            || case
                when state = 'none_expected' then ' It came out once.'
                when expected_basis is null then ' Its entry gives no date by which to expect the next.'
                else
                    case when state in ('expected', 'due') then ' The next is expected ' else ' The next was expected ' end
                    || case
                        when expected_basis = 'freshness'
                            then 'by ' || to_char(expected_until, 'FMDD FMMonth YYYY') || ', so many days after landing as its entry says'
                        when expected_until - expected_from > 31
                            then 'in ' || to_char(expected_from, 'YYYY') || ', if it is ' || cadence
                        else
                            'in ' || to_char(expected_from, 'FMMonth YYYY')
                            || case when is_printed then ', as its pages print' else ', if it is ' || cadence end
                    end
                    || case state
                        when 'unknown' then ', and more since then: the file came with this project, which is too old to say what is out.'
                        when 'late' then '; it may be out, but none is held here.'
                        when 'overdue' then '; it may be out, but none is held here. Overdue since ' || to_char(overdue_from, 'FMDD FMMonth YYYY') || '.'
                        else '.'
                    end
            end
    end
    || case
        when failed_attempts > 0
            then
                ' Asking has failed ' || failed_attempts || case failed_attempts when 1 then ' time' else ' times' end
                || ', since ' || to_char(failing_since, 'FMDD FMMonth YYYY') || '.'
        else ''
    end as basis,
    as_at
from judged
