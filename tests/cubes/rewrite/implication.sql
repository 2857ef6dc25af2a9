-- A cuboid that holds some rows answers questions about no more than those.

-- tables shop

-- cuboid web
select site_key, day, count(*) as n, sum(amount) as s from sale where channel = 'web' group by site_key, day;

-- cuboid some_channels
select site_key, channel, count(*) as n from sale where channel in ('web', 'phone') group by site_key, channel;

-- cuboid large
select site_key, amount, count(*) as n, sum(price) as ps from sale where amount > 5 group by site_key, amount;

-- cuboid large_only
select site_key, count(*) as n, sum(price) as ps from sale where amount > 5 and quantity between 1 and 3 group by site_key;

-- cuboid spring
select site_key, day, count(*) as n, sum(amount) as s from sale where day >= date '2024-02-01' group by site_key, day;

-- cuboid with_channel
select site_key, channel, count(*) as n from sale where channel is not null group by site_key, channel;

-- cuboid kept
select site_key, count(*) as n, sum(amount) as s from sale where not returned group by site_key;

-- cuboid kept_or_unknown
select site_key, count(*) as n, sum(amount) as s from sale where returned is not true group by site_key;

-- cuboid either
select site_key, channel, quantity, count(*) as n from sale where channel = 'web' or quantity > 1 group by all;

-- cuboid pattern
select site_key, channel, count(*) as n from sale where channel like 'w%' group by all;

-- cuboid branches
select f.site_key, f.channel, count(*) as n, sum(f.amount) as s
from sale as f join site as t on t.site_key = f.site_key where t.kind = 'branch' group by all;

-- given web
-- case the same condition
--   uses web
select site_key, sum(amount) as s from sale where channel = 'web' group by site_key

-- case the same condition, spelt otherwise
--   uses web
select site_key, sum(amount) as s from sale where channel in ('web') and day is not null group by site_key

-- case the same condition and more
--   uses web
select sum(amount) as s from sale where channel = 'web' and day < '2024-03-01'

-- case without the condition
--   star filter
--   trap StarRocks 15642, StarRocks 14736
select site_key, sum(amount) from sale group by site_key

-- case another member
--   star filter
select site_key, sum(amount) from sale where channel = 'phone' group by site_key

-- case a member in other letters
--   star filter
select site_key, sum(amount) from sale where channel = 'Web' group by site_key

-- case as a condition of one aggregate
--   uses web
select sum(amount) filter (where channel = 'web') as s, count(*) filter (where channel = 'web') as n from sale

-- case as a condition of one aggregate by group: groups without such rows are lost
--   star
select site_key, sum(amount) filter (where channel = 'web') from sale group by site_key

-- case the condition is a member one groups by
--   uses web
select channel, sum(amount) as s from sale where channel = 'web' group by channel

-- given some_channels
-- case one of the members
--   uses some_channels
select site_key, count(*) as n from sale where channel = 'phone' group by site_key

-- case the members as alternatives
--   uses some_channels
select count(*) as n from sale where channel = 'phone' or channel = 'web'

-- case a member more
--   star filter
select count(*) from sale where channel in ('web', 'phone', 'desk')

-- case a pattern that would let others pass
--   star filter
select count(*) from sale where channel like '%e%'

-- given large
-- case a narrower range
--   uses large
select site_key, sum(price) as ps from sale where amount > 7 group by site_key

-- case the same range of whole numbers, spelt otherwise
--   uses large
select count(*) as n from sale where amount >= 6

-- case a range from above and below
--   uses large
select count(*) as n from sale where amount between 6 and 9

-- case a list within the range
--   uses large
select count(*) as n from sale where amount in (6, 8, 10)

-- case one value
--   uses large
select count(*) as n from sale where amount = 8

-- case the range through a fraction
--   uses large
select count(*) as n from sale where amount > 5.5

-- case a wider range
--   star filter
select count(*) from sale where amount > 4

-- case the end itself
--   star filter
select count(*) from sale where amount >= 5

-- case the other side
--   star filter
select count(*) from sale where amount < 5

-- case alternatives that lie within
--   uses large
select count(*) as n from sale where amount = 6 or amount > 9

