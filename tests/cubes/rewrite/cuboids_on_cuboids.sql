-- Cuboids made from cuboids: matching is in terms of the base tables all the same.

-- tables shop

-- cuboid daily
select day, site_key, channel, count(*) as n, sum(amount) as s, count(amount) as c, min(price) as low, avg(amount) as a
from sale group by day, site_key, channel;

-- cuboid monthly
select date_trunc('month', day) as month, site_key, sum(n) as n, sum(s) as s, sum(c) as c, min(low) as low from daily group by 1, 2;

-- cuboid yearly
select date_trunc('year', month) as year, sum(n) as n, sum(s) as s, sum(c) as c from monthly group by 1;

-- cuboid web_daily
select day, site_key, sum(n) as n, sum(s) as s from daily where channel = 'web' group by day, site_key;

-- cuboid by_kind
select t.kind, sum(d.n) as n, sum(d.s) as s from daily as d join site as t on t.site_key = d.site_key group by t.kind;

-- cuboid cells_per_site
select site_key, count(*) as cells, sum(a) as sum_of_averages, max(s) as best from daily group by site_key;

-- cuboid counted
select month, count(*) as sites, sum(n) as n from monthly group by month;

-- given daily, monthly
-- case a sum of sums
--   uses monthly
select date_trunc('month', day) as m, sum(amount) as s from sale group by m

-- case a sum of counts is a count
--   uses monthly
select site_key, count(*) as n, count(amount) as c from sale group by site_key

-- case an average from sums of parts
--   uses monthly
select site_key, avg(amount) as a from sale group by site_key

-- case a least of leasts
--   uses monthly
select min(price) as low from sale where day < '2024-02-01'

-- given daily, monthly, yearly
-- case a cuboid on a cuboid on a cuboid
--   uses yearly
select year(day) as y, sum(amount) as s, count(*) as n from sale group by y

-- given daily, web_daily
-- case a condition on the cuboid is a condition on the rows
--   uses web_daily
select site_key, sum(amount) as s from sale where channel = 'web' group by site_key

-- case without it
--   uses daily
select site_key, sum(amount) from sale group by site_key

-- given daily, by_kind
-- case a cuboid joined with a dimension
--   uses by_kind
select t.kind, count(*) as n from sale as f join site as t using (site_key) group by t.kind

-- case a cuboid joined with a dimension, which loses nothing
--   uses by_kind
select sum(amount) as s from sale

-- given daily, cells_per_site
-- case a number of cells is not a number of rows
--   uses daily
select site_key, count(*) from sale group by site_key

-- case a sum of averages is nothing
--   uses daily
select site_key, sum(amount) from sale group by site_key

-- case a best cell is not a best row
--   star
select site_key, max(amount) from sale group by site_key

-- case the same block over the other cuboid
--   any
select site_key, count(*) as cells from (select day, site_key, channel from sale group by day, site_key, channel) as t group by site_key

-- given daily, monthly, counted
-- case a number of sites is no number of rows, its sum of counts is
--   uses counted
select count(*) as n from sale

-- given daily, monthly, yearly
-- case the coarsest that can
--   uses yearly
select sum(amount) as s from sale

-- case the middle one
--   uses monthly
select site_key, sum(amount) as s from sale group by site_key

-- case the finest
--   uses daily
select channel, sum(amount) as s from sale group by channel

-- case a question asked of the cuboid itself
--   any
select site_key, sum(n) as n from daily group by site_key
