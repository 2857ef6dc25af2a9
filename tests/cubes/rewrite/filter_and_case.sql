-- FILTER, CASE inside an aggregate, count_if and casts of booleans are one thing.

-- tables shop

-- cuboid by_channel
select site_key, channel, quantity, count(*) as n, sum(amount) as s, count(amount) as c, min(price) as low
from sale group by site_key, channel, quantity;

-- cuboid with_conditions
select site_key,
    count(*) as n,
    count(*) filter (where returned) as back,
    sum(case when returned then amount end) as back_amount,
    count_if(amount > 5) as large,
    sum(case when price >= 10 then price else 0 end) as dear,
    count(case when returned then amount end) as back_count
from sale group by site_key;

-- given by_channel
-- case FILTER on a level
--   uses by_channel
select site_key, count(*) filter (where channel = 'web') as web, count(*) as n from sale group by site_key

-- case CASE on a level, without an else
--   uses by_channel
select site_key, sum(case when channel = 'web' then amount end) as web from sale group by site_key

-- case CASE on a level, with else 0
--   uses by_channel
select site_key, sum(case when channel = 'web' then amount else 0 end) as web from sale group by site_key

-- case counting with CASE
--   uses by_channel
select site_key, count(case when channel = 'web' then 1 end) as web from sale group by site_key

-- case counting with a sum of CASE
--   uses by_channel
select site_key, sum(case when channel = 'web' then 1 else 0 end) as web from sale group by site_key

-- case count_if on a level that may be null
--   uses by_channel
select site_key, count_if(channel <> 'web') as other from sale group by site_key

-- case a boolean as a number
--   uses by_channel
select site_key, sum((channel = 'web')::int) as web from sale group by site_key

-- case iff
--   uses by_channel
select site_key, sum(if(channel = 'phone', amount, 0)) as phone from sale group by site_key

-- case several channels side by side
--   uses by_channel
select site_key,
    sum(amount) filter (where channel = 'web') as web,
    sum(amount) filter (where channel = 'phone') as phone,
    sum(amount) filter (where channel is null) as unknown
from sale group by site_key

-- case an average of some
--   uses by_channel
select site_key, avg(amount) filter (where quantity > 1) as a from sale group by site_key

-- case a minimum of some
--   uses by_channel
select site_key, min(price) filter (where quantity between 1 and 2) as a from sale group by site_key

-- case a minimum with CASE
--   uses by_channel
select site_key, min(case when quantity = 0 then price end) as a from sale group by site_key

-- case counting values of some
--   uses by_channel
select site_key, count(amount) filter (where channel in ('web', 'desk')) as a from sale group by site_key

-- case FILTER together with WHERE
--   uses by_channel
select site_key, count(*) filter (where quantity = 1) as one, count(*) as n
from sale where channel is not null group by site_key

-- case FILTER over everything, and over nothing
--   uses by_channel
select count(*) filter (where channel = 'none') as c, sum(amount) filter (where channel = 'none') as s from sale

-- case a share of some
--   uses by_channel
select site_key, 100.0 * count(*) filter (where channel = 'web') / count(*) as share from sale group by site_key

-- case CASE of several arms
--   uses by_channel
select site_key, sum(case channel when 'web' then amount when 'phone' then 2 * amount else quantity end) as v
from sale group by site_key

-- case CASE that chooses between levels only
--   uses by_channel
select site_key, sum(case when channel = 'web' then quantity else -1 end) as v from sale group by site_key

-- case FILTER on what is no level
--   star aggregate
select site_key, count(*) filter (where returned) as back from sale group by site_key

-- case FILTER on a measure
--   star aggregate
select site_key, sum(amount) filter (where amount > 0) as v from sale group by site_key

-- given with_conditions
-- case a stored count under a condition, spelt as it is stored
--   uses with_conditions
select site_key, count(*) filter (where returned) as back from sale group by site_key

-- case a stored count under a condition, as CASE
--   uses with_conditions
select site_key, sum(case when returned then 1 else 0 end) as back from sale group by site_key

-- case a stored count under a condition, as count_if: over NULLs alone that is NULL, not 0
--   star aggregate
--   trap StarRocks 65106
select count_if(returned) as back from sale

-- case a stored count under a condition, as count_if of what is never NULL
--   uses with_conditions
select site_key, count_if(returned is true) as back from sale group by site_key

-- case a stored count under a condition, as a comparison with true
--   uses with_conditions
select site_key, count(*) filter (where returned = true) as back from sale group by site_key

-- case a stored sum under a condition, as FILTER
--   uses with_conditions
select sum(amount) filter (where returned) as v from sale

-- case a stored sum under a condition, with else 0: rows, but no value
--   uses with_conditions
select site_key, sum(case when returned then amount else 0 end) as v from sale group by site_key

-- case an average under a condition
--   uses with_conditions
select site_key, avg(amount) filter (where returned) as v from sale group by site_key

-- case a stored condition turned round
--   uses with_conditions
select site_key, count(*) filter (where 5 < amount) as large from sale group by site_key

-- case a condition on an integer, spelt otherwise
--   uses with_conditions
select site_key, count(*) filter (where amount >= 6) as large from sale group by site_key

-- case else 0 stored, no else asked: nothing is not 0
--   star aggregate
select site_key, sum(price) filter (where price >= 10) as v from sale group by site_key

-- case else 0 stored and asked
--   uses with_conditions
select sum(if(price >= 10, price, 0)) as v from sale

-- case the opposite of a stored condition is not the rest: NULL is in neither
--   star aggregate
select site_key, count(*) filter (where not returned) as kept from sale group by site_key

-- case what is not true is the rest
--   uses with_conditions
select site_key, count(*) filter (where returned is not true) as kept from sale group by site_key

-- case a wider condition than the stored one
--   star aggregate
select site_key, count_if(amount > 4) as large from sale group by site_key

-- case a condition in WHERE that selects just a stored part
--   uses with_conditions
select sum(amount) as v, count(*) as n from sale where returned

-- case a condition in WHERE and groups: sites without such rows are no group
--   uses with_conditions
select site_key, count(*) as n from sale where returned group by site_key
