-- A publication that is dated later than this run is a slip in the register or in a source's entry, or a file that came
-- before its time: then the entry says `not_before`, and nothing of it is here yet.
select
    publication_id || ' is dated ' || published_on || ', which is in the future; correct its date'
    || ' (publication_register, or `bundle` of ' || source_id || '), or give the file `not_before` if it is under embargo' as problem,
    source_id
from {{ ref('int_publications') }}
where published_on > ops.as_at()::date
