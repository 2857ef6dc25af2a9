-- What is known of one customer, without saying who it is.
-- grain: customer
-- key: customer_key
-- check: customer_key is not null
-- refers: profile_key -> dim_customer_profile
-- class: customer_ref person, phone person, email person, customer_name person, birth_date person, vin person, plate person
select
    m.customer_key::bigint as customer_key,  -- Random surrogate from the vault; null where no person is named.
    m.profile_key::integer as profile_key,  -- Resolved from profile_ref, as the customer was known that day.
    m.party_type::varchar as party_type,  -- person or organisation.
    m.district::varchar as district,  -- District of residence.
    m.consent::boolean as consent,  -- May be contacted for marketing.
    m.at_utc::timestamp as at_utc,  -- Instant in UTC; null where the source gives only a date.
    m.local_date::date as local_date,  -- Date of this knowledge.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_customer as m
