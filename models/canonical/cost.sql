-- One cost of one site or process.
-- grain: cost
-- key: cost_key
-- check: cost_key is not null
-- refers: site_key -> dim_site, touchpoint_key -> dim_process
select
    record_key(m._source, m.cost_ref) as cost_key,  -- The source's cost as a durable key.
    m.site_key::integer as site_key,  -- Resolved from site_ref; 0 where the source names none.
    m.touchpoint_key::integer as touchpoint_key,  -- Resolved from touchpoint_ref; gives stage and process.
    m.kind::varchar as kind,  -- Kind of cost.
    m.amount::decimal(18, 2) as amount,  -- In the source's currency.
    m.local_date::date as local_date,  -- Date in the site's zone; a date-only source is never shifted.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_cost as m
