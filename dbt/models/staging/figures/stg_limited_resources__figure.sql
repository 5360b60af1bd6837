-- One row per area, housing costs and kind of household or place. Published are the percentage and the two ends of its
-- interval as rows of their own; here the ends stand beside the percentage. "2014-2017" is four years of one survey.
with published as (

    {{ figures(
        'limited_resources__figure',
        values={'Value': 'value'},
        label='housing_costs',
        heading='measurement',
        area='feature_code',
        period='date_code',
        breakdowns={
            'adults_in_household': 'adults_in_household',
            'children_in_household': 'children_in_household',
            'disability': 'disability_status',
            'work': 'work_status',
            'tenure': 'type_of_tenure',
            'urban_rural': 'urban_rural_classification',
            'simd_quintile': 'simd_quintiles',
        },
        total='All',
    ) }}

),

bounded as (

    select
        published.*,
        min(published.obs_value) filter (where published.series_heading = '95% Lower Confidence Limit, Percent') over figure as lower_bound,
        min(published.obs_value) filter (where published.series_heading = '95% Upper Confidence Limit, Percent') over figure as upper_bound
    from published
    window figure as (
        partition by vintage, series_label, area_published, period_published, breakdown, breakdown_value
    )

)

select
    source_id,
    series_label,
    series_heading,
    area_published,
    period_published,
    breakdown,
    breakdown_value,
    value_published,
    obs_value,
    numerator,
    denominator,
    lower_bound as lci_95,
    upper_bound as uci_95,
    obs_status,
    publication_id,
    read_from,
    read_note,
    vintage,
    snapshot_id,
    source_row,
    source_cell
from bounded
where series_heading = 'Percent'
