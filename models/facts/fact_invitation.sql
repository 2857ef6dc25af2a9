-- One invitation to a survey or one happy-call attempt.
-- grain: invitation
-- key: invitation_key
-- refers: site_key -> dim_site, touchpoint_key -> dim_process, channel_key -> dim_channel, product_key -> dim_product, agent_key -> dim_agent, campaign_key -> dim_campaign, profile_key -> dim_customer_profile
select
    i.invitation_key,           -- The invitation.
    i.response_key,             -- The response it led to.
    i.purchase_key,             -- The purchase or visit it follows.
    i.site_key,                 -- The durable site.
    i.touchpoint_key,           -- Gives stage and process.
    i.channel_key,              -- How the customer was asked.
    i.product_key,              -- What it was about.
    i.agent_key,                -- Who asked.
    i.campaign_key,             -- Which campaign asked.
    i.customer_key,             -- Random surrogate; only the vault knows who it is.
    i.profile_key,              -- Segment, tenure, age band as they were that day.
    i.attempt,                  -- Number of the attempt.
    i.step,                     -- Step of the programme.
    i.outcome,                  -- What came of it.
    i.completed_at_utc,         -- When it was answered.
    i.at_utc,                   -- Instant of the invitation.
    i.local_date,               -- Date in the site's zone.
    i.local_minute,             -- Minute of that day.
    i.attributes                -- Further attributes, typed by the registry.
from canonical_invitation as i
