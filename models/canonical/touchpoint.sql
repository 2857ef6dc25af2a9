-- One touchpoint: a place on the customer's journey.
-- grain: touchpoint
-- key: touchpoint_key
-- check: touchpoint_key > 0
-- check: process is not null
select
    m.touchpoint_key::integer as touchpoint_key,  -- Resolved from touchpoint_ref.
    m.name::varchar as name,  -- Name.
    m.stage::varchar as stage,  -- consider, inquire, order, deliver, install or after_sales.
    m.process::varchar as process,  -- sales, after_sales, product or contact_centre.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_touchpoint as m
