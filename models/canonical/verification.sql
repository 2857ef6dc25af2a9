-- One check of one field of a customer record.
-- grain: verification
-- key: verification_key
-- check: verification_key is not null
-- refers: site_key -> dim_site, channel_key -> dim_channel, agent_key -> dim_agent, campaign_key -> dim_campaign
-- class: customer_ref person, phone person, email person, customer_name person, birth_date person, vin person, plate person
select
    record_key(m._source, m.verification_ref) as verification_key,  -- The source's verification as a durable key.
    m.site_key::integer as site_key,  -- Resolved from site_ref; 0 where the source names none.
    m.channel_key::integer as channel_key,  -- Resolved from channel_ref, a member of the shared channel list.
    m.agent_key::integer as agent_key,  -- Resolved from agent_ref.
    m.campaign_key::integer as campaign_key,  -- Resolved from campaign_ref.
    m.customer_key::bigint as customer_key,  -- Random surrogate from the vault; null where no person is named.
    m.field::varchar as field,  -- Field that was checked.
    m.outcome::varchar as outcome,  -- right, wrong or unknown.
    m.local_date::date as local_date,  -- Date in the site's zone; a date-only source is never shifted.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_verification as m
