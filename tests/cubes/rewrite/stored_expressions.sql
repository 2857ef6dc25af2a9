-- What a cuboid stores is not always an aggregate as it stands; and what it groups by is not always put out.

-- tables shop

-- cuboid coalesced
select site_key, coalesce(sum(amount), 0) as s, coalesce(min(price), 0) as low, count(*) as n, ifnull(sum(quantity), 0) as q
from sale group by site_key;

-- cuboid nulled
select site_key, nullif(sum(amount), 0) as s, nullif(count(*), 12) as n from sale group by site_key;

-- cuboid cast_down
select site_key, sum(amount)::integer as s, count(*)::smallint as n, sum(price)::decimal(38, 1) as p, sum(price)::double as d,
    max(price)::integer as high
from sale group by site_key;

-- cuboid turned
select site_key, -sum(amount) as minus, 2 * sum(amount) + 1 as twice, sum(amount) / count(*) as mean, sum(amount) + count(*) as mixed,
    max(amount) + 1 as next, round(avg(price), 2) as rounded
from sale group by site_key;

-- cuboid hidden
select site_key, count(*) as n, sum(amount) as s, median(amount) as m, max(price) as high, count(distinct quantity) as d
from sale group by site_key, channel;

-- cuboid hidden_by_alias
select upper(channel) as channel, count(*) as n, sum(amount) as s, median(amount) as m from sale group by channel;

-- cuboid hidden_all
select count(*) as n, sum(amount) as s, median(amount) as m from sale group by site_key;

-- cuboid swapped
select site_key as quantity, quantity as site_key, amount as channel, sum(price) as amount, count(*) as price from sale group by 1, 2, 3;

-- cuboid same_twice
select site_key, site_key as again, site_key + 0 as third, count(*) as n, count(*) as m from sale group by site_key;

-- cuboid ordered
select site_key, channel, count(*) as n from sale group by site_key, channel having count(*) > 0 order by n desc;

-- cuboid distinct_sums
select site_key, sum(distinct quantity) as dq, count(*) filter (where quantity > 1) as large, avg(distinct amount) as da from sale group by site_key;

-- cuboid with_constant
select 1 as one, 'x' as x, site_key, count(*) as n from sale group by 1, 2, 3;

-- cuboid all_columns
select * from sale where quantity > 0;

-- cuboid ratio_only
select site_key, count(*) filter (where returned) * 1.0 / count(*) as share, count(*) as n from sale group by site_key;

-- given coalesced
-- case nought stored for nothing is not nothing
--   star aggregate
select site_key, sum(amount) as s from sale group by site_key

-- case nought asked for nothing
--   uses coalesced
select site_key, coalesce(sum(amount), 0) as s from sale group by site_key

-- case nought asked for nothing, of all: over an empty table too
--   uses coalesced
select coalesce(sum(amount), 0) as s from sale

-- case a least that may be nought
--   star aggregate
select min(price) as low from sale

-- case a sum of what is never null
--   uses coalesced
select site_key, sum(quantity) as q from sale group by site_key

-- case a sum of what is never null, of all
--   uses coalesced
select sum(quantity) as q from sale

-- given nulled
-- case nothing stored for nought
--   star aggregate
select sum(amount) as s from sale

-- case a count of which one was taken out
--   star aggregate
select count(*) as n from sale

-- given cast_down
-- case a sum cast to a narrower whole number is the same number or an error
--   any
select site_key, sum(amount) as s, count(*) as n from sale group by site_key

-- case a sum cast to fewer digits
--   star aggregate
select site_key, sum(price) as p from sale group by site_key

-- case a greatest cast to a whole number
--   star aggregate
select site_key, max(price) as p from sale group by site_key

-- given turned
-- case a sum turned round
--   any
select sum(amount) as s from sale

-- case a mean is no sum
--   star aggregate
select avg(amount) as a from sale

-- case a rounded average is not the average, not even at its own grain
--   star aggregate
select site_key, avg(price) as a from sale group by site_key

-- case a rounded average, rounded the same
--   any
select site_key, round(avg(price), 2) as a from sale group by site_key

-- given hidden
-- case cells of a level that is not put out add up
--   uses hidden
select site_key, count(*) as n, sum(amount) as s, max(price) as p from sale group by site_key

-- case but medians of such cells are not one
--   star grain
select site_key, median(amount) as m from sale group by site_key

-- case not even for one site
--   star grain
select median(amount) as m from sale where site_key = 1

-- case nor distinct counts
--   star grain
select site_key, count(distinct quantity) as d from sale group by site_key

-- case nor rows: each site comes several times
--   uses hidden
select site_key from sale group by site_key

-- case a condition on the level that is not put out
--   star predicate
select site_key, count(*) as n from sale where channel = 'web' group by site_key

-- given hidden_by_alias
-- case an alias like a column: the column is grouped, the alias is put out
--   uses hidden_by_alias
select upper(channel) as c, count(*) as n from sale group by upper(channel)

-- case medians of which two may meet
--   star grain
select upper(channel) as c, median(amount) as m from sale group by upper(channel)

-- case the column itself is not there
--   star level
select channel, count(*) as n from sale group by channel

-- given hidden_all
-- case cells without any level
--   uses hidden_all
select count(*) as n, sum(amount) as s from sale

-- case a median of them
--   star grain
select median(amount) as m from sale

-- given swapped
-- case outputs that bear each other's names
--   uses swapped
select site_key, quantity, sum(price) as s, count(*) as n from sale group by site_key, quantity

-- case a measure that is a level under another name
--   uses swapped
select amount, count(*) as n from sale where site_key = 2 group by amount

-- case a name that is there, of what is not
--   star level
select channel, count(*) as n from sale group by channel

-- given same_twice
-- case a level and an aggregate put out twice
--   uses same_twice
select site_key, count(*) as n from sale where site_key > 1 group by site_key

-- given ordered
-- case a cuboid with an order, and a condition every group passes
--   any
select site_key, count(*) as n from sale group by site_key

-- given distinct_sums
-- case sums of distinct values at their own grain
--   uses distinct_sums
select site_key, sum(distinct quantity) as q from sale group by site_key

-- case sums of distinct values are not added
--   star grain
select sum(distinct quantity) as q from sale

-- case a sum of distinct values is not a sum
--   star aggregate
select site_key, sum(quantity) as q from sale group by site_key

-- given with_constant
-- case constants among levels
--   uses with_constant
select count(*) as n from sale

-- given all_columns
-- case a cuboid of all columns of some rows
--   uses all_columns
select site_key, sum(amount) as s, count(distinct channel) as c from sale where quantity > 0 group by site_key

-- case all columns of all rows
--   star filter
select site_key, sum(amount) as s from sale group by site_key

-- given ratio_only
-- case a share times a number of rows
--   star aggregate
select site_key, count(*) filter (where returned) as b from sale group by site_key

-- case a share at its own grain
--   any
select site_key, count(*) filter (where returned) * 1.0 / count(*) as share from sale group by site_key
