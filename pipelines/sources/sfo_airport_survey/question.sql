-- One question of the survey, whatever number it had in which year.
select
    q._record,
    q.question as question_ref,
    q.touchpoint as touchpoint_ref,
    q.wording,
    q.wording as wording_en,
    q.low,
    q.high,
    q.direction,
    q.weight,
    blank_null(q.valid_from) as valid_from,
    blank_null(q.valid_to) as valid_to
from questions as q
