-- A query that stays may hang on the order its sources come in; below such a one nothing is used.

-- tables shop

-- cuboid cells
select site_key, channel, day, count(*) as n, sum(amount) as s from sale group by site_key, channel, day order by day desc, site_key desc;

-- given cells
-- case the group with the most rows, ties as they come
--   star
select max_by(k, n) as best from (select site_key as k, count(*) as n from sale group by site_key) as t

-- case the same under its other names
--   star
select arg_max(k, n) as a, argmax(k, n) as b from (select site_key as k, count(*) as n from sale group by site_key) as t

-- case the group with the fewest rows
--   star
select argmin(k, n) as a, min_by(k, n) as b from (select site_key as k, count(*) as n from sale group by site_key) as t

-- case the same over a CTE
--   star
with t as (select site_key as k, count(*) as n from sale group by site_key) select max_by(k, n) as best from t

-- case the same two blocks further out
--   star
select max_by(k, n) as best from (select k, n from (select site_key as k, count(*) as n from sale group by site_key) as t where n > 0) as u

-- case a list in JSON
--   star
select json_group_array(k) as l from (select site_key as k from sale group by site_key) as t

-- case an object in JSON
--   star
select json_group_object(k, n) as l from (select site_key as k, count(*) as n from sale group by site_key) as t

-- case a list under its SQL name
--   star
select listagg(k, ',') as l from (select site_key as k from sale group by site_key) as t

-- case the most frequent value, ties as they come
--   star
select mode(n) as m from (select day, count(*) as n from sale group by day) as t

-- case a window that fills gaps
--   star
select k, fill(n) over (order by d) as f from (select site_key as k, day as d, count(*) as n from sale group by site_key, day) as t

-- case texts that count as one
--   star
select min(c collate nocase) as c from (select channel as c, count(*) as n from sale group by channel) as t

-- case the same CTE read by one who minds and by one who does not
--   star
with t as (select site_key as k, count(*) as n from sale group by site_key) select max_by(k, n) as best, (select sum(n) from t) as n from t

-- case what minds no order
--   uses cells
select max(n) as a, min(n) as b, avg(n) as c, median(n) as d, count(distinct n) as e, bool_or(n > 3) as f, quantile_disc(n, 0.25) as g, var_pop(n) as h from (select site_key as k, count(*) as n from sale group by site_key) as t

-- case the greatest few values: those that tie are the same
--   uses cells
select max(n, 2) as a, min(n, 2) as b from (select site_key as k, count(*) as n from sale group by site_key) as t

-- case macros of aggregates that mind no order
--   uses cells
select geomean(n) as a, weighted_avg(k, n) as b, nullif(sum(n), 0) as c from (select site_key as k, count(*) as n from sale group by site_key) as t

-- case ranks give ties the same rank
--   uses cells
select k, rank() over (order by n) as r, dense_rank() over (order by n) as d from (select site_key as k, count(*) as n from sale group by site_key) as t

-- case a sum that runs over peers together
--   uses cells
select k, sum(n) over (order by n) as r from (select site_key as k, count(*) as n from sale group by site_key) as t

-- case a subquery that minds leaves the query around it
--   uses cells with sale
select site_key, count(*) as n, (select max_by(k, n) from (select day as k, count(*) as n from sale group by day) as t) as best from sale group by site_key

-- case a sample of groups
--   star
select count(*) as n from (select site_key as k, day as d from sale group by site_key, day) as t tablesample 50% (bernoulli, 42)

-- case a sample of a CTE
--   star
with t as (select site_key as k, day as d from sale group by site_key, day) select count(*) as n from t tablesample 50% (bernoulli, 42)

-- case a sample of a join of groups
--   star
select count(*) as n from (select site_key as k from sale group by site_key) as t join (select site_key as k from site) as u using (k) using sample 50% (bernoulli, 42)

-- case a sample that a join reads
--   star
select count(*) as n from site as u join (select site_key, day as d from sale group by site_key, day) as t tablesample 50% (bernoulli, 42) using (site_key)

-- case a sample of rows elsewhere
--   uses cells with site
select (select count(*) >= 0 from site tablesample 50% (bernoulli, 42)) as some, sum(amount) as s from sale

-- case rows joined by their place
--   star
select sum(k * x) as s from (select site_key as k, count(*) as n from sale group by site_key) as t positional join (select unnest(range(4)) as x) as u

-- case rows joined by their place, the other way round
--   star
select sum(k * x) as s from (select unnest(range(4)) as x) as u positional join (select site_key as k, count(*) as n from sale group by site_key) as t

-- case the last row before, ties as they come
--   star
select count(*) as n, sum(t.k) as k from site as u asof join (select day as d, site_key as k, count(*) as n from sale group by day, site_key) as t on u.opened >= t.d

-- case rows joined by their values
--   uses cells with site
select sum(t.n) as n from site as u join (select site_key, day as d, count(*) as n from sale group by site_key, day) as t on u.site_key = t.site_key and t.n >= u.size
