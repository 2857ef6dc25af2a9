-- How a text begins, what an ENUM can be and the steps of DECIMAL say what lies in a filter.

-- tables shop
create table piece (id integer primary key, page varchar, mood enum ('sad', 'ok', 'happy'), cost decimal(6, 2));
insert into piece select i, ['/', '/a', 'a/', '', null, 'xa', 'x', 'y', 'xb', 'X', 'é', 'z'][1 + i % 12],
    ['sad', 'ok', 'happy', null][1 + i % 4], ((i * 7) % 30) / 8.0 from range(60) as t (i);

-- cuboid x
select page, count(*) as n from piece where page like 'x%' group by page;

-- cuboid some_page
select page, id % 3 as third, count(*) as n from piece where page <> '' group by all;

-- cuboid x_to_a
select page, count(*) as n from piece where page like 'x%a' group by page;

-- cuboid x_to_y
select page, count(*) as n from piece where page >= 'x' and page < 'y' group by page;

-- cuboid moods
select mood, id % 3 as third, count(*) as n from piece where mood > 'happy' group by all;

-- cuboid steps
select id % 3 as third, count(*) as n from piece where cost >= 1.25 and cost < 2 group by third;

-- given x
-- case starts_with
--   uses x
select count(*) as n from piece where starts_with(page, 'x')

-- case the operator of beginnings
--   uses x
select count(*) as n from piece where page ^@ 'xa'

-- case the first letter
--   uses x
select count(*) as n from piece where left(page, 1) = 'x'

-- case the first two letters
--   uses x
select count(*) as n from piece where substring(page, 1, 2) = 'xb'

-- case a range of texts
--   uses x
select count(*) as n from piece where page >= 'x' and page < 'y'

-- case a range of texts with its end
--   star filter
select count(*) as n from piece where page >= 'x' and page <= 'y'

-- case a range of texts without its end
--   star filter
select count(*) as n from piece where page >= 'x'

-- case a longer pattern
--   uses x
select count(*) as n from piece where page like 'x_'

-- case the first letter in either case
--   star filter
select count(*) as n from piece where page ilike 'x%'

-- case the last letters
--   star filter
select count(*) as n from piece where substring(page, 2, 1) = 'x'

-- case a pattern that may begin with anything
--   star filter
select count(*) as n from piece where page like '%x%'

-- case a beginning that is shorter
--   star filter
select count(*) as n from piece where starts_with(page, '')

-- given x_to_a
-- case an end as well as a beginning
--   star filter
select count(*) as n from piece where page like 'x%'

-- given x_to_y
-- case a beginning lies in a range
--   uses x_to_y
select count(*) as n from piece where page like 'xa%'

-- case another beginning does not
--   star filter
select count(*) as n from piece where page like 'y%'

-- given some_page
-- case a beginning is something
--   uses some_page
select count(*) as n from piece where page like '/%'

-- case a pattern that nothing meets as well
--   star filter
select count(*) as n from piece where page like '%'

-- case text of some length
--   uses some_page
select count(*) as n from piece where length(page) > 0

-- case text of any length
--   star filter
select count(*) as n from piece where length(page) >= 0

-- case a text or none
--   star filter
select count(*) as n from piece where page like '/%' or page is null

-- given moods
-- case a name compared with a text is a text: sad and ok come after happy
--   uses moods
select count(*) as n from piece where mood > 'ok'

-- case one of those names
--   uses moods
select third, count(*) as n from (select id % 3 as third, mood from piece) where mood in ('sad', 'ok') group by third

-- case all but one name
--   uses moods
select count(*) as n from piece where mood <> 'happy'

-- case the name itself
--   star filter
select count(*) as n from piece where mood >= 'happy'

-- case all but one name, or none
--   star filter
select count(*) as n from piece where mood is distinct from 'happy'

-- given steps
-- case the last step before
--   uses steps
select count(*) as n from piece where cost between 1.25 and 1.99

-- case a bound between two steps
--   uses steps
select count(*) as n from piece where cost > 1.245 and cost < 1.999

-- case one step more
--   star filter
select count(*) as n from piece where cost between 1.25 and 2.00

-- case one step less
--   star
select count(*) as n from piece where cost between 1.26 and 1.99
