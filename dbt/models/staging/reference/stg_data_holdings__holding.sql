-- One row per dataset that a public page says an organisation holds: the fields of a return of holdings, with the page's words
-- and our categories of them. What no page gives is null, and an empty list.
with source as (

    {{ raw_rows('data_holdings', 'data_holdings__holding', latest_only=true) }}

),

renamed as (

    select
        {{ trimmed('dataset_id') }} as dataset_id,
        nullif({{ trimmed('title') }}, '') as title,
        coalesce(string_to_array(nullif({{ trimmed('held_by') }}, ''), ';'), array[]::text[]) as held_by,
        nullif({{ trimmed('kind') }}, '') as kind,
        nullif({{ trimmed('kind_words') }}, '') as kind_words,
        coalesce(string_to_array(nullif({{ trimmed('theme') }}, ''), ';'), array[]::text[]) as theme,
        coalesce(string_to_array(nullif({{ trimmed('population') }}, ''), ';'), array[]::text[]) as population,
        nullif({{ trimmed('population_words') }}, '') as population_words,
        nullif({{ trimmed('care_experience_marker') }}, '') as care_experience_marker,
        nullif({{ trimmed('care_experience_words') }}, '') as care_experience_words,
        nullif({{ trimmed('unit_of_record') }}, '') as unit_of_record,
        nullif({{ trimmed('size') }}, '') as size,
        coalesce(string_to_array(nullif({{ trimmed('breakdowns') }}, ''), ';'), array[]::text[]) as breakdowns,
        nullif({{ trimmed('geography') }}, '') as geography,
        nullif({{ trimmed('geography_words') }}, '') as geography_words,
        nullif({{ trimmed('period_from') }}, '')::date as period_from,
        nullif({{ trimmed('period_to') }}, '')::date as period_to,
        nullif({{ trimmed('period_words') }}, '') as period_words,
        nullif({{ trimmed('frequency') }}, '') as frequency,
        nullif({{ trimmed('frequency_words') }}, '') as frequency_words,
        nullif({{ trimmed('access_rights') }}, '') as access_rights,
        nullif({{ trimmed('access_route') }}, '') as access_route,
        nullif({{ trimmed('licence') }}, '') as licence,
        nullif({{ trimmed('url') }}, '') as url,
        coalesce(string_to_array(nullif({{ trimmed('identifiers') }}, ''), ';'), array[]::text[]) as identifiers,
        nullif({{ trimmed('identifiers_words') }}, '') as identifiers_words,
        nullif({{ trimmed('quality_words') }}, '') as quality_words,
        nullif({{ trimmed('cannot_tell') }}, '') as cannot_tell,
        nullif({{ trimmed('note') }}, '') as note

    from source

)

select * from renamed
