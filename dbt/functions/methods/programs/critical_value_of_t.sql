-- Newton's steps for the angle whose tangent is t/√ν, for which the probability between −t and t is a finite sum. They come
-- from below, because the sum bends down all the way.
declare
    angle double precision := 0;
    steepness double precision; -- of the probability, as the angle leaves 0
    part double precision;
    term double precision;
    step double precision;
begin
    if confidence is null or freedom is null or freedom < 1 then
        return null;
    end if;
    if not (confidence > 0 and confidence < 1) then
        raise exception 'a confidence lies between 0 and 1, such as 0.95, and this is %', confidence
            using errcode = 'invalid_parameter_value';
    end if;
    if freedom > 1000 then
        -- Fisher's expansion (Abramowitz and Stegun 26.7.5).
        step := {{ function('critical_value') }}(confidence);
        return step + (step ^ 3 + step) / (4.0 * freedom)
            + (5 * step ^ 5 + 16 * step ^ 3 + 3 * step) / (96 * freedom::double precision ^ 2)
            + (3 * step ^ 7 + 19 * step ^ 5 + 17 * step ^ 3 - 15 * step) / (384 * freedom::double precision ^ 3);
    end if;
    steepness := case when freedom % 2 = 1 then 2 / pi() else 1 end;
    for k in freedom % 2 + 2..freedom by 2 loop
        continue when k = 2;
        steepness := steepness * (k - 1) / (k - 2);
    end loop;
    for attempt in 1..200 loop
        term := case when freedom % 2 = 1 then cos(angle) else 1 end;
        part := 0;
        for k in 2 + freedom % 2..freedom by 2 loop
            part := part + term;
            term := term * cos(angle) ^ 2 * (k - 1) / k;
        end loop;
        part := sin(angle) * part;
        if freedom % 2 = 1 then
            part := 2 / pi() * (angle + part);
        end if;
        step := (confidence::double precision - part) / (steepness * cos(angle) ^ (freedom - 1));
        angle := angle + step;
        exit when abs(step) < 1e-15 * angle;
    end loop;
    return sqrt(freedom::double precision) * tan(angle);
end
