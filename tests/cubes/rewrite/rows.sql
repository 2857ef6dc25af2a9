-- Cuboids that keep rows: joined and filtered, or distinct, but not summed.

-- tables shop

-- cuboid flat
select f.sale_key, f.site_key, f.day, f.amount, f.quantity, f.channel, t.site, t.kind, r.region
from sale as f join site as t on t.site_key = f.site_key join region as r on r.region_key = t.region_key;

-- cuboid web_rows
select sale_key, site_key, day, amount, price from sale where channel = 'web';

-- cuboid narrow
select site_key, amount from sale;

-- cuboid unnested_pairs
select f.site_key, f.amount, w.visitors from sale as f join visit as w on w.site_key = f.site_key;

-- given flat
-- case sums over rows that were joined before
--   uses flat
select r.region, sum(f.amount) as s from sale as f join site as t using (site_key) join region as r using (region_key) group by r.region

-- case a measure in a condition
--   uses flat
select t.kind, count(*) as n from sale as f join site as t on t.site_key = f.site_key where f.amount > 3 group by t.kind

-- case a median of rows
--   uses flat
select t.kind, median(f.amount) as m from sale as f join site as t on t.site_key = f.site_key group by t.kind

-- case the rows themselves
--   uses flat
select f.sale_key, t.site, f.amount from sale as f join site as t on t.site_key = f.site_key where t.kind = 'branch'

-- case the fact alone, from rows that lost nothing
--   uses flat
select site_key, sum(amount) as s from sale group by site_key

-- case distinct values of rows
--   uses flat
select count(distinct amount) as c from sale

-- case a column that was not kept
--   star
select sum(price) from sale

-- given web_rows
-- case rows under a condition
--   uses web_rows
select site_key, sum(amount * price) as v from sale where channel = 'web' and amount > 0 group by site_key

-- case rows without it
--   star filter
select site_key, sum(amount * price) from sale group by site_key

-- given narrow
-- case rows without a key still are all rows
--   uses narrow
select site_key, sum(amount) as s, count(*) as n, avg(amount) as a, median(amount) as m from sale group by site_key

-- case a measure in HAVING
--   uses narrow
select site_key from sale group by site_key having max(amount) > 10

-- given unnested_pairs
-- case rows a join repeated
--   star
select site_key, sum(amount) from sale group by site_key

-- case the same join
--   uses unnested_pairs
select f.site_key, sum(f.amount * w.visitors) as v from visit as w join sale as f on w.site_key = f.site_key group by f.site_key
