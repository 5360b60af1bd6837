-- One row, for Scotland: every indicator of the framework by judgement, what is proposed, what is missing. It lists its parts
-- and never averages them.
select
    national.scope,
    {{ summary_columns() }}
from (select 'scotland' as scope) as national
{{ summary_joins('national.scope') }}
