-- One row per filled cell of the app's tables. Real costs (-Real) are at the prices of another year in each edition, so that
-- no two editions of them compare, and no figure is made of them. The table of July 2020 has 0.0 in all rows of CHN9 2019-20,
-- a year of which no edition had figures before May 2021: it holds the place of figures, and is none.
select *
from (

    {{ figures(
        'lgbf_app__cell',
        values={'value': 'cell_text'},
        label='code',
        area='council',
        period='year',
    ) }}

) as cell
where
    series_label !~ '-Real$'
    and not (publication_id = 'lgbf_app_2020_07' and series_label = 'CHN9' and period_published = '2019-20')
