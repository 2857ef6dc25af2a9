-- Opening hours of one calendar on one day.
-- grain: calendar, day
-- key: calendar_day_key
-- check: day is not null and calendar_ref is not null
select
    record_key('calendar', m.calendar_ref::varchar || '/' || m.day::varchar) as calendar_day_key,  -- Calendar and day as one key.
    m.calendar_ref::varchar as calendar_ref,  -- Which calendar.
    m.day::date as day,  -- Day.
    m.opens::smallint as opens,  -- First open minute; null on a closed day.
    m.closes::smallint as closes,  -- First closed minute.
    m.holiday::varchar as holiday  -- Name of the holiday.
from mapped_calendar as m
