-- Join-back: what a cuboid lacks of a dimension comes through the key it keeps.

-- tables shop
create table holiday_note (day date, note varchar);
insert into holiday_note values ('2024-01-01', 'new year'), ('2024-01-01', 'again'), ('2024-03-01', null), (null, 'never');

-- cuboid by_keys
select site_key, product_key, day, count(*) as n, sum(amount) as s, count(amount) as c, min(price) as low, avg(price) as a
from sale group by site_key, product_key, day;

-- cuboid by_site
select site_key, count(*) as n, sum(amount) as s, median(amount) as m from sale group by site_key;

-- cuboid by_region
select r.region_key, count(*) as n, sum(f.amount) as s
from sale as f join site as t on t.site_key = f.site_key join region as r on r.region_key = t.region_key
group by r.region_key;

-- given by_keys
-- case a dimension's column as a level
--   uses by_keys with product
select p.category, sum(f.amount) as s from sale as f join product as p on p.product_key = f.product_key group by p.category

-- case a dimension's column as a condition
--   uses by_keys with product
select f.site_key, count(*) as n from sale as f join product as p using (product_key)
where p.category = 'parts' group by f.site_key

-- case two dimensions
--   uses by_keys with product, site
select t.kind, p.category, sum(f.amount) as s, count(f.amount) as c
from sale as f join product as p on p.product_key = f.product_key join site as t on t.site_key = f.site_key
group by t.kind, p.category

-- case a calendar
--   uses by_keys with calendar
select k.month, sum(f.amount) as s from sale as f join calendar as k on k.day = f.day where k.holiday group by k.month

-- case a dimension's column in HAVING
--   uses by_keys with site
select t.site_key, sum(f.amount) as s from sale as f join site as t on t.site_key = f.site_key
group by t.site_key, t.kind having t.kind = 'branch'

-- case a left join of a dimension
--   uses by_keys with product
select p.category, count(*) as n from sale as f left join product as p on p.product_key = f.product_key group by p.category

-- case tables listed by commas
--   uses by_keys with site, region
select r.region, sum(amount) as s from sale, site, region as r
where sale.site_key = site.site_key and site.region_key = r.region_key and r.country = 'KR' group by r.region

-- case a natural join
--   uses by_keys with site
select kind, sum(amount) as s from sale natural join site group by kind

-- case sum of a dimension's column: once for each sale
--   uses by_keys with product
select f.site_key, sum(p.list_price) as v from sale as f join product as p using (product_key) group by f.site_key

-- case average and count of a dimension's column
--   uses by_keys with product
select f.site_key, avg(p.list_price) as a, count(p.list_price) as c from sale as f join product as p using (product_key)
group by f.site_key

-- case least of a dimension's column
--   uses by_keys with site
select f.day, min(t.opened) as o, max(t.size) as z from sale as f join site as t on t.site_key = f.site_key group by f.day

-- case distinct values of a dimension's column
--   uses by_keys with site
select count(distinct t.kind) as kinds, count(distinct t.region_key) as regions from sale as f join site as t using (site_key)

-- case a dimension's column inside FILTER
--   uses by_keys with product
select f.site_key, sum(f.amount) filter (where p.category = 'parts') as parts
from sale as f join product as p using (product_key) group by f.site_key

-- case a table without a key: each sale is met as often as there are rows
--   uses by_keys with holiday_note
select h.note, sum(f.amount) as s, count(*) as n from sale as f join holiday_note as h on h.day = f.day group by h.note

-- case a left join of a table without a key
--   uses by_keys with holiday_note
select f.site_key, sum(f.amount) as s, count(*) as n, count(h.note) as notes
from sale as f left join holiday_note as h on h.day = f.day group by f.site_key

-- case a join by a range
--   uses by_keys with target
select g.month, sum(f.amount) as s
from sale as f join target as g on g.site_key = f.site_key and f.day >= g.month and f.day < g.month + interval 1 month
group by g.month

-- case a join with a condition on the fact that is no level
--   star predicate
select p.category, sum(f.amount) from sale as f join product as p on p.product_key = f.product_key and p.list_price > f.price
group by p.category

-- case a dimension that one comes to by a column the cuboid lacks
--   star
select k.month, sum(f.amount) from sale as f join calendar as k on k.day = f.due group by k.month

-- case an average that was stored at another grain
--   star grain
select p.category, avg(f.price) from sale as f join product as p using (product_key) group by p.category

-- case a semi-join
--   uses by_keys with product
select f.site_key, count(*) as n from sale as f
where f.product_key in (select product_key from product where category = 'parts') group by f.site_key

-- case an anti-join that is correlated
--   uses by_keys with holiday_note
select f.site_key, sum(f.amount) as s from sale as f
where not exists (select 1 from holiday_note as h where h.day = f.day) group by f.site_key

-- given by_site
-- case a median by a key's own dimension row
--   uses by_site with site
select t.site_key, t.site, median(f.amount) as m from sale as f join site as t on t.site_key = f.site_key
group by t.site_key, t.site

-- case a median under a condition on the dimension
--   uses by_site with site
select f.site_key, median(f.amount) as m from sale as f join site as t on t.site_key = f.site_key
where t.kind = 'branch' group by f.site_key

-- case a median over a join that meets a sale more than once
--   star
select f.site_key, median(f.amount) from sale as f join target as g on g.site_key = f.site_key group by f.site_key

-- case a sum over a join that meets a sale more than once
--   uses by_site with target
select f.site_key, sum(f.amount) as s, count(*) as n from sale as f join target as g on g.site_key = f.site_key group by f.site_key

-- given by_region
-- case a further column of the dimension whose key is kept
--   uses by_region with region
select r.region, r.country, sum(f.amount) as s
from sale as f join site as t on t.site_key = f.site_key join region as r on r.region_key = t.region_key
group by r.region, r.country

-- case a column of the dimension between, whose key is lost
--   star level
select t.kind, sum(f.amount)
from sale as f join site as t on t.site_key = f.site_key join region as r on r.region_key = t.region_key
group by t.kind

-- case a condition on the dimension whose key is kept
--   uses by_region with region
select count(*) as n
from sale as f join site as t on t.site_key = f.site_key join region as r on r.region_key = t.region_key
where r.country is null or r.region = 'north'
