-- Conditions on levels hold for a whole cell or for none of it.

-- tables shop

-- cuboid cells
select site_key, channel, quantity, day, returned, count(*) as n, sum(amount) as s
from sale group by site_key, channel, quantity, day, returned;

-- cuboid coarse
select site_key, count(*) as n, sum(amount) as s from sale group by site_key;

-- given cells
-- case equality
--   uses cells
select sum(amount) as s from sale where channel = 'web'

-- case equality, the constant first
--   uses cells
select sum(amount) as s from sale where 'web' = channel

-- case a list
--   uses cells
select site_key, count(*) as n from sale where channel in ('web', 'phone') group by site_key

-- case not in a list
--   uses cells
select site_key, count(*) as n from sale where channel not in ('web', 'phone') group by site_key

-- case not in a list that holds NULL: nothing passes
--   uses cells
select count(*) as n, sum(amount) as s from sale where channel not in ('web', null)

-- case a range
--   uses cells
select count(*) as n from sale where quantity between 1 and 2

-- case an open range
--   uses cells
select count(*) as n from sale where quantity > 0 and quantity <= 2

-- case either
--   uses cells
select site_key, sum(amount) as s from sale where channel = 'web' or quantity = 3 group by site_key

-- case either, of which one is unknown
--   uses cells
select count(*) as n from sale where channel = 'web' or channel is null

-- case nested
--   uses cells
select count(*) as n from sale where (channel = 'web' and quantity > 1) or (site_key = 2 and not (quantity = 0 or channel = 'desk'))

-- case a pattern
--   uses cells
select count(*) as n from sale where channel like '%e%' and channel not like 'd%'

-- case a pattern without case
--   uses cells
select count(*) as n from sale where channel ilike 'WEB'

-- case a regular expression
--   uses cells
select count(*) as n from sale where regexp_matches(channel, '^[a-z]+$')

-- case missing
--   uses cells
select sum(amount) as s from sale where channel is null

-- case not missing
--   uses cells
select sum(amount) as s from sale where channel is not null

-- case distinct from
--   uses cells
select count(*) as n from sale where channel is distinct from 'web'

-- case not distinct from null
--   uses cells
select count(*) as n from sale where channel is not distinct from null

-- case a comparison with NULL
--   uses cells
select count(*) as n, sum(amount) as s from sale where channel = null

-- case a truth value as it stands
--   uses cells
select count(*) as n from sale where returned

-- case its opposite
--   uses cells
select count(*) as n from sale where not returned

-- case not true
--   uses cells
select count(*) as n from sale where returned is not true

-- case between two levels
--   uses cells
select count(*) as n from sale where quantity < site_key

-- case a function of levels
--   uses cells
select count(*) as n from sale where lower(channel) = 'web' and length(channel) = 3

-- case CASE as a condition
--   uses cells
select count(*) as n from sale where case when channel = 'web' then quantity > 1 else quantity = 0 end

-- case always
--   uses cells
select count(*) as n from sale where 1 = 1

-- case never
--   uses cells
select count(*) as n, sum(amount) as s from sale where 1 = 0

-- case never, by group
--   uses cells
select site_key, count(*) as n from sale where false group by site_key

-- case a date as text
--   uses cells
select count(*) as n from sale where day >= '2024-02-01' and day < '2024-03-01'

-- case a number as text
--   uses cells
select count(*) as n from sale where quantity = '2'

-- case a list of pairs
--   uses cells
select count(*) as n from sale where (site_key, quantity) in ((1, 1), (2, 2))

-- case a contradiction
--   uses cells
select count(*) as n from sale where channel = 'web' and channel = 'phone'

-- case a condition on rows
--   star predicate
select site_key, count(*) from sale where amount > 3 group by site_key

-- case a condition on rows, beside one on levels
--   star predicate
select site_key, count(*) from sale where channel = 'web' and price is not null group by site_key

-- case either a level or rows
--   star predicate
select site_key, count(*) from sale where channel = 'web' or amount > 3 group by site_key

-- case chance
--   star
select site_key, count(*) from sale where random() < 2 group by site_key

-- given coarse
-- case a condition on a lost level
--   star predicate
--   trap Doris 66264
select site_key, sum(amount) from sale where channel = 'web' group by site_key

-- case a condition on a lost level that is always true
--   uses coarse
select site_key, sum(amount) as s from sale where day is not null group by site_key

-- case a condition of one row alone: it selects within cells
--   star predicate
select site_key, count(*) from sale where sale_key between 1 and 10 group by site_key
