-- Variance, deviation, covariance, correlation and regression from sums of products.

-- tables shop

-- cuboid squares
select site_key, channel, count(*) as n, count(amount) as c, sum(amount) as s, sum(amount * amount) as ss,
    count(price) as pc, sum(price) as ps, sum(price * price) as pss,
    count(case when price is not null then amount end) as both,
    sum(case when price is not null then amount end) as sx,
    sum(case when amount is not null then price end) as sy,
    sum(amount * price) as sxy,
    sum(case when price is not null then amount * amount end) as sxx,
    sum(case when amount is not null then price * price end) as syy
from sale group by site_key, channel;

-- cuboid no_squares
select site_key, count(amount) as c, sum(amount) as s, avg(amount) as a from sale group by site_key;

-- cuboid level
select site_key, quantity, count(*) as n, count(amount) as c, sum(amount) as s from sale group by site_key, quantity;

-- cuboid stored
select site_key, channel, stddev(amount) as d, var_pop(amount) as v from sale group by site_key, channel;

-- cuboid doubles
select site_key, count(amount) as c, sum(amount::double) as s, sum(amount::double * amount::double) as ss
from sale group by site_key;

-- given squares
-- case variance of a sample and of a population
--   uses squares
select site_key, var_samp(amount) as a, var_pop(amount) as b from sale group by site_key

-- case deviation of a sample and of a population
--   uses squares
select site_key, stddev_samp(amount) as a, stddev_pop(amount) as b from sale group by site_key

-- case the short names
--   uses squares
select site_key, variance(amount) as a, stddev(amount) as b from sale group by site_key

-- case of a DECIMAL
--   uses squares
select site_key, stddev(price) as a, var_pop(price) as b from sale group by site_key

-- case over everything, and over nothing
--   uses squares
select var_samp(amount) as a, stddev_pop(price) as b, count(amount) as c from sale

-- case under a condition on a level
--   uses squares
select channel, var_pop(amount) as a from sale where site_key in (1, 2) group by channel

-- case of some
--   uses squares
select site_key, stddev(amount) filter (where channel = 'web') as a from sale group by site_key

-- case a standard error
--   uses squares
select site_key, stddev(amount) / sqrt(count(amount)) as e from sale group by site_key

-- case covariance, where both values are there
--   uses squares
select site_key, covar_pop(price, amount) as a, covar_samp(price, amount) as b from sale group by site_key

-- case correlation
--   uses squares
select corr(price, amount) as r from sale

-- case a regression line
--   uses squares
select regr_slope(price, amount) as a, regr_intercept(price, amount) as b, regr_count(price, amount) as n from sale

-- case averages of a regression, over pairs
--   uses squares
select site_key, regr_avgx(price, amount) as a, regr_avgy(price, amount) as b from sale group by site_key

-- case skew needs cubes
--   star aggregate
select site_key, skewness(amount) from sale group by site_key

-- given no_squares
-- case a variance without squares
--   star aggregate
select site_key, var_samp(amount) from sale group by site_key

-- given level
-- case variance of a level with a count of rows
--   uses level
select site_key, var_samp(quantity) as a, stddev_pop(quantity) as b from sale group by site_key

-- case covariance of a level and a measure needs squares of none
--   uses level
select site_key, covar_pop(amount, quantity) as a from sale group by site_key

-- given stored
-- case a stored deviation at its own grain
--   uses stored
select site_key, channel, stddev(amount) as d from sale group by site_key, channel

-- case deviations are not averaged
--   star grain
select site_key, stddev(amount) from sale group by site_key

-- given doubles
-- case variance from sums of DOUBLE loses digits
--   star aggregate
select site_key, var_samp(amount::double) from sale group by site_key
