begin
    if word <> all (allowed) then
        raise exception 'not one of the words that are understood: %', array_to_string(allowed, ', ')
            using errcode = 'invalid_parameter_value';
    end if;
    return word;
end
