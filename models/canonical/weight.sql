-- One weight of one node of the index tree.
-- grain: weight
-- key: weight_key
-- check: weight_key is not null
select
    record_key(m._source, m.weight_ref) as weight_key,  -- The source's weight as a durable key.
    m.node::varchar as node,  -- Node of the tree.
    m.parent::varchar as parent,  -- Node above it.
    m.share::decimal(9, 6) as share,  -- Share within the parent.
    m.valid_from::date as valid_from,  -- First day.
    m.valid_to::date as valid_to,  -- First day after.
    m.local_date::date as local_date,  -- Date in the site's zone; a date-only source is never shifted.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_weight as m
