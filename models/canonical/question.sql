-- One question of a questionnaire.
-- grain: question
-- key: question_key
-- check: question_key > 0
-- check: low is not null and high is not null and low < high
-- check: 12600 % (high - low) = 0
-- check: high - low <= 100
-- check: direction is not null and direction in (-1, 1)
-- check: weight is not null and weight between 0 and 1000
-- refers: touchpoint_key -> dim_process
select
    m.question_key::integer as question_key,  -- Resolved from question_ref.
    m.touchpoint_key::integer as touchpoint_key,  -- Resolved from touchpoint_ref; gives stage and process.
    m.wording::varchar as wording,  -- As it is asked.
    m.wording_en::varchar as wording_en,  -- In English.
    m.low::integer as low,  -- Lowest score of the scale.
    m.high::integer as high,  -- Highest score of the scale.
    m.direction::smallint as direction,  -- 1 where higher is better, -1 where lower is.
    m.weight::integer as weight,  -- Weight in the index, a whole number; 0 keeps the question out of it.
    m.valid_from::date as valid_from,  -- First day it is asked.
    m.valid_to::date as valid_to,  -- First day it is no longer asked.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_question as m
