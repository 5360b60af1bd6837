-- Two lists name the areas: the one that people edit (spellings) and the one that Public Health Scotland publishes
-- (validity). A code that stands in only one of them, or has another last day there, is a slip in the first.
with catalogue as (

    select distinct
        alias as area_code,
        valid_to::date as valid_to
    from {{ ref('vocabulary__area_alias') }}
    where alias ~ '^S(12|08)[0-9]{6}$'

)

select
    catalogue.area_code as in_catalogue,
    area.area_code as in_published_list,
    catalogue.valid_to as last_day_in_catalogue,
    area.valid_to as last_day_in_published_list
from catalogue
full outer join {{ ref('dim_area') }} as area on catalogue.area_code = area.area_code
where
    (
        catalogue.area_code is null
        or area.area_code is null
        or catalogue.valid_to is distinct from area.valid_to
    )
    and coalesce(area.area_type, '') != 'country'
