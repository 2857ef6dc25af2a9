-- CTEs: each is a block of its own, or is looked through.

-- tables shop

-- cuboid by_site_day
select site_key, day, count(*) as n, sum(amount) as s, count(amount) as c from sale group by site_key, day;

-- cuboid by_channel
select channel, count(*) as n, sum(amount) as s from sale group by channel;

-- cuboid visits_by_site
select site_key, count(*) as n, sum(visitors) as v from visit group by site_key;

-- view spelt
with site as (select site_key, 'x' || kind as kind from site) select kind, sum(amount) as s from sale join site using (site_key) group by kind;

-- given by_site_day
-- case a grouped CTE
--   uses by_site_day
with t as (select site_key, sum(amount) as s from sale group by site_key) select * from t where s > 0

-- case a CTE that only selects rows
--   uses by_site_day
with f as (select site_key, day, amount from sale where day >= '2024-02-01') select site_key, sum(amount) as s from f group by site_key

-- case a CTE that renames
--   uses by_site_day
with f (place, value) as (select site_key, amount from sale) select place, sum(value) as s from f group by place

-- case a CTE that joins
--   uses by_site_day with site
with f as (select t.kind, s.amount from sale as s join site as t on t.site_key = s.site_key) select kind, sum(amount) as s from f group by kind

-- case a CTE on a CTE
--   uses by_site_day
with a as (select * from sale where day < '2024-04-01'), b as (select site_key, amount from a where site_key <> 3)
select site_key, sum(amount) as s from b group by site_key

-- case a CTE that takes the name of the table
--   star
with sale as (select 1 as site_key, 2 as amount) select site_key, sum(amount) from sale group by site_key

-- case a CTE that takes the name of the table and reads it
--   uses by_site_day
with sale as (select site_key, amount from sale where day < '2024-02-01') select site_key, sum(amount) as s from sale group by site_key

-- case a CTE that takes the name of the cuboid
--   star
with by_site_day as (select 1 as x) select sum(amount) as s, (select x from by_site_day) as x from sale

-- case a CTE nobody reads
--   uses by_site_day
with unused as (select * from sale) select site_key, count(*) as n from sale group by site_key

-- case a CTE read twice
--   uses by_site_day
with t as (select day, sum(amount) as s from sale group by day)
select a.day, a.s, b.s as before from t as a left join t as b on b.day = a.day - 1

-- case a grouped CTE grouped again
--   uses by_site_day
with t as (select site_key, day, sum(amount) as s from sale group by site_key, day) select site_key, max(s) as best from t group by site_key

-- case an average of daily sums
--   uses by_site_day
with t as (select day, sum(amount) as s, count(*) as n from sale group by day) select avg(s) as a, sum(n) as n from t

-- case share of the whole
--   uses by_site_day
with t as (select sum(amount) as whole from sale) select site_key, sum(amount) * 1.0 / max(t.whole) as share from sale, t group by site_key

-- case a materialised CTE
--   uses by_site_day
with t as materialized (select site_key, sum(amount) as s from sale group by site_key) select sum(s) as s from t

-- case a recursive CTE
--   star
with recursive t as (select 1 as i union all select i + 1 from t where i < (select count(*) from sale)) select max(i) from t

-- case a CTE with a limit is a choice of rows
--   star
with f as (select * from sale order by sold_at limit 5) select site_key, sum(amount) from f group by site_key

-- case a CTE of distinct rows is not the rows
--   star
with f as (select distinct site_key, amount from sale) select site_key, sum(amount) from f group by site_key

-- case a CTE with a window
--   star
with f as (select *, row_number() over (partition by site_key order by sale_key) as i from sale) select site_key, sum(amount) from f where i <= 2
group by site_key

-- given by_site_day, by_channel, visits_by_site
-- case several blocks, several cuboids
--   uses by_site_day, by_channel, visits_by_site
with a as (select day, sum(amount) as s from sale group by day), b as (select channel, sum(amount) as s from sale group by channel),
    c as (select site_key, sum(visitors) as v from visit group by site_key)
select (select max(s) from a) as best_day, (select max(s) from b) as best_channel, (select sum(v) from c) as visitors

-- case one block that can and one that cannot
--   uses by_channel and sale
with a as (select channel, sum(amount) as s from sale group by channel), b as (select channel, max(price) as p from sale group by channel)
select channel, s, p from a join b using (channel)

-- case a CTE with the name of a cuboid
--   uses by_channel
--   trap the cuboid would read the CTE
with by_channel as (select channel from sale) select count(*) as n from by_channel

-- case a CTE with the name of a cuboid, read beside it
--   uses by_channel
with by_channel as (select 1 as one) select one, (select count(*) from sale) from by_channel

-- case a CTE with the name of a cuboid, named in an output without an alias
--   uses by_channel
with by_channel as (select channel from sale) select (select count(*) from by_channel)

-- case a CTE with the name of a cuboid, in a block within
--   uses by_channel
select t.one, x.n from (with by_channel as (select 1 as one) select by_channel.one from by_channel) as t, (select count(*) as n from sale) as x

-- case a recursive CTE with the name of a cuboid
--   uses by_channel
with recursive by_channel (i) as (select 1 union all select i + 1 from by_channel where i < 3) select i, (select count(*) from sale) as n from by_channel

-- given by_site_day
-- case a CTE with the name of the table it changes
--   uses by_site_day with site
--   trap what is joined back would be changed twice
with site as (select site_key, 'x' || kind as kind from site) select kind, sum(amount) as s from sale join site using (site_key) group by kind

-- case a CTE with the name of the facts
--   uses by_site_day
with sale as (select site_key, amount from sale where day >= '2024-02-01') select site_key, sum(amount) as s from sale group by site_key

-- case a CTE with the name of a CTE and of a table
--   uses by_site_day with site
with site as (select site_key, 'x' || kind as kind from site)
select * from (with site as (select site_key, 'y' || kind as kind from site) select kind, sum(amount) as s from sale join site using (site_key) group by kind)

-- case a view with a CTE that has the name of the table it changes
--   uses by_site_day with site
select * from spelt where s > 0

-- case a view beside a CTE that has the name of a table the view reads
--   uses by_site_day with site
with sale as (select 1 as one) select kind, s, one from spelt, sale
