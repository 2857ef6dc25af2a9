-- What does not add up may be read where one group is one cell: every further level is fixed.

-- tables shop

-- cuboid odd
select site_key, channel, quantity, avg(amount) as a, median(price) as m, count(distinct product_key) as d,
    stddev(amount) as sd, string_agg(channel, ',' order by sale_key) as l, count(*) as n, mode(product_key) as mo
from sale group by site_key, channel, quantity;

-- cuboid all_rows
select median(amount) as m, count(distinct channel) as d, count(*) as n, avg(price) as a from sale;

-- given odd
-- case all levels grouped
--   uses odd
select site_key, channel, quantity, median(price) as m, avg(amount) as a from sale group by all

-- case one level fixed
--   uses odd
--   trap Doris 38387
select site_key, quantity, median(price) as m from sale where channel = 'web' group by site_key, quantity

-- case two levels fixed
--   uses odd
select site_key, avg(amount) as a, count(distinct product_key) as d from sale where channel = 'web' and quantity = 1 group by site_key

-- case a level fixed to missing
--   uses odd
select site_key, quantity, median(price) as m from sale where channel is null group by site_key, quantity

-- case a level fixed by a list of one
--   uses odd
select site_key, quantity, avg(amount) as a from sale where channel in ('web') group by site_key, quantity

-- case a level fixed through another
--   uses odd
select channel, avg(amount) as a from sale where site_key = quantity and site_key = 2 group by channel

-- case a level fixed and grouped
--   uses odd
select channel, site_key, quantity, stddev(amount) as sd from sale where channel = 'web' group by channel, site_key, quantity

-- case all levels fixed, nothing grouped: over nothing there is still one row
--   uses odd
select median(price) as m, count(distinct product_key) as d from sale where site_key = 1 and channel = 'web' and quantity = 3

-- case all levels fixed to what does not exist: no cell, yet one row
--   uses odd
select median(price) as m, count(distinct product_key) as d, avg(amount) as a, count(*) as n
from sale where site_key = 77 and channel = 'web' and quantity = 3

-- case fixed beside a measure that adds up
--   uses odd
select site_key, count(*) as n, median(price) as m from sale where channel = 'web' and quantity = 2 group by site_key

-- case two members
--   star grain
select site_key, quantity, median(price) from sale where channel in ('web', 'phone') group by site_key, quantity

-- case a level fixed by a range of whole numbers
--   uses odd
select site_key, channel, median(price) as m from sale where quantity > 1 and quantity < 3 group by site_key, channel

-- case a level fixed to a function of it: several members may pass
--   star grain
--   trap Calcite 4801
select site_key, quantity, median(price) from sale where lower(channel) = 'web' group by site_key, quantity

-- case a level left out
--   star grain
select site_key, channel, median(price) from sale group by site_key, channel

-- case a level grouped by a function of it: several members may meet
--   star grain
select site_key, lower(channel) as c, quantity, median(price) from sale group by all

-- case a function of a level beside the level
--   uses odd
select site_key, lower(channel) as c, quantity, median(price) as m from sale group by site_key, channel, quantity

-- case a level fixed to the result of a question
--   uses odd with site
select channel, quantity, median(price) as m from sale where site_key = (select max(site_key) from site where kind = 'branch')
group by channel, quantity

-- case either of two fixings
--   star grain
select site_key, median(price) from sale where (channel = 'web' and quantity = 1) or (channel = 'phone' and quantity = 2) group by site_key

-- case a list in an order that is total, at its own grain
--   any
select site_key, channel, quantity, string_agg(channel, ',' order by sale_key) as l from sale group by all

-- case the most frequent, whose ties are anyone's
--   star
select site_key, mode(product_key) from sale where channel = 'web' and quantity = 2 group by site_key

-- given all_rows
-- case of all rows
--   uses all_rows
select median(amount) as m, count(distinct channel) as d from sale

-- case of all rows with a condition
--   star
select median(amount) from sale where channel = 'web'

-- case of all rows by a group that is always the same
--   star
select 1 as one, median(amount) from sale group by one
