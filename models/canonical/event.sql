-- One event that belongs to no contact, such as telematics.
-- grain: event
-- key: event_key
-- check: event_key is not null
-- refers: site_key -> dim_site, channel_key -> dim_channel, product_key -> dim_product
-- class: customer_ref person, phone person, email person, customer_name person, birth_date person, vin person, plate person
select
    record_key(m._source, m.event_ref) as event_key,  -- The source's event as a durable key.
    m.site_key::integer as site_key,  -- Resolved from site_ref; 0 where the source names none.
    m.channel_key::integer as channel_key,  -- Resolved from channel_ref, a member of the shared channel list.
    m.product_key::integer as product_key,  -- Resolved from product_ref.
    m.customer_key::bigint as customer_key,  -- Random surrogate from the vault; null where no person is named.
    m.kind::varchar as kind,  -- Kind of event.
    m.at_utc::timestamp as at_utc,  -- Instant in UTC; null where the source gives only a date.
    m.local_date::date as local_date,  -- Date in the site's zone; a date-only source is never shifted.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_event as m
