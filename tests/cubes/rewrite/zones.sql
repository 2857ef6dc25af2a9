-- Instants with a zone: a bucket is a bucket only in one zone, and that zone must be said.

-- tables
create table call (
    call_key integer primary key,
    happened_at timestamptz not null,
    local_at timestamp not null,
    seconds integer,
    ended_at timestamptz
);
insert into call
select i, t, (t at time zone 'Asia/Seoul'), i * 13 % 40, case when i % 5 <> 0 then t + to_minutes(i * 17 % 90) end
from (
    select i, timestamptz '2024-03-09 10:00:00+00' + to_minutes(i * 97) as t from range(1, 40) as a (i)
    union all
    select 100 + i, ['2024-03-31 00:59:59.999999+00', '2024-03-31 01:00:00+00', '2024-10-27 00:30:00+00', '2024-10-27 01:30:00+00',
        '2024-03-10 07:00:00+00', '2024-11-03 05:30:00+00', '2024-11-03 06:30:00+00', '2023-12-31 15:00:00+00', '2023-12-31 18:30:00+00',
        '2024-01-31 14:59:59.999999+00'][i]::timestamptz
    from range(1, 11) as b (i)
);

-- cuboid hourly
select date_trunc('hour', happened_at) as hour, count(*) as n, sum(seconds) as s from call group by 1;

-- cuboid daily
select date_trunc('day', happened_at) as day, count(*) as n, sum(seconds) as s from call group by 1;

-- cuboid dates
select happened_at::date as day, count(*) as n, sum(seconds) as s from call group by 1;

-- cuboid seoul_days
select date_trunc('day', happened_at at time zone 'Asia/Seoul') as day, count(*) as n, sum(seconds) as s from call group by 1;

-- cuboid utc_hours
select date_trunc('hour', happened_at at time zone 'UTC') as hour, count(*) as n, sum(seconds) as s from call group by 1;

-- cuboid kolkata_days
select (happened_at at time zone 'Asia/Kolkata')::date as day, count(*) as n from call group by 1;

-- cuboid local_hours
select date_trunc('hour', local_at) as hour, count(*) as n, sum(seconds) as s from call group by 1;

-- cuboid instants
select happened_at, count(*) as n, sum(seconds) as s from call group by 1;

-- given hourly
-- case without a zone nothing that hangs on it matches
--   star zone
--   trap Cube 2965
select date_trunc('day', happened_at) as d, count(*) from call group by d

-- case the very same expression without a zone
--   star zone
select date_trunc('hour', happened_at) as h, count(*) from call group by h

-- case a total does not hang on the zone
--   any
select count(*) as n, sum(seconds) as s from call

-- zone UTC
-- case the very same expression in one zone
--   uses hourly
select date_trunc('hour', happened_at) as h, count(*) as n from call group by h

-- case hours to days of the session
--   uses hourly
select date_trunc('day', happened_at) as d, sum(seconds) as s from call group by d

-- case hours to days as dates
--   uses hourly
select happened_at::date as d, sum(seconds) as s from call group by d

-- case UTC hours to days of Seoul, nine whole hours away today and eight and a half in 1955
--   any
--   trap Druid 18403
select date_trunc('day', happened_at at time zone 'Asia/Seoul') as d, count(*) as n from call group by d

-- case UTC hours to days of Kolkata, five and a half away
--   star level
--   trap Druid 18403
select date_trunc('day', happened_at at time zone 'Asia/Kolkata') as d, count(*) from call group by d

-- case a range of hours
--   uses hourly
select sum(seconds) as s from call where happened_at >= '2024-03-10 00:00:00+00' and happened_at < '2024-03-31 01:00:00+00'

-- case a range at half an hour
--   uses hourly and call
select sum(seconds) as s from call where happened_at >= '2024-03-10 00:30:00+00' and happened_at < '2024-10-27 01:30:00+00'

-- zone Asia/Seoul
-- case days in Seoul
--   uses hourly
select date_trunc('day', happened_at) as d, sum(seconds) as s from call group by d

-- case months in Seoul
--   uses hourly
select date_trunc('month', happened_at) as m, count(*) as n from call group by m

-- zone Asia/Kolkata
-- case hours of Kolkata begin at half past
--   uses hourly
select date_trunc('day', happened_at) as d, count(*) as n from call group by d

