-- One vehicle of one customer; plate and VIN stay in the vault.
-- grain: vehicle
-- key: vehicle_key
-- check: vehicle_key is not null
-- refers: product_key -> dim_product
-- class: customer_ref person, phone person, email person, customer_name person, birth_date person, vin person, plate person
select
    record_key(m._source, m.vehicle_ref) as vehicle_key,  -- The source's vehicle as a durable key.
    m.customer_key::bigint as customer_key,  -- Random surrogate from the vault; null where no person is named.
    m.product_key::integer as product_key,  -- Resolved from product_ref.
    m.model_year::smallint as model_year,  -- Model year.
    m.local_date::date as local_date,  -- Date in the site's zone; a date-only source is never shifted.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_vehicle as m
