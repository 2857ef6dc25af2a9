-- Where on the journey these complaints stand.
select
    t._record,
    t.touchpoint as touchpoint_ref,
    t.name,
    t.stage,
    t.process
from touchpoints as t
