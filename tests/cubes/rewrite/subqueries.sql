-- Subqueries: each uncorrelated block on its own; correlated ones are left alone.

-- tables shop

-- cuboid by_site
select site_key, count(*) as n, sum(amount) as s, count(amount) as c from sale group by site_key;

-- cuboid by_site_channel
select site_key, channel, count(*) as n, sum(amount) as s from sale group by site_key, channel;

-- given by_site
-- case a derived table
--   uses by_site
select max(t.s) as best from (select site_key, sum(amount) as s from sale group by site_key) as t

-- case a derived table of rows
--   uses by_site
select site_key, sum(amount) as s from (select site_key, amount from sale) as t group by site_key

-- case a derived table of rows with expressions
--   uses by_site
select k, sum(v) as s from (select site_key % 2 as k, amount as v from sale) as t group by k

-- case a scalar
--   uses by_site with site
select site_key, (select sum(amount) from sale) as whole from site

-- case a scalar in a condition
--   uses by_site
select site_key, sum(amount) as s from sale group by site_key having sum(amount) > (select avg(amount) from sale)

-- case a list from a block
--   uses by_site with site
select site from site where site_key in (select site_key from sale group by site_key having count(*) > 12)

-- case a list from rows
--   uses by_site with site
select site from site where site_key in (select site_key from sale)

-- case a list to choose groups
--   uses by_site with site
select site_key, count(*) as n from sale where site_key in (select site_key from site where kind = 'branch') group by site_key

-- case not in a list
--   uses by_site with site
select site_key, count(*) as n from sale where site_key not in (select site_key from site where kind = 'branch') group by site_key

-- case exists, uncorrelated
--   uses by_site with site
select sum(amount) as s from sale where exists (select 1 from site where kind = 'branch')

-- case correlated in SELECT
--   star
select t.site, (select sum(f.amount) from sale as f where f.site_key = t.site_key and f.price > t.size) as s from site as t

-- case correlated on a measure
--   star
select count(*) from sale as f where f.amount > (select avg(g.amount) from sale as g where g.site_key = f.site_key)

-- case lateral
--   star
select t.site, x.s from site as t, lateral (select sum(f.amount) as s from sale as f where f.site_key = t.site_key and f.price > t.size) as x

-- case a block in a block in a block
--   uses by_site
select avg(b) as a from (select k, max(s) as b from (select site_key, site_key % 2 as k, sum(amount) as s from sale group by site_key) as x group by k) as y

-- case in FROM beside a dimension
--   uses by_site with site
select t.site, x.s from site as t left join (select site_key, sum(amount) as s from sale group by site_key) as x on x.site_key = t.site_key

-- case a comparison with all
--   uses by_site
select site_key from sale group by site_key having sum(amount) >= all (select sum(amount) from sale group by site_key)

-- case a block inside an expression of SELECT
--   uses by_site
select case when (select count(*) from sale) > 10 then 'many' else 'few' end as much

-- case VALUES beside a block
--   uses by_site
select v.k, x.s from (values (1), (2)) as v (k) join (select site_key, sum(amount) as s from sale group by site_key) as x on x.site_key = v.k

-- case grouped by a list of VALUES: a join with a table of no name
--   any
select v.name, sum(f.amount) as s from sale as f join (values (1, 'one'), (2, 'two'), (2, 'zwei')) as v (k, name) on v.k = f.site_key group by v.name

-- given by_site_channel
-- case distinct rows of a derived table
--   uses by_site_channel
select count(*) as pairs from (select distinct site_key, channel from sale) as t

-- case counted groups
--   uses by_site_channel
select site_key, count(*) as channels from (select site_key, channel from sale group by site_key, channel) as t group by site_key

-- case the whole of a derived table with a condition outside
--   uses by_site_channel
select * from (select site_key, channel, sum(amount) as s from sale group by site_key, channel) as t where channel = 'web'

-- given by_site
-- case a scalar without an alias
--   uses by_site
--   trap its name is the text of the block
select (select sum(amount) from sale)

-- case a scalar without an alias, over nothing
--   uses by_site
select (select sum(amount) from sale where site_key = 99), (select count(*) from sale where site_key = 99)

-- case a scalar without an alias beside a dimension
--   uses by_site with site
select site_key, (select count(*) from sale) from site

-- case exists without an alias
--   uses by_site
select exists (select 1 from sale where site_key = 3)

-- case scalars within expressions without an alias
--   uses by_site
select 1 + (select sum(amount) from sale), coalesce((select max(site_key) from sale), 0)::varchar, 3 in (select site_key from sale)

-- case scalars without an alias between stars
--   uses by_site with site
select t.*, (select sum(amount) from sale), t.* from site as t

-- case a scalar without an alias, read by its name
--   uses by_site with site
select "(SELECT sum(amount) FROM sale)" + 1 as s from (select site, (select sum(amount) from sale) from site)

-- case a scalar without an alias under a star
--   uses by_site with site
with t as (select (select sum(amount) from sale), site from site) select * from t

-- case a scalar without an alias, ordered by its position
--   uses by_site with site
select site, (select sum(amount) from sale where site_key = 1) from site order by 2, 1 desc

-- case a scalar without an alias under GROUP BY ALL
--   uses by_site with site
select kind, (select sum(amount) from sale), count(*) from site group by all

-- case a scalar without an alias, grouped and ordered by itself
--   uses by_site with site
select distinct (select sum(amount) from sale) from site group by (select sum(amount) from sale) order by (select sum(amount) from sale)

-- case a scalar without an alias beside a recursive CTE
--   uses by_site
with recursive r (i) as (select 1 union all select i + 1 from r where i < 3) select i, (select sum(amount) from sale) from r

-- case a scalar without an alias in a UNION
--   uses by_site
select (select count(*) from sale) union all select 3

-- case an output without an alias that would hide what is read under its name
--   uses by_site with site and sale
select (select sum(amount) from sale), "(SELECT sum(amount) FROM sale)" from (select (select sum(amount) from sale), site from site)
