-- The codes as given, if each is a council's: of others there would be no rows, and nobody would notice.
declare
    others text;
begin
    select string_agg(coalesce(chosen, 'null'), ', ')
    into others
    from unnest(councils) as chosen
    where not exists (
        select from {{ as_released(ref('dim_area')) }} as area where area.area_code = chosen and area.area_type = 'council'
    );
    if others is not null or coalesce(cardinality(councils), 0) = 0 then
        raise exception 'name councils by their codes, such as S12000023 of dim_area; these are none: %',
            coalesce(others, 'an empty list')
            using errcode = 'invalid_parameter_value';
    end if;
    return councils;
end