-- case alternatives of which one does not
--   star filter
select count(*) from sale where amount = 6 or site_key = 1

-- given large_only
-- case the same conditions in another order, on columns the cuboid has lost
--   uses large_only
select site_key, sum(price) as ps from sale where quantity >= 1 and quantity <= 3 and 5 < amount group by site_key

-- case whole numbers said by a list
--   uses large_only
select count(*) as n from sale where amount > 5 and quantity in (3, 2, 1)

-- case a narrower condition on a lost column
--   star
select count(*) from sale where amount > 5 and quantity = 2

-- case one of two conditions
--   star
select count(*) from sale where amount > 5

-- given spring
-- case from the same day on
--   uses spring
select site_key, sum(amount) as s from sale where day >= '2024-02-01' group by site_key

-- case from the month on
--   uses spring
select site_key, count(*) as n from sale where date_trunc('month', day) >= '2024-02-01' group by site_key

-- case a month within
--   uses spring
select count(*) as n from sale where day between '2024-02-01' and '2024-02-29'

-- case a later day
--   uses spring
select count(*) as n from sale where day > date '2024-03-03'

-- case one day earlier
--   star
select count(*) from sale where day >= date '2024-01-31' and amount > 0

-- case the instant, not the day
--   star
select count(*) from sale where sold_at >= timestamp '2024-02-01'

-- given with_channel
-- case a comparison leaves nothing missing
--   uses with_channel
select site_key, count(*) as n from sale where channel <> 'web' group by site_key

-- case counting values
--   uses with_channel
select count(channel) as n from sale

-- case counting values by group: a site without any is lost
--   star
select site_key, count(channel) from sale group by site_key

-- case distinct values of all rows: missing ones do not count
--   uses with_channel
select count(distinct channel) as n from sale

-- case rows of which the channel may be missing
--   star filter
select site_key, count(*) from sale where channel is distinct from 'web' group by site_key

-- given kept
-- case not returned
--   uses kept
select site_key, sum(amount) as s from sale where not returned group by site_key

-- case returned is false
--   uses kept
select site_key, sum(amount) as s from sale where returned = false group by site_key

-- case not known to be returned
--   star filter
--   trap Calcite 5071
select site_key, sum(amount) from sale where returned is not true group by site_key

-- given kept_or_unknown
-- case the same, which NULL passes
--   uses kept_or_unknown
--   trap Calcite 5071
select sum(amount) as s from sale where returned is not true

-- case spelt as missing or false
--   uses kept_or_unknown
select sum(amount) as s from sale where returned is null or returned = false

-- case only those known to be kept
--   star
select sum(amount) from sale where not returned

-- given either
-- case one of the alternatives
--   uses either
select site_key, count(*) as n from sale where channel = 'web' group by site_key

-- case the other
--   uses either
select site_key, count(*) as n from sale where quantity = 3 group by site_key

-- case both, in the other order
--   uses either
select site_key, count(*) as n from sale where quantity > 1 or channel = 'web' group by site_key

-- case an alternative more
--   star filter
select count(*) from sale where quantity > 1 or channel = 'web' or channel = 'desk'

-- given pattern
-- case the same pattern
--   uses pattern
select site_key, count(*) as n from sale where channel like 'w%' group by site_key

-- case a member that fits the pattern
--   uses pattern
select count(*) as n from sale where channel = 'web'

-- case a longer beginning
--   uses pattern
select count(*) as n from sale where channel like 'we%'

-- case another pattern
--   star filter
select count(*) from sale where channel like '%w%'

-- given branches
-- case a condition on a dimension
--   uses branches
select f.channel, sum(f.amount) as s from sale as f join site as t using (site_key) where t.kind = 'branch' group by f.channel

-- case said by its keys' own rows
--   uses branches
select f.site_key, count(*) as n from site as t join sale as f on f.site_key = t.site_key and t.kind = 'branch' group by f.site_key

-- case without it
--   star
select channel, sum(amount) from sale group by channel

-- case another kind
--   star
select f.channel, sum(f.amount) from sale as f join site as t using (site_key) where t.kind = 'service' group by f.channel
