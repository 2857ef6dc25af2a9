-- Least and greatest, and what behaves like them.

-- tables shop

-- cuboid by_site
select site_key, channel, min(price) as low, max(price) as high, min(day) as first, max(sold_at) as last,
    min(channel) as c, bool_and(returned) as every_one, bool_or(returned) as any_one, max(sale_key) as k,
    arg_max(price, sale_key) as newest, arg_max(quantity, sale_key) as newest_quantity, max(amount) as ma
from sale group by site_key, channel;

-- cuboid newest_by_day
select site_key, channel, arg_max(quantity, day) as newest, max(day) as last, count(*) as n from sale group by site_key, channel;

-- cuboid by_day
select day, quantity, count(*) as n from sale group by day, quantity;

-- given by_site
-- case rolled up
--   uses by_site
select site_key, min(price), max(price) from sale group by site_key

-- case over everything
--   uses by_site
select min(price) as low, max(price) as high from sale

-- case dates and instants
--   uses by_site
select site_key, min(day) as first, max(sold_at) as last from sale group by site_key

-- case a condition on a level
--   uses by_site
select site_key, max(price) as high from sale where channel like 'w%' group by site_key

-- case all and any
--   uses by_site
select site_key, bool_and(returned) as a, bool_or(returned) as b from sale group by site_key

-- case a range of values
--   uses by_site
select site_key, max(price) - min(price) as span from sale group by site_key

-- case a minimum in HAVING
--   uses by_site
select site_key from sale group by site_key having min(price) < 0

-- case the least of the levels
--   uses by_site
select min(channel) as a, max(channel) as b, min(site_key) as c from sale

-- case the least of an expression of levels
--   uses by_site
select max(upper(channel)) as a from sale

-- case the value at the greatest key, which has no ties
--   uses by_site
select site_key, arg_max(quantity, sale_key) as newest from sale group by site_key

-- case the value at the greatest key, where the value may be null and its row does not count
--   star aggregate
select site_key, arg_max(price, sale_key) as newest from sale group by site_key

-- case the value at the greatest key at its own grain
--   uses by_site
select channel, site_key, arg_max(price, sale_key) as newest from sale group by site_key, channel

-- case the value at the greatest of what has ties
--   star
select site_key, arg_max(price, day) as newest from sale group by site_key

-- case a maximum under a condition on rows
--   star predicate
select site_key, max(price) from sale where price < 20 group by site_key

-- case the least of what is not stored
--   star aggregate
select site_key, min(quantity) from sale group by site_key

-- case the least of a falling function is not the function of the least
--   star aggregate
select site_key, min(-amount) from sale group by site_key

-- case a count is not in a minimum
--   star aggregate
select site_key, count(price) from sale group by site_key

-- case max of a boolean is any
--   uses by_site
select site_key, max(returned) as b, min(returned) as a from sale group by site_key

-- case any value
--   star
select site_key, any_value(price) from sale group by site_key

-- case the first value
--   star
select site_key, first(price) from sale group by site_key

-- case the two greatest
--   star
select site_key, max(price, 2) from sale group by site_key

-- given by_day
-- case the least of a level is the least of the rows
--   uses by_day
select quantity, min(day) as first, max(day) as last from sale group by quantity

-- case the least month
--   uses by_day
select min(date_trunc('month', day)) as first, max(extract(year from day)) as y from sale

-- case all of a condition on levels
--   uses by_day
select day, bool_or(quantity > 2) as any_large, bool_and(quantity > 0) as all_some from sale group by day

-- case the level at the least of the levels, whose ties are between different cells
--   star
select arg_min(quantity, day) from sale

-- given newest_by_day
-- case cells that each tell the value of their newest day, when days have ties
--   star
select site_key, arg_max(quantity, day) from sale group by site_key
