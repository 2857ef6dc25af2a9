-- One campaign.
-- grain: campaign
-- key: campaign_key
with described as (
    select distinct on (c.campaign_key) c.campaign_key, c.name, c.purpose, c.starts_on, c.ends_on
    from canonical_campaign as c
    order by c.campaign_key, c.record_key
)
select
    m.key as campaign_key,                                      -- Facts store it.
    m.ref as campaign,                                          -- The campaign's reference.
    coalesce(d.name, m.ref) as campaign_name,                   -- Name.
    coalesce(d.purpose, 'unknown') as campaign_purpose,         -- Purpose.
    d.starts_on,                                                -- First day.
    d.ends_on                                                   -- Last day.
from member as m
left join described as d on d.campaign_key = m.key
where m.dimension = 'campaign'
