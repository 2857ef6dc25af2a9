-- Business volume of one site on one day.
-- grain: site, day, kind
-- key: volume_key
-- check: volume_key is not null
-- check: local_date is not null
-- refers: site_key -> dim_site, touchpoint_key -> dim_process
select
    record_key(m._source, m.volume_ref) as volume_key,  -- Site, day and kind as one key.
    m.site_key::integer as site_key,  -- Resolved from site_ref; 0 where the source names none.
    m.touchpoint_key::integer as touchpoint_key,  -- Resolved from touchpoint_ref; gives stage and process.
    m.kind::varchar as kind,  -- sales or repair_orders.
    m.volume::integer as volume,  -- How many.
    m.local_date::date as local_date,  -- Date in the site's zone; a date-only source is never shifted.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_site_volume as m
