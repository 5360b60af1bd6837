-- One row per dataset that anybody's description has brought here, in the vocabulary of a return of holdings: what pages say
-- that organisations hold, what this warehouse loads, the indicators that ScotPHO describes, and what a catalogue lists. Words of
-- a page stand beside our category of them; what nobody says is null.
with holding as (

    select
        'holding:' || {{ returned_id('dataset_id') }} as dataset_id,
        'holding' as entry,
        title,
        description,
        -- Who hands it in holds it, where nobody else is named.
        case
            when held_by != '{}' then held_by
            when held_by_words is null and returned_by != 'this_project' then array[returned_by]
            else array[]::text[]
        end as organisation_ids,
        held_by_words as publisher_words,
        case returned_by when 'this_project' then 'pages of organisations' else 'returns of organisations' end as catalogue,
        null as source_id,
        url,
        licence,
        kind,
        kind_words,
        coalesce(theme, '{}') as theme,
        coalesce(population, '{}') as population,
        population_words,
        care_experience_marker,
        care_experience_words,
        unit_of_record,
        size,
        coalesce(breakdowns, '{}') as breakdowns,
        geography[1] as geography,
        geography_words,
        {{ first_day('period_from') }} as period_from,
        {{ first_day('period_to') }} as period_to,
        period_words,
        frequency,
        frequency_words,
        access_rights,
        access_route,
        coalesce(identifiers, '{}') as identifiers,
        identifiers_words,
        quality_words,
        cannot_tell,
        note,
        contact_role,
        quality,
        coalesce(lawful_basis, '{}') as lawful_basis,
        sharing_agreements,
        how_used,
        returned_by,
        array_cat(array_cat(statements, outcomes), array_cat(indicators, questions)) as speaks_to
    from {{ ref('stg_returns__holding') }}

),

of_measure as (

    select
        series.source_id,
        bool_and(measure.population in ({{ care_populations() }})) as all_of_care,
        bool_or(measure.population in ({{ care_populations() }})) as some_of_care,
        array_agg(distinct {{ population_category('measure.population') }}) as population
    from {{ ref('framework__series') }} as series
    inner join {{ ref('framework__measure') }} as measure on series.measure_id = measure.measure_id
    group by series.source_id

),

loaded as (

    select
        'warehouse:' || source.source_id as dataset_id,
        'source' as entry,
        source.title,
        source.description,
        -- What this project typed from pages is its own collection: no publisher has a dataset of that kind.
        case when source.source_kind = 'transcription' then array[]::text[] else array[source.publisher_organisation_id] end
            as organisation_ids,
        case when source.source_kind = 'transcription' then 'this project' end as publisher_words,
        'this warehouse' as catalogue,
        source.source_id,
        source.landing_page as url,
        source.licence,
        case source.source_kind when 'transcription' then 'compiled_indicators' else 'open_data' end as kind,
        null as kind_words,
        array[]::text[] as theme,
        coalesce(of_measure.population, array[]::text[]) as population,
        null as population_words,
        case when of_measure.all_of_care then 'everyone' when of_measure.some_of_care then 'partly' when of_measure.source_id != '' then 'no_marker' end
            as care_experience_marker,
        null as care_experience_words,
        null as unit_of_record,
        null as size,
        array[]::text[] as breakdowns,
        null as geography,
        null as geography_words,
        null::date as period_from,
        null::date as period_to,
        null as period_words,
        source.cadence as frequency,
        null as frequency_words,
        'public' as access_rights,
        null as access_route,
        array['none'] as identifiers,
        null as identifiers_words,
        null as quality_words,
        null as cannot_tell,
        null as note,
        null as contact_role,
        null as quality,
        array[]::text[] as lawful_basis,
        null as sharing_agreements,
        null as how_used,
        null as returned_by,
        array[]::text[] as speaks_to
    from {{ ref('catalogue__source') }} as source
    left join of_measure on source.source_id = of_measure.source_id
    -- What organisations hand in is described by its rows.
    where not source.is_of_returns::boolean

),

described as (

    select
        'scotpho:' || indicator_number as dataset_id,
        'described' as entry,
        indicator_name as title,
        indicator_definition as description,
        array['public_health_scotland'] as organisation_ids,
        null as publisher_words,
        'technical document of the ScotPHO profiles' as catalogue,
        null as source_id,
        'https://scotland.shinyapps.io/ScotPHO_profiles_tool/' as url,
        null as licence,
        'compiled_indicators' as kind,
        null as kind_words,
        array[]::text[] as theme,
        array[]::text[] as population,
        age_group as population_words,
        null as care_experience_marker,
        null as care_experience_words,
        null as unit_of_record,
        null as size,
        array[]::text[] as breakdowns,
        null as geography,
        available_geographies as geography_words,
        null::date as period_from,
        null::date as period_to,
        'from ' || trends_from as period_words,
        null as frequency,
        update_frequency as frequency_words,
        'public' as access_rights,
        null as access_route,
        array['none'] as identifiers,
        null as identifiers_words,
        disclosure_control as quality_words,
        null as cannot_tell,
        notes_caveats as note,
        null as contact_role,
        null as quality,
        array[]::text[] as lawful_basis,
        null as sharing_agreements,
        null as how_used,
        null as returned_by,
        array[]::text[] as speaks_to
    from {{ ref('stg_scotpho_indicators__definition') }}

),

listed as (

    select
        'statistics.gov.scot:' || regexp_replace(dataset.url, '^.*/', '') as dataset_id,
        'catalogue' as entry,
        min(dataset.title) as title,
        null as description,
        array_remove(array_agg(distinct organisation.organisation_id), null) as organisation_ids,
        string_agg(dataset.publisher, '; ' order by dataset.publisher) as publisher_words,
        'statistics.gov.scot' as catalogue,
        null as source_id,
        dataset.url,
        'Open Government Licence v3.0' as licence,
        'open_data' as kind,
        null as kind_words,
        array[]::text[] as theme,
        array[]::text[] as population,
        null as population_words,
        null as care_experience_marker,
        null as care_experience_words,
        null as unit_of_record,
        null as size,
        array[]::text[] as breakdowns,
        null as geography,
        null as geography_words,
        null::date as period_from,
        null::date as period_to,
        null as period_words,
        null as frequency,
        null as frequency_words,
        'public' as access_rights,
        null as access_route,
        array['none'] as identifiers,
        null as identifiers_words,
        null as quality_words,
        null as cannot_tell,
        null as note,
        null as contact_role,
        null as quality,
        array[]::text[] as lawful_basis,
        null as sharing_agreements,
        null as how_used,
        null as returned_by,
        array[]::text[] as speaks_to
    from {{ ref('stg_statistics_gov_scot_catalogue__dataset') }} as dataset
    left join {{ ref('framework__organisation') }} as organisation on dataset.publisher = organisation.name
    group by dataset.url

)

select * from holding
union all
select * from loaded
union all
select * from described
union all
select * from listed
