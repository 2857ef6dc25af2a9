-- What each site is to reach in each process and month.
select
    concat_ws('/', r.site_code, r.process, r.measure, r.period_from) as target_ref,
    r.site_code as site_ref,
    r.process,
    r.measure,
    try_cast(r.period_from as date) as period_from,
    try_cast(r.period_to as date) as period_to,
    try_cast(r.target as decimal(18, 4)) as target_value,
    coalesce(
        bad_time(r.period_from, '%Y-%m-%d', 'period_from'),
        bad_time(r.period_to, '%Y-%m-%d', 'period_to')
    ) as _reject,
    r._record
from raw as r
