-- One question, with its scale, direction, weight and place on the journey.
-- grain: question
-- key: question_key
with described as (
    select distinct on (q.question_key)
        q.question_key, q.wording, q.wording_en, q.low, q.high, q.direction, q.weight, q.touchpoint_key, q.valid_from, q.valid_to
    from canonical_question as q
    order by q.question_key, q.record_key
)
select
    m.key as question_key,                                      -- Facts store it.
    m.ref as question,                                          -- The question's reference.
    coalesce(d.wording, m.ref) as wording,                      -- As it is asked.
    coalesce(d.wording_en, d.wording, m.ref) as wording_en,     -- In English.
    d.low,                                                      -- Lowest score of the scale.
    d.high,                                                     -- Highest score of the scale.
    d.direction,                                                -- 1 where higher is better, -1 where lower is.
    d.weight,                                                   -- Weight in the index; 0 keeps the question out of it.
    coalesce(d.touchpoint_key, 0) as touchpoint_key,            -- Its touchpoint.
    coalesce(p.touchpoint, 'unknown') as touchpoint,            -- The touchpoint's reference.
    coalesce(p.stage, 'unknown') as stage,                      -- Journey stage.
    coalesce(p.process, 'unknown') as process,                  -- Process.
    d.valid_from,                                               -- First day it is asked.
    d.valid_to,                                                 -- First day it is no longer asked.
    d.question_key is null as is_inferred                       -- Seen in facts, not yet described by a master record.
from member as m
left join described as d on d.question_key = m.key
left join dim_process as p on p.touchpoint_key = coalesce(d.touchpoint_key, 0)
where m.dimension = 'question'
