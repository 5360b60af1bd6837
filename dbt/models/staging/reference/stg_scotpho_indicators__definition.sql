-- One row per indicator of the ScotPHO profiles, in the publisher's words. Months of updates are text, as published
-- ("Nov-2022").
with source as (

    {{ raw_rows('scotpho_indicators', 'scotpho_indicators__definition', latest_only=true) }}

),

renamed as (

    select
        indicator_number::integer as indicator_number,
        nullif({{ trimmed('indicator_name') }}, '') as indicator_name,
        nullif({{ trimmed('profile') }}, '') as profile,
        nullif({{ trimmed('domain') }}, '') as domain,
        nullif({{ trimmed('indicator_definition') }}, '') as indicator_definition,
        nullif({{ trimmed('data_source') }}, '') as data_source,
        nullif({{ trimmed('inclusion_rationale') }}, '') as inclusion_rationale,
        nullif({{ trimmed('diagnostic_code_position') }}, '') as diagnostic_code_position,
        nullif({{ trimmed('numerator') }}, '') as numerator,
        nullif({{ trimmed('denominator') }}, '') as denominator,
        nullif({{ trimmed('measure') }}, '') as measure,
        nullif({{ trimmed('disclosure_control') }}, '') as disclosure_control,
        nullif({{ trimmed('rounding') }}, '') as rounding,
        nullif({{ trimmed('age_group') }}, '') as age_group,
        nullif({{ trimmed('sex') }}, '') as sex,
        nullif({{ trimmed('year_type') }}, '') as year_type,
        nullif({{ trimmed('trends_from') }}, '') as trends_from,
        nullif({{ trimmed('aggregation') }}, '') as aggregation,
        nullif({{ trimmed('update_frequency') }}, '') as update_frequency,
        nullif({{ trimmed('available_geographies') }}, '') as available_geographies,
        nullif({{ trimmed('confidence_interval_method') }}, '') as confidence_interval_method,
        nullif({{ trimmed('notes_caveats') }}, '') as notes_caveats,
        nullif({{ trimmed('related_publications') }}, '') as related_publications,
        nullif({{ trimmed('supporting_information') }}, '') as supporting_information,
        nullif({{ trimmed('source_last_updated') }}, '') as source_last_updated,
        nullif({{ trimmed('last_updated') }}, '') as last_updated,
        nullif({{ trimmed('source_next_update') }}, '') as source_next_update,
        nullif({{ trimmed('next_update') }}, '') as next_update,
        nullif({{ trimmed('interpretation') }}, '') as interpretation,
        snapshot_id

    from source

)

select * from renamed
