-- A condition that reads the row around it is a function of the columns it reads there.

-- tables shop

-- cuboid by_site_channel
select site_key, channel, product_key, count(*) as n, sum(amount) as s from sale group by all;

-- cuboid by_upper
select upper(channel) as c, count(*) as n from sale group by c;

-- given by_site_channel
-- case exists
--   uses by_site_channel with site
select sum(amount) as s from sale as f where exists (select 1 from site as t where t.site_key = f.site_key and t.kind = 'branch')

-- case not exists
--   uses by_site_channel with site
select count(*) as n from sale as f where not exists (select * from site as t where t.site_key = f.site_key and t.kind = 'branch')

-- case not exists on a column that is null
--   uses by_site_channel with product
select site_key, count(*) as n from sale as f where not exists (select 1 from product as p where p.product_key = f.product_key) group by site_key

-- case exists among rows that repeat
--   uses by_site_channel with target
select count(*) as n from sale as f where exists (select 1 from target as g where g.site_key = f.site_key and g.goal > 10)

-- case exists by a range
--   uses by_site_channel with site
select channel, count(*) as n from sale as f where exists (select 1 from site as t where t.site_key < f.site_key and t.size > f.product_key) group by channel

-- case exists by an expression of the row
--   uses by_site_channel with site
select count(*) as n from sale as f where exists (select 1 from site as t where t.size = f.site_key + coalesce(f.product_key, 0))

-- case exists by a column of the row alone
--   uses by_site_channel with site
select count(*) as n from sale as f where exists (select 1 from site as t where f.channel = 'web' and t.kind is null)

-- case exists or something else
--   uses by_site_channel with site
select count(*) as n from sale as f where channel is null or exists (select 1 from site as t where t.site_key = f.site_key and t.size is null)

-- case exists over several tables
--   uses by_site_channel with site, region
select count(*) as n from sale as f where exists (select 1 from site as t join region as r using (region_key) where t.site_key = f.site_key and r.country is null)

-- case exists within exists
--   uses by_site_channel with site, region
select count(*) as n from sale as f where exists (select 1 from site as t where t.site_key = f.site_key
    and exists (select 1 from region as r where r.region_key = t.region_key and r.region_key < f.product_key))

-- case exists over a CTE
--   uses by_site_channel with site
with branch as (select site_key as k from site where kind = 'branch') select count(*) as n from sale where exists (select 1 from branch where k = sale.site_key)

-- case exists over VALUES
--   uses by_site_channel
select count(*) as n from sale as f where exists (select 1 from (values (1), (3)) as v (k) where v.k = f.site_key)

-- case exists of a group
--   uses by_site_channel with site
select site_key, exists (select 1 from site as t where t.site_key = sale.site_key and t.size > 2) as big, count(*) as n from sale group by site_key

-- case in a list that hangs on the row
--   uses by_site_channel with target
select count(*) as n from sale as f where f.product_key in (select month(g.month) from target as g where g.site_key = f.site_key)

-- case not in a list that hangs on the row, with a NULL in it
--   uses by_site_channel with target
select count(*) as n from sale as f where f.product_key not in (select g.goal from target as g where g.site_key = f.site_key)

-- case greater than all of a list that hangs on the row
--   uses by_site_channel with target
select count(*) as n from sale as f where f.product_key > all (select month(g.month) from target as g where g.site_key > f.site_key)

-- case over a derived table
--   uses by_site_channel with site
select count(*) as n from (select site_key + 1 as k from sale) as f where exists (select 1 from site as t where t.site_key = f.k)

-- case an anti-join
--   uses by_site_channel with product
select site_key, sum(amount) as s from sale as f anti join product as p on p.product_key = f.product_key and p.category = 'parts' group by site_key

-- case an anti-join USING
--   uses by_site_channel with product
select count(*) as n from sale anti join product using (product_key)

-- case a semi-join on two columns
--   uses by_site_channel with site
select count(*) as n from sale as f semi join site as t on t.site_key = f.site_key and t.size > f.product_key

-- case a semi-join without a condition on the row
--   uses by_site_channel with site
select count(*) as n from sale semi join site on site.kind = 'branch'

-- case an anti-join with a table without rows to find
--   uses by_site_channel with site
select count(*) as n from sale as f anti join site as t on t.site_key = f.site_key and t.kind = 'none'

-- case a scalar that hangs on the row
--   star correlated
select count(*) as n from sale as f where f.product_key > (select min(t.size) from site as t where t.site_key = f.site_key)

-- case exists over an aggregate, which always has a row
--   star correlated
select count(*) as n from sale as f where exists (select max(t.size) from site as t where t.site_key = f.site_key and t.kind = 'none')

-- case exists over the first row of none
--   star correlated
select count(*) as n from sale as f where exists (select 1 from site as t where t.site_key = f.site_key limit 0)

-- case exists over groups
--   star correlated
select count(*) as n from sale as f where exists (select t.kind from site as t where t.region_key = f.site_key group by t.kind having count(*) > 1)

-- case exists over the facts themselves
--   star correlated
select count(*) as n from sale as f where exists (select 1 from sale as g where g.site_key = f.site_key and g.amount > 12)

-- case exists by a column that is no level
--   star predicate
select count(*) as n from sale as f where exists (select 1 from site as t where t.site_key = f.quantity)

-- case an anti-join by a column that is no level
--   star predicate
select count(*) as n from sale as f anti join site as t on t.site_key = f.quantity

-- given by_upper
-- case exists by an expression that is a level
--   uses by_upper with product
select count(*) as n from sale as f where exists (select 1 from product as p where upper(p.product) <> upper(f.channel))

-- case exists by what a level does not tell
--   star
select count(*) as n from sale as f where exists (select 1 from product as p where p.product <> f.channel)
