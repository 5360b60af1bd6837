-- One row per piece of qualitative evidence, by vision statement and strand. It is listed, never scored.
select
    evidence_id,
    vision_statement_id,
    strand,
    kind,
    title,
    summary,
    url,
    published_on,
    question_id
from {{ ref('framework__evidence') }}
