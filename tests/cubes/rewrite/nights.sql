-- Nights on which the clock is set: an hour or a midnight comes twice, and DuckDB puts both in one bucket.

-- tables
create table call (
    call_key integer primary key,
    happened_at timestamptz not null,
    seconds integer
);
insert into call
select row_number() over (order by t), t, (row_number() over (order by t)) * 13 % 40
from (
    select unnest(range(timestamptz '2024-11-02 22:00:00+00', timestamptz '2024-11-04 07:00:00+00', interval 10 minute)) as t
    union all
    select unnest(range(timestamptz '2024-03-10 03:00:00+00', timestamptz '2024-03-10 09:00:00+00', interval 10 minute))
    union all
    select unnest(range(timestamptz '2024-04-06 12:00:00+00', timestamptz '2024-04-06 18:00:00+00', interval 10 minute))
    union all
    select unnest(range(timestamptz '1987-04-05 01:00:00+00', timestamptz '1987-04-05 07:00:00+00', interval 10 minute))
);

-- cuboid minutely
select date_trunc('minute', happened_at) as minute, count(*) as n, sum(seconds) as s from call group by 1;

-- cuboid clock_minutes
select date_trunc('minute', happened_at)::timestamp as minute, count(*) as n, sum(seconds) as s from call group by 1;

-- cuboid hourly
select date_trunc('hour', happened_at) as hour, count(*) as n, sum(seconds) as s from call group by 1;

-- cuboid daily
select date_trunc('day', happened_at) as day, count(*) as n, sum(seconds) as s from call group by 1;

-- cuboid dates
select happened_at::date as day, count(*) as n, sum(seconds) as s from call group by 1;

-- cuboid monthly
select date_trunc('month', happened_at) as month, count(*) as n, sum(seconds) as s from call group by 1;

-- zone America/New_York
-- given hourly
-- case from the start of the hour that comes twice
--   uses hourly
select count(*) as n, sum(seconds) as s from call where happened_at >= '2024-11-03 05:00:00+00'

-- case from the second of two hours, which share a bucket
--   uses hourly and call
select count(*) as n, sum(seconds) as s from call where happened_at >= '2024-11-03 06:00:00+00'

-- case up to the second of two hours
--   uses hourly and call
select count(*) as n, sum(seconds) as s from call where happened_at < '2024-11-03 06:00:00Z'

-- case from an hour that is written as the clock shows it, which means the second one
--   uses hourly and call
select count(*) as n, sum(seconds) as s from call where happened_at >= '2024-11-03 01:00:00'

-- case from the middle of the first of two hours
--   uses hourly and call
select count(*) as n from call where happened_at >= '2024-11-03 05:30:00+00'

-- case up to the middle of the second of two hours
--   uses hourly and call
select count(*) as n from call where happened_at < '2024-11-03 06:30:00+00'

-- case from the end of both hours
--   uses hourly
select count(*) as n, sum(seconds) as s from call where happened_at >= '2024-11-03 07:00:00+00'

-- case between the two hours and the next night
--   uses hourly and call
select date_trunc('day', happened_at) as d, count(*) as n from call where happened_at >= '2024-11-03 06:00:00+00' and happened_at < '2024-11-04 05:00:00+00' group by d

-- case the day on which the clock is set
--   uses hourly
select sum(seconds) as s from call where happened_at >= '2024-11-03' and happened_at < '2024-11-04'

-- case from the hour there is not, in spring
--   uses hourly
select count(*) as n, sum(seconds) as s from call where happened_at >= '2024-03-10 07:00:00+00'

-- case up to the half of the hour after the one there is not
--   uses hourly and call
select count(*) as n from call where happened_at < '2024-03-10 07:30:00+00'

-- case hours of that night, and the hour of the day
--   uses hourly
select date_trunc('hour', happened_at) as h, hour(happened_at) as c, count(*) as n from call group by all

-- case an hour that is asked for by its name, which DuckDB turns into one of the two
--   star bucket
select count(*) as n from call where date_trunc('hour', happened_at) = timestamptz '2024-11-03 01:00:00'

-- case from an hour on, asked for by its name
--   star bucket
select count(*) as n from call where date_trunc('hour', happened_at) >= timestamptz '2024-11-03 06:00:00+00'

-- case between two such hours
--   star bucket
select count(*) as n from call where date_trunc('hour', happened_at) between timestamptz '2024-11-03 01:00:00' and timestamptz '2024-11-03 01:00:00'

-- case the name of such an hour in a FILTER
--   star bucket
select count(*) filter (where date_trunc('hour', happened_at) = timestamptz '2024-11-03 01:00:00') as n from call

-- case whether it is such an hour
--   star bucket
select date_trunc('hour', happened_at) = timestamptz '2024-11-03 01:00:00' as b, count(*) from call group by 1

-- case an hour of another night, asked for by its name
--   uses hourly
select count(*) as n from call where date_trunc('hour', happened_at) = timestamptz '2024-11-02 22:00:00'

-- case the hour that follows the two, asked for by its name
--   uses hourly
select count(*) as n from call where date_trunc('hour', happened_at) = timestamptz '2024-11-03 02:00:00'

-- case the day of that night, asked for by its name
--   uses hourly
select count(*) as n from call where date_trunc('day', happened_at) = timestamptz '2024-11-03 00:00:00'

