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
