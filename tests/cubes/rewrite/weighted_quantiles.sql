-- Median, quantile and mode of a whole number from its histogram: a level with a count of rows.

-- tables
create table answer (answer_key integer primary key, site integer not null, score integer, weight integer not null, exact decimal(4, 1), approx double);
insert into answer select i, i % 3, case when i % 7 <> 0 then i * i % 11 end, 1 + i % 2, (i * 3 % 8) / 2.0, i / 3.0 from range(1, 50) as t (i);

-- cuboid histogram
select site, score, count(*) as n from answer group by site, score;

-- cuboid of_values
select site, score, count(score) as c from answer group by site, score;

-- cuboid exact_histogram
select site, exact, count(*) as n from answer group by site, exact;

-- cuboid columns
select site, count(*) filter (where score = 0) as h0, count(*) filter (where score = 1) as h1, count(score) as n, sum(score) as s
from answer group by site;

-- cuboid no_count
select site, score from answer group by site, score;

-- given histogram
-- case median
--   uses histogram
select site, median(score) as m from answer group by site

-- case median of all
--   uses histogram
select median(score) as m, count(score) as n from answer

-- case a discrete quantile
--   uses histogram
select site, quantile_disc(score, 0.9) as q from answer group by site

-- case a continuous quantile
--   uses histogram
select site, quantile_cont(score, 0.25) as q from answer group by site

-- case both ends
--   uses histogram
select site, quantile_disc(score, 0.0) as a, quantile_disc(score, 1.0) as b, quantile_cont(score, 0) as c, quantile_cont(score, 1) as d
from answer group by site

-- case WITHIN GROUP
--   uses histogram
select site, percentile_disc(0.5) within group (order by score) as a, percentile_cont(0.5) within group (order by score) as b
from answer group by site

-- case median under a condition on a level
--   uses histogram
select median(score) as m from answer where site in (0, 2) and score > 2

-- case median beside sums of the same level
--   uses histogram
select site, median(score) as m, avg(score) as a, count(*) as n, var_pop(score) as v from answer group by site

-- case median over nothing
--   uses histogram
select median(score) as m from answer where site = 99

-- case variance of a score
--   uses histogram
select site, var_samp(score) as v, stddev_pop(score) as d from answer group by site

-- case top boxes
--   uses histogram
select site, 100.0 * count(*) filter (where score >= 9) / count(score) as top from answer group by site

-- case a net promoter score
--   uses histogram
select site, 100.0 * (count_if(score >= 9) - count_if(score <= 6)) / count(score) as nps from answer group by site

-- case several quantiles at once
--   uses histogram
select site, quantile_disc(score, [0.1, 0.5, 0.9]) as a, quantile_cont(score, [0.25, 0.75]) as b from answer group by site

-- case several quantiles over nothing
--   uses histogram
select quantile_disc(score, [0.1, 0.5]) as a, quantile_cont(score, [0.5]) as b from answer where site = 99

-- case counted from the top
--   uses histogram
select site, percentile_disc(0.9) within group (order by score desc) as a, percentile_cont(0.3) within group (order by score desc) as b
from answer group by site

-- case median of a score as DOUBLE
--   uses histogram
select site, median(score::double) as m, quantile_disc(score::double, 0.3) as q from answer group by site

-- case values that stand in an odd number of rows
--   uses histogram
select site, bit_xor(score) as x from answer group by site

-- case sum of a short score as DOUBLE
--   uses histogram
select site, sum(score::smallint::double) as s, avg(score::smallint::double) as a from answer group by site

-- case sum of a long number as DOUBLE, which may round
--   star aggregate
select site, sum(score::double) as s from answer group by site

-- case mean of tenths, which are not exact
--   star aggregate
select site, avg(score / 10.0) as a from answer group by site

-- case most frequent, where ties are anyone's
--   star
select site, mode(score) from answer group by site

-- case median of another column
--   star aggregate
select site, median(weight) from answer group by site

-- case median of doubles
--   star aggregate
select site, median(approx) from answer group by site

-- given of_values
-- case median from counts of values
--   uses of_values
select site, median(score) as m from answer group by site

-- given exact_histogram
-- case median of a DECIMAL
--   uses exact_histogram
select site, median(exact) as m from answer group by site

-- case a discrete quantile of a DECIMAL
--   uses exact_histogram
select quantile_disc(exact, 0.75) as q from answer

-- given columns
-- case mean from a histogram in columns
--   uses columns
select avg(score) as a from answer

-- case one bar of it
--   uses columns
select site, count(*) filter (where score = 1) as h from answer group by site

-- given no_count
-- case distinct scores have no weight
--   star aggregate
--   trap Lightdash 20181
select site, median(score) from answer group by site
