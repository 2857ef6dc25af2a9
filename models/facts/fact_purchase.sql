-- One purchase or one service visit.
-- grain: purchase
-- key: purchase_key
-- refers: site_key -> dim_site, touchpoint_key -> dim_process, channel_key -> dim_channel, product_key -> dim_product, agent_key -> dim_agent, campaign_key -> dim_campaign, profile_key -> dim_customer_profile
select
    p.purchase_key,             -- The purchase or visit.
    p.site_key,                 -- The durable site.
    p.touchpoint_key,           -- Gives stage and process.
    p.channel_key,              -- How it was made.
    p.product_key,              -- What was bought or serviced.
    p.agent_key,                -- Who served.
    p.campaign_key,             -- Which campaign led to it.
    p.customer_key,             -- Random surrogate; only the vault knows who it is.
    p.profile_key,              -- Segment, tenure, age band as they were that day.
    p.kind,                     -- sale or service.
    p.amount,                   -- In the source's currency.
    p.is_repurchase,            -- The customer had bought before.
    p.at_utc,                   -- Instant; null where the source gives only a date.
    p.local_date,               -- Date in the site's zone.
    p.local_minute,             -- Minute of that day.
    p.attributes                -- Further attributes, typed by the registry.
from canonical_purchase as p
