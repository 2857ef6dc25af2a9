-- A level tells the opposite of what it says, and no value where it has none itself.

-- tables shop

-- cuboid small
select quantity < 2 as small, amount > 3 as large, channel in ('web', 'Web') as web, price is null as unpriced,
    product_key = 2 as second, channel like 'w%' as lower_w, count(*) as n, sum(quantity) as q, sum(amount) as s
from sale group by all;

-- cuboid by_month
select date_trunc('month', due) as due_month, upper(channel) as channel, price > 5 as dear, count(*) as n, sum(quantity) as q
from sale group by all;

-- cuboid no_web
select nullif(channel, 'web') as other, coalesce(due, date '2024-01-01') as due, year(sold_at) as year, count(*) as n from sale group by all;

-- cuboid flags
select site_key, count(*) as n, count_if(returned) as yes, count(returned) as known, count_if(amount > 3) as large,
    count(amount) as amounts, count_if(channel is null) as lost, sum(amount) filter (where returned) as back
from sale group by site_key;

-- cuboid flags_only
select site_key, count(*) as n, count_if(returned) as yes from sale group by site_key;

-- cuboid products
select category, product, count(*) as n, sum(amount) as s from sale left join product using (product_key) group by all;

-- cuboid categories
select category, count(*) as n from sale left join product using (product_key) group by all;

-- given small
-- case the inverse comparison, never NULL
--   uses small
select count(*) as n, sum(quantity) as q from sale where quantity >= 2

-- case NOT around a comparison that may be NULL
--   uses small
select count(*) as n from sale where not (amount > 3)

-- case both sides and neither, which is where it is NULL
--   uses small
select amount <= 3 as few, count(*) as n from sale group by few

-- case the inverse in FILTER and CASE
--   uses small
select count(*) filter (where amount <= 3) as a, sum(case when quantity >= 2 then quantity end) as b,
    count(*) filter (where amount is null) as c from sale

-- case the inverse is not true
--   uses small
select count(*) as n from sale where (amount <= 3) is not true

-- case NOT IN
--   uses small
select channel not in ('Web', 'web') as other, count(*) as n from sale group by other

-- case NOT LIKE
--   uses small
select count(*) as n from sale where channel not like 'w%'

-- case IS NOT NULL from IS NULL
--   uses small
select price is not null as priced, count(*) as n from sale group by priced

-- case <> from =
--   uses small
select count(*) as n from sale where product_key <> 2

-- case no product, from a comparison with one
--   uses small
select count(*) as n, count(product_key) as p from sale

-- case neither of two, by De Morgan
--   uses small
select count(*) as n from sale where not (quantity < 2 or amount > 3)

-- case another bound
--   star
select count(*) as n from sale where quantity >= 3

-- case another bound is not the inverse
--   star
select count(*) as n from sale where quantity > 2

-- given by_month
-- case no day, from months
--   uses by_month
select count(*) as n from sale where due is null

-- case days, from months
--   uses by_month
select count(due) as a, count(*) filter (where due is not null) as b, count(channel) as c, count(price) as d from sale

-- case no day as a group
--   uses by_month
select due is null as open, count(*) as n, sum(quantity) as q from sale group by open

-- given no_web
-- case no value of a level that is NULL for some values too
--   star
select count(*) as n from sale where channel is null

-- case no value of a level that is never NULL
--   star
select count(*) as n from sale where due is not null

-- given flags
-- case those that are not, from those that are and those known
--   uses flags
select site_key, count_if(not returned) as a, count(*) filter (where not returned) as b,
    count(*) filter (where returned = false) as c, count_if(returned is false) as d from sale group by site_key

-- case of which nothing is known
--   uses flags
select count(*) filter (where returned is null) as a, count(*) filter (where returned is not true) as b,
    count(*) filter (where returned is not false) as c, count(*) filter (where returned <> false) as d from sale

-- case the inverse comparison, counted
--   uses flags
select site_key, count_if(amount <= 3) as few, count(*) filter (where not (amount > 3)) as f from sale group by site_key

-- case a column from where it has no value
--   uses flags
select site_key, count(channel) as c from sale group by site_key

-- case a sum of the others is not stored
--   star
select site_key, sum(amount) filter (where not returned) as s from sale group by site_key

-- case a sum of the kept in another spelling
--   uses flags
select site_key, sum(amount) filter (where returned = true) as s, sum(case when returned is true then amount end) as t
from sale group by site_key

-- given flags_only
-- case those that are not, when it is not stored how many are known
--   star
select site_key, count_if(not returned) as a from sale group by site_key

-- given products
-- case no product, where a column of it that has a value in all of them is NULL
--   uses products
select count(*) as n, sum(amount) as s from sale where product_key is null

-- given categories
-- case no product, from a column that products may lack
--   star
select count(*) as n from sale where product_key is null
