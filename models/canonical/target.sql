-- One target: site, touchpoint or process, measure and period.
-- grain: target
-- key: target_key
-- check: target_key is not null
-- check: measure is not null
-- check: target_value is not null
-- refers: site_key -> dim_site, touchpoint_key -> dim_process
select
    record_key(m._source, m.target_ref) as target_key,  -- The source's target as a durable key.
    m.site_key::integer as site_key,  -- Resolved from site_ref; 0 where the source names none.
    m.touchpoint_key::integer as touchpoint_key,  -- Resolved from touchpoint_ref; gives stage and process.
    m.process::varchar as process,  -- Process the target is for; null: all.
    m.measure::varchar as measure,  -- Measure the target is for.
    m.period_from::date as period_from,  -- First day.
    m.period_to::date as period_to,  -- First day after.
    m.target_value::decimal(18, 4) as target_value,  -- What is to be reached.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_target as m
