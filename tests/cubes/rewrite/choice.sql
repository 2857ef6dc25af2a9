-- Of several that are the same, the smallest; with prefer = cost the base tables compete.

-- tables shop

-- cuboid a_fine
select site_key, channel, day, count(*) as n, sum(amount) as s from sale group by all;

-- cuboid b_middle
select site_key, channel, count(*) as n, sum(amount) as s from sale group by all;

-- cuboid c_coarse
select site_key, count(*) as n, sum(amount) as s from sale group by all;

-- cuboid d_other
select channel, count(*) as n, sum(amount) as s from sale group by all;

-- given all
-- case by size, where sizes are known
--   uses b_middle
--   sizes sale=1000, a_fine=500, b_middle=40, c_coarse=50, d_other=60
select sum(amount) as s from sale

-- case by levels, where no size is known
--   uses c_coarse
select sum(amount) as s from sale

-- case the only one, whatever its size
--   uses a_fine
--   sizes sale=10, a_fine=500
select day, sum(amount) as s from sale group by day

-- case the only one is larger than the base
--   star base
--   prefer cost
--   sizes sale=10, a_fine=500
select day, sum(amount) as s from sale group by day

-- case the only one is smaller than the base
--   uses a_fine
--   prefer cost
--   sizes sale=1000, a_fine=500
select day, sum(amount) as s from sale group by day

-- case one for each block
--   uses c_coarse, d_other
--   sizes sale=1000, a_fine=500, b_middle=40, c_coarse=5, d_other=6
select (select max(s) from (select site_key, sum(amount) as s from sale group by site_key) as t) as a,
    (select max(s) from (select channel, sum(amount) as s from sale group by channel) as t) as b

-- case equal sizes: by levels, then by name
--   uses c_coarse
--   sizes sale=1000, a_fine=7, b_middle=7, c_coarse=7, d_other=7
select count(*) as n from sale

-- case the size of one is unknown
--   any
--   sizes sale=1000, d_other=6
select channel, count(*) as n from sale group by channel
