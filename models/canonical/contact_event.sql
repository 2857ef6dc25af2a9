-- One change of state of a contact: answered, transferred, held, reopened, resolved, called back, a web or IVR step.
-- grain: contact, event
-- key: event_key
-- check: event_key is not null
-- check: contact_key is not null
-- check: kind is not null and kind in ('received', 'queued', 'answered', 'transferred', 'held', 'resumed', 'abandoned', 'resolved', 'reopened', 'assigned', 'callback_requested', 'callback_done', 'callback_missed', 'web_step', 'ivr_step', 'ended')
-- check: local_date is not null
-- check: local_date between date '1990-01-01' and date '2049-12-31'
-- check: local_minute is null or local_minute between 0 and 1439
-- refers: site_key -> dim_site, channel_key -> dim_channel, agent_key -> dim_agent, reason_key -> dim_reason
-- class: customer_ref person, phone person, email person, customer_name person, birth_date person, vin person, plate person
select
    record_key(m._source, m.contact_ref::varchar || '/' || m.event_ref::varchar) as event_key,  -- The contact and event as one durable key.
    record_key(m._source, m.contact_ref) as contact_key,  -- The source's contact as a durable key.

    m.site_key::integer as site_key,  -- Resolved from site_ref; 0 where the source names none.
    m.channel_key::integer as channel_key,  -- Resolved from channel_ref, a member of the shared channel list.
    m.agent_key::integer as agent_key,  -- Resolved from agent_ref.
    m.reason_key::integer as reason_key,  -- Resolved from reason_ref.
    m.customer_key::bigint as customer_key,  -- Random surrogate from the vault; null where no person is named.

    m.kind::varchar as kind,  -- received, queued, answered, transferred, held, resumed, abandoned, resolved, reopened, assigned, callback_requested, callback_done, callback_missed, web_step, ivr_step or ended.
    m.from_value::varchar as from_value,  -- What it was before.
    m.to_value::varchar as to_value,  -- What it became.
    m.seconds::integer as seconds,  -- How long, where the event has a length.

    m.at_utc::timestamp as at_utc,  -- Instant in UTC; null where the source gives only a date.
    m.local_date::date as local_date,  -- Date in the site's zone; a date-only source is never shifted.
    m.local_minute::smallint as local_minute,  -- Minute of that day, 0 … 1439; null where only the date is known.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_contact_event as m
