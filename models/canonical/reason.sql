-- One reason for a contact.
-- grain: reason
-- key: reason_key
-- check: reason_key > 0
select
    m.reason_key::integer as reason_key,  -- Resolved from reason_ref.
    m.name::varchar as name,  -- Name.
    m.category::varchar as category,  -- Category the reason belongs to.
    m.process::varchar as process,  -- Process it concerns.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_reason as m
