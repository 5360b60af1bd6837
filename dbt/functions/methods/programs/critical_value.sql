begin
    if not (confidence > 0 and confidence < 1) then
        raise exception 'a confidence lies between 0 and 1, such as 0.95, and this is %', confidence
            using errcode = 'invalid_parameter_value';
    end if;
    return -{{ function('normal_quantile') }}(((1 - confidence) / 2)::double precision);
end
