-- One combination of what is known of customers without saying who they are.
-- grain: profile
-- key: profile_key
select
    m.key as profile_key,                                       -- Facts store it, as the customer was known that day.
    coalesce(nullif(split_part(m.ref, '|', 1), ''), 'unknown') as segment,      -- Segment.
    coalesce(nullif(split_part(m.ref, '|', 2), ''), 'unknown') as tenure_band,  -- How long a customer.
    coalesce(nullif(split_part(m.ref, '|', 3), ''), 'unknown') as age_band,     -- Age band.
    coalesce(nullif(split_part(m.ref, '|', 4), ''), 'unknown') as party_type,   -- person or organisation.
    coalesce(nullif(split_part(m.ref, '|', 5), ''), 'unknown') as customer_province  -- Province of residence.
from member as m
where m.dimension = 'profile'
