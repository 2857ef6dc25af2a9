-- One purchase or one service visit.
-- grain: purchase
-- key: purchase_key
-- check: purchase_key is not null
-- check: kind is not null and kind in ('sale', 'service')
-- check: local_date is not null
-- check: local_date between date '1990-01-01' and date '2049-12-31'
-- check: local_minute is null or local_minute between 0 and 1439
-- refers: site_key -> dim_site, touchpoint_key -> dim_process, channel_key -> dim_channel, product_key -> dim_product, agent_key -> dim_agent, campaign_key -> dim_campaign, profile_key -> dim_customer_profile
-- class: customer_ref person, phone person, email person, customer_name person, birth_date person, vin person, plate person
select
    record_key(m._source, m.purchase_ref) as purchase_key,  -- The source's purchase as a durable key.

    m.site_key::integer as site_key,  -- Resolved from site_ref; 0 where the source names none.
    m.touchpoint_key::integer as touchpoint_key,  -- Resolved from touchpoint_ref; gives stage and process.
    m.channel_key::integer as channel_key,  -- Resolved from channel_ref, a member of the shared channel list.
    m.product_key::integer as product_key,  -- Resolved from product_ref.
    m.agent_key::integer as agent_key,  -- Resolved from agent_ref.
    m.campaign_key::integer as campaign_key,  -- Resolved from campaign_ref.
    m.customer_key::bigint as customer_key,  -- Random surrogate from the vault; null where no person is named.
    m.profile_key::integer as profile_key,  -- Resolved from profile_ref, as the customer was known that day.

    m.kind::varchar as kind,  -- sale or service.
    m.amount::decimal(18, 2) as amount,  -- In the source's currency.
    m.is_repurchase::boolean as is_repurchase,  -- The customer had bought before.

    m.at_utc::timestamp as at_utc,  -- Instant in UTC; null where the source gives only a date.
    m.local_date::date as local_date,  -- Date in the site's zone; a date-only source is never shifted.
    m.local_minute::smallint as local_minute,  -- Minute of that day, 0 … 1439; null where only the date is known.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_purchase as m
