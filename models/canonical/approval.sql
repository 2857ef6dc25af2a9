-- One step of an approval.
-- grain: approval
-- key: approval_key
-- check: approval_key is not null
-- refers: site_key -> dim_site
select
    record_key(m._source, m.approval_ref) as approval_key,  -- The source's approval as a durable key.
    m.site_key::integer as site_key,  -- Resolved from site_ref; 0 where the source names none.
    m.subject::varchar as subject,  -- What is to be approved.
    m.state::varchar as state,  -- draft, submitted, approved, rejected or done.
    m.at_utc::timestamp as at_utc,  -- Instant in UTC; null where the source gives only a date.
    m.local_date::date as local_date,  -- Date in the site's zone; a date-only source is never shifted.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_approval as m
