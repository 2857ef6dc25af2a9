-- One campaign.
-- grain: campaign
-- key: campaign_key
-- check: campaign_key > 0
select
    m.campaign_key::integer as campaign_key,  -- Resolved from campaign_ref.
    m.name::varchar as name,  -- Name.
    m.purpose::varchar as purpose,  -- Purpose.
    m.starts_on::date as starts_on,  -- First day.
    m.ends_on::date as ends_on,  -- Last day.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_campaign as m
