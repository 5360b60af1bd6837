{#- What makes two rows rows of one figure. -#}
{% macro figure_key(relation='') -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- for column in figure_columns() -%}
        {{ prefix }}{{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro same_figure(one, other) -%}
    {%- for column in figure_columns() -%}
        {{ one }}.{{ column }} = {{ other }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- The key as one value, for what sorts many rows by it. -#}
{% macro figure_id(relation='') -%}
    md5(concat_ws(e'\n', {{ figure_key(relation) }}))::uuid
{%- endmacro %}

{% macro figure_columns() -%}
    {{ return(['measure_id', 'area_code', 'period_start', 'period_end', 'breakdown', 'breakdown_value']) }}
{%- endmacro %}

{#- The same of what no measure names, in its publisher's words. -#}
{% macro published_figure(relation='') -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- for column in [
        'source_id', 'series_label', 'series_heading', 'area_published', 'period_published', 'breakdown', 'breakdown_value'
    ] -%}
        {{ prefix }}{{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Whether two published figures differ. Printed with more decimals or fewer they are still the same figure: both are
    rounded as the coarser of them was printed, and to `decimals` where that is given. A figure and none differ.

    What differs behind the sixth decimal is one quotient, worked out by two programs. -#}
{% macro differs(one, other, decimals='null::integer') -%}
    (
        {{ one }} is distinct from {{ other }}
        and coalesce(
            round({{ one }}, least(scale({{ one }}), scale({{ other }}), {{ decimals }}, 6))
            != round({{ other }}, least(scale({{ one }}), scale({{ other }}), {{ decimals }}, 6)),
            true
        )
    )
{%- endmacro %}

{#- A number as published, in the unit of the measure that it feeds, as the series says of it. -#}
{% macro in_unit(number) -%}
    case
            when series_decimals is null then {{ number }}
            else round({{ number }} * coalesce(times::numeric, 1), series_decimals::integer)
        end
{%- endmacro %}

{#- A text between quotation marks. -#}
{% macro quoted(text_column) -%}
    '"' || {{ text_column }} || '"'
{%- endmacro %}

{#- Whether a text is a marker of its source. The marker of a blank is the empty text, which dbt's seeds turn into null. -#}
{% macro is_marker(text_column) -%}
    {{ text_column }} = coalesce(marker.marker, '')
{%- endmacro %}

{#- Whether a published cell is withheld: as its marker says, or because its publisher suppresses small counts of its series and
    gives no figure. With cell markers as `marker` and int_suppression_rule as `rule`. -#}
{% macro confidentiality(published) -%}
    case
        when
            rule.suppressed_below is not null
            and coalesce(marker.conf_status, 'free') = 'free'
            and (
                marker.obs_status in ('missing', 'not_available')
                or (marker.obs_status is null and {{ published }}.obs_value is null)
            )
            then 'suppressed_by_publisher'
        else coalesce(marker.conf_status, 'free')
    end
{%- endmacro %}
