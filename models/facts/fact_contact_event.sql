-- One change of state of a contact: transfer, hold, reopening, callback; web and IVR steps.
-- grain: contact, event
-- key: event_key
-- refers: site_key -> dim_site, channel_key -> dim_channel, agent_key -> dim_agent, reason_key -> dim_reason
select
    e.event_key,                -- The event.
    e.contact_key,              -- The contact it belongs to, which may arrive later.
    e.site_key,                 -- The durable site.
    e.channel_key,              -- How it happened.
    e.agent_key,                -- Who acted.
    e.reason_key,               -- Why.
    e.customer_key,             -- Random surrogate; only the vault knows who it is.
    e.kind,                     -- What happened.
    e.from_value,               -- What it was before.
    e.to_value,                 -- What it became.
    e.seconds,                  -- How long, where it has a length.
    e.at_utc,                   -- Instant; null where the source gives only a date.
    e.local_date,               -- Date in the site's zone.
    e.local_minute,             -- Minute of that day.
    e.attributes                -- Further attributes, typed by the registry.
from canonical_contact_event as e
