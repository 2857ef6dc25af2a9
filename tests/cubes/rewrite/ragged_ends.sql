-- Ranges that cut buckets: whole buckets from the cuboid, the ragged ends from the facts.

-- tables shop

-- cuboid monthly
select date_trunc('month', day) as month, site_key, count(*) as n, sum(amount) as s, count(amount) as c,
    min(price) as low, max(price) as high, sum(amount * amount) as ss, median(amount) as m
from sale group by 1, 2;

-- cuboid hourly
select date_trunc('hour', sold_at) as hour, channel, count(*) as n, sum(price) as ps from sale group by 1, 2;

-- cuboid daily
select day, count(*) as n, sum(amount) as s, count(amount) as c from sale group by day;

-- given monthly
-- case an end amid a month
--   uses monthly and sale
select sum(amount) as s, count(*) as n from sale where day >= date '2024-01-01' and day < date '2024-03-04'

-- case both ends amid a month
--   uses monthly and sale
select sum(amount) as s from sale where day >= date '2023-12-31' and day <= date '2024-03-31' - interval 1 day

-- case by group
--   uses monthly and sale
select site_key, count(*) as n, sum(amount) as s from sale where day between '2024-01-31' and '2024-03-31' group by site_key

-- case an average
--   uses monthly and sale
select site_key, avg(amount) as a from sale where day between '2024-01-31' and '2024-03-31' group by site_key

-- case a minimum and a maximum
--   uses monthly and sale
select min(price) as low, max(price) as high from sale where day >= '2024-01-15' and day < '2024-04-15'

-- case a variance
--   uses monthly and sale
select var_samp(amount) as v from sale where day >= '2024-01-15' and day < '2024-04-15'

-- case a range with an end on one side only
--   uses monthly and sale
select count(*) as n from sale where day > date '2024-01-01'

-- case another condition beside the range
--   uses monthly and sale
select sum(amount) as s from sale where day >= '2024-01-02' and day < '2024-04-01' and site_key in (1, 2)

-- case by month: the first bucket comes in two parts
--   uses monthly and sale
select date_trunc('month', day) as m, sum(amount) as s from sale where day >= '2024-01-02' group by m

-- case with HAVING and ORDER BY over the whole
--   uses monthly and sale
select site_key, sum(amount) as s from sale where day >= '2024-01-02' group by site_key having count(*) > 3 order by s desc, site_key

-- case no whole bucket lies within
--   star
select count(*) from sale where day >= date '2024-02-02' and day < date '2024-02-29'

-- case no whole bucket, over the end of a month
--   star
select count(*) from sale where day >= date '2024-02-02' and day <= date '2024-03-30'

-- case what does not merge
--   star
select median(amount) from sale where day >= '2024-01-02' and day < '2024-04-01'

-- case what the cuboid does not keep
--   star
select sum(quantity) from sale where day >= '2024-01-02' and day < '2024-04-01'

-- case an empty range
--   star
select count(*) from sale where day >= '2024-03-02' and day < '2024-01-02'

-- case a join of a dimension on both parts
--   uses monthly with site and sale
select t.kind, sum(f.amount) as s from sale as f join site as t on t.site_key = f.site_key where f.day >= '2024-01-02' group by t.kind

-- given hourly
-- case instants within an hour, both ends
--   uses hourly and sale
select sum(price) as ps, count(*) as n from sale where sold_at >= '2024-01-01 12:10:00' and sold_at < '2024-03-31 09:30:00'

-- case an inclusive end
--   uses hourly and sale
select channel, count(*) as n from sale where sold_at between '2024-01-01 00:00:00' and '2024-03-31 09:00:00' group by channel

-- case an exclusive beginning at the very end of an hour
--   uses hourly and sale
select count(*) as n from sale where sold_at > timestamp '2024-01-01 23:59:59.999999' and sold_at < '2024-03-31 00:00:00.000001'

-- given daily
-- case a column of days has no ragged ends
--   uses daily
select sum(amount) as s from sale where day > date '2024-01-01' and day <= date '2024-03-03'

-- given monthly, daily
-- case a finer cuboid needs no facts
--   uses daily
select sum(amount) as s from sale where day >= date '2024-01-02' and day < date '2024-03-04'
