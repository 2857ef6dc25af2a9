-- Over nothing COUNT is 0 and SUM is NULL, and one row stands where nothing is grouped.

-- tables shop
create table never (k integer primary key, g varchar, v integer, d date);

-- cuboid cells
select site_key, channel, count(*) as n, sum(amount) as s, count(amount) as c, min(price) as low, bool_or(returned) as b,
    count(*) filter (where returned) as r
from sale group by site_key, channel;

-- cuboid never_by_g
select g, count(*) as n, sum(v) as s, count(v) as c, sum(v * v) as ss from never group by g;

-- cuboid whole
select count(*) as n, sum(amount) as s, count(amount) as c from sale;

-- cuboid monthly
select date_trunc('month', day) as m, count(*) as n, sum(amount) as s from sale group by 1;

-- given never_by_g
-- case everything over an empty table
--   uses never_by_g
--   trap StarRocks 34319
select count(*) as n, count(v) as c, sum(v) as s, avg(v) as a, var_pop(v) as p, var_samp(v) as q, stddev(v) as d from never

-- case groups of an empty table
--   uses never_by_g
select g, count(*) as n from never group by g

-- case coalesced
--   uses never_by_g
select coalesce(sum(v), 0) as s, count(*) + 1 as n from never

-- case conditions over an empty table
--   uses never_by_g
select count(*) filter (where g = 'a') as n, sum(case when g = 'a' then 1 else 0 end) as m, count_if(g = 'a') as i from never

-- case a constant over an empty table
--   uses never_by_g
select 1 as one, count(*) as n from never

-- case HAVING over an empty table
--   uses never_by_g
select count(*) as n from never having count(*) = 0

-- case grouped by nothing but a constant
--   uses never_by_g
select 1 as one, count(*) as n from never group by one

-- given cells
-- case a condition nothing passes
--   uses cells
select count(*) as n, sum(amount) as s, min(price) as low, bool_or(returned) as b, avg(amount) as a from sale where channel = 'nowhere'

-- case a condition nothing passes, by group
--   uses cells
select site_key, count(*) as n from sale where channel = 'nowhere' group by site_key

-- case a stored count under a condition, over nothing
--   uses cells
select count(*) filter (where returned) as r, sum(returned::int) as q from sale where channel = 'nowhere'

-- case a scalar over nothing beside others
--   uses cells
select (select count(*) from sale where channel = 'nowhere') as n, (select sum(amount) from sale where channel = 'nowhere') as s

-- given whole
-- case a cuboid of one row, for the whole
--   uses whole
select count(*) as n, sum(amount) as s, avg(amount) as a from sale

-- case a cuboid of one row under a condition nothing passes
--   star
select count(*) from sale where 1 = 0

-- case a cuboid of one row for groups: over nothing there is no group
--   star
select 1 as one, count(*) from sale group by one

-- given monthly
-- case parts of which one is empty
--   uses monthly and sale
select sum(amount) as s, count(*) as n from sale where day >= '2024-01-01' and day < '2024-05-02'

-- case a range where nothing is
--   uses monthly and sale
select sum(amount) as s, count(*) as n from sale where day >= '2030-01-01' and day < '2030-03-02'
