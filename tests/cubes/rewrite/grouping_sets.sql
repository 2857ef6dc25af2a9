-- GROUPING SETS, ROLLUP and CUBE: the same sets over cells.

-- tables shop

-- cuboid cells
select site_key, channel, day, count(*) as n, sum(amount) as s, count(amount) as c, count(distinct quantity) as q
from sale group by site_key, channel, day;

-- cuboid rolled
select site_key, channel, grouping_id(site_key, channel) as g, sum(amount) as s from sale group by rollup (site_key, channel);

-- given cells
-- case ROLLUP
--   uses cells
select site_key, channel, sum(amount) as s from sale group by rollup (site_key, channel)

-- case CUBE
--   uses cells
select site_key, channel, count(*) as n from sale group by cube (site_key, channel)

-- case GROUPING SETS
--   uses cells
select site_key, channel, sum(amount) as s from sale group by grouping sets ((site_key), (channel), ())

-- case which level is summed over, where NULL is a member too
--   uses cells
select site_key, channel, grouping(channel) as g, sum(amount) as s from sale group by rollup (site_key, channel)

-- case grouping_id
--   uses cells
select site_key, channel, grouping_id(site_key, channel) as g, avg(amount) as a from sale group by cube (site_key, channel)

-- case ROLLUP beside a level
--   uses cells
select site_key, channel, count(*) as n from sale group by site_key, rollup (channel)

-- case ROLLUP of expressions
--   uses cells
select year(day) as y, month(day) as m, sum(amount) as s from sale group by rollup (year(day), month(day))

-- case ROLLUP under a condition
--   uses cells
select site_key, channel, sum(amount) as s from sale where channel <> 'desk' group by rollup (site_key, channel)

-- case ROLLUP with HAVING
--   uses cells
select site_key, channel, sum(amount) as s from sale group by rollup (site_key, channel) having count(*) > 3

-- case ROLLUP with a level of a dimension
--   uses cells with site
select t.kind, f.channel, sum(f.amount) as s from sale as f join site as t using (site_key) group by rollup (t.kind, f.channel)

-- case the empty set over nothing
--   uses cells
select site_key, count(*) as n, sum(amount) as s from sale where channel = 'none' group by rollup (site_key)

-- case two empty sets
--   uses cells
select count(*) as n from sale group by grouping sets ((), ())

-- case a set of what is no level
--   star level
select site_key, quantity, sum(amount) from sale group by rollup (site_key, quantity)

-- case what does not add up, in sets
--   star grain
select site_key, channel, count(distinct quantity) from sale group by rollup (site_key, channel)

-- case distinct levels in sets
--   uses cells
select site_key, count(distinct channel) as channels, count(*) as n from sale group by rollup (site_key)

-- case the same sets written as a union
--   uses cells
select site_key, sum(amount) as s from sale group by site_key union all select null, sum(amount) from sale

-- given rolled
-- case a cuboid that is itself rolled up holds rows of several grains
--   star
--   trap ClickHouse 116907
select site_key, sum(amount) from sale group by site_key

-- case even for its total
--   star
select sum(amount) from sale
