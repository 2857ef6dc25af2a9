-- Outer joins: which side may be missing decides everything.

-- tables shop

-- cuboid left_product
select p.category, p.product_key, f.site_key, count(*) as n, sum(f.amount) as s, count(p.product_key) as met
from sale as f left join product as p on p.product_key = f.product_key
group by p.category, p.product_key, f.site_key;

-- cuboid left_category
select p.category, f.site_key, count(*) as n, sum(f.amount) as s
from sale as f left join product as p on p.product_key = f.product_key group by p.category, f.site_key;

-- cuboid inner_product
select p.category, f.site_key, count(*) as n, sum(f.amount) as s
from sale as f join product as p on p.product_key = f.product_key group by p.category, f.site_key;

-- cuboid full_product
select f.site_key, p.category, count(*) as n, count(f.sale_key) as sales, sum(f.amount) as s
from sale as f full join product as p on p.product_key = f.product_key group by f.site_key, p.category;

-- cuboid by_site
select site_key, count(*) as n, sum(amount) as s, count(amount) as c, max(price) as high from sale group by site_key;

-- cuboid by_site_day
select site_key, day, count(*) as n, sum(amount) as s from sale group by site_key, day;

-- cuboid site_left_sale
select t.kind, count(*) as n, count(f.sale_key) as sales, sum(f.amount) as s
from site as t left join sale as f on f.site_key = t.site_key group by t.kind;

-- cuboid filtered_on
select f.site_key, p.category, count(*) as n, sum(f.amount) as s
from sale as f left join product as p on p.product_key = f.product_key and p.category = 'parts' group by f.site_key, p.category;

-- given left_product
-- case the same left join
--   uses left_product
select p.category, sum(f.amount) as s from sale as f left join product as p on p.product_key = f.product_key group by p.category

-- case an inner join from a left join: those that were met
--   uses left_product
--   trap StarRocks 24614, Doris 63268
select p.category, sum(f.amount) as s from sale as f join product as p on p.product_key = f.product_key group by p.category

-- case a condition that no missing row passes
--   uses left_product
select f.site_key, count(*) as n from sale as f left join product as p on p.product_key = f.product_key
where p.category = 'parts' group by f.site_key

-- case a condition that a missing row passes
--   uses left_product
select f.site_key, count(*) as n from sale as f left join product as p on p.product_key = f.product_key
where p.category is null group by f.site_key

-- case those that were not met
--   uses left_product
select f.site_key, count(*) as n from sale as f left join product as p on p.product_key = f.product_key
where p.product_key is null group by f.site_key

-- case a right join is a left join turned round
--   uses left_product
select p.category, sum(f.amount) as s from product as p right join sale as f on p.product_key = f.product_key group by p.category

-- case counting the other side
--   uses left_product
select f.site_key, count(p.product_key) as met, count(*) as n
from sale as f left join product as p on p.product_key = f.product_key group by f.site_key

-- given left_category
-- case an inner join, where the level is null both for no product and for no category
--   star
--   trap Doris 63268
select p.category, sum(f.amount) from sale as f join product as p on p.product_key = f.product_key group by p.category

-- case an inner join under a condition that only rows met can pass
--   uses left_category
select f.site_key, sum(f.amount) as s from sale as f join product as p on p.product_key = f.product_key
where p.category = 'parts' group by f.site_key

-- case rows whose category is null, met or not
--   uses left_category
select f.site_key, sum(f.amount) as s from sale as f left join product as p on p.product_key = f.product_key
where p.category is null group by f.site_key

-- given inner_product
-- case a left join from an inner join has lost rows
--   star
select p.category, sum(f.amount) from sale as f left join product as p on p.product_key = f.product_key group by p.category

-- case a left join with a condition that makes it an inner join
--   uses inner_product
select p.category, sum(f.amount) as s from sale as f left join product as p on p.product_key = f.product_key
where p.category <> 'sales' group by p.category

-- case a left join with a condition that does not
--   star
select p.category, sum(f.amount) from sale as f left join product as p on p.product_key = f.product_key
where p.category is distinct from 'sales' group by p.category

-- given full_product
-- case the same full join
--   uses full_product
--   todo full joins are left to the star
select p.category, count(*) as n, sum(f.amount) as s from sale as f full join product as p on p.product_key = f.product_key
group by p.category

-- case a left join from a full join, a NULL of the fact's side is a missing row
--   uses full_product
--   todo full joins are left to the star
--   trap StarRocks 27163
select f.site_key, count(*) as n from sale as f left join product as p on p.product_key = f.product_key
where f.site_key = 1 group by f.site_key

-- given by_site
-- case sites without sales are rows too
--   uses by_site with site
select t.site, t.site_key, count(f.sale_key) as n, sum(f.amount) as s
from site as t left join sale as f on f.site_key = t.site_key group by t.site, t.site_key

-- case a row without sales counts one
--   uses by_site with site
select t.kind, count(*) as n, max(f.price) as high from site as t left join sale as f on f.site_key = t.site_key group by t.kind

-- case an average over sites without sales
--   uses by_site with site
select t.site_key, avg(f.amount) as a from site as t left join sale as f on f.site_key = t.site_key group by t.site_key

-- case sites that never sold
--   uses by_site with site
select t.site from site as t left join sale as f on f.site_key = t.site_key where f.sale_key is null group by t.site

-- case sites that never sold, by their keys
--   any
select t.site_key, count(*) as n from site as t anti join sale as f on f.site_key = t.site_key group by t.site_key

-- given by_site_day
-- case a condition in ON: sites without such sales stay
--   uses by_site_day with site
--   trap Doris 30374
select t.site_key, sum(f.amount) as s, count(f.day) as n
from site as t left join sale as f on f.site_key = t.site_key and f.day >= date '2024-03-01' group by t.site_key

-- case a condition in WHERE: they go
--   uses by_site_day with site
select t.site_key, sum(f.amount) as s
from site as t left join sale as f on f.site_key = t.site_key where f.day >= date '2024-03-01' group by t.site_key

-- case days without sales
--   uses by_site_day with calendar
select k.month, count(f.sale_key) as n, coalesce(sum(f.amount), 0) as s
from calendar as k left join sale as f on f.day = k.day group by k.month

-- given site_left_sale
-- case the same join from the dimension
--   uses site_left_sale
select t.kind, sum(f.amount) as s, count(f.sale_key) as n from site as t left join sale as f on f.site_key = t.site_key group by t.kind

-- case the inner join from it counts sales, not rows
--   star
select t.kind, count(*) from site as t join sale as f on f.site_key = t.site_key group by t.kind

-- case the sales alone, where every kind is a level
--   star
select sum(amount), count(*) from sale where channel = 'web'

-- given filtered_on
-- case a condition that was part of ON
--   uses filtered_on
select f.site_key, count(*) as n from sale as f left join product as p on p.product_key = f.product_key and p.category = 'parts'
group by f.site_key

-- case the same condition in WHERE
--   uses filtered_on
--   trap Doris 30374
select f.site_key, count(*) as n from sale as f left join product as p on p.product_key = f.product_key
where p.category = 'parts' group by f.site_key

-- case without the condition another category would be met
--   star
select p.category, count(*) from sale as f left join product as p on p.product_key = f.product_key group by p.category
