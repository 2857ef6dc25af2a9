-- One product.
-- grain: product
-- key: product_key
with described as (
    select distinct on (p.product_key) p.product_key, p.name, p.family
    from canonical_product as p
    order by p.product_key, p.record_key
)
select
    m.key as product_key,                                       -- Facts store it.
    m.ref as product,                                           -- The product's reference.
    coalesce(d.name, m.ref) as product_name,                    -- Name.
    coalesce(d.family, 'unknown') as family                     -- Family the product belongs to.
from member as m
left join described as d on d.product_key = m.key
where m.dimension = 'product'
