-- Aggregates are formulas over parts; parts add up.

-- tables shop

-- cuboid with_parts
select site_key, channel, quantity, count(*) as n, count(amount) as c, sum(amount) as s, sum(price) as ps, count(price) as pc,
    sum(amount * quantity) as aq
from sale group by site_key, channel, quantity;

-- cuboid without_counts
select site_key, sum(amount) as s, sum(price) as ps from sale group by site_key;

-- cuboid with_rows
select site_key, count(*) as n, sum(quantity) as q from sale group by site_key;

-- cuboid with_average
select site_key, channel, avg(amount) as a, count(amount) as c from sale group by site_key, channel;

-- given with_parts
-- case an average from sum and count
--   uses with_parts
select site_key, avg(amount) from sale group by site_key

-- case an average of a DECIMAL
--   uses with_parts
select channel, avg(price) from sale group by channel

-- case an average over everything
--   uses with_parts
select avg(amount) as a, avg(price) as p from sale

-- case mean is avg
--   uses with_parts
select site_key, mean(amount) as m from sale group by site_key

-- case count of a column that is never null is a count of rows
--   uses with_parts
select site_key, count(sale_key), count(day), count(quantity) from sale group by site_key

-- case count of one
--   uses with_parts
select site_key, count(1), count(2) as two from sale group by site_key

-- case count of null
--   uses with_parts
select site_key, count(null) as none from sale group by site_key

-- case sum of one
--   uses with_parts
select site_key, sum(1) as n from sale group by site_key

-- case sum of a level
--   uses with_parts
select site_key, sum(quantity) from sale group by site_key

-- case average of a level
--   uses with_parts
select site_key, avg(quantity) from sale group by site_key

-- case sum of an expression of a level
--   uses with_parts
select site_key, sum(quantity * quantity + 1) from sale group by site_key

-- case count of a level that may be null
--   uses with_parts
select site_key, count(channel) from sale group by site_key

-- case count of an expression of a level
--   uses with_parts
select site_key, count(nullif(channel, 'web')) from sale group by site_key

-- case sum of a stored product, turned round
--   uses with_parts
select site_key, sum(quantity * amount) from sale group by site_key

-- case sum of a measure times a level: its cells have one factor each
--   uses with_parts
select site_key, sum(price * quantity) as v from sale group by site_key

-- case a measure plus a level
--   uses with_parts
select site_key, sum(amount + quantity) as v from sale group by site_key

-- case sum of a multiple
--   uses with_parts
select site_key, sum(2 * amount) as v from sale group by site_key

-- case sum of the negative
--   uses with_parts
select site_key, sum(-amount) as v from sale group by site_key

-- case a ratio of sums
--   uses with_parts
select site_key, sum(price) / nullif(sum(amount), 0) as r from sale group by site_key

-- case a coalesced sum
--   uses with_parts
select site_key, coalesce(sum(amount), 0) as s from sale group by site_key

-- case sum of a coalesced measure
--   uses with_parts
select site_key, sum(coalesce(amount, 0)) as s from sale group by site_key

-- case a sum over an expression of a measure that is not stored
--   star aggregate
select site_key, sum(amount // 2) from sale group by site_key

-- case a product of two measures that is not stored
--   star aggregate
select site_key, sum(amount * price) from sale group by site_key

-- given without_counts
-- case an average without the count of values
--   star aggregate
select site_key, avg(amount) from sale group by site_key

-- case a count of rows where only sums are kept
--   star aggregate
select site_key, count(*) from sale group by site_key

-- case a sum alone needs no count
--   uses without_counts
select sum(price) from sale

-- given with_rows
-- case average of a column that is never null from the count of rows
--   uses with_rows
select avg(quantity) from sale

-- case a count of values that may be null is not a count of rows
--   star aggregate
--   trap ClickHouse 74495
select site_key, count(amount) from sale group by site_key

-- case a count of rows is not a sum of another column
--   star aggregate
select site_key, sum(amount) from sale group by site_key

-- given with_average
-- case a stored average and its count give the sum back only nearly
--   star aggregate
select site_key, sum(amount) from sale group by site_key

-- case averages are not averaged
--   star grain
--   trap Cube 1254, Cube 4454
select site_key, avg(amount) from sale group by site_key

-- case a stored average at its own grain
--   uses with_average
select site_key, channel, avg(amount) from sale group by site_key, channel
