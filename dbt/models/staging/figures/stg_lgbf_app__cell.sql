-- One row per filled cell of the app's tables. Real costs (-Real) are at the prices of another year in each edition, so that
-- no two editions of them compare, and no figure is made of them.
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
where series_label !~ '-Real$'
