-- LIMIT is the same only under a total order.

-- tables shop

-- cuboid cells
select site_key, channel, day, count(*) as n, sum(amount) as s from sale group by site_key, channel, day;

-- given cells
-- case ordered by the only level
--   uses cells
select site_key, sum(amount) as s from sale group by site_key order by site_key limit 2

-- case ordered by a measure, then by the level
--   uses cells
select site_key, sum(amount) as s from sale group by site_key order by s desc, site_key limit 2

-- case ordered by all levels, whatever comes between
--   uses cells
select site_key, channel, count(*) as n from sale group by site_key, channel order by channel, n, site_key limit 3 offset 1

-- case ordered by a measure alone: ties
--   star order
select site_key, count(*) as n from sale group by site_key order by n desc limit 2

-- case ordered by one of two levels
--   star order
select site_key, channel, count(*) as n from sale group by site_key, channel order by site_key limit 3

-- case not ordered
--   star order
select site_key, count(*) from sale group by site_key limit 2

-- case one row is in order
--   uses cells
select sum(amount) as s from sale limit 1

-- case one row, skipped
--   uses cells
select sum(amount) as s from sale offset 1

-- case none
--   any
select site_key, count(*) as n from sale group by site_key limit 0

-- case more than there can be
--   star order
select site_key, count(*) from sale group by site_key limit 1000

-- case a share of the rows
--   star
select site_key, count(*) as n from sale group by site_key limit 50 percent

-- case in a block, ordered in total
--   uses cells
select max(s) as best from (select site_key, sum(amount) as s from sale group by site_key order by s desc nulls last, site_key limit 2) as t

-- case in a block, not in total
--   star
select max(k) from (select site_key as k, count(*) as n from sale group by site_key order by n limit 2) as t

-- case ordered by an expression that joins members
--   star order
select channel, count(*) as n from sale group by channel order by lower(channel) limit 3

-- case ordered by an expression, then by the level
--   uses cells
select channel, count(*) as n from sale group by channel order by lower(channel), channel limit 3

-- case ordered by ALL
--   uses cells
select channel, count(*) as n from sale group by channel order by all limit 2

-- case outside of a block that is ordered
--   star
select * from (select site_key, count(*) as n from sale group by site_key order by n) as t limit 1

-- case FETCH
--   uses cells
select site_key, count(*) as n from sale group by site_key order by site_key fetch first 2 rows only

-- case a level in two letters
--   uses cells
select channel, sum(amount) as s from sale group by channel order by 1 desc nulls last limit 2

-- case grouped by a function that is one for each: the function is the group
--   uses cells
select upper(channel) as c, sum(amount) as s from sale group by c order by c limit 2
