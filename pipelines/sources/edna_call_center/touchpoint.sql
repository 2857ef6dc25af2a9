-- Where on the journey each type of call stands.
select
    t._record,
    t.touchpoint as touchpoint_ref,
    t.name,
    t.stage,
    t.process
from touchpoints as t
