-- One row per area code, current or archived: Scotland, the 32 councils, the health boards. Facts use current codes; an
-- archived code points at the one that follows it.
with council_code as (

    -- A council stands in the list once more when only its board's code changed: its own dates are the same in each.
    select
        area_code,
        min(area_name) as area_name,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to,
        max(country_code) as country_code,
        max(health_board_code) filter (where health_board_valid_to is null) as health_board_code
    from {{ ref('stg_phs_geography__council_area') }}
    group by area_code

),

board_code as (

    select
        health_board_code as area_code,
        min(health_board_name) as area_name,
        min(health_board_valid_from) as valid_from,
        max(health_board_valid_to) as valid_to,
        max(country_code) as country_code
    from {{ ref('stg_phs_geography__council_area') }}
    group by health_board_code

),

code as (

    select
        area_code,
        area_name,
        'council' as area_type,
        country_code as parent_area_code,
        health_board_code,
        valid_from,
        valid_to
    from council_code

    union all

    select
        area_code,
        area_name,
        'health_board' as area_type,
        country_code as parent_area_code,
        null as health_board_code,
        valid_from,
        valid_to
    from board_code

    union all

    select
        area_code,
        area_name,
        'country' as area_type,
        null as parent_area_code,
        null as health_board_code,
        null as valid_from,
        null as valid_to
    from {{ ref('vocabulary__area_alias') }}
    where area_type = 'country' and alias = area_name

),

family as (

    select
        spelling.area_code,
        family_group.family_group,
        family_group.family_group_place
    from {{ ref('stg_lgbf_family_groups__council') }} as family_group
    inner join {{ ref('vocabulary__area_spelling') }} as spelling
        on spelling.spelling = {{ function('area_spelling') }}(family_group.area_published)

)

select
    code.area_code,
    code.area_name,
    code.area_type,
    code.parent_area_code,
    code.health_board_code,
    code.valid_from,
    code.valid_to,
    code.valid_to is null as is_current,
    successor.area_code as successor_area_code,
    family.family_group,
    family.family_group_place
from code
left join code as successor
    on
        code.area_name = successor.area_name
        and code.area_type = successor.area_type
        and code.valid_to is not null
        and successor.valid_to is null
left join family on code.area_code = family.area_code
