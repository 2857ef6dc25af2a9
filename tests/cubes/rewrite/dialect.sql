-- What only DuckDB reads.

-- tables shop

-- cuboid cells
select site_key, channel, quantity, day, count(*) as n, sum(amount) as s, count(amount) as c from sale group by all;

-- given cells
-- case a trailing comma
--   uses cells
select site_key, sum(amount) as s, from sale group by site_key

-- case count without a star
--   uses cells
select site_key, count() as n from sale group by site_key

-- case dollar quotes
--   uses cells
select count(*) as n from sale where channel = $$web$$

-- case escaped text
--   uses cells
select count(*) as n from sale where channel = e'\x77eb' or channel = 'it''s'

-- case numbers with underscores and exponents
--   uses cells
select count(*) as n from sale where quantity < 1_000 and quantity < 1e3

-- case a cast in three spellings
--   uses cells
select quantity::varchar as a, cast(quantity as text) as b, try_cast(quantity as varchar) as c, count(*) as n from sale group by all

-- case operators as functions
--   uses cells
select site_key, count(*) as n from sale where channel ^@ 'w' and not (channel ~~ '%x%') and channel !~~ 'z' group by site_key

-- case method calls
--   any
select channel.upper() as u, count(*) as n from sale where channel.length() > 2 group by u

-- case a slice of text
--   any
select channel[1:2] as u, count(*) as n from sale group by u

-- case between lists
--   uses cells
select count(*) as n from sale where quantity in [1, 2]

-- case contains
--   uses cells
select count(*) as n from sale where list_contains([1, 2], quantity) and contains(channel, 'e')

-- case a subscripted list of a level
--   any
select ['none', 'one', 'two', 'three'][quantity + 1] as q, count(*) as n from sale group by q

-- case CASE with an operand
--   uses cells
select case quantity when 0 then 'none' when 1 then 'one' else 'some' end as q, sum(amount) as s from sale group by q

-- case IS DISTINCT FROM in CASE
--   uses cells
select case when channel is not distinct from null then '?' else channel end as q, sum(amount) as s from sale group by q

-- case a date in three spellings
--   uses cells
select count(*) as n from sale where day >= date '2024-02-01' and day < '2024-03-01'::date and day <> cast('2024-02-02' as date)

-- case intervals in three spellings
--   uses cells
select count(*) as n from sale where day >= date '2024-02-29' - interval '1' month and day < date '2024-01-29' + interval 2 months + to_days(1)

-- case extract in three spellings
--   uses cells
select extract('month' from day) as a, date_part('month', day) as b, datepart('month', day) as c, month(day) as d, count(*) as n from sale group by all

-- case division in two kinds
--   uses cells
select quantity / 2 as a, quantity // 2 as b, quantity % 2 as c, count(*) as n from sale group by all

-- case FROM first, without SELECT, over a block
--   uses cells
from (from sale select site_key, sum(amount) as s group by site_key)

-- case a sum over a window of nothing
--   uses cells
select site_key, sum(sum(amount)) over () as whole from sale group by site_key

-- case QUALIFY without a window in SELECT
--   uses cells
select site_key, count(*) as n from sale group by site_key qualify row_number() over (order by site_key) <= 2

-- case GROUPS and EXCLUDE in a frame
--   uses cells
select site_key, sum(count(*)) over (order by site_key groups between 1 preceding and 1 following exclude current row) as n from sale group by site_key

-- case a semi-join as written here
--   uses cells with site
select f.site_key, count(*) as n from sale as f semi join site as t on t.site_key = f.site_key and t.kind = 'branch' group by f.site_key

-- case an aggregate ordered within, where order does not matter
--   uses cells
select site_key, sum(amount order by sale_key) as s from sale group by site_key

-- case an aggregate of ALL
--   uses cells
select site_key, sum(all amount) as s from sale group by site_key

-- case a macro-like name that is an operator
--   uses cells
select site_key, add(sum(amount), 1) as s from sale group by site_key

-- case a variable of no name
--   star
select site_key, count(*) as n from sale where site_key = getvariable('site') group by site_key

-- case a prepared parameter in quotes is text
--   uses cells
select count(*) as n from sale where channel = '$1' or channel = '?'

-- case GROUP BY ALL over constants and aggregates has one row, even over nothing
--   uses cells
--   trap a constant is no group there
select 5 as five, current_date is null as no, (select 1) as one, count(*) as n, sum(amount) as s from sale group by all

-- case GROUP BY ALL over a constant and nothing else lists rows
--   star aggregate
select 5 as five from sale group by all

-- case GROUP BY ALL over a constant beside a group
--   uses cells
select 5 as five, site_key, count(*) as n from sale group by all
