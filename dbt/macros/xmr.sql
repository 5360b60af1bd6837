{#- The points of a series in their order, with their mean and the moving range that is typical of it: nulls are no points. -#}
{% macro xmr_points_of(vals, screened) -%}
select
    place,
    x,
    points,
    mean,
    avg(moving) filter (where not {{ screened }} or moving < 3.267 * mean_moving or mean_moving = 0) over () as typical
from (
    select
        *,
        avg(moving) over () as mean_moving
    from (
        select
            place,
            x,
            count(*) over () as points,
            avg(x) over () as mean,
            abs(x - lag(x) over (order by place)) as moving
        from (
            select
                place,
                val::double precision as x
            from unnest({{ vals }}) with ordinality as given (val, place)
            where abs(val) < 'infinity'
        ) as known
    ) as moved
) as typed
{%- endmacro %}
