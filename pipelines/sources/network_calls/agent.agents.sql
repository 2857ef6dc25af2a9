-- The centre's agents; a change of team is a further version. Names stay behind.
select
    r.agent_code as agent_ref,
    try_cast(r.valid_from as date) as valid_from,
    r.team,
    r.employment,
    bad_time(r.valid_from, '%Y-%m-%d', 'valid_from') as _reject,
    r._record
from agents as r