-- case UTC days from hours of Kolkata
--   star level
select date_trunc('day', happened_at at time zone 'UTC') as d, count(*) from call group by d

-- zone Europe/Berlin
-- case an hour that comes twice in autumn is two hours
--   uses hourly
select date_trunc('hour', happened_at) as h, count(*) as n from call group by h

-- case days of 23 and 25 hours
--   uses hourly
select date_trunc('day', happened_at) as d, sum(seconds) as s from call group by d

-- given daily
-- zone none
-- case a day without a zone
--   star zone
select date_trunc('day', happened_at) as d, sum(seconds) from call group by d, d

-- case an instant without a zone at an instant's end
--   star
select sum(seconds) from call where happened_at >= '2024-03-01 00:00:00+00'

-- zone Asia/Seoul
-- case days to months
--   uses daily
select date_trunc('month', happened_at) as m, sum(seconds) as s from call group by m

-- case a day as a date
--   uses daily
select happened_at::date as d, sum(seconds) as s from call group by d

-- case days of another zone
--   star level
--   trap Cube 10159
select date_trunc('day', happened_at at time zone 'UTC') as d, sum(seconds) from call group by d

-- case a range that begins at midnight here
--   uses daily
select sum(seconds) as s from call where happened_at >= '2024-03-10 00:00:00+09' and happened_at < '2024-04-01 00:00:00+09'

-- case a range that begins at midnight, as the session reads it
--   uses daily
select sum(seconds) as s from call where happened_at >= '2024-03-10' and happened_at < '2024-04-01'

-- case a range that begins at midnight elsewhere
--   uses daily and call
--   trap Cube 9638
select sum(seconds) as s from call where happened_at >= '2024-03-10 00:00:00+00'

-- case the hour of the day
--   star level
select hour(happened_at) as h, count(*) from call group by h

-- given dates
-- case dates in the zone of the session
--   uses dates
select date_trunc('month', happened_at::date) as m, sum(seconds) as s from call group by m

-- case dates and truncated days are the same days
--   uses dates
select date_trunc('day', happened_at) as d, sum(seconds) as s from call group by d

-- given seoul_days
-- zone none
-- case a zone that is said in the expression needs no session
--   uses seoul_days
select date_trunc('day', happened_at at time zone 'Asia/Seoul') as d, sum(seconds) as s from call group by d

-- case months of that zone
--   uses seoul_days
select date_trunc('month', happened_at at time zone 'Asia/Seoul') as m, sum(seconds) as s from call group by m

-- case dates of that zone
--   uses seoul_days
select (happened_at at time zone 'Asia/Seoul')::date as d, count(*) as n from call group by d

-- case dates of another zone
--   star level
select (happened_at at time zone 'Asia/Tokyo')::date as d, sum(seconds) from call group by d

-- case the same zone spelt as a function
--   uses seoul_days
select date_trunc('day', timezone('Asia/Seoul', happened_at)) as d, count(*) as n from call group by d

-- case the local column is another column
--   star level
select date_trunc('day', local_at) as d, count(*) from call group by d

-- given utc_hours
-- case UTC hours to UTC days
--   uses utc_hours
select date_trunc('day', happened_at at time zone 'UTC') as d, count(*) as n from call group by d

-- given kolkata_days
-- case days of Kolkata to months
--   uses kolkata_days
select date_trunc('month', happened_at at time zone 'Asia/Kolkata') as m, count(*) as n from call group by m

-- case days of Kolkata are not days of UTC
--   star level
select (happened_at at time zone 'UTC')::date as d, count(*) from call group by d

-- given local_hours
-- case local times have no zone
--   uses local_hours
select date_trunc('day', local_at) as d, sum(seconds) as s from call group by d

-- case local times shifted by whole hours
--   uses local_hours
select date_trunc('day', local_at - interval 9 hour) as d, sum(seconds) as s from call group by d

-- case local times shifted by half an hour
--   star level
select date_trunc('day', local_at - interval 5 hour - interval 30 minute) as d, count(*) from call group by d

-- given instants
-- case instants compared with instants
--   uses instants
select sum(seconds) as s from call where happened_at >= timestamptz '2024-03-10 00:30:00+00'

-- case instants seen in a zone
--   uses instants
select (happened_at at time zone 'Asia/Kathmandu')::date as d, count(*) as n from call group by d

-- case instants seen in no zone
--   star zone
select happened_at::date as d, count(*) from call group by d
