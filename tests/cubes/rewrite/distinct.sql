-- Distinct values are exact where the value is a level; a stored count of them never adds up.

-- tables shop

-- cuboid by_product
select site_key, channel, product_key, day, count(*) as n, sum(amount) as s from sale
group by site_key, channel, product_key, day;

-- cuboid stored
select site_key, channel, count(distinct product_key) as products, count(*) as n from sale group by site_key, channel;

-- cuboid sketch
select site_key, approx_count_distinct(product_key) as products from sale group by site_key;

-- given by_product
-- case distinct values of a level, which may be null
--   uses by_product
--   trap StarRocks 30316
select site_key, count(distinct product_key) as products from sale group by site_key

-- case distinct values over everything
--   uses by_product
select count(distinct channel) as a, count(distinct day) as b, count(distinct product_key) as c from sale

-- case distinct values beside sums
--   uses by_product
select site_key, count(distinct product_key) as products, count(*) as n, sum(amount) as s from sale group by site_key

-- case distinct values of an expression of levels
--   uses by_product
select site_key, count(distinct date_trunc('month', day)) as months from sale group by site_key

-- case distinct values of some
--   uses by_product
select site_key, count(distinct product_key) filter (where channel = 'web') as products from sale group by site_key

-- case distinct values under a condition
--   uses by_product
select count(distinct site_key) as sites from sale where product_key = 2

-- case sum of distinct values
--   uses by_product
select site_key, sum(distinct product_key) as v, avg(distinct product_key) as a from sale group by site_key

-- case minimum of distinct values
--   uses by_product
select site_key, min(distinct day) as first, max(distinct day) as last from sale group by site_key

-- case pairs of levels
--   uses by_product
select count(distinct (site_key, channel)) as pairs from sale

-- case distinct CASE over levels
--   uses by_product
select count(distinct case when channel = 'web' then site_key end) as sites from sale

-- case distinct values of what is no level
--   star aggregate
--   trap Doris 4381
select site_key, count(distinct amount) from sale group by site_key

-- case a list of distinct values has no order
--   star
select site_key, string_agg(distinct channel, ',') from sale group by site_key

-- given stored
-- case a stored count of distinct values at its own grain
--   uses stored
select site_key, channel, count(distinct product_key) as products from sale group by channel, site_key

-- case counts of distinct values are not added
--   star grain
--   trap Calcite 4801, StarRocks 16607
select site_key, count(distinct product_key) from sale group by site_key

-- case counts of distinct values where equality leaves one cell
--   uses stored
select site_key, count(distinct product_key) as products from sale where channel = 'web' group by site_key

-- case counts of distinct values where inequality leaves several cells
--   star grain
--   trap Calcite 4801
select count(distinct product_key) from sale where channel <> 'web'

-- case distinct levels of the cuboid
--   uses stored
select site_key, count(distinct channel) as channels from sale group by site_key

-- case distinct rows of cells are not distinct values
--   star grain
select count(distinct product_key) from sale

-- given sketch
-- case an approximate count is not exact
--   star aggregate
select site_key, count(distinct product_key) from sale group by site_key

-- case an approximate count at its own grain is the same sketch
--   uses sketch
select site_key, approx_count_distinct(product_key) as products from sale group by site_key

-- case approximate counts are not added
--   star grain
select approx_count_distinct(product_key) from sale
