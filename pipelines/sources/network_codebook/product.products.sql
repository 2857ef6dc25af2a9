-- What the network sells and services.
select
    r.product as product_ref,
    r.name,
    r.family,
    r._record
from products as r
