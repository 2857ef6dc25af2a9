-- One action plan of a site.
-- grain: plan
-- key: plan_key
-- check: plan_key is not null
-- refers: site_key -> dim_site, touchpoint_key -> dim_process
select
    record_key(m._source, m.plan_ref) as plan_key,  -- The source's plan as a durable key.
    m.site_key::integer as site_key,  -- Resolved from site_ref; 0 where the source names none.
    m.touchpoint_key::integer as touchpoint_key,  -- Resolved from touchpoint_ref; gives stage and process.
    m.title::varchar as title,  -- What is to be done.
    m.owner::varchar as owner,  -- Role that owns it.
    m.due_on::date as due_on,  -- When it is due.
    m.state::varchar as state,  -- open, done or dropped.
    m.local_date::date as local_date,  -- Date in the site's zone; a date-only source is never shifted.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_plan as m
