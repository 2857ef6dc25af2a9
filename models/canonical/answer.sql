-- One answer to one question of one survey response, as a source delivered it.
-- grain: response, question
-- key: answer_key
-- check: answer_key is not null
-- check: local_date is not null
-- check: local_date between date '1990-01-01' and date '2049-12-31'
-- check: local_minute is null or local_minute between 0 and 1439
-- refers: site_key -> dim_site, question_key -> dim_question, channel_key -> dim_channel, product_key -> dim_product, agent_key -> dim_agent, campaign_key -> dim_campaign, profile_key -> dim_customer_profile
-- class: customer_ref person, phone person, email person, customer_name person, birth_date person, vin person, plate person, verbatim text
select
    record_key(m._source, m.response_ref::varchar || '/' || m.question_ref::varchar) as answer_key,  -- The response and question as one durable key.
    record_key(m._source, m.response_ref) as response_key,  -- The source's response as a durable key.
    record_key(m._source, m.invitation_ref) as invitation_key,  -- The invitation that was answered; null where the source knows none.
    record_key(m._source, m.contact_ref) as contact_key,  -- The contact that was rated; null where the source knows none.

    m.site_key::integer as site_key,  -- Resolved from site_ref; 0 where the source names none.
    m.question_key::integer as question_key,  -- Resolved from question_ref.
    m.channel_key::integer as channel_key,  -- Resolved from channel_ref, a member of the shared channel list.
    m.product_key::integer as product_key,  -- Resolved from product_ref.
    m.agent_key::integer as agent_key,  -- Resolved from agent_ref.
    m.campaign_key::integer as campaign_key,  -- Resolved from campaign_ref.
    m.customer_key::bigint as customer_key,  -- Random surrogate from the vault; null where no person is named.
    m.profile_key::integer as profile_key,  -- Resolved from profile_ref, as the customer was known that day.

    m.score::integer as score,  -- As the customer gave it; null where not applicable.
    m.text_id::bigint as text_id,  -- The verbatim, kept encrypted apart.

    m.at_utc::timestamp as at_utc,  -- Instant in UTC; null where the source gives only a date.
    m.local_date::date as local_date,  -- Date in the site's zone; a date-only source is never shifted.
    m.local_minute::smallint as local_minute,  -- Minute of that day, 0 … 1439; null where only the date is known.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_answer as m
