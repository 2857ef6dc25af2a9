-- Why customers turn to the centre.
select
    r.code as reason_ref,
    r.name,
    r.category,
    r.process,
    r._record
from reasons as r
