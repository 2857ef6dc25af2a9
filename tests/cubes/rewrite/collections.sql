-- What is collected: distinct values of a level in their own order, and lists that are stored.

-- tables shop

-- cuboid by_channel
select site_key, channel, quantity, count(*) as n from sale group by site_key, channel, quantity;

-- cuboid stored
select site_key, string_agg(distinct channel, ',' order by channel) as l, list(quantity order by quantity desc) as q,
    histogram(quantity) as h, entropy(channel) as e, list(quantity) as any_q, list(quantity order by sale_key) as by_key,
    list(distinct channel order by channel) filter (where quantity > 1) as some
from sale group by site_key;

-- given by_channel
-- case distinct values in order, NULL among them
--   uses by_channel
select site_key, list(distinct channel order by channel) as a, array_agg(distinct channel order by channel desc nulls first) as b
from sale group by site_key

-- case distinct values as a text
--   uses by_channel
select string_agg(distinct channel, ', ' order by channel) as a from sale

-- case distinct values of some rows
--   uses by_channel
select site_key, list(distinct channel order by channel) filter (where quantity > 2) as a from sale group by site_key

-- case distinct values of no rows
--   uses by_channel
select list(distinct channel order by channel) as a from sale where quantity > 99

-- case sorted after
--   uses by_channel
select site_key, list_sort(list(distinct channel)) as a, list_reverse_sort(list(distinct quantity)) as b from sale group by site_key

-- case the first of its own order
--   uses by_channel
select site_key, first(channel order by channel) as a, last(channel order by channel nulls first) as b,
    any_value(channel order by channel desc) as c from sale group by site_key

-- case the first of another order
--   star
select site_key, first(channel order by quantity) as a from sale group by site_key

-- case the first of its own order after another
--   star
select site_key, first(channel order by quantity, channel) as a from sale group by site_key

-- case values that come more than once
--   star
select site_key, list(channel order by channel) as a from sale group by site_key

-- case distinct values in no order
--   star
select site_key, list(distinct channel) as a from sale group by site_key

-- case the only value of a group
--   uses by_channel
select channel, list(distinct channel) as a, mode(channel) as b, max_by(channel, quantity) as c, count(*) as n from sale group by channel

-- case the only value there can be
--   uses by_channel
select site_key, mode(channel) as a, arg_max(channel, quantity) as b from sale where channel = 'web' group by site_key

-- case the only value, of some rows
--   uses by_channel
select channel, mode(channel) filter (where quantity > 2) as a, first(channel) filter (where quantity > 2) as b from sale group by channel

-- case the most frequent of several
--   star
select site_key, mode(channel) as a from sale group by site_key

-- given stored
-- case lists that are stored, in an order they say themselves
--   uses stored
select site_key, string_agg(distinct channel, ',' order by channel) as a, list(quantity order by quantity desc) as b from sale group by site_key

-- case how often each value comes, and how evenly
--   uses stored
select site_key, histogram(quantity) as a, entropy(channel) as b from sale group by site_key

-- case of some rows
--   uses stored
select site_key, list(distinct channel order by channel) filter (where quantity > 1) as a from sale group by site_key

-- case another separator
--   star
select site_key, string_agg(distinct channel, ';' order by channel) as a from sale group by site_key

-- case the other way round
--   star
select site_key, list(quantity order by quantity) as a from sale group by site_key

-- case of other rows
--   star
select site_key, list(distinct channel order by channel) as a from sale group by site_key

-- case in any order
--   star
select site_key, list(quantity) as a from sale group by site_key

-- case lists do not add up
--   star grain
select histogram(quantity) as a from sale
