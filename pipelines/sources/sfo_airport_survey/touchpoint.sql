-- Where on a traveller's way each group of questions stands.
select
    t._record,
    t.touchpoint as touchpoint_ref,
    t.name,
    t.stage,
    t.process
from touchpoints as t
