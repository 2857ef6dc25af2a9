-- One version of one site: who it was, and where in both trees, from one day to another.
-- grain: site, valid_from
-- key: site_version
-- check: valid_from < valid_to
with described as (
    select distinct on (s.site_key, s.valid_from)
        s.site_key, s.valid_from, s.closed_on, s.name, s.site_type, s.size_band,
        s.province, s.district, s.head_office, s.region_office, s.zone
    from canonical_site as s
    order by s.site_key, s.valid_from, s.record_key
),
known as (
    select d.*, false as is_inferred from described as d
    union all
    select m.key, date '0001-01-01', null, case when m.key = 0 then 'unknown' else m.ref end,
        'unknown', null, null, null, null, null, null, true
    from member as m
    where m.dimension = 'site' and not exists (select 1 from described as d where d.site_key = m.key)
),
numbered as (
    select k.*,
        row_number() over versions - 1 as number,
        lead(k.valid_from) over versions as next_from
    from known as k
    window versions as (partition by k.site_key order by k.valid_from)
)
select
    (n.site_key * 1024 + n.number)::integer as site_version,  -- This version; cells store it.
    n.site_key,                                               -- The durable site; facts store it.
    m.ref as site,                                            -- The site's reference in its sources.
    n.name as site_name,                                      -- Name as people say it.
    n.site_type,                                              -- sales_branch, service_center, a source's own type, or unknown.
    n.size_band,                                              -- small, medium or large.
    n.province,                                               -- Upper level of the region tree.
    n.district,                                               -- Lower level of the region tree.
    n.head_office,                                            -- Upper level of the company tree.
    n.region_office,                                          -- Lower level of the company tree.
    n.zone,                                                   -- IANA time zone.
    case when n.number = 0 then date '0001-01-01' else n.valid_from end as valid_from,  -- First day; the first version reaches back to the beginning.
    coalesce(n.next_from, date '9999-12-31') as valid_to,     -- First day of the next version.
    n.closed_on,                                              -- First day on which it no longer exists.
    n.next_from is null as is_current,                        -- The version of today.
    n.is_inferred                                             -- Seen in facts, not yet described by a master record.
from numbered as n
join member as m on m.dimension = 'site' and m.key = n.site_key
