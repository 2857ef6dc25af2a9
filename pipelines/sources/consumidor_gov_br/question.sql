-- The one question that the platform asks once a complaint is closed.
select
    q._record,
    q.question as question_ref,
    q.touchpoint as touchpoint_ref,
    q.wording,
    q.wording_en,
    q.low,
    q.high,
    q.direction,
    q.weight
from questions as q
