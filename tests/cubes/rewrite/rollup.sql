-- Roll-up: a coarser grouping is the sum of the cells of a finer one.

-- tables shop

-- cuboid by_site_day
select site_key, day, count(*) as n, sum(amount) as s, count(amount) as c, min(price) as low, max(price) as high
from sale group by site_key, day;

-- cuboid by_channel
select channel, count(*) as n, sum(amount) as s from sale group by channel;

-- given by_site_day
-- case the same grain
--   uses by_site_day
select site_key, day, count(*), sum(amount) from sale group by site_key, day

-- case the same grain in another order of levels and outputs
--   uses by_site_day
select sum(amount) as total, day, site_key from sale group by day, site_key

-- case a coarser grain
--   uses by_site_day
select site_key, sum(amount) as total from sale group by site_key

-- case no grain at all
--   uses by_site_day
--   trap ClickHouse 25055
select sum(amount), count(*) from sale

-- case a level that is not selected
--   uses by_site_day
select count(*) as n from sale group by day

-- case group by all
--   uses by_site_day
select day, sum(amount) as total, count(*) from sale group by all

-- case group by a position
--   uses by_site_day
select day, sum(amount) from sale group by 1

-- case group by an alias
--   uses by_site_day
select day as d, max(price) from sale group by d

-- case group by an empty set
--   uses by_site_day
select count(*) from sale group by ()

-- case only levels, no aggregate
--   uses by_site_day
--   trap StarRocks 47168
select site_key from sale group by site_key

-- case arithmetic over aggregates
--   uses by_site_day
select site_key, sum(amount) * 100.0 / count(*) as share, 2 * count(*) + 1 from sale group by site_key

-- case an aggregate twice
--   uses by_site_day
select site_key, sum(amount), sum(amount) as again from sale group by site_key

-- case a level twice
--   uses by_site_day
select site_key, site_key as again, count(*) from sale group by site_key

-- case everything qualified by an alias
--   uses by_site_day
select f.site_key, sum(f.amount) from sale as f group by f.site_key

-- case everything qualified by the name of the table
--   uses by_site_day
select sale.site_key, sum(sale.amount) from sale group by sale.site_key

-- case FROM first
--   uses by_site_day
from sale select site_key, sum(amount) as total group by site_key

-- case a count of rows is not a count of values
--   uses by_site_day
--   trap ClickHouse 74495, Pinot 17105
select site_key, count(*), count(amount) from sale group by site_key

-- case a level the cuboid does not keep
--   star level
select channel, sum(amount) from sale group by channel

-- case a level that is too coarse
--   star level
select sale_key, sum(amount) from sale group by sale_key

-- case a measure the cuboid does not keep
--   star aggregate
select site_key, sum(quantity) from sale group by site_key

-- case rows, not groups
--   star
select site_key, day, amount from sale

-- case a constant beside levels
--   uses by_site_day
select 'all' as scope, site_key, count(*) from sale group by site_key

-- case grouped by a constant alone, which is no group over nothing
--   uses by_site_day
--   trap ClickHouse 36728
select 'all' as scope, count(*) from sale group by scope

-- given by_channel
-- case a group of NULL stays one group
--   uses by_channel
select channel, sum(amount) from sale group by channel

-- case a condition on the very level that is grouped
--   uses by_channel
--   trap ClickHouse 106573
select channel, count(*) from sale where channel is not null group by channel

-- given by_site_day, by_channel
-- case of two cuboids the one that can
--   uses by_channel
select channel, count(*) from sale where channel = 'web' group by channel

-- case of two cuboids that can, the one of fewer levels
--   uses by_channel
select count(*), sum(amount) from sale
