-- A join that neither drops nor repeats rows, and whose columns nobody asks for, says nothing.

-- tables shop
create table note (site_key integer, note varchar);
insert into note values (1, 'a'), (1, 'b'), (2, null), (null, 'c');

create table loose (loose_key integer, site_key integer, product_key integer not null, amount integer);
insert into loose values (1, 1, 1, 5), (2, 99, 2, 7), (3, null, 77, -1), (4, 4, 3, null);

-- cuboid by_site
select site_key, count(*) as n, sum(amount) as s from sale group by site_key;

-- cuboid by_product
select product_key, count(*) as n, sum(amount) as s from sale group by product_key;

-- cuboid by_channel
select channel, count(*) as n, sum(amount) as s from sale group by channel;

-- cuboid joined
select t.kind, f.channel, count(*) as n, sum(f.amount) as s, avg(f.amount) as a
from sale as f join site as t on t.site_key = f.site_key join region as r on r.region_key = t.region_key
group by t.kind, f.channel;

-- cuboid with_product
select f.channel, count(*) as n, sum(f.amount) as s
from sale as f join product as p on p.product_key = f.product_key group by f.channel;

-- cuboid left_product
select f.channel, p.category, count(*) as n, sum(f.amount) as s
from sale as f left join product as p on p.product_key = f.product_key group by f.channel, p.category;

-- cuboid inner_product
select f.channel, p.category, count(*) as n, sum(f.amount) as s
from sale as f join product as p on p.product_key = f.product_key group by f.channel, p.category;

-- cuboid narrowed
select f.channel, count(*) as n, sum(f.amount) as s
from sale as f join site as t on t.site_key = f.site_key and t.region_key = f.product_key group by f.channel;

-- cuboid elsewhere
select t.kind, count(*) as n, sum(f.amount) as s
from sale as f join site as t on t.site_key = f.quantity group by t.kind;

-- cuboid with_note
select f.channel, count(*) as n, sum(f.amount) as s from sale as f join note as o on o.site_key = f.site_key group by f.channel;

-- cuboid loose_by_site
select site_key, product_key, count(*) as n, sum(amount) as s from loose group by site_key, product_key;

-- given by_channel
-- case a dimension nobody asks for
--   uses by_channel
select f.channel, sum(f.amount) as s from sale as f join site as t on t.site_key = f.site_key group by f.channel

-- case a snowflake nobody asks for
--   uses by_channel
select f.channel, count(*) as n from sale as f join site as t using (site_key) join region as r using (region_key) group by f.channel

-- case a left join of a dimension nobody asks for
--   uses by_channel
select f.channel, count(*) as n from sale as f left join product as p on p.product_key = f.product_key group by f.channel

-- case a left join of a left join
--   uses by_channel
select f.channel, count(*) as n from sale as f left join site as t on t.site_key = f.site_key
left join region as r on r.region_key = t.region_key group by f.channel

-- case a left join may repeat rows where the key is not unique
--   star
select f.channel, count(*) from sale as f left join note as o on o.site_key = f.site_key group by f.channel

-- case an inner join on a key that may be null drops rows
--   star
--   trap StarRocks 70936, StarRocks 71375
select f.channel, count(*) from sale as f join product as p on p.product_key = f.product_key group by f.channel

-- case a left join on another column than the key
--   star
select f.channel, count(*) from sale as f left join target as g on g.site_key = f.site_key group by f.channel

-- case a left join on one column of a key of two, the other fixed
--   uses by_channel
select f.channel, count(*) as n from sale as f
left join target as g on g.site_key = f.site_key and g.month = date '2024-02-01' group by f.channel

-- case a condition on the joined table is a question about it
--   star
select f.channel, count(*) from sale as f join site as t on t.site_key = f.site_key where t.kind = 'branch' group by f.channel

-- case a condition in the ON of a left join drops nothing
--   uses by_channel
select f.channel, count(*) as n from sale as f left join site as t on t.site_key = f.site_key and t.kind = 'branch' group by f.channel

-- case counting the key of a joined table whose every row is met
--   uses by_channel
select f.channel, count(t.site_key) as n from sale as f join site as t on t.site_key = f.site_key group by f.channel

-- given by_product
-- case an inner join on a key that may be null is a condition on it
--   uses by_product with product
select sum(f.amount) as s from sale as f join product as p on p.product_key = f.product_key

-- given by_site
-- case a semi-join that everything passes
--   uses by_site with site
select sum(amount) as s from sale where site_key in (select site_key from site)

-- given joined
-- case a cuboid that joins more than is asked, and loses nothing by it
--   uses joined
--   trap StarRocks 43788
select channel, sum(amount) as s from sale group by channel

-- case a stored average of such a cuboid under a condition
--   uses joined
select f.channel, avg(f.amount) as a from sale as f join site as t on t.site_key = f.site_key
where t.kind = 'branch' group by f.channel

-- given with_product
-- case a cuboid that dropped the rows without a product
--   star
--   trap StarRocks 70936
select channel, sum(amount) from sale group by channel

-- case the same inner join asked
--   uses with_product
select f.channel, sum(f.amount) as s from sale as f join product as p using (product_key) group by f.channel

-- case the inner join said as a condition
--   uses with_product
select channel, sum(amount) as s from sale where product_key is not null group by channel

-- given left_product
-- case a cuboid that looked a dimension up, and dropped nothing
--   uses left_product
select channel, sum(amount) as s from sale group by channel

-- given inner_product
-- case a left join on a key that may be null keeps rows that an inner one drops
--   star
select f.channel, p.category, count(*) as n from sale as f left join product as p on p.product_key = f.product_key
group by f.channel, p.category

-- case a left join, and every row met because the question says so
--   uses inner_product
select f.channel, p.category, count(*) as n from sale as f left join product as p on p.product_key = f.product_key
where f.product_key is not null group by f.channel, p.category

-- given narrowed
-- case a cuboid whose join is on more than the key drops rows
--   star
select channel, sum(amount) from sale group by channel

-- given elsewhere
-- case a cuboid that joins the same table on another column
--   star
select t.kind, sum(f.amount) from sale as f join site as t on t.site_key = f.site_key group by t.kind

-- case all pairs are more than those a cuboid joined
--   star
select t.kind, sum(f.amount) from sale as f, site as t group by t.kind

-- given with_note
-- case a cuboid whose join repeats rows
--   star
--   trap Lightdash 861
select channel, sum(amount) from sale group by channel

-- given loose_by_site
-- case without a declared foreign key a join may drop rows
--   uses loose_by_site with site
select sum(f.amount) as s from loose as f join site as t on t.site_key = f.site_key

-- case without a declared foreign key, not even of a column that is never null
--   uses loose_by_site with product
select f.site_key, sum(f.amount) as s from loose as f join product as p on p.product_key = f.product_key group by f.site_key

-- case a left join needs no foreign key, only a unique key
--   uses loose_by_site
select f.site_key, sum(f.amount) as s from loose as f left join product as p on p.product_key = f.product_key group by f.site_key
