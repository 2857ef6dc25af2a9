-- The places on a customer's journey, in their stages and processes.
select
    r.touchpoint as touchpoint_ref,
    r.name,
    r.stage,
    r.process,
    map {'name_en': r.name_en} as attributes,
    r._record
from touchpoints as r
