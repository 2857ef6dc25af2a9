-- One contact between a customer and the centre or a site.
-- grain: contact
-- key: contact_key
-- check: contact_key is not null
-- check: local_date is not null
-- check: local_date between date '1990-01-01' and date '2049-12-31'
-- check: local_minute is null or local_minute between 0 and 1439
-- check: direction is null or direction in ('inbound', 'outbound')
-- check: purpose is null or purpose in ('inquiry', 'complaint', 'request', 'compliment', 'happy_call', 'telemarketing', 'promotion', 'research')
-- check: wait_seconds is null or wait_seconds >= 0
-- check: talk_seconds is null or talk_seconds >= 0
-- check: resolved_date is null or resolved_date >= local_date
-- check: resolved_at_utc is null or at_utc is null or resolved_at_utc >= at_utc
-- refers: site_key -> dim_site, touchpoint_key -> dim_process, channel_key -> dim_channel, reason_key -> dim_reason, product_key -> dim_product, agent_key -> dim_agent, campaign_key -> dim_campaign, profile_key -> dim_customer_profile
-- class: customer_ref person, phone person, email person, customer_name person, birth_date person, vin person, plate person, verbatim text
select
    record_key(m._source, m.contact_ref) as contact_key,  -- The source's contact as a durable key.
    record_key(m._source, m.parent_contact_ref) as parent_contact_key,  -- The contact this one follows.

    m.site_key::integer as site_key,  -- Resolved from site_ref; 0 where the source names none.
    m.touchpoint_key::integer as touchpoint_key,  -- Resolved from touchpoint_ref; gives stage and process.
    m.channel_key::integer as channel_key,  -- Resolved from channel_ref, a member of the shared channel list.
    m.reason_key::integer as reason_key,  -- Resolved from reason_ref.
    m.product_key::integer as product_key,  -- Resolved from product_ref.
    m.agent_key::integer as agent_key,  -- Resolved from agent_ref.
    m.campaign_key::integer as campaign_key,  -- Resolved from campaign_ref.
    m.customer_key::bigint as customer_key,  -- Random surrogate from the vault; null where no person is named.
    m.profile_key::integer as profile_key,  -- Resolved from profile_ref, as the customer was known that day.

    m.direction::varchar as direction,  -- inbound or outbound.
    m.purpose::varchar as purpose,  -- inquiry, complaint, request, compliment, happy_call, telemarketing, promotion or research.
    m.queue::varchar as queue,  -- Queue it entered.
    m.purchase_channel::varchar as purchase_channel,  -- How the customer had bought, where the source says so.
    m.verdict::varchar as verdict,  -- The customer's own verdict, such as resolved or not resolved.
    m.status::varchar as status,  -- The source's status word.
    m.is_final::boolean as is_final,  -- The source says that nothing more will happen.

    m.answered_at_utc::timestamp as answered_at_utc,  -- When an agent answered.
    m.answered_date::date as answered_date,  -- The same where only a date is known.
    m.resolved_at_utc::timestamp as resolved_at_utc,  -- When the source says it was resolved.
    m.resolved_date::date as resolved_date,  -- The same where only a date is known.
    m.wait_seconds::integer as wait_seconds,  -- Wait before an agent answered or the caller left.
    m.talk_seconds::integer as talk_seconds,  -- Talk time.
    m.hold_seconds::integer as hold_seconds,  -- Hold time.
    m.wrap_seconds::integer as wrap_seconds,  -- After-call work.
    m.is_abandoned::boolean as is_abandoned,  -- The caller left before an agent answered.
    m.transfers::smallint as transfers,  -- Transfers the source itself counted.
    m.text_id::bigint as text_id,  -- The verbatim, kept encrypted apart.

    m.at_utc::timestamp as at_utc,  -- Instant in UTC; null where the source gives only a date.
    m.local_date::date as local_date,  -- Date in the site's zone; a date-only source is never shifted.
    m.local_minute::smallint as local_minute,  -- Minute of that day, 0 … 1439; null where only the date is known.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_contact as m
