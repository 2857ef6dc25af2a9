-- UNION, INTERSECT, EXCEPT: each branch is a block.

-- tables shop

-- cuboid by_site_channel
select site_key, channel, count(*) as n, sum(amount) as s from sale group by site_key, channel;

-- cuboid visits
select site_key, sum(visitors) as v from visit group by site_key;

-- given by_site_channel
-- case both branches
--   uses by_site_channel
select site_key, sum(amount) as s from sale group by site_key union all select null, sum(amount) from sale

-- case with names
--   uses by_site_channel
select 'site' as what, site_key::varchar as k, count(*) as n from sale group by site_key
union all select 'channel', channel, count(*) from sale group by channel order by what, k

-- case one branch cannot
--   uses by_site_channel and sale
select site_key, sum(amount) as s from sale group by site_key union all select quantity, sum(amount) from sale group by quantity

-- case UNION drops repeated rows
--   uses by_site_channel
select site_key from sale group by site_key union select site_key from sale where channel = 'web' group by site_key

-- case INTERSECT
--   uses by_site_channel
select site_key from sale where channel = 'web' group by site_key intersect select site_key from sale where channel = 'phone' group by site_key

-- case EXCEPT
--   uses by_site_channel with site
select site_key from site except select site_key from sale group by site_key

-- case EXCEPT ALL
--   uses by_site_channel
select channel from sale group by site_key, channel except all select channel from sale group by channel

-- case a branch in brackets
--   uses by_site_channel
(select sum(amount) as s from sale) union all (select sum(amount) from sale where channel = 'web')

-- case grouped over a union of rows
--   any
select k, count(*) from (select site_key as k from sale union all select site_key from visit) as t group by k

-- case grouped over a union of groups
--   uses by_site_channel with visit
select k, sum(v) as v from (select site_key as k, sum(amount) as v from sale group by site_key
    union all select site_key, sum(visitors) from visit group by site_key) as t group by k

-- given by_site_channel, visits
-- case two facts under each other
--   uses by_site_channel, visits
select site_key, 'sales' as what, sum(amount) as v from sale group by site_key
union all select site_key, 'visits', sum(visitors) from visit group by site_key

-- case UNION BY NAME
--   uses by_site_channel, visits
select site_key, sum(amount) as s from sale group by site_key union all by name select sum(visitors) as v, site_key from visit group by site_key

-- given by_site_channel
-- case UNION of rows
--   uses by_site_channel
select channel from sale union select 'none' order by 1

-- case UNION of rows: NULL is one of them, once
--   uses by_site_channel
select channel from sale union select null

-- case UNION of rows over a condition
--   uses by_site_channel with site
select site_key from sale where channel = 'web' union select site_key from site

-- case INTERSECT of rows
--   uses by_site_channel
select site_key from sale where channel = 'web' intersect select site_key from sale where channel = 'phone'

-- case EXCEPT of rows
--   uses by_site_channel with site
select site_key from site except select site_key from sale

-- case EXCEPT of rows, on the left
--   uses by_site_channel
select site_key, channel from sale except select 1, 'web'

-- case UNION of rows in another type
--   uses by_site_channel
select site_key from sale union select channel from sale

-- case UNION BY NAME of rows
--   uses by_site_channel
select site_key from sale union by name select channel from sale

-- case UNION of a UNION ALL of rows
--   uses by_site_channel
select site_key from sale union (select site_key + 1 from sale union all select site_key from sale)

-- case UNION ALL of rows: how often counts
--   star aggregate
select channel from sale union all select 'none'

-- case EXCEPT ALL of rows: how often counts
--   star aggregate
select channel from sale except all select 'web'

-- case INTERSECT ALL of rows: how often counts
--   star aggregate
select channel from sale intersect all select channel from sale

-- case UNION with an EXCEPT ALL of rows, where how often decides which there are
--   star
select 'web' as channel union (select channel from sale where channel = 'web' except all select channel from sale where channel = 'web' and site_key = 1)

-- case UNION of the first rows
--   star order
(select channel from sale limit 3) union select 'none'

-- case a list from a UNION ALL of rows
--   uses by_site_channel with site
select site from site where site_key in (select site_key from sale where channel = 'web' union all select 4)

-- case counted over a UNION of rows
--   uses by_site_channel with site
select count(*) as n, count(k) as c from (select site_key as k from sale union select site_key from site)

-- case UNION of rows, the first of them only
--   uses by_site_channel
--   ordered
select channel from sale union select 'none' order by 1 limit 2

-- case UNION of rows, any of them
--   star
select channel from sale union select 'none' limit 2

-- case UNION with the first rows of a UNION ALL: how often decides which those are
--   star
(select channel from sale union all select channel from sale order by 1 limit 3) union select 'none'
