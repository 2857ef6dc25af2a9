-- One day, with the periods it belongs to; periods are the date of their first day.
-- grain: day
-- key: day
with days as (
    select d::date as day from range(date '1990-01-01', date '2050-01-01', interval 1 day) as r (d)
),
fiscal as (
    select coalesce(max(s.value::integer), 1) as start_month from setting as s where s.name = 'fiscal_year_start_month'
)
select
    d.day,                                                                          -- The day.
    date_trunc('week', d.day)::date as week,                                        -- Monday of its ISO week.
    date_trunc('month', d.day)::date as month,                                      -- First day of its month.
    date_trunc('quarter', d.day)::date as quarter,                                  -- First day of its quarter.
    make_date(year(d.day), case when month(d.day) < 7 then 1 else 7 end, 1) as half,  -- First day of its half year.
    date_trunc('year', d.day)::date as year,                                        -- First day of its year.
    make_date(case when month(d.day) < f.start_month then year(d.day) - 1 else year(d.day) end, f.start_month, 1) as fiscal_year,  -- First day of its fiscal year.
    isoyear(d.day)::smallint as iso_year,                                           -- ISO year, which the week belongs to.
    weekofyear(d.day)::smallint as iso_week,                                        -- ISO week, 1 … 53.
    isodow(d.day)::smallint as weekday,                                             -- 1 Monday … 7 Sunday.
    isodow(d.day) >= 6 as is_weekend,                                               -- Saturday or Sunday.
    h.name is not null as is_holiday,                                               -- A public holiday.
    h.name as holiday                                                               -- Its name.
from days as d
cross join fiscal as f
left join holiday as h on h.day = d.day
