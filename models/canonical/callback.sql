-- One promised callback.
-- grain: callback
-- key: callback_key
-- check: callback_key is not null
-- refers: site_key -> dim_site, channel_key -> dim_channel, agent_key -> dim_agent
-- class: customer_ref person, phone person, email person, customer_name person, birth_date person, vin person, plate person
select
    record_key(m._source, m.callback_ref) as callback_key,  -- The source's callback as a durable key.
    m.site_key::integer as site_key,  -- Resolved from site_ref; 0 where the source names none.
    m.channel_key::integer as channel_key,  -- Resolved from channel_ref, a member of the shared channel list.
    m.agent_key::integer as agent_key,  -- Resolved from agent_ref.
    m.customer_key::bigint as customer_key,  -- Random surrogate from the vault; null where no person is named.
    record_key(m._source, m.contact_ref) as contact_key,  -- The contact it belongs to.
    m.promised_at_utc::timestamp as promised_at_utc,  -- When it was promised for.
    m.done_at_utc::timestamp as done_at_utc,  -- When it was made.
    m.outcome::varchar as outcome,  -- What came of it.
    m.local_date::date as local_date,  -- Date in the site's zone; a date-only source is never shifted.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_callback as m
