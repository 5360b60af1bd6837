-- One row per indicator of the ScotPHO profiles, in the publisher's words. Months of updates are text, as published
-- ("Nov-2022").
with source as (

    {{ raw_rows('scotpho_indicators', 'scotpho_indicators__definition', latest_only=true) }}

),

renamed as (

    select
        indicator_number::integer as indicator_number,
        nullif(trim(indicator_name), '') as indicator_name,
        nullif(trim(profile), '') as profile,
        nullif(trim(domain), '') as domain,
        nullif(trim(indicator_definition), '') as indicator_definition,
        nullif(trim(data_source), '') as data_source,
        nullif(trim(inclusion_rationale), '') as inclusion_rationale,
        nullif(trim(diagnostic_code_position), '') as diagnostic_code_position,
        nullif(trim(numerator), '') as numerator,
        nullif(trim(denominator), '') as denominator,
        nullif(trim(measure), '') as measure,
        nullif(trim(disclosure_control), '') as disclosure_control,
        nullif(trim(rounding), '') as rounding,
        nullif(trim(age_group), '') as age_group,
        nullif(trim(sex), '') as sex,
        nullif(trim(year_type), '') as year_type,
        nullif(trim(trends_from), '') as trends_from,
        nullif(trim(aggregation), '') as aggregation,
        nullif(trim(update_frequency), '') as update_frequency,
        nullif(trim(available_geographies), '') as available_geographies,
        nullif(trim(confidence_interval_method), '') as confidence_interval_method,
        nullif(trim(notes_caveats), '') as notes_caveats,
        nullif(trim(related_publications), '') as related_publications,
        nullif(trim(supporting_information), '') as supporting_information,
        nullif(trim(source_last_updated), '') as source_last_updated,
        nullif(trim(last_updated), '') as last_updated,
        nullif(trim(source_next_update), '') as source_next_update,
        nullif(trim(next_update), '') as next_update,
        nullif(trim(interpretation), '') as interpretation,
        snapshot_id

    from source

)

select * from renamed
