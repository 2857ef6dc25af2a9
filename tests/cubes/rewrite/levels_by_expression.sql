-- A level is reached by any deterministic expression of levels.

-- tables shop

-- cuboid by_channel
select channel, quantity, site_key, count(*) as n, sum(amount) as s from sale group by channel, quantity, site_key;

-- cuboid by_expression
select upper(channel) as ch, amount % 5 as rest, quantity + site_key, count(*) as n, sum(price) as ps
from sale group by 1, 2, 3;

-- cuboid by_band
select case when price >= 20 then 'dear' when price >= 0 then 'cheap' end as band, site_key * 2 + 1 as odd, count(*) as n
from sale group by all;

-- given by_channel
-- case a function of a level
--   uses by_channel
select upper(channel) as ch, sum(amount) from sale group by upper(channel)

-- case a function that joins several members
--   uses by_channel
select lower(channel) as ch, count(*) as n from sale group by 1

-- case a member for NULL
--   uses by_channel
select coalesce(channel, 'unknown') as ch, count(*) as n from sale group by 1

-- case an alias that is a column's name: the column is grouped
--   uses by_channel
select upper(channel) as channel, count(*) as n from sale group by channel

-- case CASE over levels
--   uses by_channel
select case when channel in ('web', 'Web') then 'online' when channel is null then '?' else 'else' end as way, sum(amount) as s
from sale group by way

-- case two levels in one
--   uses by_channel
select site_key || '-' || coalesce(channel, '') as label, count(*) as n from sale group by label

-- case arithmetic of levels
--   uses by_channel
select quantity * 10 + site_key as code, count(*) as n from sale group by code

-- case a comparison as a level
--   uses by_channel
select quantity > 1 as large, sum(amount) as s from sale group by large

-- case a cast of a level
--   uses by_channel
select quantity::varchar as q, sum(amount) as s from sale group by q

-- case a function of a level in SELECT, the level grouped
--   uses by_channel
select upper(channel) as ch, sum(amount) as s from sale group by channel

-- case a function of levels and a sum
--   uses by_channel
select site_key, sum(amount) + site_key as v from sale group by site_key

-- case bins of a level
--   uses by_channel
select quantity // 2 as bin, count(*) as n from sale group by bin

-- case chance is no level
--   star volatile
select random() > 2 as never, count(*) from sale group by never

-- case an expression of what is no level
--   star level
select amount % 5 as rest, count(*) from sale group by rest

-- given by_expression
-- case an expression that is a level
--   uses by_expression
select upper(channel) as ch, count(*) as n from sale group by upper(channel)

-- case an expression that is a level, its operands swapped
--   uses by_expression
select site_key + quantity as v, sum(price) as ps from sale group by v

-- case an expression of an expression
--   uses by_expression
select substr(upper(channel), 1, 1) as initial, count(*) as n from sale group by initial

-- case an expression under a condition
--   uses by_expression
select amount % 5 as rest, count(*) as n from sale where amount % 5 > 1 group by rest

-- case the column of a level that is a function of it
--   star level
select channel, count(*) from sale group by channel

-- case another function of the same column
--   star level
select lower(channel) as ch, count(*) from sale group by ch

-- case another modulus
--   star level
select amount % 10 as rest, count(*) from sale group by rest

-- case a condition on the column under a level
--   star predicate
select upper(channel) as ch, count(*) from sale where channel = 'web' group by ch

-- given by_band
-- case a CASE that is a level
--   uses by_band
select case when price >= 20 then 'dear' when price >= 0 then 'cheap' end as band, count(*) as n from sale group by band

-- case a condition that is a member of such a level
--   uses by_band
select count(*) as n from sale where case when price >= 20 then 'dear' when price >= 0 then 'cheap' end = 'dear'

-- case other bands
--   star level
select case when price >= 30 then 'dear' when price >= 0 then 'cheap' end as band, count(*) from sale group by band