-- case the hours after a name that is no hour's start
--   star bucket
select count(*) as n from call where date_trunc('hour', happened_at) > timestamptz '2024-11-03 05:30:00+00'

-- given minutely
-- case minutes are the instants' own
--   uses minutely
select count(*) as n, sum(seconds) as s from call where happened_at >= '2024-11-03 06:00:00+00'

-- case hours of minutes
--   uses minutely
select date_trunc('hour', happened_at) as h, hour(happened_at) as c, count(*) as n from call group by all

-- case an hour of today on, whatever today is
--   any
select count(*) as n from call where happened_at >= date_trunc('hour', now()) - interval 9 hour

-- given clock_minutes
-- case minutes of the clock are two minutes where it is set back
--   star level
select date_trunc('minute', happened_at) as m, count(*) from call group by 1

-- case from the second of two hours, by the minutes of the clock
--   star
select count(*) from call where happened_at >= '2024-11-03 06:00:00+00'

-- given hourly
-- case from this hour on, whatever hour it is
--   star
select count(*) from call where happened_at >= date_trunc('hour', now())

-- case from today on, whatever day it is
--   uses hourly
select count(*) as n from call where happened_at >= date_trunc('day', now())

-- given daily
-- case days whose midnight comes once
--   uses daily
select count(*) as n, sum(seconds) as s from call where happened_at >= '2024-11-03' and happened_at < '2024-11-04'

-- case a range that cuts the day of 25 hours
--   uses daily and call
select count(*) as n, sum(seconds) as s from call where happened_at >= '2024-11-03 06:00:00+00'

-- case a month that begins before such a day
--   uses daily
select date_trunc('month', happened_at) as m, count(*) as n from call where happened_at < '2024-11-01' group by m

-- zone America/Havana
-- case from the second midnight of a day
--   uses daily and call
select count(*) as n, sum(seconds) as s from call where happened_at >= '2024-11-03 05:00:00+00'

-- case from the first midnight of that day
--   uses daily
select count(*) as n, sum(seconds) as s from call where happened_at >= '2024-11-03 04:00:00+00'

-- case from that day as the clock shows it, which means the second midnight
--   uses daily and call
select count(*) as n, sum(seconds) as s from call where happened_at >= '2024-11-03'

-- case up to that day as the clock shows it
--   uses daily and call
select count(*) as n, sum(seconds) as s from call where happened_at < '2024-11-03'

-- case from the day after
--   uses daily
select count(*) as n, sum(seconds) as s from call where happened_at >= '2024-11-04'

-- case that day, asked for by its name
--   star bucket
select count(*) as n from call where date_trunc('day', happened_at) = timestamptz '2024-11-03'

-- case that day, as a date
--   uses daily
select count(*) as n from call where happened_at::date = '2024-11-03'

-- case dates from that day on
--   uses daily
select happened_at::date as d, count(*) as n from call where happened_at::date >= '2024-11-03' group by d

-- case the month in which it lies, by its name
--   uses daily
select count(*) as n from call where date_trunc('month', happened_at) = timestamptz '2024-11-01'

-- case from today on, in a zone where midnights come twice
--   star
select count(*) from call where happened_at >= date_trunc('day', now())

-- given dates
-- case dates up to the second midnight
--   uses dates and call
select count(*) as n, sum(seconds) as s from call where happened_at < '2024-11-03 05:00:00+00'

-- case dates up to the first midnight
--   uses dates
select count(*) as n, sum(seconds) as s from call where happened_at < '2024-11-03 04:00:00+00'

-- given hourly
-- case hours up to the second midnight
--   uses hourly and call
select count(*) as n, sum(seconds) as s from call where happened_at < '2024-11-03 05:00:00+00'

-- zone Australia/Lord_Howe
-- case half an hour that comes twice lies within one hour of an hour and a half
--   uses hourly
select count(*) as n, sum(seconds) as s from call where happened_at >= '2024-04-06 14:00:00+00'

-- case from its second half
--   uses hourly and call
select count(*) as n, sum(seconds) as s from call where happened_at >= '2024-04-06 15:00:00+00'

-- case from its end
--   uses hourly
select count(*) as n, sum(seconds) as s from call where happened_at >= '2024-04-06 15:30:00+00'

-- case from this hour on, where every hour bears the name of its start
--   uses hourly
select count(*) as n from call where happened_at >= date_trunc('hour', now())

-- zone America/St_Johns
-- case hours that DuckDB names after the next, for the clock was set at a minute past midnight
--   star level
select hour(happened_at) as h, count(*) from call group by h

-- case days of such hours
--   uses hourly
select date_trunc('day', happened_at) as d, count(*) as n from call group by d

-- case from an hour that bears the name of the one before
--   any
select count(*) as n, sum(seconds) as s from call where happened_at >= '1987-04-05 04:30:00+00'

-- given minutely
-- case the hour of the day from minutes
--   uses minutely
select hour(happened_at) as h, count(*) as n from call group by h

-- given hourly
-- zone Asia/Seoul
-- case a zone that lets its clock alone
--   uses hourly
select hour(happened_at) as h, count(*) as n, sum(seconds) as s from call where happened_at >= '2024-11-03 06:00:00+00' group by h

-- case an hour there by its name
--   uses hourly
select count(*) as n from call where date_trunc('hour', happened_at) = timestamptz '2024-11-03 15:00:00'

-- case from today on there
--   uses hourly
select count(*) as n from call where happened_at >= date_trunc('day', now())
