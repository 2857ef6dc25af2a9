-- What one site is to reach in one measure, process and period.
-- grain: target
-- key: target_key
-- refers: site_key -> dim_site, touchpoint_key -> dim_process
select
    t.target_key,               -- The target.
    t.site_key,                 -- The durable site.
    t.touchpoint_key,           -- The touchpoint, where it is for one.
    t.process,                  -- The process it is for; null: all.
    t.measure,                  -- The measure it is for, as cubes name it.
    t.target_value,             -- What is to be reached.
    t.period_from,              -- First day.
    t.period_to,                -- First day after.
    t.period_from as local_date -- The day it counts from.
from canonical_target as t
