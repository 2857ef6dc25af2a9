-- One product.
-- grain: product
-- key: product_key
-- check: product_key > 0
select
    m.product_key::integer as product_key,  -- Resolved from product_ref.
    m.name::varchar as name,  -- Name.
    m.family::varchar as family,  -- Family the product belongs to.
    m.attributes::map(varchar, varchar) as attributes  -- Further attributes, typed by the registry.
from mapped_product as m
