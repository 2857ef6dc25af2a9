-- What is left to the star, though it runs.

-- tables shop

-- cuboid cells
select site_key, channel, day, quantity, count(*) as n, sum(amount) as s, avg(amount) as a from sale
group by site_key, channel, day, quantity;

-- cuboid with_limit
select site_key, count(*) as n from sale group by site_key order by site_key limit 3;

-- cuboid with_having
select site_key, count(*) as n, sum(amount) as s from sale group by site_key having count(*) > 12;

-- cuboid with_window
select site_key, count(*) as n, sum(count(*)) over (order by site_key) as running from sale group by site_key;

-- cuboid sampled
select site_key, count(*) as n from sale tablesample bernoulli(50%) repeatable (42) group by site_key;

-- cuboid moving
select site_key, count(*) as n from sale where day < current_date group by site_key;

-- cuboid until_then
select site_key, count(*) as n from sale where sold_at < current_localtimestamp() group by site_key;

-- cuboid before_that_hour
select site_key, count(*) as n from sale where sold_at::time < current_localtime() group by site_key;

-- cuboid union_of
select site_key, count(*) as n from (select site_key from sale union all select site_key from visit) as t group by site_key;

-- cuboid random_level
select site_key, random() < 0.5 as coin, count(*) as n from sale group by 1, 2;

-- cuboid qualified
select site_key, count(*) as n from sale group by site_key qualify rank() over (order by count(*)) <= 2;

-- given cells
-- case rows
--   star
select * from sale where channel = 'web'

-- case a list of values
--   star
select site_key, list(amount) from sale group by site_key

-- case a text of values
--   star
select site_key, string_agg(channel, ',') from sale group by site_key

-- case a sample
--   star
select site_key, count(*) from sale tablesample bernoulli(50%) repeatable (1) group by site_key

-- case an unnested list
--   star
select unnest([1, 2]) as u, count(*) from sale group by u

-- case ASOF
--   star
select f.site_key, sum(g.goal) from sale as f asof join target as g on g.site_key = f.site_key and g.month <= f.day group by f.site_key

-- case PIVOT
--   star
pivot (select site_key, channel, amount from sale) on channel using sum(amount)

-- case rowid
--   star
select site_key, max(rowid) from sale group by site_key

-- case a macro of the system
--   any
select site_key, histogram(quantity) from sale group by site_key

-- case now, in a condition on rows
--   star
select count(*) from sale where sold_at < now() - interval 1 second

-- case a product
--   any
select site_key, product(quantity) from sale group by site_key

-- case an entropy
--   any
select site_key, entropy(channel) from sale group by site_key

-- given with_limit
-- case a cuboid of some groups
--   star definition
select site_key, count(*) from sale group by site_key

-- given with_having
-- case a cuboid of large groups
--   star definition
select site_key, sum(amount) from sale group by site_key

-- case even for the same groups
--   star
select site_key, sum(amount) from sale group by site_key having count(*) > 13

-- given with_window
-- case a cuboid with a window
--   any
select site_key, count(*) as n from sale group by site_key

-- given sampled
-- case a cuboid of a sample
--   star volatile
select site_key, count(*) from sale group by site_key

-- given moving
-- case a cuboid that hung on a day
--   star
select site_key, count(*) from sale where day < current_date group by site_key

-- given until_then
-- case a cuboid of what was past when it was made
--   star definition
select site_key, count(*) from sale where sold_at < current_localtimestamp() group by site_key

-- given before_that_hour
-- case a cuboid of the hours before the one it was made in
--   star definition
select site_key, count(*) from sale where sold_at::time < current_localtime() group by site_key

-- given union_of
-- case a cuboid of two tables under each other
--   star
select site_key, count(*) from sale group by site_key

-- given random_level
-- case a cuboid with chance in a level: chance is gone in the sum
--   any
select site_key, count(*) as n from sale group by site_key

-- case its coin
--   star
select random() < 0.5 as coin, count(*) from sale group by coin

-- given qualified
-- case a cuboid of the least groups
--   star definition
select site_key, count(*) from sale group by site_key
