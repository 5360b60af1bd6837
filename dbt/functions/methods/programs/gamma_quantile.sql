-- The quantile of the gamma distribution of scale 1: half of chi-squared's with twice the degrees of freedom.
declare
    z double precision := {{ function('normal_quantile') }}(probability);
    whole integer; -- the shape, where it is a small whole number, for which the sum is short
    a constant double precision := shape;
    n double precision;
    x double precision;
    shifted double precision := shape + 1;
    log_gamma double precision := 0; -- ln Γ(a + 1)
    mass double precision; -- xᵃ e⁻ˣ / Γ(a + 1)
    part double precision;
    term double precision;
    miss double precision;
    step double precision;
begin
    if shape is null or probability is null or not shape > 0 or shape = 'infinity' then
        return case when shape = 0 and probability is not null then 0 end;
    end if;
    if a >= 1000 then
        -- Cornish and Fisher's expansion for chi-squared, of which the next part is below 1e-9 of the whole here.
        -- H. Goldberg and H. Levine, Annals of Mathematical Statistics 17 (1946), 216–225.
        n := 2 * a;
        return (
            n + sqrt(2 * n) * z + 2.0 / 3 * (z * z - 1) + (z ^ 3 - 7 * z) / (9 * sqrt(2 * n))
            - (6 * z ^ 4 + 14 * z ^ 2 - 32) / (405 * n)
            + (9 * z ^ 5 + 256 * z ^ 3 - 433 * z) / (4860 * sqrt(2.0) * n ^ 1.5)
        ) / 2;
    end if;
    if a <= 15 and a = floor(a) and probability > 1e-6 then
        whole := a;
    end if;
    -- Stirling's series, which wants an argument that is not small.
    while shifted < 15 loop
        log_gamma := log_gamma - ln(shifted);
        shifted := shifted + 1;
    end loop;
    log_gamma := log_gamma + (shifted - 0.5) * ln(shifted) - shifted + 0.91893853320467274178
        + 1 / (12 * shifted) - 1 / (360 * shifted ^ 3) + 1 / (1260 * shifted ^ 5) - 1 / (1680 * shifted ^ 7);
    -- To begin with: Wilson and Hilferty's approximation, or the first term of the series where that is far in the tail, or
    -- what Numerical Recipes (6.2.1) has for a small shape.
    x := a * (1 - 1 / (9 * a) + z / (3 * sqrt(a))) ^ 3;
    n := 1 - a * (0.253 + a * 0.12);
    if a < 1 and probability >= n then
        x := 1 - ln(1 - (probability - n) / (1 - n));
    elsif a < 1 or x < 0.1 * a then
        term := (ln(probability) + log_gamma) / a;
        if term < -600 then
            return 0; -- smaller than a number can be written
        end if;
        x := exp(term);
    end if;
    for attempt in 1..50 loop
        mass := exp(greatest(a * ln(x) - x - log_gamma, -700));
        if whole is not null then
            -- The sum for what lies above x.
            part := 1;
            term := 1;
            for k in 1..whole - 1 loop
                term := term * x / k;
                part := part + term;
            end loop;
            miss := (1 - probability) - exp(-x) * part;
        elsif x < a + 1 then
            -- The sum for what lies below x.
            part := 1;
            term := 1;
            n := a;
            while term > 1e-17 * part loop
                n := n + 1;
                term := term * x / n;
                part := part + term;
            end loop;
            miss := mass * part - probability;
        else
            -- The continued fraction for what lies above x, from its far end.
            part := 0;
            for k in reverse 60 + (200 / (1 + x - a))::integer..1 loop
                part := k * (k - a) / (x + 2 * k + 1 - a - part);
            end loop;
            miss := (1 - probability) - mass * a / (x + 1 - a - part);
        end if;
        -- Halley's step.
        step := miss * x / (mass * a);
        step := step / greatest(0.5, 1 - 0.5 * step * ((a - 1) / x - 1));
        x := greatest(x - step, x / 10);
        exit when abs(step) < 1e-13 * x;
    end loop;
    return x;
end
