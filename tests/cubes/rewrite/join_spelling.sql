-- The same join in many words.

-- tables shop

-- cuboid by_kind
select t.kind, r.country, f.channel, count(*) as n, sum(f.amount) as s
from sale as f join site as t on f.site_key = t.site_key join region as r on t.region_key = r.region_key
group by t.kind, r.country, f.channel;

-- cuboid by_using
select kind, site_key, sum(amount) as s, count(*) as n from site join sale using (site_key) where kind is not null group by all;

-- given by_kind
-- case in another order
--   uses by_kind
select t.kind, sum(f.amount) as s
from region as r join site as t on r.region_key = t.region_key join sale as f on t.site_key = f.site_key group by t.kind

-- case USING
--   uses by_kind
select kind, sum(amount) as s from sale join site using (site_key) join region using (region_key) group by kind

-- case NATURAL
--   uses by_kind
select kind, count(*) as n from sale natural join site group by kind

-- case commas
--   uses by_kind
select site.kind, count(*) as n from sale, site where site.site_key = sale.site_key group by site.kind

-- case commas and JOIN
--   uses by_kind
select t.kind, count(*) as n from region as r, sale as f join site as t on t.site_key = f.site_key where r.region_key = t.region_key group by t.kind

-- case CROSS JOIN and a condition
--   uses by_kind
select t.kind, sum(f.amount) as s from sale as f cross join site as t where f.site_key = t.site_key group by t.kind

-- case in brackets
--   uses by_kind
select t.kind, sum(f.amount) as s from sale as f join (site as t join region as r on r.region_key = t.region_key) on t.site_key = f.site_key group by t.kind

-- case a derived table as a side
--   uses by_kind
select t.kind, sum(f.amount) as s from sale as f join (select site_key, kind from site) as t on t.site_key = f.site_key group by t.kind

-- case a condition within the join
--   uses by_kind
select sum(f.amount) as s from sale as f join site as t on t.site_key = f.site_key and t.kind = 'branch'

-- case a join said twice
--   uses by_kind
select t.kind, sum(f.amount) as s from sale as f join site as t on t.site_key = f.site_key and f.site_key = t.site_key where t.site_key = f.site_key group by t.kind

-- case the dimension twice by its key
--   uses by_kind
select a.kind, sum(f.amount) as s from sale as f join site as a on a.site_key = f.site_key join site as b on b.site_key = a.site_key group by a.kind

-- case no join where there was one: each sale for each site
--   uses by_kind with site
select t.kind, sum(f.amount) from sale as f, site as t group by t.kind

-- case a join by something else
--   star
select t.kind, sum(f.amount) from sale as f join site as t on t.region_key = f.site_key group by t.kind

-- case a join by more
--   star
select t.kind, sum(f.amount) from sale as f join site as t on t.site_key = f.site_key and t.size = f.quantity group by t.kind

-- case a join by less than equality
--   star
select t.kind, sum(f.amount) from sale as f join site as t on t.site_key >= f.site_key group by t.kind

-- given by_using
-- case the joined column under three names
--   uses by_using
select f.site_key, t.site_key as k, sum(f.amount) as s from sale as f join site as t on t.site_key = f.site_key where t.kind is not null
group by f.site_key, t.site_key

-- case the joined column without a table
--   uses by_using
select site_key, count(*) as n from sale join site using (site_key) where kind = 'branch' group by site_key
