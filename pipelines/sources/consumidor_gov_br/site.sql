-- A site is one company in one city: what a complaint is about, and where its customer lives.
with spelling as (
    select
        (select repairs(list(distinct c.company)) from company_spellings as c) as company,
        (select repairs(list(distinct c.segment)) from company_spellings as c) as segment,
        (select repairs(list(distinct trim(c.state) || '/' || c.city)) from city_spellings as c) as place
),
segments as (
    select
        respelt(s.company, c.company) as company,
        min(respelt(s.segment, c.segment)) as segment   -- a company in two segments gets one of them for good
    from company_spellings as c
    cross join spelling as s
    group by respelt(s.company, c.company)
),
placed as (
    select
        r._record,
        respelt(s.company, r.company) as company,
        respelt(s.place, trim(r.state) || '/' || r.city) as place,
        trim(r.state) as state,
        trim(r.macro_region) as macro_region
    from raw as r
    cross join spelling as s
)
select
    p._record,
    'consumidor:' || p.company || '/' || p.place as site_ref,
    p.company || ', ' || substr(p.place, 4) || '/' || p.state as name,
    g.segment as site_type,
    p.state as province,
    substr(p.place, 4) as district,
    p.company as head_office,
    p.company || ', ' || p.macro_region as region_office
from placed as p
left join segments as g on g.company = p.company
